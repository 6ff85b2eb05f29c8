//! Somebody else's certificates and somebody else's answers.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::response::Response as HttpResponse;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use time::{Duration, OffsetDateTime};
use tokio::task::JoinHandle;

use crate::site::Folder;

/// A root and a certificate below it, as files.
pub(crate) struct Certified {
    /// The root, DER.
    pub(crate) root: Vec<u8>,
    /// Chain and key, PEM.
    pub(crate) files: (PathBuf, PathBuf),
    /// The root, PEM.
    pub(crate) root_file: PathBuf,
    _folder: Folder,
}

impl Certified {
    /// A certificate for a name, good from yesterday until so many days from now.
    pub(crate) fn new(name: &str, days: i64) -> Self {
        let folder = Folder::new();
        std::fs::create_dir_all(&folder.0).unwrap();
        let root_key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&root_key).unwrap();
        let issuer = Issuer::new(params, root_key);
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = OffsetDateTime::now_utc() - Duration::days(30);
        params.not_after = OffsetDateTime::now_utc() + Duration::days(days);
        let key = KeyPair::generate().unwrap();
        let leaf = params.signed_by(&key, &issuer).unwrap();
        let path = |file: &str| folder.0.join(file);
        std::fs::write(path("chain.pem"), format!("{}{}", leaf.pem(), root.pem())).unwrap();
        std::fs::write(path("key.pem"), key.serialize_pem()).unwrap();
        std::fs::write(path("root.pem"), root.pem()).unwrap();
        Self {
            root: root.der().to_vec(),
            files: (path("chain.pem"), path("key.pem")),
            root_file: path("root.pem"),
            _folder: folder,
        }
    }
}

/// A server that gives every request the same answer, under a certificate that the app trusts: the worst case.
pub(crate) struct InTheWay {
    handle: Handle<SocketAddr>,
    listener: JoinHandle<std::io::Result<()>>,
}

impl InTheWay {
    /// Answers on `address`.
    pub(crate) fn start(
        address: SocketAddr,
        certified: &Certified,
        answer: impl Fn() -> HttpResponse + Clone + Send + Sync + 'static,
    ) -> Self {
        let chain =
            CertificateDer::pem_file_iter(&certified.files.0).unwrap().collect::<Result<_, _>>().unwrap();
        let key = PrivateKeyDer::from_pem_file(&certified.files.1).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let handle = Handle::new();
        let routes = Router::new().fallback(move || {
            let answer = answer();
            async move { answer }
        });
        let socket = std::net::TcpListener::bind(address).unwrap();
        let config = RustlsConfig::from_config(Arc::new(config));
        let server = axum_server::from_tcp_rustls(socket, config).unwrap().handle(handle.clone());
        let listener = tokio::spawn(server.serve(routes.into_make_service()));
        Self { handle, listener }
    }

    /// Goes out of the way.
    pub(crate) async fn stop(self) {
        self.handle.shutdown();
        self.listener.await.unwrap().unwrap();
    }
}
