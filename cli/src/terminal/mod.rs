//! A PC as a device: the core's terminal, with this machine for a platform.
//!
//! There is no key store that every PC has. So the key that seals the files lies in a file of its own beside them,
//! and what protects all of them is the account they belong to (folder 0700, files 0600). Whoever can read that
//! folder is that device, until the institution suspends it at the portal.
//!
//! | file | holds |
//! |---|---|
//! | `data.key` | the key that seals the others, 32 octets, and 16 that name this terminal |
//! | `device-1` and on | the device keys, PKCS #8, sealed; one, but during a rotation |
//! | `state.0`, `state.1` | the core's state, sealed |
//! | `generation` | the last generation of the state that was written |
//!
//! Never: a PIN, an answer, anything of a patient but what the core's state says of itself.

mod files;
mod folder;
mod keys;
mod older;
mod world;

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use shikaku::flow::View;
use shikaku::guide::Code;
use shikaku::registration::{Platform, Terms};
use shikaku::terminal::{self, App, Call, Effect};
use shikaku::trust::TrustList;
use tokio::runtime::Runtime;

pub(crate) use folder::{Folder, discard};
pub(crate) use world::Machine;

use crate::failure::Failure;

/// This PC as a device, and what runs the core's calls.
pub(crate) struct Pc {
    /// The device.
    pub(crate) terminal: terminal::Terminal,
    folder: Arc<Folder>,
    runtime: Runtime,
}

impl Pc {
    /// Opens what the folder holds; whatever is wrong with it is said by the screen. The effects begin its work.
    pub(crate) fn open(
        folder: &Arc<Folder>,
        trust: TrustList,
        terms: Terms,
    ) -> Result<(Self, Vec<Effect>), Failure> {
        let app = App { version: env!("CARGO_PKG_VERSION").to_owned(), platform: platform(), trust, terms };
        let (keys, storage) = (Arc::clone(folder), Arc::clone(folder));
        let (terminal, effects) = terminal::Terminal::open(app, keys, storage, Arc::new(Machine));
        Ok((Self { terminal, folder: Arc::clone(folder), runtime: runtime()? }, effects))
    }

    /// Opens a device that must be registered and usable. Nothing is sent yet.
    pub(crate) fn registered(folder: Option<&Path>) -> Result<(Self, Vec<Effect>), Failure> {
        let folder = Arc::new(Folder::open(folder)?);
        let (pc, effects) = Self::open(&folder, TrustList::nobody(), Terms::new(0, ""))?;
        match pc.terminal.screen().view {
            View::Terms { .. } => Err(Failure::coded(Code::NotRegistered, folder.path().display())),
            View::Stopped(code) => Err(pc.failure(code)),
            _ => Ok((pc, effects)),
        }
    }

    /// Runs one call: what follows from it.
    pub(crate) fn call(&mut self, call: Call) -> Vec<Effect> {
        let reply = self.runtime.block_on(call.run());
        self.terminal.reply(reply)
    }

    /// Runs the calls, and those that follow from them: for what needs no card.
    pub(crate) fn run(&mut self, effects: Vec<Effect>) {
        let mut queue = VecDeque::from(effects);
        while let Some(effect) = queue.pop_front() {
            if let Effect::Call(call) = effect {
                queue.extend(self.call(*call));
            }
        }
    }

    /// Closes the connections to the service, with all that is in their buffers.
    pub(crate) fn hang_up(&mut self) -> Result<(), Failure> {
        self.terminal.hang_up();
        self.runtime = runtime()?;
        Ok(())
    }

    /// The code on the screen as a failure, with what exactly happened.
    pub(crate) fn failure(&self, code: Code) -> Failure {
        match (self.terminal.detail(), self.folder.broken()) {
            ("", Some(fault)) => Failure::coded(code, fault),
            ("", None) => Failure::coded(code, code.guide().cause_en),
            (detail, _) => Failure::coded(code, detail),
        }
    }

    /// What could not be read or written, if there was anything.
    pub(crate) fn broken(&self) -> Option<Failure> {
        self.folder.broken().map(Failure::plain)
    }
}

/// What drives calls, one at a time.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::plain(format_args!("no runtime: {error}")))
}

const fn platform() -> Platform {
    if cfg!(target_os = "windows") {
        Platform::Windows
    } else if cfg!(target_os = "macos") {
        Platform::Macos
    } else {
        Platform::Linux
    }
}

/// Writes an export that holds a person's data: for its owner alone, and never over another file.
pub(crate) fn write_private(path: &Path, octets: &[u8]) -> Result<(), Failure> {
    files::write_new(path, octets).map_err(|error| Failure::file(path, &error))
}

#[cfg(test)]
mod tests;
