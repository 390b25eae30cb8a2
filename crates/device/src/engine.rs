//! Carries out what the sync machine asks for: one job at a time, each answered
//! by its event. When to do what is the machine's; what is valid is `wire`'s.

mod controls;
mod farewell;
mod late;
mod new_store;
mod status;
mod whereabouts;

use late::fetch_late;

use crate::device::Device;
use crate::local;
use crate::profile::storage;
use crate::relay::Relay;
use meguri_commands::{Code, Failure};
use meguri_replica::{Replica, fault};
use meguri_sync::{ClientState, Effect, Event, Failure as JobFailure, Job, LocalFeed, PullWanted, PushOutcome, Sync};
use meguri_wire::Frame;
use meguri_wire::api::{
    Ack, AckRequest, PullFeed, PullKind, PullRecord, PullRequest, PushFrame, PushRequest, PushResult,
};
use meguri_wire::chain::{Head, SignedHead};
use meguri_wire::ids::{FeedId, Hash, SpaceId};
use parking_lot::{Condvar, Mutex};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Bytes of sealed items per space and push; well below the push limit.
const SEAL_BYTES_MAX: usize = 3 * 1024 * 1024;
/// Events of one round at most; a machine that asks for more is broken.
const ROUND_EVENTS_MAX: usize = 100_000;
pub(crate) const META_RELAY_KEY: &str = "relay-key";

/// What other threads read while a job is under way.
#[derive(Debug, Default)]
pub struct Shared {
    pub(crate) wake: Arc<Wake>,
    pub(crate) events_wanted: AtomicBool,
    pub(crate) pictures_wanted: AtomicBool,
    pub(crate) pictures_lacking: AtomicBool,
    /// Charts whose key this team has to renew, as of the last look.
    rotations: AtomicU64,
    /// The chart opened last, while what its next save needs is not loaded.
    opened: Mutex<Option<uuid::Uuid>>,
    shown: Mutex<Shown>,
}

/// Wakes the thread that keeps the machine going as soon as there is something for it.
#[derive(Debug, Default)]
pub(crate) struct Wake {
    told: Mutex<Told>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Told {
    /// Something was written here.
    written: bool,
    /// The other thread has set the timer or wants pictures.
    moved: bool,
}

impl Wake {
    fn written(&self) {
        self.told.lock().written = true;
        self.changed.notify_all();
    }

    /// The machine was told something by another thread.
    pub(crate) fn moved(&self) {
        self.told.lock().moved = true;
        self.changed.notify_all();
    }

    pub(crate) fn take_written(&self) -> bool {
        std::mem::take(&mut self.told.lock().written)
    }

    /// Until there is something, `ms` at most.
    pub(crate) fn wait(&self, ms: u64) {
        let mut told = self.told.lock();
        if !told.written && !std::mem::take(&mut told.moved) {
            let _ = self.changed.wait_for(&mut told, Duration::from_millis(ms));
            told.moved = false;
        }
    }
}

#[derive(Debug, Default, Clone)]
struct Shown {
    state: Option<ClientState>,
    /// What contradicts the pins this device was given, in heads and in pages; stands above everything else, until heads
    /// and pages that do not.
    broken: [Option<ClientState>; 2],
    last_contact_ms: Option<i64>,
}

/// The machine and what it holds between jobs.
#[derive(Default)]
pub struct Engine {
    machine: Option<Sync>,
    relay: Option<Arc<Relay>>,
    page: Vec<PullRecord>,
    timer_at_ms: Option<i64>,
    /// What the relay gave with the newest heads; the first fetch of a machine asks for every head.
    since: Vec<u8>,
    owed: local::Owed,
    /// What the relay was told is here; only what differs is told again.
    acked: BTreeMap<FeedId, (u64, Hash)>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("timer_at_ms", &self.timer_at_ms).finish_non_exhaustive()
    }
}

impl Engine {
    /// The device has another relay or key now.
    pub fn forget_relay(&mut self) {
        *self = Engine::default();
    }

    /// When the machine wants to be called again.
    #[must_use]
    pub fn timer_at_ms(&self) -> Option<i64> {
        self.timer_at_ms
    }
}

fn job_failure(failure: &Failure) -> JobFailure {
    let reason = failure.params.get("reason").and_then(|reason| reason.parse::<meguri_wire::Code>().ok());
    match (failure.code, reason) {
        (Code::Removed, _) => JobFailure::Refused(meguri_wire::Code::Removed),
        (Code::OtherPerson, _) => JobFailure::Refused(meguri_wire::Code::BadSignature),
        (Code::RelayRefused, Some(code)) => JobFailure::Refused(code),
        (Code::RelayRefused, None) => JobFailure::BadAnswer,
        (Code::Storage | Code::StorageFull | Code::DamagedProfile, _) => JobFailure::Storage,
        _ => JobFailure::Unreachable,
    }
}

impl Device {
    /// One round: everything the machine wants to do now. Being offline is a state, not an error.
    ///
    /// # Errors
    /// `locked`, `not_enrolled`, storage codes.
    pub fn round(&self) -> Result<(), Failure> {
        self.tell_machine_of_writing()?;
        self.feed(Event::SyncNow)?;
        self.fetch_pictures()
    }

    fn tell_machine_of_writing(&self) -> Result<(), Failure> {
        if !self.shared.wake.take_written() {
            return Ok(());
        }
        let replica = self.background()?;
        let unsent = replica.unsent_by_space().map_err(storage)?;
        let spaces: Vec<SpaceId> = unsent.iter().map(|(space, _)| *space).collect();
        let owed = self.engine.lock().owed.ask(&replica, &spaces)?;
        let intents = replica.open_intents().map_err(storage)?;
        self.feed(Event::LocalChange { unsent, owed, intents })
    }

    /// The timer's time has come.
    ///
    /// # Errors
    /// As [`Device::round`].
    pub fn tick(&self) -> Result<(), Failure> {
        let now = self.now_ms();
        self.tell_machine_of_writing()?;
        let due = self.engine.lock().timer_at_ms.is_some_and(|at| at <= now);
        if due {
            self.feed(Event::TimerFired)?;
        }
        if due || self.shared.pictures_wanted.load(Ordering::Acquire) { self.fetch_pictures() } else { Ok(()) }
    }

    /// Folds grown documents while nothing else is to do; one at a time.
    ///
    /// # Errors
    /// `locked`, storage codes.
    pub fn tidy(&self) -> Result<bool, Failure> {
        self.background()?.tidy().map_err(storage)
    }

    /// The chart on the screen is about to be written into.
    pub(crate) fn chart_opened(&self, patient: uuid::Uuid) {
        *self.shared.opened.lock() = Some(patient);
        self.shared.wake.moved();
    }

    /// Loads the documents of the chart opened last.
    ///
    /// # Errors
    /// `locked`, storage codes.
    pub fn make_ready(&self) -> Result<(), Failure> {
        let Some(patient) = self.shared.opened.lock().take() else { return Ok(()) };
        self.background()?.warm(patient, self.now_ms()).map_err(storage)
    }

    /// For how long nothing is due, ms, within these bounds: a machine that has stopped leaves its last timer behind.
    pub(crate) fn rest_ms(&self, least: u64, most: u64) -> u64 {
        let due = self.engine.lock().timer_at_ms;
        let left = due.map(|at| u64::try_from(at.saturating_sub(self.now_ms())).unwrap_or(0));
        left.unwrap_or(most).clamp(least, most)
    }

    /// Something was written: the machine is told at once.
    pub(crate) fn tell_written(&self) {
        self.shared.wake.written();
    }

    /// Hands an event to the machine and carries out all it leads to.
    ///
    /// # Errors
    /// As [`Device::round`].
    pub fn feed(&self, event: Event) -> Result<(), Failure> {
        let replica = self.background()?;
        let mut engine = self.engine.lock();
        let mut events = VecDeque::new();
        if engine.machine.is_none() {
            engine.relay = Some(self.relay(&replica)?);
            self.follow_record(&mut engine, &replica)?;
            let mut seed = [0u8; 8];
            self.outside.env.fill_random(&mut seed);
            // The first fetch asks for every head: one fetched but not pulled before a crash must come again.
            engine.since = Vec::new();
            engine.machine = Some(Sync::new(u64::from_le_bytes(seed)));
            let local = local::local(&replica, &mut engine.owed, None)?;
            events.push_back(Event::Start { local, store: local::store(&replica)? });
        }
        events.push_back(event);
        for _ in 0..ROUND_EVENTS_MAX {
            let Some(event) = events.pop_front() else { return Ok(()) };
            let now = self.now_ms();
            let machine = engine.machine.as_mut().ok_or(Code::Bug)?;
            let effects = machine.handle(event, now);
            self.shared.rotations.store(machine.rotations(), Ordering::Release);
            self.shared.shown.lock().state = Some(machine.state());
            for effect in effects {
                if let Some(answer) = self.carry_out(&mut engine, &replica, effect) {
                    events.push_back(answer);
                }
            }
        }
        Err(Code::Bug.into())
    }

    fn carry_out(&self, engine: &mut Engine, replica: &Replica, effect: Effect) -> Option<Event> {
        let relay = engine.relay.clone()?;
        fault::point("before an effect");
        let (job, answer) = match effect {
            Effect::FetchHeads => (Job::Heads, self.fetch_heads(engine, replica, &relay)),
            Effect::Pull { feeds, bytes_max } => (Job::Pull, self.pull(engine, &relay, &feeds, bytes_max)),
            Effect::Ingest => (Job::Ingest, self.ingest(engine, replica)),
            Effect::PayOwedEpoch { space } => (Job::Epoch, self.pay(replica, &relay, space)),
            Effect::SealAndPush { spaces } => (Job::Push, self.seal_and_push(replica, &relay, &spaces)),
            Effect::SendAcks => (Job::Acks, self.send_acks(engine, replica, &relay)),
            Effect::AdoptStore { store } => (Job::Adopt, self.adopt(engine, replica, &relay, &store)),
            Effect::Introduce => (Job::Introduce, self.introduce(replica, &relay)),
            Effect::OfferAgain => (Job::Offer, self.offer_again(replica, &relay)),
            Effect::CarryOutIntents => (Job::Intents, self.carry_out_intents(replica, &relay)),
            Effect::FetchLate { spaces } => (Job::Late, fetch_late(replica, &relay, &spaces)),
            Effect::HandIn => (Job::HandIn, self.hand_in(engine, replica, &relay)),
            Effect::SetTimer { at_ms } => {
                engine.timer_at_ms = Some(at_ms);
                return None;
            }
            Effect::OpenEvents | Effect::CloseEvents => {
                self.shared.events_wanted.store(matches!(effect, Effect::OpenEvents), Ordering::Release);
                return None;
            }
            Effect::ReportState(_) | Effect::Stop => return None,
        };
        fault::point("after an effect");
        Some(answer.unwrap_or_else(|failure| {
            self.log.failed(self.now_ms(), "sync", failure.code);
            let retry_after_ms = failure.params.get("retryAfterMs").and_then(|ms| ms.parse().ok());
            Event::Failed { job, failure: job_failure(&failure), retry_after_ms }
        }))
    }

    fn fetch_heads(&self, engine: &mut Engine, replica: &Replica, relay: &Relay) -> Result<Event, Failure> {
        let key = pinned_key(replica, relay)?;
        let reply = relay.heads(&engine.since)?;
        let heads = verified(&reply.heads, &key)?;
        self.hold_to_pins(crate::pins::heads(replica, &heads)?, false)?;
        if let (None, Some(head)) = (local::store(replica)?, heads.first()) {
            // The first contact: what is written from now on says which order it has seen.
            replica.set_store(&head.store_id).map_err(storage)?;
        }
        let acks: Vec<_> = reply.acks.iter().map(|ack| (ack.device, ack.ack.feed, ack.ack.ssn)).collect();
        replica.put_acks(&acks).map_err(storage)?;
        engine.since = reply.next;
        let now = self.now_ms();
        self.shared.shown.lock().last_contact_ms = Some(now);
        let theirs = relay.clock_ms().and_then(|ms| i64::try_from(ms).ok()).unwrap_or(now);
        let late = reply.late.iter().map(|late| (late.feed, late.n)).collect();
        Ok(Event::HeadsFetched { heads, late, clock_offset_ms: theirs - now })
    }

    fn pull(&self, engine: &mut Engine, relay: &Relay, feeds: &[PullWanted], bytes_max: u64) -> Result<Event, Failure> {
        let feeds =
            feeds.iter().map(|f| PullFeed { feed: f.feed, after_ssn: f.after_ssn, kind: PullKind::All }).collect();
        engine.page = relay.pull(&PullRequest { feeds, bytes_max })?;
        self.log.note(self.now_ms(), "pulled", engine.page.len() as u64);
        Ok(Event::PullDone { records: engine.page.len() as u64 })
    }

    fn ingest(&self, engine: &mut Engine, replica: &Replica) -> Result<Event, Failure> {
        let page = std::mem::take(&mut engine.page);
        // An empty one is a page that was refused before: it says nothing.
        if !page.is_empty() {
            self.hold_to_pins(crate::pins::page(replica, &page)?.or(undone(replica, &page)?), true)?;
        }
        let done = replica.ingest(&page, self.now_ms()).map_err(storage)?;
        self.follow_record(engine, replica)?;
        self.shared.pictures_wanted.store(true, Ordering::Release);
        if !done.cloned.is_empty() {
            self.live_anew(replica)?;
        }
        self.report_faults(replica, &done.faults)?;
        let local = local::local(replica, &mut engine.owed, Some(&done.moved))?;
        Ok(Event::IngestDone { local })
    }

    fn hold_to_pins(&self, contradiction: Option<ClientState>, page: bool) -> Result<(), Failure> {
        let broken = contradiction.is_some();
        let [in_heads, in_pages] = &mut self.shared.shown.lock().broken;
        *(if page { in_pages } else { in_heads }) = contradiction;
        if broken { Err(Code::RelayRefused.with("reason", "pins")) } else { Ok(()) }
    }

    /// The team's feed may certify this device's keys for somebody else, by mistake: nothing goes out under that name.
    pub(crate) fn writes_as_oneself(replica: &Replica) -> Result<(), Failure> {
        let Some(own) = replica.device_info().map_err(storage)? else { return Ok(()) };
        let certified = replica.with_world(|world| Some(world.team(&own.team)?.device(&own.device)?.staff));
        let certified = certified.map_err(storage)?;
        if certified.is_none_or(|staff| staff == own.staff) { Ok(()) } else { Err(Code::OtherPerson.into()) }
    }

    fn seal_and_push(&self, replica: &Replica, relay: &Relay, spaces: &[SpaceId]) -> Result<Event, Failure> {
        Self::writes_as_oneself(replica)?;
        let store = local::store(replica)?;
        let sealed = replica.seal_spaces(spaces, SEAL_BYTES_MAX, &mut self.rng()).map_err(storage)?;
        let mut refusals: BTreeMap<SpaceId, meguri_wire::Code> = BTreeMap::new();
        let sealed = self.after_their_blobs(relay, sealed, &mut refusals)?;
        let push = |(_, frame): &(SpaceId, Frame)| PushFrame { frame: frame.raw.clone(), attachments: Vec::new() };
        let reply = relay.push_into(store, &PushRequest { frames: sealed.iter().map(push).collect() })?;
        let heads = verified(&reply.heads, &pinned_key(replica, relay)?)?;
        let (mut own, mut late) = (Vec::new(), Vec::new());
        for ((space, frame), result) in sealed.into_iter().zip(&reply.results) {
            match result {
                PushResult::Accepted { ssn, received_ms, .. } => own.push((frame, *ssn, *received_ms)),
                PushResult::Refused(error) => {
                    self.log.note(self.now_ms(), error.code.text(), 1);
                    refusals.entry(space).or_insert(error.code);
                }
                // It waits for a manager there and is not sent again.
                PushResult::Quarantined => late.push(frame.id),
                PushResult::Skipped => {}
            }
        }
        replica.quarantined_all(&late).map_err(storage)?;
        let taken = self.take_own(replica, own)?;
        let unsent: BTreeMap<SpaceId, u64> = replica.unsent_by_space().map_err(storage)?.into_iter().collect();
        let results = spaces
            .iter()
            .map(|space| PushOutcome {
                space: *space,
                unsent: unsent.get(space).copied().unwrap_or(0),
                refused: refusals.get(space).copied(),
            })
            .collect();
        Ok(Event::PushDone { results, taken, heads })
    }

    /// Takes accepted items into their feeds at the place the reply gave, so that they need not come back by a pull.
    /// Where others wrote in between, the pull brings both; the signed head is held against the result either way.
    fn take_own(&self, replica: &Replica, own: Vec<(Frame, u64, u64)>) -> Result<Vec<LocalFeed>, Failure> {
        if own.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<_> = own.iter().map(|(frame, ..)| (frame.feed(), frame.id)).collect();
        let record = |(frame, ssn, received_ms): (Frame, u64, u64)| PullRecord {
            feed: frame.feed(),
            ssn,
            received_ms,
            frame: frame.raw,
            attachments: Vec::new(),
        };
        let page: Vec<PullRecord> = own.into_iter().map(record).collect();
        let done = replica.ingest(&page, self.now_ms()).map_err(storage)?;
        let left: Vec<_> = ids.iter().filter(|(feed, _)| done.gaps.contains(feed)).map(|(_, id)| *id).collect();
        replica.accepted_all(&left).map_err(storage)?;
        let taken = local::feeds(replica, Some(&done.moved))?;
        Ok(taken)
    }

    /// A relay keeps one acknowledgement a feed, so those that have not moved are not sent again.
    fn send_acks(&self, engine: &mut Engine, replica: &Replica, relay: &Relay) -> Result<Event, Failure> {
        let mut moved = replica.cursors().map_err(storage)?;
        moved.retain(|(feed, ssn, h)| engine.acked.get(feed) != Some(&(*ssn, *h)));
        if moved.is_empty() {
            return Ok(Event::AcksSent);
        }
        // Others count on what this device says it has.
        replica.flush().map_err(storage)?;
        let acks = moved.iter().map(|(feed, ssn, h)| Ack { feed: *feed, ssn: *ssn, h: *h }).collect();
        relay.acks(&AckRequest { acks })?;
        engine.acked.extend(moved.into_iter().map(|(feed, ssn, h)| (feed, (ssn, h))));
        Ok(Event::AcksSent)
    }
}

/// A new store in which somebody goes on whose removal this device holds is none to be followed.
fn undone(replica: &Replica, page: &[PullRecord]) -> Result<Option<ClientState>, Failure> {
    let undone = replica.undone_removal(page).map_err(storage)?;
    Ok(undone.map(|undone| ClientState::Fork { feed: undone.feed, a: Hash(undone.held.0), b: Hash(undone.shown.0) }))
}

fn verified(raw: &[Vec<u8>], relay_key: &[u8; 32]) -> Result<Vec<Head>, Failure> {
    raw.iter()
        .map(|raw| SignedHead::decode_verify(raw, relay_key).map(|signed| signed.head))
        .collect::<Result<_, _>>()
        .map_err(|_| Code::RelayRefused.into())
}

/// The key heads must verify under: the one the directory's roots name, else the one seen first. Never the one `/v1/info` says now.
pub(crate) fn pinned_key(replica: &Replica, relay: &Relay) -> Result<[u8; 32], Failure> {
    let directory = replica.directory().map_err(storage)?;
    let tip = directory.as_ref().map_or(0, meguri_wire::feed::DirectoryState::tip);
    if let Some(key) = whereabouts::proved_key(replica, tip)? {
        return Ok(key);
    }
    if let Some(listed) = directory.and_then(|directory| directory.relay) {
        return Ok(listed.key);
    }
    let kept = replica.meta_get(META_RELAY_KEY).map_err(storage)?;
    if let Some(kept) = kept.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()) {
        return Ok(kept);
    }
    let first = relay.info()?.relay_key;
    replica.meta_put(META_RELAY_KEY, &first).map_err(storage)?;
    Ok(first)
}
