//! `serve`: sockets, TLS, signals. Rules live elsewhere.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::keys::Keys;
use crate::operate::config::Config;
use crate::operate::stall::Stalling;
use crate::operate::{init, system_clock};
use crate::store::sqlite::{SqliteLimits, SqliteStore};
use crate::{App, Peer, app};

/// Open connections at most.
const CONNECTIONS_MAX: usize = 4096;
/// A request's headers, or a TLS handshake, must arrive within this.
const HEADERS_WITHIN: Duration = Duration::from_secs(15);
/// The other side must take what is sent to it within this.
const READ_WITHIN: Duration = Duration::from_secs(60);
/// Requests under way get this long when the relay stops.
const STOP_WITHIN: Duration = Duration::from_secs(10);
/// How often the operator's records are looked for.
const RECORDS_EVERY: Duration = Duration::from_secs(2);

/// Opens the data folder of a configuration.
///
/// # Errors
/// The folder is none, or damaged.
pub async fn open(config: &Config) -> io::Result<Arc<App>> {
    let no_relay = |_| io::Error::new(io::ErrorKind::InvalidInput, "data: no relay there, or not readable");
    let keys = Keys::read(&config.data).map_err(no_relay)?;
    let pages_max = u32::try_from(config.database_bytes_max / 4096).unwrap_or(u32::MAX);
    let store = Arc::new(SqliteStore::open(&config.data, SqliteLimits { pages_max })?);
    let app = App::open(store, &config.data, &keys, config.settings(), system_clock()).await?;
    Ok(app)
}

/// Serves until a signal; prints the address once it listens.
///
/// # Errors
/// The data, the certificate or the address.
pub async fn serve(config: &Config) -> io::Result<()> {
    #[cfg(unix)]
    let _size_limits = outlive_size_limits()?;
    let relay = open(config).await?;
    let tls = match (&config.tls_cert, &config.tls_key) {
        (Some(cert), Some(key)) => Some(acceptor(cert, key)?),
        (_, _) => None,
    };
    let listener = TcpListener::bind(config.listen).await?;
    println!("listening on {}", listener.local_addr()?);
    tracing::info!(tls = tls.is_some(), "listening");
    let chores = tokio::spawn(chores(relay.clone(), config.data.clone()));
    let stopped = accept(&listener, tls, &relay).await;
    chores.abort();
    stopped
}

/// A file size limit then is a failed write, answered as `storage`, and not the
/// end of the process.
#[cfg(unix)]
fn outlive_size_limits() -> io::Result<tokio::signal::unix::Signal> {
    const SIGXFSZ: i32 = 25;
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::from_raw(SIGXFSZ))
}

async fn accept(listener: &TcpListener, tls: Option<TlsAcceptor>, relay: &Arc<App>) -> io::Result<()> {
    let router = app(relay.clone());
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut signals = Box::pin(signal());
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            stop = &mut signals => {
                stop?;
                break;
            }
        };
        let Ok(place) = room.clone().try_acquire_owned() else {
            tracing::warn!(code = "connections", "too many connections");
            continue;
        };
        drop(stream.set_nodelay(true));
        let (router, tls, watcher) = (router.clone(), tls.clone(), graceful.watcher());
        let peer = Peer(peer.ip());
        let stream = Stalling::new(stream, READ_WITHIN);
        tokio::spawn(async move {
            match tls {
                Some(tls) => {
                    let handshake = tokio::time::timeout(HEADERS_WITHIN, tls.accept(stream)).await;
                    if let Ok(Ok(stream)) = handshake {
                        connection(stream, peer, router, watcher).await;
                    }
                }
                None => connection(stream, peer, router, watcher).await,
            }
            drop(place);
        });
    }
    tracing::info!("stopping");
    relay.close_streams();
    drop(tokio::time::timeout(STOP_WITHIN, graceful.shutdown()).await);
    Ok(())
}

async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
    router: axum::Router,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let service = router.map_request(move |mut request: http::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(peer);
        request
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    // An error here is the other side going away.
    drop(watcher.watch(connection).await);
}

async fn signal() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut term = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = term.recv() => Ok(()),
            pressed = tokio::signal::ctrl_c() => pressed,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

fn acceptor(cert: &Path, key: &Path) -> io::Result<TlsAcceptor> {
    let wrong = |name: &str| io::Error::new(io::ErrorKind::InvalidInput, format!("{name}: no usable PEM"));
    let other = |_| io::Error::new(io::ErrorKind::InvalidInput, "tls_key: not the key of tls_cert");
    let chain = CertificateDer::pem_file_iter(cert).map_err(|_| wrong("tls_cert"))?;
    let chain: Vec<_> = chain.collect::<Result<_, _>>().map_err(|_| wrong("tls_cert"))?;
    if chain.is_empty() {
        return Err(wrong("tls_cert"));
    }
    let key = PrivateKeyDer::from_pem_file(key).map_err(|_| wrong("tls_key"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| wrong("tls_cert"))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(other)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// The operator's records, and blobs nobody lists.
async fn chores(relay: Arc<App>, data: std::path::PathBuf) {
    let mut rounds: u64 = 0;
    loop {
        init::take_records(&relay, &data).await;
        if rounds.is_multiple_of(1800) && relay.sweep().await.is_err() {
            tracing::warn!(code = "sweep", "blobs were not swept");
        }
        rounds += 1;
        tokio::time::sleep(RECORDS_EVERY).await;
    }
}
