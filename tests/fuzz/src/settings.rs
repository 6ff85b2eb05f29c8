//! Settings as they come from a QR, a file, a service or a keyboard: signed texts as they are, signed payloads with any
//! content, trust lists, codes.

use std::cell::OnceCell;

use shikaku::http::SoftwareKey;
use shikaku::instant::UnixTime;
use shikaku::jws;
use shikaku::settings::{DeviceSettings, RegistrationCode, UserSettings};
use shikaku::trust::{TestEntries, TrustEntry, TrustList};

use super::Octets;

const NOW: UnixTime = UnixTime(1_800_000_000);

/// What octet 0 makes of the rest.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// The text of user settings, or of device settings.
    Text,
    /// A payload that the portal key has signed.
    UserPayload,
    /// A payload that the service key has signed.
    DevicePayload,
    /// What a person typed for a registration code.
    Code,
    /// What a person typed for institution, account and code, a line each.
    Typed,
    /// A trust list.
    Trust,
}

pub(super) const FORMS: [Form; 6] =
    [Form::Text, Form::UserPayload, Form::DevicePayload, Form::Code, Form::Typed, Form::Trust];

pub(super) struct World {
    pub(super) portal: SoftwareKey,
    pub(super) service: SoftwareKey,
    pub(super) trust: TrustList,
}

thread_local! {
    static WORLD: OnceCell<World> = const { OnceCell::new() };
}

/// Octet 0: what the rest is.
pub fn settings(octets: &[u8]) {
    let mut octets = Octets(octets);
    let form = FORMS.get(usize::from(octets.octet()) % FORMS.len()).copied().unwrap();
    WORLD.with(|world| feed(form, octets.0, world.get_or_init(world_of_test)));
}

fn feed(form: Form, octets: &[u8], world: &World) {
    let text = core::str::from_utf8(octets);
    match (form, text) {
        (Form::UserPayload, _) => {
            let signed = jws::sign("shikaku-user-settings+jws", octets, &world.portal).unwrap();
            user(&signed, world);
        }
        (Form::DevicePayload, _) => {
            let signed = jws::sign("shikaku-device-settings+jws", octets, &world.service).unwrap();
            device(&signed, world);
        }
        (_, Err(_)) => {}
        (Form::Text, Ok(text)) => {
            user(text, world);
            device(text, world);
        }
        (Form::Code, Ok(text)) => code(text),
        (Form::Typed, Ok(text)) => {
            let mut lines = text.lines();
            let [institution, account, code] = [(); 3].map(|()| lines.next().unwrap_or_default());
            let entry = world.trust.entries().first().unwrap();
            if let Ok(typed) = UserSettings::typed(entry, institution, account, code) {
                // Typed, they are what the portal would have signed.
                let signed = typed.sign(&world.portal).unwrap();
                user(&signed, world);
            }
        }
        (Form::Trust, Ok(text)) => {
            if let Ok(list) = TrustList::from_json(text, TestEntries::Allow) {
                assert!(!list.entries().is_empty());
                assert_eq!(TrustList::from_json(&list.to_json(), TestEntries::Allow), Ok(list));
            }
        }
    }
}

/// What is read is signed again and reads the same.
fn user(text: &str, world: &World) {
    let Ok((read, entry)) = UserSettings::read(text, &world.trust, NOW) else { return };
    assert!(read.origin == entry.origin && NOW < read.expires_at);
    let again = read.sign(&world.portal).unwrap();
    let (second, _) = UserSettings::read(&again, &world.trust, NOW).unwrap();
    assert_eq!(second.code.octets(), read.code.octets());
    assert_eq!((second.institution, second.account), (read.institution, read.account));
}

fn device(text: &str, world: &World) {
    let entry = world.trust.entries().first().unwrap();
    let Ok(read) = DeviceSettings::accept(text, entry, None) else { return };
    assert_eq!(read.origin, entry.origin);
    assert!(read.limits.checks_per_minute > 0 && read.test_anchors().is_ok() && read.service_keys().is_ok());
    let _ = read.admits(&read.minimum_app_version);
    let again = read.sign(&world.service).unwrap();
    assert_eq!(DeviceSettings::accept(&again, entry, Some(&read)), Ok(read));
}

fn code(text: &str) {
    let Ok(read) = RegistrationCode::parse(text) else { return };
    let again = RegistrationCode::parse(&read.to_text()).unwrap();
    assert_eq!(again.octets(), read.octets());
    assert_eq!(format!("{read:?}"), "RegistrationCode(not shown)");
}

pub(super) fn world_of_test() -> World {
    let [portal, service] = [1, 2].map(|seed| SoftwareKey::from_random(&[seed; 32]).unwrap());
    let entry = TrustEntry {
        name: "Shikaku".to_owned(),
        origin: "https://shikaku.example".parse().unwrap(),
        portal_keys: vec![portal.public().clone()],
        service_keys: vec![service.public().clone()],
        tls_roots: vec![b"root".to_vec()],
        test: false,
    };
    World { trust: TrustList::new(vec![entry], TestEntries::Refuse).unwrap(), portal, service }
}
