//! Who listens for hints, and what each has not been told yet.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use meguri_wire::api::Hint;
use meguri_wire::{DeviceId, FeedId, TeamId};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::store::Moved;

/// Feeds one listener may be behind on before hints are merged into the newest.
const PENDING_MAX: usize = 8192;

/// One open event stream.
pub struct Listener {
    device: DeviceId,
    team: TeamId,
    wanted: Option<BTreeSet<FeedId>>,
    pending: Mutex<BTreeMap<FeedId, u64>>,
    changed: Notify,
    closed: AtomicBool,
}

impl Listener {
    /// Waits until there is something to tell; `None` once closed.
    pub async fn next(&self) -> Option<Vec<Hint>> {
        loop {
            let waiting = self.changed.notified();
            if self.closed.load(Ordering::Acquire) {
                return None;
            }
            let pending = std::mem::take(&mut *self.pending.lock());
            if !pending.is_empty() {
                let hint = |(feed, ssn)| Hint { feed, ssn };
                return Some(pending.into_iter().map(hint).collect());
            }
            waiting.await;
        }
    }

    fn tell(&self, feed: FeedId, ssn: u64) {
        if self.wanted.as_ref().is_some_and(|wanted| !wanted.contains(&feed)) {
            return;
        }
        let mut pending = self.pending.lock();
        if pending.len() < PENDING_MAX || pending.contains_key(&feed) {
            pending.insert(feed, ssn);
        }
        drop(pending);
        self.changed.notify_one();
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.changed.notify_one();
    }
}

/// All open event streams by team.
#[derive(Default)]
pub struct Hub {
    by_team: Mutex<HashMap<TeamId, HashMap<u64, Arc<Listener>>>>,
    next: AtomicU64,
}

/// Keeps a listener registered while it lives.
pub struct Listening {
    /// The listener.
    pub listener: Arc<Listener>,
    hub: Arc<Hub>,
    key: u64,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut teams = self.hub.by_team.lock();
        if let Some(listeners) = teams.get_mut(&self.listener.team) {
            listeners.remove(&self.key);
            if listeners.is_empty() {
                teams.remove(&self.listener.team);
            }
        }
    }
}

impl Hub {
    /// Registers a listener; `None` for `wanted` means all its feeds. A device that
    /// has `per_device_max` already loses its oldest: most likely nobody is there.
    #[must_use]
    pub fn listen(
        self: &Arc<Self>,
        device: DeviceId,
        team: TeamId,
        wanted: Option<BTreeSet<FeedId>>,
        per_device_max: usize,
    ) -> Listening {
        let listener = Arc::new(Listener {
            device,
            team,
            wanted,
            pending: Mutex::default(),
            changed: Notify::new(),
            closed: AtomicBool::new(false),
        });
        let key = self.next.fetch_add(1, Ordering::Relaxed);
        let mut teams = self.by_team.lock();
        let listeners = teams.entry(team).or_default();
        let mut own: Vec<u64> = listeners.iter().filter(|(_, l)| l.device == device).map(|(key, _)| *key).collect();
        own.sort_unstable();
        let surplus = (own.len() + 1).saturating_sub(per_device_max.max(1));
        for oldest in own.iter().take(surplus) {
            if let Some(oldest) = listeners.remove(oldest) {
                oldest.close();
            }
        }
        listeners.insert(key, listener.clone());
        drop(teams);
        Listening { listener, hub: self.clone(), key }
    }

    /// Tells whoever may hear of it.
    pub fn moved(&self, moved: &Moved) {
        let teams = self.by_team.lock();
        let tell = |listeners: &HashMap<u64, Arc<Listener>>| {
            for listener in listeners.values() {
                listener.tell(moved.feed, moved.ssn);
            }
        };
        match &moved.teams {
            Some(some) => some.iter().filter_map(|team| teams.get(team)).for_each(tell),
            None => teams.values().for_each(tell),
        }
    }

    /// Ends the streams of a removed device.
    pub fn cut(&self, device: &DeviceId) {
        let teams = self.by_team.lock();
        let all = teams.values().flat_map(HashMap::values);
        all.filter(|listener| listener.device == *device).for_each(|listener| listener.close());
    }

    /// Ends every stream.
    pub fn close(&self) {
        let teams = self.by_team.lock();
        teams.values().flat_map(HashMap::values).for_each(|listener| listener.close());
    }

    /// Open streams.
    #[must_use]
    pub fn count(&self) -> usize {
        self.by_team.lock().values().map(HashMap::len).sum()
    }
}
