//! One running relay: its store, keys, listeners and limits. The clock comes in.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{Code, DeviceId, StoreId};

use crate::blobs::Blobs;
use crate::feeds::{Bounds, Memory};
use crate::hub::Hub;
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::moved::Whereabouts;
use crate::rates::{Pace, Rates};
use crate::refusal::{Answered, Refusal};
use crate::store::{self, Store, StoreError, Stored};

/// Milliseconds UTC.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Blobs that no item lists are forgotten after 30 days.
const UNLISTED_MS: u64 = 30 * 24 * 3_600_000;
/// Blobs forgotten in one go.
const SWEPT_MAX: usize = 1000;
/// For so long an answer about readiness stands.
const READY_MS: u64 = 1000;

/// What the configuration decides.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The public name that requests sign as `@authority`.
    pub authority: String,
    /// Requests a device may make per second on average.
    pub requests_per_s: u64,
    /// Requests it may make at once.
    pub requests_burst: u64,
    /// Unsigned or wrongly signed requests one network address may make per second.
    pub unsigned_per_s: u64,
    /// Those it may make at once.
    pub unsigned_burst: u64,
    /// Bytes a device may push or upload in an hour.
    pub bytes_per_hour: u64,
    /// Bytes a device may have in quarantine.
    pub late_bytes_max: u64,
    /// A body must go on within this, ms.
    pub body_idle_ms: u64,
    /// An event stream says something at least so often, ms.
    pub comment_ms: u64,
    /// Event streams a device may hold; a further one ends its oldest.
    pub streams_per_device: usize,
    /// Spaces whose state is kept in memory.
    pub spaces_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            authority: "localhost".into(),
            requests_per_s: 50,
            requests_burst: 500,
            unsigned_per_s: 20,
            unsigned_burst: 1000,
            bytes_per_hour: 2 * 1024 * 1024 * 1024,
            late_bytes_max: 32 * 1024 * 1024,
            body_idle_ms: 30_000,
            comment_ms: 20_000,
            streams_per_device: 4,
            spaces_max: 4096,
        }
    }
}

/// One running relay.
pub struct App {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) memory: Arc<Memory>,
    pub(crate) blobs: Blobs,
    pub(crate) hub: Arc<Hub>,
    pub(crate) metrics: Metrics,
    pub(crate) settings: Settings,
    pub(crate) signer: Arc<Ed25519Signer>,
    pub(crate) nonce_key: [u8; 32],
    pub(crate) store_id: StoreId,
    pub(crate) whereabouts: Whereabouts,
    restored_ms: Option<u64>,
    /// Held while a blob is stored and noted; alone while unlisted ones go.
    pub(crate) sweeping: tokio::sync::RwLock<()>,
    devices: Rates<DeviceId>,
    addresses: Rates<IpAddr>,
    probed_ms: AtomicU64,
    ready: AtomicBool,
    clock: Clock,
}

impl App {
    /// Opens a relay over a store, with blobs under `folder`.
    ///
    /// # Errors
    /// The store failed, or the keys are none.
    pub async fn open(
        store: Arc<dyn Store>,
        folder: &Path,
        keys: &Keys,
        settings: Settings,
        clock: Clock,
    ) -> Stored<Arc<Self>> {
        let spaces_max = settings.spaces_max;
        let pace = Pace { per_s: settings.requests_per_s, burst: settings.requests_burst };
        let unsigned = Pace { per_s: settings.unsigned_per_s, burst: settings.unsigned_burst };
        let bytes_per_hour = settings.bytes_per_hour;
        let (identity, memory) =
            store::read(store.as_ref(), move |rows| Ok((rows.identity()?, Memory::load(rows, spaces_max)?))).await?;
        let memory = Arc::new(memory);
        let hub = Arc::new(Hub::default());
        let (kept, told) = (memory.clone(), hub.clone());
        store.on_commit(Arc::new(move |staged| {
            kept.commit(staged);
            staged.moved.drain(..).for_each(|moved| told.moved(&moved));
            staged.cut.drain(..).for_each(|device| told.cut(&device));
        }));
        let signer = Ed25519Signer::own_id(&keys.signing_seed).map_err(|_| StoreError::Damaged)?;
        Ok(Arc::new(Self {
            store,
            memory,
            blobs: Blobs::open(folder).map_err(|_| StoreError::Io)?,
            hub,
            metrics: Metrics::default(),
            settings,
            signer: Arc::new(signer),
            nonce_key: keys.nonce_key,
            store_id: identity.store_id,
            whereabouts: Whereabouts::default(),
            restored_ms: identity.restored_ms,
            sweeping: tokio::sync::RwLock::default(),
            devices: Rates::new(pace, bytes_per_hour),
            addresses: Rates::new(unsigned, bytes_per_hour),
            probed_ms: AtomicU64::new(0),
            ready: AtomicBool::new(false),
            clock,
        }))
    }

    /// The relay's clock, ms UTC.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        (self.clock)()
    }

    /// Whether devices offer again what the former store had.
    pub(crate) fn is_rebuilding(&self) -> bool {
        crate::feeds::lately_restored(self.restored_ms, self.now_ms())
    }

    /// The key that signs heads.
    #[must_use]
    pub fn relay_key(&self) -> [u8; 32] {
        self.signer.public_key()
    }

    /// Ends all event streams, before closing.
    pub fn close_streams(&self) {
        self.hub.close();
    }

    /// Takes a directory record from the operator.
    ///
    /// # Errors
    /// The refusal.
    pub async fn bring_in(self: &Arc<Self>, frame: Vec<u8>) -> Answered<()> {
        crate::handlers::push::bring_in(self, frame).await
    }

    /// An id as the log shows it: the same within one relay, meaningless outside.
    pub(crate) fn logged(&self, id: &[u8]) -> String {
        let hash = meguri_wire::ids::sha256(&[&self.nonce_key, id]);
        hash.first_chunk::<4>().map(hex::encode).unwrap_or_default()
    }

    pub(crate) fn bounds(&self) -> Bounds {
        Bounds { late_bytes_max: self.settings.late_bytes_max }
    }

    /// Counts a request of a device.
    pub(crate) fn may_ask(&self, device: DeviceId) -> Answered<()> {
        self.devices.may_ask(device, self.now_ms()).map_err(|later| Refusal::later(Code::Rate, later))
    }

    /// Counts an unsigned or wrongly signed request of a network address.
    pub(crate) fn may_ask_unsigned(&self, address: IpAddr) -> Answered<()> {
        self.addresses.may_ask(address, self.now_ms()).map_err(|later| Refusal::later(Code::Rate, later))
    }

    /// Counts bytes a device stores.
    pub(crate) fn may_store(&self, device: DeviceId, bytes: u64) -> Answered<()> {
        self.devices.may_store(device, self.now_ms(), bytes).map_err(|later| Refusal::later(Code::Quota, later))
    }

    /// Whether database and blob folder can be read and written, asked of them at
    /// most once a second.
    pub async fn is_ready(&self) -> bool {
        let now_ms = self.now_ms();
        let probed_ms = self.probed_ms.load(Ordering::Acquire);
        if now_ms >= probed_ms && now_ms - probed_ms < READY_MS {
            return self.ready.load(Ordering::Acquire);
        }
        let read = store::read(self.store.as_ref(), |rows| rows.identity()).await;
        let written = store::write(self.store.as_ref(), |tx| tx.probe()).await;
        let ready = read.is_ok() && written.is_ok() && self.blobs.probe().await.is_ok();
        self.ready.store(ready, Ordering::Release);
        self.probed_ms.store(now_ms, Ordering::Release);
        ready
    }

    /// Forgets blobs that no item has listed for 30 days, and uploads that were
    /// never finished.
    ///
    /// # Errors
    /// Storage.
    pub async fn sweep(&self) -> Answered<()> {
        let before = self.now_ms().saturating_sub(UNLISTED_MS);
        let old = store::read(self.store.as_ref(), move |rows| rows.unlisted(before, SWEPT_MAX)).await?;
        let stray = self.blobs.untouched_since(before).await?;
        let stray = store::read(self.store.as_ref(), move |rows| {
            let mut unknown = Vec::new();
            for blob in stray {
                if rows.blob(&blob)?.is_none() {
                    unknown.push(blob);
                }
            }
            Ok(unknown)
        });
        for blob in old.into_iter().chain(stray.await?) {
            let _alone = self.sweeping.write().await;
            let forgotten = store::write(self.store.as_ref(), move |tx| tx.drop_unlisted(&blob, before)).await?;
            if forgotten {
                self.blobs.delete(&blob).await?;
            }
        }
        self.blobs.drop_untouched_parts(before).await
    }
}
