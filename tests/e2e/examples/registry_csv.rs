//! Writes a registry of made-up people, to time an import of it:
//!
//! ```text
//! cargo run --release -p shikaku-tests --example registry_csv -- --rows 1000000 > registry.csv
//! time shikaku admin registry import registry.csv --mode replace --data DIR
//! ```

use std::io::{self, BufWriter, Write as _};

fn main() -> io::Result<()> {
    let rows = std::env::args().skip_while(|argument| argument != "--rows").nth(1);
    let rows: u32 = rows.unwrap_or_else(|| "1000".to_owned()).parse().map_err(io::Error::other)?;
    let mut out = BufWriter::new(io::stdout().lock());
    writeln!(
        out,
        "Person,Enrolled,IssuerKeyId,Serial,InsurerNumber,InsuredIdentificationNumber,Name,NameKana,Birthdate,QualificationDate"
    )?;
    for row in 0..rows {
        // Each a person of his own: a day between 1940 and 2019, a serial number as J-LIS gives them out.
        let (year, month, day) = (1940 + row % 80, 1 + row / 80 % 12, 1 + row / 960 % 28);
        writeln!(
            out,
            "p{row:08},1,8cd5e2b2a1c0ffee00112233445566778899aabb,{:08x},06130488,{row:08},資格 太郎,シカク　タロウ,{year}-{month:02}-{day:02},2020-04-01",
            0x1000_0000 + row
        )?;
    }
    out.flush()
}
