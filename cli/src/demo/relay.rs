//! The demo's relay: a data folder, its directory, and its router without a socket. Who serves it later under the same
//! address finds everything there.

use meguri_commands::{Code, Failure};
use meguri_device::net::{Net, NetError, NetRequest, NetResponse};
use meguri_relay::keys::Keys;
use meguri_relay::operate::{init, invite, system_clock};
use meguri_relay::store::sqlite::{SqliteLimits, SqliteStore};
use meguri_relay::{App, Settings};
use meguri_wire::control::{AddFacility, Body, DirectoryBody, DirectoryGenesis, FacilityType, Relay};
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{Control, FeedId, FrameId};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::Runtime;
use tower::ServiceExt;

/// The directory's name.
const REGION: &str = "南浜地区";
/// One process asks for all devices at once; the usual limits are for serving.
const REQUESTS: u64 = 1_000_000;

/// A relay under construction.
pub struct Local {
    runtime: Arc<Runtime>,
    store: Arc<SqliteStore>,
    app: Arc<App>,
    root: Ed25519Signer,
    last: Option<(FeedId, u64, FrameId)>,
}

fn storage<T>(_: T) -> Failure {
    Code::Storage.into()
}

impl Local {
    /// Makes `<folder>/relay` and `<folder>/root.key`, and a directory that names the relay at `authority`.
    pub fn make(folder: &Path, authority: &str, seed: &[u8; 32]) -> Result<Local, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.map_err(|_| Code::Bug)?;
        keep_root(folder, seed).map_err(storage)?;
        let root = Ed25519Signer::own_id(seed).map_err(|_| Code::Bug)?;
        let data = folder.join("relay");
        let (store, app) = runtime
            .block_on(async {
                init::init(&data, None).await?;
                let keys = Keys::read(&data)?;
                let store = Arc::new(SqliteStore::open(&data, SqliteLimits::default())?);
                let settings = Settings {
                    authority: authority.to_owned(),
                    requests_per_s: REQUESTS,
                    requests_burst: REQUESTS,
                    ..Settings::default()
                };
                let app = App::open(store.clone(), &data, &keys, settings, system_clock()).await?;
                std::io::Result::Ok((store, app))
            })
            .map_err(storage)?;
        let mut made = Local { runtime: Arc::new(runtime), store, app, root, last: None };
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(|_| Code::Bug)?;
        let roots = vec![made.root.public_key()];
        let genesis = DirectoryGenesis { nonce, name: REGION.to_owned(), threshold: 1, roots };
        made.record(DirectoryBody::Genesis(genesis))?;
        let key = made.app.relay_key();
        made.record(DirectoryBody::Relay(Relay { urls: vec![format!("http://{authority}")], key }))?;
        Ok(made)
    }

    /// A one-time code for the next facility's first device.
    pub fn setup_code(&self) -> Result<String, Failure> {
        self.runtime.block_on(invite::invite_into(self.store.as_ref())).map_err(storage)
    }

    /// Lists a facility.
    pub fn list(&mut self, name: &str, facility_type: FacilityType, team: FrameId) -> Result<(), Failure> {
        let name = name.to_owned();
        self.record(DirectoryBody::AddFacility(AddFacility { name, code: String::new(), facility_type, team }))
    }

    /// A way to it for one device.
    pub fn net(&self) -> Arc<dyn Net> {
        Arc::new(Inside { router: meguri_relay::app(self.app.clone()), runtime: self.runtime.clone() })
    }

    fn record(&mut self, body: DirectoryBody) -> Result<(), Failure> {
        let cseq = self.last.map_or(1, |(_, cseq, _)| cseq + 1);
        let control = Control {
            feed: self.last.map(|(feed, ..)| feed),
            cseq,
            prev_hash: self.last.map(|(.., id)| id),
            body: Body::Directory(body),
        };
        let frame = control.sign_directory(&[&self.root]).map_err(|_| Code::Bug)?;
        let taken = self.runtime.block_on(self.app.bring_in(frame.raw.clone()));
        taken.map_err(|_| Code::RelayRefused.with("what", "directory"))?;
        self.last = Some((self.last.map_or_else(|| frame.id.feed(), |(feed, ..)| feed), cseq, frame.id));
        Ok(())
    }
}

/// The directory's root key: hex, for its owner's eyes alone.
fn keep_root(folder: &Path, seed: &[u8; 32]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(folder.join("root.key"))?;
    writeln!(file, "{}", hex::encode(seed))?;
    file.sync_all()
}

/// Requests go to the router in this process.
struct Inside {
    router: axum::Router,
    runtime: Arc<Runtime>,
}

impl Net for Inside {
    fn request(&self, request: NetRequest) -> Result<NetResponse, NetError> {
        let mut builder = http::Request::builder().method(request.method).uri(&request.path);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let sent = builder.body(axum::body::Body::from(request.body)).map_err(|_| NetError::Offline)?;
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(sent).await.map_err(|_| NetError::Offline)?;
            let status = response.status().as_u16();
            let text = |value: &http::HeaderValue| value.to_str().ok().map(str::to_owned);
            let headers = response
                .headers()
                .iter()
                .filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?)))
                .collect();
            let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.map_err(|_| NetError::Offline)?;
            Ok(NetResponse { status, headers, body: body.to_vec() })
        })
    }

    /// Nobody listens for hints while the region is being made.
    fn events(&self, _: NetRequest, _: u64, _: &mut dyn FnMut(&[String]) -> bool) -> Result<(), NetError> {
        Err(NetError::Offline)
    }
}
