//! The running service: data folder, database, TLS, listener, and the end of it all.

mod connection;
mod sweep;
mod tls;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use shikaku::identifier::{OriginError, ServiceOrigin};
use shikaku::trust::TrustEntry;
use tokio::task::{AbortHandle, JoinHandle};

use crate::app::{Parts, Service, app};
use crate::cards::Cards;
use crate::clock::Clock;
use crate::keys::{Keys, KeysError};
use crate::limits::Numbers;
use crate::randomness::Randomness;
use crate::revocation::StoredCrls;
use crate::source::{Registry, Source};
use crate::store::{OpenError, Store, StoreError};
use connection::Gate;
use tls::Identity;

pub use tls::TlsError;

/// Connections at a time.
const CONNECTIONS: usize = 1_024;
/// Connections of one peer at a time; a large institution's devices share one address.
const CONNECTIONS_EACH: usize = 256;
/// A TLS handshake takes so long at most.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// The head of a request takes so long at most; an idle connection waits for its next as long.
const HEAD: Duration = Duration::from_secs(15);
/// A connection that moves no octet for so long is closed.
const IDLE: Duration = Duration::from_mins(1);
/// Octets of a request's head.
const HEAD_LIMIT: u16 = 16 * 1024;
/// Requests that one HTTP/2 connection may have open; each may hold a body in memory while it arrives.
const STREAMS: u32 = 8;
/// Running requests get so long when the service is told to end.
const FAREWELL: Duration = Duration::from_secs(10);

/// What to serve, and where.
#[derive(Debug)]
pub struct Options {
    /// The data folder: keys, TLS root, and the database unless `database` names another.
    pub data: PathBuf,
    /// `sqlite:PATH` or `postgres://…`; the database in the data folder by default.
    pub database: Option<String>,
    /// Where to listen; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// What devices call the service; `https://localhost:PORT` by default.
    pub origin: Option<ServiceOrigin>,
    /// The operator's certificate chain and key, PEM; below a root of our own making by default.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// What the trust entry calls the service.
    pub name: String,
    /// Quotas.
    pub numbers: Numbers,
    /// Who knows the qualifications; the registry in the database by default.
    pub source: Option<Source>,
    /// The clock of everything but TLS.
    pub clock: Clock,
    /// The randomness of everything but TLS.
    pub randomness: Randomness,
}

impl Options {
    /// The service in `data`, on a loopback port, with the machine's clock and randomness.
    pub fn new(data: PathBuf) -> Self {
        Self {
            data,
            database: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 8443)),
            origin: None,
            tls: None,
            name: "Shikaku".to_owned(),
            numbers: Numbers::default(),
            source: None,
            clock: Clock::system(),
            randomness: Randomness::system(),
        }
    }
}

/// Why the service does not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The keys cannot be read or made.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The database does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no TLS identity.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The default origin cannot be written.
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// The address cannot be listened on, or the listener failed.
    #[error("{address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The listener ended with a panic, which is a bug.
    #[error("the listener broke off")]
    BrokeOff,
}

/// A service that runs, until it is told to end or dropped.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    trust: TrustEntry,
    service: Arc<Service>,
    handle: Handle<SocketAddr>,
    listener: JoinHandle<io::Result<()>>,
    tasks: Vec<AbortHandle>,
}

impl Running {
    /// Opens everything and begins to serve. When this returns, connections are accepted.
    pub async fn start(options: Options) -> Result<Self, ServeError> {
        let Options { data, database, listen, origin, tls, name, numbers, source, clock, randomness } =
            options;
        let keys = Keys::open(&data, &randomness)?;
        let store = Store::open(&database.unwrap_or_else(|| Store::url_in(&data))).await?;
        let failed = |source| ServeError::Listen { address: listen, source };
        let socket = TcpListener::bind(listen).map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        let origin = match origin {
            Some(origin) => origin,
            None => format!("https://localhost:{}", address.port()).parse()?,
        };
        let identity = match &tls {
            Some((chain, key)) => Identity::given(chain, key)?,
            None => Identity::own(&data, clock.now())?,
        };
        let trust = keys.trust_entry(&name, &origin, vec![identity.root().to_vec()], is_loopback(&origin));
        let cards = Cards::default();
        let service = Arc::new(Service::new(Parts {
            revocation: Box::new(StoredCrls::new(store.clone(), tokio::runtime::Handle::current())),
            source: source.unwrap_or_else(|| Source::Local(Box::new(Registry::new(store.clone())))),
            store,
            keys,
            origin,
            clock,
            randomness,
            cards,
            numbers,
        }));
        // TLS stands on the machine's clock, like the clients that verify it.
        let config = RustlsConfig::from_config(identity.config(&service.origin, Clock::system().now())?);
        let handle = Handle::new();
        let listener = listen_on(socket, config.clone(), handle.clone(), &service).map_err(failed)?;
        let tasks = vec![
            tokio::spawn(sweep::keep_tidy(Arc::clone(&service))).abort_handle(),
            tokio::spawn(sweep::keep_certified(Arc::clone(&service), identity, config)).abort_handle(),
        ];
        Ok(Self { address, trust, service, handle, listener, tasks })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What an app needs to trust it.
    pub const fn trust(&self) -> &TrustEntry {
        &self.trust
    }

    /// The service itself, for whoever embeds it.
    pub fn service(&self) -> &Arc<Service> {
        &self.service
    }

    /// Ends when the process is told to (interrupt, or terminate), or when the listener fails.
    pub async fn until_told(mut self) -> Result<(), ServeError> {
        tokio::select! {
            () = told_to_end() => self.stop().await,
            ended = &mut self.listener => outcome(self.address, ended),
        }
    }

    /// Accepts nothing more, lets running requests end, closes the database.
    pub async fn stop(mut self) -> Result<(), ServeError> {
        self.handle.graceful_shutdown(Some(FAREWELL));
        let ended = (&mut self.listener).await;
        for task in &self.tasks {
            task.abort();
        }
        self.service.store.close().await;
        outcome(self.address, ended)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.handle.shutdown();
        for task in &self.tasks {
            task.abort();
        }
    }
}

fn listen_on(
    socket: TcpListener,
    config: RustlsConfig,
    handle: Handle<SocketAddr>,
    service: &Arc<Service>,
) -> io::Result<JoinHandle<io::Result<()>>> {
    let gate = Gate::new(CONNECTIONS, CONNECTIONS_EACH, IDLE);
    let acceptor = RustlsAcceptor::new(config).handshake_timeout(HANDSHAKE).acceptor(gate);
    let mut server =
        axum_server::from_tcp(socket)?.acceptor(acceptor).first_request_timeout(HEAD).handle(handle);
    let builder = server.http_builder();
    builder.http1().header_read_timeout(HEAD).max_buf_size(HEAD_LIMIT.into()).max_headers(64);
    builder
        .http2()
        .max_header_list_size(HEAD_LIMIT.into())
        .max_concurrent_streams(STREAMS)
        .keep_alive_interval(HEAD)
        .keep_alive_timeout(HEAD);
    let routes = app(Arc::clone(service)).into_make_service_with_connect_info::<SocketAddr>();
    Ok(tokio::spawn(server.serve(routes)))
}

fn outcome(
    address: SocketAddr,
    ended: Result<io::Result<()>, tokio::task::JoinError>,
) -> Result<(), ServeError> {
    ended.map_err(|_| ServeError::BrokeOff)?.map_err(|source| ServeError::Listen { address, source })
}

/// A service that only this machine reaches is a test, and its trust entry says so.
fn is_loopback(origin: &ServiceOrigin) -> bool {
    ["localhost", "127.0.0.1", "[::1]"].contains(&tls::host(origin))
}

#[cfg(unix)]
async fn told_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        // Without a handler the signal ends the process anyway.
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn told_to_end() {
    drop(tokio::signal::ctrl_c().await);
}
