//! The service with a remote source, as a process that a test can kill: `serve --data DIR --database-url URL --listen
//! ADDRESS --gateway ADDRESS`. `shikaku serve` knows no gateway yet; but for the source this is the same service.

#![expect(clippy::print_stdout, reason = "the trust entry is what this program says")]

use std::error::Error;
use std::time::Duration;

use shikaku::trust::{TestEntries, TrustList};
use shikaku_portal::serve::{Options, Running};
use shikaku_portal::source::Source;
use shikaku_tests::gateway::GatewaySource;

fn main() -> Result<(), Box<dyn Error>> {
    let options = options()?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let running = Running::start(options).await?;
        let trust = TrustList::new(vec![running.trust().clone()], TestEntries::Allow)?;
        let trust: serde_json::Value = serde_json::from_str(&trust.to_json())?;
        println!("{:#}", serde_json::json!({ "trust": trust }));
        Ok(running.until_told().await?)
    })
}

fn options() -> Result<Options, Box<dyn Error>> {
    let gateway = argument("--gateway")?.parse()?;
    Ok(Options {
        database: Some(argument("--database-url")?),
        listen: argument("--listen")?.parse()?,
        source: Some(Source::Remote(Box::new(GatewaySource::new(gateway, Duration::from_secs(5))))),
        ..Options::new(argument("--data")?.into())
    })
}

fn argument(name: &str) -> Result<String, String> {
    let mut given = std::env::args().skip_while(|argument| argument != name);
    given.nth(1).ok_or_else(|| format!("{name} is missing"))
}
