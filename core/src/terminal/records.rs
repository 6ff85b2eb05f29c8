//! The state as sealed records: two files written in turn, the data key wrapped by the platform, and the generation
//! that was written last.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::platform::{Storage, StorageFault};
use super::state::State;
use crate::client::World;
use crate::guide::Code;
use crate::vault::{self, DataKey, Place, VaultError};

/// Version of the state's form.
const SCHEMA: u32 = 1;
/// The data key, 32 octets, and 16 that name this terminal; wrapped.
const DATA_KEY: &str = "data.key";
/// The state, sealed; written in turn.
const STATE: [&str; 2] = ["state.0", "state.1"];
/// The last generation that was written. It lies in the same storage, so it betrays state files put back alone, not a
/// whole storage put back; against that stand the service's own rules (a challenge is used once, settings never go
/// back) and the platform's (no backup, a key that stays in its store).
const GENERATION: &str = "generation";

/// The records of one terminal, opened by it alone.
pub(super) struct Records {
    storage: Arc<dyn Storage>,
    world: Arc<dyn World>,
    /// The data key, once it was unwrapped or made.
    seal: Option<Seal>,
    /// The generation that was read or written last.
    generation: u64,
}

/// The data key and what names the terminal inside each seal.
struct Seal {
    key: DataKey,
    device: String,
}

impl Records {
    pub(super) fn new(storage: Arc<dyn Storage>, world: Arc<dyn World>) -> Self {
        Self { storage, world, seal: None, generation: 0 }
    }

    /// The state; `None` before a registration.
    pub(super) fn load(&mut self) -> Result<Option<State>, Code> {
        self.seal = self.unwrap_seal()?;
        let Some(seal) = &self.seal else { return Ok(None) };
        let floor = self.floor()?;
        // What cannot be read counts as a file that is damaged: the other one may open.
        let read = STATE.map(|name| self.read(name));
        let unread = read.iter().find_map(|file| file.as_ref().err().copied());
        let files = read.map(|file| file.unwrap_or_else(|_| Some(Vec::new())));
        let files = files.each_ref().map(|file| file.as_deref());
        match vault::open(&seal.key, &seal.place(), files, floor) {
            Ok(opened) => {
                self.generation = opened.generation;
                serde_json::from_slice(&opened.octets).map(Some).map_err(|_| Code::StateDamaged)
            }
            Err(VaultError::Absent) => Ok(None),
            Err(error) => Err(unread.unwrap_or(error.code())),
        }
    }

    /// Writes the state as the next generation, into the file that does not hold the present one.
    pub(super) fn save(&mut self, state: &State) -> Result<(), Code> {
        self.write(state).ok_or(Code::StateUnwritable)
    }

    fn write(&mut self, state: &State) -> Option<()> {
        let seal = match self.seal.take() {
            Some(seal) => seal,
            None => self.first_seal()?,
        };
        let generation = self.generation.saturating_add(1);
        let octets = serde_json::to_vec(state).map(Zeroizing::new).ok()?;
        let mut nonce = [0; 12];
        self.world.random(&mut nonce).ok()?;
        let sealed = vault::seal(&seal.key, &seal.place(), generation, nonce, &octets).ok()?;
        self.seal = Some(seal);
        let [even, odd] = STATE;
        self.storage.write(if generation.is_multiple_of(2) { even } else { odd }, &sealed).ok()?;
        self.generation = generation;
        self.storage.write(GENERATION, generation.to_string().as_bytes()).ok()
    }

    /// Removes everything. The wrapped key goes first: without it nothing of the rest can be opened.
    pub(super) fn wipe(&mut self) -> Result<(), Code> {
        (self.seal, self.generation) = (None, 0);
        let names = core::iter::once(DATA_KEY).chain(STATE).chain([GENERATION]);
        let results: Vec<_> = names.map(|name| self.storage.erase(name)).collect();
        if results.iter().all(Result::is_ok) { Ok(()) } else { Err(Code::StateUnwritable) }
    }

    /// The data key; `None` if nothing was ever sealed here. Sealed files without their key have lost it.
    fn unwrap_seal(&self) -> Result<Option<Seal>, Code> {
        let Some(wrapped) = self.read(DATA_KEY)? else {
            let [even, odd] = STATE;
            let sealed = self.read(even)?.is_some() || self.read(odd)?.is_some();
            return if sealed { Err(Code::StateKeyLost) } else { Ok(None) };
        };
        let octets = self.storage.unwrap(&wrapped).map(Zeroizing::new).map_err(StorageFault::code)?;
        Seal::read(&octets).map(Some).ok_or(Code::StateKeyLost)
    }

    fn first_seal(&self) -> Option<Seal> {
        let mut octets = Zeroizing::new([0; 48]);
        self.world.random(octets.as_mut_slice()).ok()?;
        let wrapped = self.storage.wrap(octets.as_slice()).ok()?;
        self.storage.write(DATA_KEY, &wrapped).ok()?;
        Seal::read(octets.as_slice())
    }

    fn floor(&self) -> Result<u64, Code> {
        let Some(octets) = self.read(GENERATION)? else { return Ok(0) };
        core::str::from_utf8(&octets).ok().and_then(|text| text.parse().ok()).ok_or(Code::StateDamaged)
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Code> {
        self.storage.read(name).map_err(StorageFault::code)
    }
}

impl Seal {
    fn read(octets: &[u8]) -> Option<Self> {
        let (key, id) = octets.split_first_chunk::<32>()?;
        let id: [u8; 16] = id.try_into().ok()?;
        Some(Self { key: DataKey::new(*key), device: URL_SAFE_NO_PAD.encode(id) })
    }

    fn place(&self) -> Place<'_> {
        Place { device: &self.device, record: "state", schema: SCHEMA }
    }
}
