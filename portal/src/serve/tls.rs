//! Who the service is on the wire: a certificate given by the operator, or one below a root made at first start.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use axum_server::tls_rustls::RustlsConfig;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use shikaku::identifier::ServiceOrigin;
use shikaku::instant::UnixTime;
use time::{Duration, OffsetDateTime};

use crate::whole_file;

/// The root of our own making and its key, in the data folder.
const ROOT_FILE: &str = "tls-root.pem";
const ROOT_KEY_FILE: &str = "tls-root.key";
/// How long a root of our own making lives: apps pin it, so it outlives many of their versions.
const ROOT_LIFE: Duration = Duration::days(20 * 365);
/// How long the certificate below it lives; a new one is made at each start and each day.
const LEAF_LIFE: Duration = Duration::days(90);

/// Why there is no TLS identity.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not the PEM that it must be.
    #[error("{} holds no usable PEM: {source}", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: rustls::pki_types::pem::Error,
    },
    /// The chain ends in another root than the one that devices pin: they would no longer connect.
    #[error("{} ends in another root; to use it start the service again and give out its trust entry", .0.display())]
    OtherRoot(PathBuf),
    /// The certificate file is empty.
    #[error("{} holds no certificate", .0.display())]
    Empty(PathBuf),
    /// The root or the certificate below it could not be made.
    #[error("the certificate could not be made: {0}")]
    Made(#[from] rcgen::Error),
    /// Certificate and key do not go together, or rustls cannot use them.
    #[error("the certificate and its key cannot be used: {0}")]
    Refused(#[from] rustls::Error),
}

/// Where the certificate comes from.
pub(super) enum Identity {
    /// The operator's own chain, leaf first, its root or the certificate below it last.
    Given(Given),
    /// A root that this service made; it signs short-lived certificates for the origin's host.
    Own(Box<Root>),
}

/// The operator's chain and key, and the files that they were read from.
pub(super) struct Given {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    files: (PathBuf, PathBuf),
    written: Written,
}

/// When the files were last written, chain and key; none of one that cannot be seen.
type Written = [Option<SystemTime>; 2];

/// A root of our own making.
pub(super) struct Root {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Identity {
    /// The operator's certificate chain and key, both PEM.
    pub(super) fn given(chain: &Path, key: &Path) -> Result<Self, TlsError> {
        Given::read(chain, key).map(Self::Given)
    }

    /// The root in `folder`; made there at the first start, its key readable by its owner alone.
    pub(super) fn own(folder: &Path, now: UnixTime) -> Result<Self, TlsError> {
        let (root, key) = (folder.join(ROOT_FILE), folder.join(ROOT_KEY_FILE));
        if !root.exists() {
            make_root(&root, &key, now)?;
        }
        let read = |path: &Path| {
            std::fs::read_to_string(path).map_err(|source| TlsError::File { path: path.to_owned(), source })
        };
        let root_pem = read(&root)?;
        let certificate = CertificateDer::from_pem_slice(root_pem.as_bytes())
            .map_err(|source| TlsError::Pem { path: root, source })?;
        let key = KeyPair::from_pem(&read(&key)?)?;
        Ok(Self::Own(Box::new(Root { certificate, issuer: Issuer::new(root_params(now)?, key) })))
    }

    /// What apps pin: the root, or of a given chain its last certificate. DER.
    pub(super) fn root(&self) -> &[u8] {
        match self {
            Self::Given(given) => given.root(),
            Self::Own(root) => &root.certificate,
        }
    }

    /// The configuration of the listener at this moment: TLS 1.3 and 1.2, HTTP/2 and HTTP/1.1.
    pub(super) fn config(
        &self,
        origin: &ServiceOrigin,
        now: UnixTime,
    ) -> Result<Arc<ServerConfig>, TlsError> {
        let (chain, key) = match self {
            Self::Given(given) => (given.chain.clone(), given.key.clone_key()),
            Self::Own(root) => root.leaf(origin, now)?,
        };
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// How long until the certificate is looked after again.
    pub(super) const fn round(&self) -> core::time::Duration {
        match self {
            Self::Given(_) => core::time::Duration::from_mins(1),
            Self::Own(_) => core::time::Duration::from_hours(24),
        }
    }

    /// Puts a fresh certificate in place of the present one: of our own making, or from the operator's files if they
    /// were written since. While those do not go together, or end in another root than the devices know, the present
    /// one stays.
    pub(super) fn renew(
        &mut self,
        listener: &RustlsConfig,
        origin: &ServiceOrigin,
        now: UnixTime,
    ) -> Result<(), TlsError> {
        if let Self::Given(given) = self {
            let (chain, key) = &given.files;
            if given.written == written(chain, key) {
                return Ok(());
            }
            let fresh = Given::read(chain, key)?;
            if fresh.root() != given.root() {
                return Err(TlsError::OtherRoot(chain.clone()));
            }
            let fresh = Self::Given(fresh);
            listener.reload_from_config(fresh.config(origin, now)?);
            *self = fresh;
        } else {
            listener.reload_from_config(self.config(origin, now)?);
        }
        Ok(())
    }
}

impl Given {
    fn read(chain: &Path, key: &Path) -> Result<Self, TlsError> {
        let pem = |path: &Path| {
            let path = path.to_owned();
            move |source| TlsError::Pem { path, source }
        };
        let (files, written) = ((chain.to_owned(), key.to_owned()), written(chain, key));
        let certificates = CertificateDer::pem_file_iter(chain).map_err(pem(chain))?;
        let certificates: Vec<_> = certificates.collect::<Result<_, _>>().map_err(pem(chain))?;
        if certificates.is_empty() {
            return Err(TlsError::Empty(chain.to_owned()));
        }
        let key = PrivateKeyDer::from_pem_file(key).map_err(pem(key))?;
        Ok(Self { chain: certificates, key, files, written })
    }

    fn root(&self) -> &[u8] {
        self.chain.last().map_or(&[], |root| root)
    }
}

fn written(chain: &Path, key: &Path) -> Written {
    [chain, key].map(|file| std::fs::metadata(file).and_then(|file| file.modified()).ok())
}

type Leaf = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

impl Root {
    fn leaf(&self, origin: &ServiceOrigin, now: UnixTime) -> Result<Leaf, TlsError> {
        let mut params = CertificateParams::new(names(origin))?;
        params.distinguished_name.push(DnType::CommonName, "Shikaku");
        (params.not_before, params.not_after) = life(now, LEAF_LIFE);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        Ok((vec![certificate.der().clone()], key))
    }
}

/// Whom the certificate names: the origin's host, without port and brackets.
///
/// A loopback host gets its brothers too: the same machine is reached under any of them.
fn names(origin: &ServiceOrigin) -> Vec<String> {
    let host = host(origin).trim_start_matches('[').trim_end_matches(']');
    let loopback = ["localhost", "127.0.0.1", "::1"];
    if loopback.contains(&host) { loopback.map(str::to_owned).to_vec() } else { vec![host.to_owned()] }
}

/// The origin's host, an IPv6 address in its brackets.
pub(super) fn host(origin: &ServiceOrigin) -> &str {
    let authority = origin.authority();
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => authority,
    }
}

fn root_params(now: UnixTime) -> Result<CertificateParams, TlsError> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, "Shikaku service root");
    (params.not_before, params.not_after) = life(now, ROOT_LIFE);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

/// From a day ago, because clocks of devices go wrong, to `life` from now.
fn life(now: UnixTime, life: Duration) -> (OffsetDateTime, OffsetDateTime) {
    let now = i64::try_from(now.0).ok().and_then(|now| OffsetDateTime::from_unix_timestamp(now).ok());
    let now = now.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    (now - Duration::days(1), now + life)
}

/// Key first and the root last: a root file that is there has its key beside it.
fn make_root(root: &Path, key_file: &Path, now: UnixTime) -> Result<(), TlsError> {
    let key = KeyPair::generate()?;
    let certificate = root_params(now)?.self_signed(&key)?;
    write(key_file, key.serialize_pem().as_bytes(), 0o600)?;
    write(root, certificate.pem().as_bytes(), 0o644)
}

/// Writes a file whole and durably: under another name, synced, then renamed.
fn write(path: &Path, octets: &[u8], mode: u32) -> Result<(), TlsError> {
    whole_file::write(path, octets, mode).map_err(|source| TlsError::File { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime(1_800_000_000);

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("shikaku-tls-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_second_start_pins_the_same_root_and_makes_another_certificate() {
        let folder = folder("second");
        let origin = "https://localhost:8443".parse().unwrap();
        let first = Identity::own(&folder, NOW).unwrap();
        let second = Identity::own(&folder, NOW.plus(86_400 * 30)).unwrap();
        assert_eq!(first.root(), second.root());
        assert!(second.config(&origin, NOW.plus(86_400 * 30)).is_ok());
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn the_roots_key_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = folder("mode");
        Identity::own(&folder, NOW).unwrap();
        let mode = std::fs::metadata(folder.join(ROOT_KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn what_a_start_that_was_cut_off_left_behind_does_not_expose_the_roots_key() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = folder("left-behind");
        for name in ["tls-root.new", "tls-root.key.part", "tls-root.pem.part"] {
            std::fs::write(folder.join(name), "half").unwrap();
            std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(0o644)).unwrap();
        }
        Identity::own(&folder, NOW).unwrap();
        let mode = std::fs::metadata(folder.join(ROOT_KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    /// Writes a chain below `root` and its key; the files' time is `at` seconds, as no two writes of a test need differ.
    fn give(root: &Root, chain: &Path, key: &Path, at: u64) {
        use base64::Engine as _;
        let pem = |label: &str, der: &[u8]| {
            let body = base64::engine::general_purpose::STANDARD.encode(der);
            format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
        };
        let (mut leaf, secret) = root.leaf(&"https://localhost".parse().unwrap(), NOW).unwrap();
        leaf.push(root.certificate.clone());
        let certificates: String = leaf.iter().map(|der| pem("CERTIFICATE", der)).collect();
        for (file, text) in [(chain, certificates), (key, pem("PRIVATE KEY", secret.secret_der()))] {
            std::fs::write(file, text).unwrap();
            let at = SystemTime::UNIX_EPOCH + core::time::Duration::from_secs(at);
            std::fs::File::options().write(true).open(file).unwrap().set_modified(at).unwrap();
        }
    }

    fn own_root(folder: &Path) -> Box<Root> {
        match Identity::own(folder, NOW).unwrap() {
            Identity::Own(root) => root,
            Identity::Given(_) => panic!("a given one"),
        }
    }

    #[tokio::test]
    async fn a_certificate_that_was_renewed_is_used_without_a_restart_and_a_bad_one_is_not() {
        let (folder, elsewhere) = (folder("renewed"), folder("renewed-elsewhere"));
        let (root, other) = (own_root(&folder), own_root(&elsewhere));
        let (chain, key) = (folder.join("chain.pem"), folder.join("key.pem"));
        let origin: ServiceOrigin = "https://localhost".parse().unwrap();
        give(&root, &chain, &key, 1);
        let mut identity = Identity::given(&chain, &key).unwrap();
        let listener = RustlsConfig::from_config(identity.config(&origin, NOW).unwrap());
        let first = listener.get_inner();
        identity.renew(&listener, &origin, NOW).unwrap();
        assert!(Arc::ptr_eq(&first, &listener.get_inner()), "nothing was written");
        let half = std::fs::read(&key).unwrap();
        give(&root, &chain, &key, 2);
        let whole = std::fs::read(&key).unwrap();
        std::fs::write(&key, half).unwrap();
        assert!(matches!(identity.renew(&listener, &origin, NOW), Err(TlsError::Refused(_))));
        assert!(Arc::ptr_eq(&first, &listener.get_inner()), "chain and key did not go together");
        std::fs::write(&key, whole).unwrap();
        identity.renew(&listener, &origin, NOW).unwrap();
        let second = listener.get_inner();
        assert!(!Arc::ptr_eq(&first, &second));
        give(&other, &chain, &key, 3);
        assert!(matches!(identity.renew(&listener, &origin, NOW), Err(TlsError::OtherRoot(_))));
        assert!(Arc::ptr_eq(&second, &listener.get_inner()), "devices pin the old root");
        std::fs::remove_dir_all(&folder).unwrap();
        std::fs::remove_dir_all(&elsewhere).unwrap();
    }

    #[test]
    fn a_missing_or_empty_certificate_file_is_named() {
        let folder = folder("missing");
        let (chain, key) = (folder.join("chain.pem"), folder.join("key.pem"));
        assert!(matches!(Identity::given(&chain, &key), Err(TlsError::Pem { path, .. }) if path == chain));
        std::fs::write(&chain, "").unwrap();
        assert!(matches!(Identity::given(&chain, &key), Err(TlsError::Empty(path)) if path == chain));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_certificate_names_the_host_without_port() {
        let names = |origin: &str| names(&origin.parse().unwrap());
        assert_eq!(names("https://shikaku.example:8443"), ["shikaku.example"]);
        assert_eq!(names("https://shikaku.example"), ["shikaku.example"]);
        assert_eq!(names("https://[2001:db8::1]:8443"), ["2001:db8::1"]);
        assert!(names("https://127.0.0.1:8443").contains(&"localhost".to_owned()));
    }
}
