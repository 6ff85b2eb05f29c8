//! The demo's service: started on loopback in a folder of its own, with one test institution and a few persons.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use shikaku::identifier::{AccountId, InstitutionCode};
use shikaku::trust::{TestEntries, TrustList};
use shikaku_portal::admin::{CODE_LIFE, Operator};
use shikaku_portal::import::{self, BadRow, Format};
use shikaku_portal::serve::{Options, Running};
use shikaku_portal::store::institutions::NewInstitution;
use shikaku_portal::store::registry::Mode;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::failure::Failure;
use crate::terminal::write_private;
use crate::virtual_card::Materials;

/// The demo's institution: prefecture 48 does not exist.
const INSTITUTION: &str = "4810000001";
const INSTITUTION_NAME: &str = "動作確認_医科（実演用）";
/// The 利用規約 that the demo publishes.
const TERMS: &str = include_str!("../../../docs/ja/terms.md");

/// A running service that leaves nothing behind.
pub(super) struct DemoService {
    runtime: Runtime,
    running: Running,
    folder: TempDir,
}

/// What the institution would have got from the portal.
pub(super) struct Issued {
    /// The trust list of the app.
    pub(super) trust: PathBuf,
    /// ユーザー設定情報, signed.
    pub(super) settings: PathBuf,
    /// Version of the terms in force.
    pub(super) terms_version: u32,
}

impl DemoService {
    /// Does what an operator does, starts the service on a free port of the loopback address, and brings what an
    /// institution gets.
    pub(super) fn start() -> Result<(Self, Issued), Failure> {
        let folder = tempfile::Builder::new().prefix("shikaku-demo-").tempdir().map_err(Failure::plain)?;
        let data = folder.path().join("service");
        let runtime = Runtime::new().map_err(Failure::plain)?;
        let operator = runtime.block_on(Operator::open(&data, None, "demo")).map_err(Failure::plain)?;
        let (account, terms_version) = runtime.block_on(operate(&operator))?;
        let options = Options { listen: ([127, 0, 0, 1], 0).into(), ..Options::new(data) };
        let running = runtime.block_on(Running::start(options)).map_err(Failure::plain)?;
        let issued = runtime.block_on(operator.user_settings(&account, running.service().origin()));
        let settings = folder.path().join("settings.jws");
        write_private(&settings, issued.map_err(Failure::plain)?.jws.as_bytes())?;
        let list = TrustList::new(vec![running.trust().clone()], TestEntries::Allow);
        let trust = folder.path().join("trust.json");
        write_private(&trust, list.map_err(Failure::plain)?.to_json().as_bytes())?;
        Ok((Self { runtime, running, folder }, Issued { trust, settings, terms_version }))
    }

    /// The folder that ends with it.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Stops it; its folder goes with it.
    pub(super) fn stop(self) -> Result<(), Failure> {
        self.runtime.block_on(self.running.stop()).map_err(Failure::plain)?;
        self.folder.close().map_err(Failure::plain)
    }
}

/// One test institution with one account, the virtual card's root and CRL, the terms, the registry.
async fn operate(operator: &Operator) -> Result<(AccountId, u32), Failure> {
    let Materials { root, surface, crl, registry } = Materials::make()?;
    for root in [&root, &surface] {
        operator.add_anchor(root).await.map_err(Failure::plain)?;
    }
    operator.load_crl(crl).await.map_err(Failure::plain)?;
    let terms_version = operator.add_terms(TERMS).await.map_err(Failure::plain)?;
    let code = InstitutionCode::parse_test(INSTITUTION).map_err(Failure::plain)?;
    let institution = NewInstitution { code: code.clone(), name: INSTITUTION_NAME.to_owned() };
    operator.add_institution(&institution).await.map_err(Failure::plain)?;
    operator.set_visual(&code, true).await.map_err(Failure::plain)?;
    import::registry(operator, Cursor::new(registry), Format::JsonLines, Mode::Replace, &mut Quiet)
        .await
        .map_err(Failure::plain)?;
    let accounts = operator.issue_accounts(&code, 1, "受付1", "受付", CODE_LIFE).await;
    let account = accounts.map_err(Failure::plain)?.into_iter().next();
    let account = account.ok_or_else(|| Failure::plain("no account was issued"))?;
    Ok((account, terms_version))
}

/// Nobody watches an import of a few rows; a bad one fails the import.
struct Quiet;

impl import::Watch for Quiet {
    fn read(&mut self, _: u64) {}
    fn bad_row(&mut self, _: &BadRow) {}
}
