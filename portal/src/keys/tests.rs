//! The data folder of a first start, of later ones, and of a rotation.

use std::path::Path;

use shikaku::http::Signer as _;
use shikaku_test_database::Folder;

use super::*;

fn open(folder: &Folder) -> Result<Keys, KeysError> {
    Keys::open(&folder.path().join("data"), &Randomness::system())
}

fn spki(pair: &KeyPair) -> Vec<u8> {
    pair.current().spki().to_vec()
}

#[test]
fn the_keys_of_the_first_start_are_those_of_the_second() {
    let folder = Folder::new();
    let (first, second) = (open(&folder).unwrap(), open(&folder).unwrap());
    assert_eq!(spki(&first.portal), spki(&second.portal));
    assert_eq!(spki(&first.service), spki(&second.service));
    assert_ne!(spki(&first.portal), spki(&first.service));
    assert_eq!(first.node, second.node);
    assert_eq!(first.audit.certificate_hash(b"x"), second.audit.certificate_hash(b"x"));
}

#[cfg(unix)]
#[test]
fn of_programs_that_start_first_at_the_same_moment_all_hold_the_same_keys() {
    let folder = Folder::new();
    let start = std::sync::Barrier::new(8);
    let opened = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    open(&folder).unwrap()
                })
            })
            .collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect::<Vec<_>>()
    });
    let kept = open(&folder).unwrap();
    for one in opened {
        assert_eq!(
            (spki(&one.portal), spki(&one.service), one.node),
            (spki(&kept.portal), spki(&kept.service), kept.node.clone())
        );
        assert_eq!(one.audit.certificate_hash(b"x"), kept.audit.certificate_hash(b"x"));
    }
}

#[cfg(unix)]
#[test]
fn folder_and_files_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = Folder::new();
    open(&folder).unwrap();
    let data = folder.path().join("data");
    assert_eq!(mode(&data), 0o700);
    let files: Vec<_> = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 5);
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[cfg(unix)]
#[test]
fn a_key_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    open(&folder).unwrap();
    let file = folder.path().join("data/sealing.key");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(open(&folder), Err(KeysError::Exposed(path)) if path == file));
}

#[test]
fn a_lost_or_damaged_key_is_never_made_anew() {
    for lost in ["portal.key", "service.key", "sealing.key", "audit.key"] {
        let folder = Folder::new();
        open(&folder).unwrap();
        let file = folder.path().join("data").join(lost);
        std::fs::write(&file, "nonsense").unwrap();
        assert!(matches!(open(&folder), Err(KeysError::Damaged(path)) if path == file), "{lost}");
        std::fs::remove_file(&file).unwrap();
        assert!(matches!(open(&folder), Err(KeysError::Missing(path)) if path == file), "{lost}");
    }
    let folder = Folder::new();
    open(&folder).unwrap();
    std::fs::write(folder.path().join("data/shikaku.db"), "").unwrap();
    std::fs::remove_file(folder.path().join("data/node")).unwrap();
    assert!(matches!(open(&folder), Err(KeysError::Missing(_))));
}

#[test]
fn a_further_node_keeps_the_keys_it_is_given_and_takes_a_name_of_its_own() {
    let folder = Folder::new();
    let first = open(&folder).unwrap();
    std::fs::remove_file(folder.path().join("data/node")).unwrap();
    let second = open(&folder).unwrap();
    assert_eq!(spki(&first.service), spki(&second.service));
    assert_eq!(first.audit.certificate_hash(b"x"), second.audit.certificate_hash(b"x"));
    assert_ne!(first.node, second.node);
}

#[test]
fn a_next_key_is_announced_and_then_takes_over() {
    let folder = Folder::new();
    let mut keys = open(&folder).unwrap();
    let first = keys.service.current().public().clone();
    assert!(matches!(keys.take_over(Role::Service), Err(KeysError::NoNext)));
    keys.announce_next(Role::Service, &Randomness::system()).unwrap();
    assert!(matches!(keys.announce_next(Role::Service, &Randomness::system()), Err(KeysError::NextExists)));
    let next = keys.service.next().unwrap().public().clone();
    assert_eq!(keys.service.announced(), [first.clone(), next.clone()]);
    keys.take_over(Role::Service).unwrap();
    assert_eq!(keys.service.announced(), std::slice::from_ref(&next));
    let again = open(&folder).unwrap();
    assert_eq!(again.service.current().public(), &next);
    assert_eq!(again.service.all(), [next, first.clone()]);
    // A second rotation keeps both former keys.
    keys.announce_next(Role::Service, &Randomness::system()).unwrap();
    keys.take_over(Role::Service).unwrap();
    let again = open(&folder).unwrap();
    assert_eq!(again.service.all().len(), 3);
    assert!(again.service.all().contains(&first));
    assert_eq!(spki(&again.portal), spki(&keys.portal));
}

#[test]
fn the_trust_entry_lists_what_is_announced() {
    let folder = Folder::new();
    let mut keys = open(&folder).unwrap();
    keys.announce_next(Role::Portal, &Randomness::system()).unwrap();
    let origin = "https://shikaku.example".parse().unwrap();
    let entry = keys.trust_entry("試験", &origin, vec![vec![1]], true);
    assert_eq!(entry.portal_keys, keys.portal.announced());
    assert_eq!((entry.portal_keys.len(), entry.service_keys.len()), (2, 1));
    assert!(entry.test);
}
