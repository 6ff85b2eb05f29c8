//! Panics end in the bindings.

use shikaku::http::SoftwareKey;
use shikaku::registration::Attestation;
use shikaku::trust::TrustEntry;

use super::*;
use crate::platform::PlatformError;
use crate::screen::Shown;

/// A platform that panics once it is asked for more than what lies in it: nothing.
struct Panicking;

impl DeviceKey for Panicking {
    fn create(&self, _: String, _: Option<Vec<u8>>) -> Result<Option<Attestation>, PlatformError> {
        panic!("a fault of the program")
    }

    fn public_key(&self, _: String) -> Result<Option<Vec<u8>>, PlatformError> {
        panic!("a fault of the program")
    }

    fn sign(&self, _: String, _: Vec<u8>) -> Result<Vec<u8>, PlatformError> {
        panic!("a fault of the program")
    }

    fn erase(&self, _: String) -> Result<(), PlatformError> {
        panic!("a fault of the program")
    }
}

impl SealedStorage for Panicking {
    fn read(&self, _: String) -> Result<Option<Vec<u8>>, PlatformError> {
        Ok(None)
    }

    fn write(&self, _: String, _: Vec<u8>) -> Result<(), PlatformError> {
        panic!("a fault of the program")
    }

    fn erase(&self, _: String) -> Result<(), PlatformError> {
        panic!("a fault of the program")
    }

    fn wrap(&self, _: Vec<u8>) -> Result<Vec<u8>, PlatformError> {
        panic!("a fault of the program")
    }

    fn unwrap(&self, _: Vec<u8>) -> Result<Vec<u8>, PlatformError> {
        panic!("a fault of the program")
    }
}

#[test]
fn a_panic_ends_here_and_the_terminal_goes_on() {
    let key = |octet| SoftwareKey::from_random(&[octet; 32]).unwrap().public().clone();
    let entry = TrustEntry {
        name: "Shikaku".to_owned(),
        origin: "https://shikaku.example".parse().unwrap(),
        portal_keys: vec![key(1)],
        service_keys: vec![key(2)],
        tls_roots: vec![b"root".to_vec()],
        test: false,
    };
    let trust = TrustList::new(vec![entry], TestEntries::Refuse).unwrap().to_json();
    let app = AppFacts {
        version: "1.0.0".to_owned(),
        platform: Platform::Ios,
        trust,
        test_services: false,
        terms_version: 1,
        terms: "規約".to_owned(),
    };
    let terminal = Terminal::open(app, Arc::new(Panicking), Arc::new(Panicking)).unwrap();
    assert!(terminal.wipe().is_empty(), "the keys could not even be asked");
    assert!(matches!(terminal.screen().view, Shown::Terms { version: 1, .. }));
    terminal.handle(Act::AgreeTerms);
    assert!(matches!(terminal.screen().view, Shown::Settings { .. }));
}
