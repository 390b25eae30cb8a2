//! One running relay: its store, keys, listeners and limits. The clock comes in.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::{DeviceId, StoreId};
use parking_lot::Mutex;

use crate::blobs::Blobs;
use crate::feeds::{Bounds, Memory};
use crate::hub::Hub;
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::refusal::Answered;
use crate::store::{self, Store, StoreError, Stored};

/// Milliseconds UTC.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Devices whose rate is remembered; beyond it all start afresh.
const RATES_MAX: usize = 20_000;

/// What the configuration decides.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The public name that requests sign as `@authority`.
    pub authority: String,
    /// Requests a device may make per second on average.
    pub requests_per_s: u64,
    /// Requests it may make at once.
    pub requests_burst: u64,
    /// Bytes a device may push or upload in an hour.
    pub bytes_per_hour: u64,
    /// Bytes a device may have in quarantine.
    pub late_bytes_max: u64,
    /// Spaces whose state is kept in memory.
    pub spaces_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            authority: "localhost".into(),
            requests_per_s: 50,
            requests_burst: 500,
            bytes_per_hour: 2 * 1024 * 1024 * 1024,
            late_bytes_max: 32 * 1024 * 1024,
            spaces_max: 4096,
        }
    }
}

#[derive(Clone, Copy)]
struct Rate {
    tokens_milli: u64,
    at_ms: u64,
    hour: u64,
    bytes: u64,
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
    rates: Mutex<HashMap<DeviceId, Rate>>,
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
            rates: Mutex::default(),
            clock,
        }))
    }

    /// The relay's clock, ms UTC.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        (self.clock)()
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

    pub(crate) fn bounds(&self) -> Bounds {
        Bounds { late_bytes_max: self.settings.late_bytes_max }
    }

    /// Counts a request of a device; `false` when it makes too many.
    pub(crate) fn may_ask(&self, device: DeviceId) -> bool {
        let now = self.now_ms();
        let full = self.settings.requests_burst.saturating_mul(1000);
        let mut rates = self.rates.lock();
        let rate = entry(&mut rates, device, now, full);
        let refill = now.saturating_sub(rate.at_ms).saturating_mul(self.settings.requests_per_s);
        rate.tokens_milli = rate.tokens_milli.saturating_add(refill).min(full);
        rate.at_ms = now;
        let may = rate.tokens_milli >= 1000;
        if may {
            rate.tokens_milli -= 1000;
        }
        may
    }

    /// Counts bytes a device stores; `false` when its hour is used up.
    pub(crate) fn may_store(&self, device: DeviceId, bytes: u64) -> bool {
        let now = self.now_ms();
        let full = self.settings.requests_burst.saturating_mul(1000);
        let mut rates = self.rates.lock();
        let rate = entry(&mut rates, device, now, full);
        let hour = now / 3_600_000;
        if rate.hour != hour {
            (rate.hour, rate.bytes) = (hour, 0);
        }
        let sum = rate.bytes.saturating_add(bytes);
        let may = sum <= self.settings.bytes_per_hour;
        if may {
            rate.bytes = sum;
        }
        may
    }
}

fn entry(rates: &mut HashMap<DeviceId, Rate>, device: DeviceId, now: u64, full: u64) -> &mut Rate {
    if rates.len() >= RATES_MAX && !rates.contains_key(&device) {
        rates.clear();
    }
    let fresh = Rate { tokens_milli: full, at_ms: now, hour: 0, bytes: 0 };
    rates.entry(device).or_insert(fresh)
}
