//! The machine: one job at a time, the hint connection beside it, one timer.

mod answers;
mod judge;
mod leaving;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use meguri_wire::limits::PULL_BYTES_MAX;
use meguri_wire::{Code, DeviceId, SpaceId, StoreId};

use crate::backoff::Jitter;
use crate::effect::{Effect, PullWanted};
use crate::event::{Event, Failure, Job, Local};
use crate::feeds::Feeds;
use crate::state::ClientState;
use leaving::Proof;

/// Silence after which the hint connection counts as dead.
pub const EVENTS_SILENCE_MS: i64 = 60_000;
/// Heads are fetched this often while hints do not come, after [`FAILURES_UNTIL_POLL`].
pub const POLL_MS: i64 = 60_000;
/// Failures in a row of the hint connection until heads are polled.
pub const FAILURES_UNTIL_POLL: u32 = 3;
/// Heads are fetched this often even while hints come: a relay may omit a hint.
pub const POLL_OPEN_MS: i64 = 5 * 60_000;
/// An idle manager renews one space's key in this time.
pub const IDLE_ROTATION_MS: i64 = 1_000;
/// A clock further off than this is shown.
pub const CLOCK_WRONG_MS: u64 = 5 * 60_000;
/// Heads that only a hint asks for are fetched this often at most; what the hint named is pulled at once.
pub const HINTED_HEADS_MS: i64 = 1_000;
/// Acks are sent this often at most, except when somebody asks for a sync.
pub const ACKS_MS: i64 = 2_000;
/// Spaces whose late items are fetched at once.
pub const LATE_SPACES_MAX: usize = 32;
/// Spaces in one push.
pub const PUSH_SPACES_MAX: usize = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hints {
    Closed,
    Opening,
    Open,
}

/// A space's outbox and its last refusal.
#[derive(Clone, Copy, Debug, Default)]
struct Outbox {
    unsent: u64,
    refused: Option<Code>,
    failures: u32,
    not_before_ms: i64,
}

/// The client's sync.
#[derive(Debug)]
pub struct Sync {
    jitter: Jitter,
    running: bool,
    ending: Option<ClientState>,
    /// Who removed this device, and when; set once the record was verified.
    leaving: Option<(DeviceId, u64)>,
    proof: Proof,
    /// The relay says this device was removed, and showed no record that does so.
    unproven: bool,
    feeds: Feeds,
    local: Local,
    outbox: BTreeMap<SpaceId, Outbox>,
    owed: BTreeMap<SpaceId, bool>,
    intents: u64,
    intents_failures: u32,
    intents_not_before_ms: i64,
    /// Late items at the relay, by space, as it says.
    late: BTreeMap<SpaceId, u64>,
    late_asked: Vec<SpaceId>,
    /// Frames of the former store that are offered again, and since when that may be tried.
    to_offer: u64,
    offer_failures: u32,
    offer_not_before_ms: i64,
    /// The relay does not know this device's key.
    unknown: bool,
    /// The relay is not the one this device knows, or does not know it: which of them is found out next.
    introduce: bool,
    /// It was not tried since somebody asked for a sync, so it need not wait.
    introduce_now: bool,
    job: Option<Job>,
    asked: Vec<PullWanted>,
    page: bool,
    adopt: Option<StoreId>,
    heads_wanted: bool,
    /// A pull was refused: the store may be another one, which only heads say.
    heads_first: bool,
    /// A hint asks for heads, from this time on.
    hinted_heads_ms: Option<i64>,
    acks_wanted: bool,
    acks_not_before_ms: i64,
    failures: u32,
    not_before_ms: i64,
    offline_since_ms: Option<i64>,
    heads_at_ms: i64,
    rotate_at_ms: i64,
    rotate_next: VecDeque<SpaceId>,
    hints: Hints,
    hints_failures: u32,
    hints_not_before_ms: i64,
    hints_heard_ms: i64,
    clock_offset_ms: i64,
    reported: Option<ClientState>,
    timer_at_ms: Option<i64>,
}

impl Sync {
    /// A machine that waits for [`Event::Start`]. The seed spreads its retries.
    #[must_use]
    pub fn new(random_seed: u64) -> Self {
        Self {
            jitter: Jitter::new(random_seed),
            running: false,
            ending: None,
            leaving: None,
            proof: Proof::default(),
            unproven: false,
            feeds: Feeds::default(),
            local: Local::default(),
            outbox: BTreeMap::new(),
            owed: BTreeMap::new(),
            intents: 0,
            intents_failures: 0,
            intents_not_before_ms: i64::MIN,
            late: BTreeMap::new(),
            late_asked: Vec::new(),
            to_offer: 0,
            offer_failures: 0,
            offer_not_before_ms: i64::MIN,
            unknown: false,
            introduce: false,
            introduce_now: true,
            job: None,
            asked: Vec::new(),
            page: false,
            adopt: None,
            heads_wanted: false,
            heads_first: false,
            hinted_heads_ms: None,
            acks_wanted: false,
            acks_not_before_ms: i64::MIN,
            failures: 0,
            not_before_ms: i64::MIN,
            offline_since_ms: None,
            heads_at_ms: i64::MIN,
            rotate_at_ms: i64::MIN,
            rotate_next: VecDeque::new(),
            hints: Hints::Closed,
            hints_failures: 0,
            hints_not_before_ms: i64::MIN,
            hints_heard_ms: i64::MIN,
            clock_offset_ms: 0,
            reported: None,
            timer_at_ms: None,
        }
    }

    /// Takes an event at `now_ms` (ms, any steady origin) and says what to do.
    /// The effects of one event are few, and their order matters.
    pub fn handle(&mut self, event: Event, now_ms: i64) -> Vec<Effect> {
        let mut effects = Vec::new();
        let starts = matches!(event, Event::Start { .. });
        if !self.running && !starts {
            return effects;
        }
        self.take(event, now_ms, &mut effects);
        if self.running {
            match self.leaving {
                Some(_) => self.farewell(now_ms, &mut effects),
                None => {
                    self.next_job(now_ms, &mut effects);
                    self.keep_hints(now_ms, &mut effects);
                }
            }
            self.report(&mut effects);
            self.set_timer(now_ms, &mut effects);
        } else {
            self.report(&mut effects);
            effects.push(Effect::Stop);
        }
        effects
    }

    /// What is shown now.
    #[must_use]
    pub fn state(&self) -> ClientState {
        self.ending.unwrap_or_else(|| self.judge())
    }

    /// Entries that no relay has accepted yet.
    #[must_use]
    pub fn unsent(&self) -> u64 {
        let each = self.outbox.values().map(|outbox| outbox.unsent);
        each.fold(0, u64::saturating_add)
    }

    /// Spaces that owe a key which this device renews without having to send.
    #[must_use]
    pub fn rotations(&self) -> u64 {
        self.owed.values().filter(|manager| **manager).count() as u64
    }

    fn take(&mut self, event: Event, now_ms: i64, effects: &mut Vec<Effect>) {
        match event {
            Event::Start { local, store } => self.start(local, store),
            Event::NetworkUp | Event::SyncNow => self.try_all_now(),
            Event::NetworkDown => self.network_down(now_ms),
            Event::EventsOpened => {
                self.hints = Hints::Open;
                self.hints_heard_ms = now_ms;
                self.hints_failures = 0;
                self.heads_wanted = true;
            }
            Event::HintsReceived { hints } => {
                self.hints_heard_ms = now_ms;
                let news = hints.into_iter().filter(|(feed, ssn)| self.feeds.hint(*feed, *ssn)).count();
                if news > 0 {
                    let calm_ms = self.heads_at_ms.saturating_add(HINTED_HEADS_MS);
                    self.hinted_heads_ms.get_or_insert(calm_ms.max(now_ms));
                }
            }
            Event::EventsClosed { failure } => self.hints_closed(failure, now_ms),
            Event::TimerFired => self.timer(now_ms, effects),
            Event::LocalChange { unsent, owed, intents } => {
                self.owed.extend(owed);
                self.unsent_changed(&unsent);
                if intents > self.intents {
                    // What was just decided is signed on the newest state.
                    self.heads_wanted = true;
                    self.intents_not_before_ms = i64::MIN;
                }
                self.intents = intents;
            }
            Event::Failed { job, failure, retry_after_ms } => {
                self.failed(job, failure, retry_after_ms.unwrap_or(0), now_ms)
            }
            done @ (Event::HeadsFetched { .. }
            | Event::PullDone { .. }
            | Event::IngestDone { .. }
            | Event::EpochDone { .. }
            | Event::PushDone { .. }
            | Event::AcksSent
            | Event::IntentsDone { .. }
            | Event::LateFetched { .. }
            | Event::OfferedAgain { .. }
            | Event::Introduced { .. }
            | Event::HandedIn { .. }
            | Event::StoreAdopted { .. }) => self.done(done, now_ms),
        }
    }

    fn start(&mut self, local: Local, store: Option<StoreId>) {
        let jitter = std::mem::replace(&mut self.jitter, Jitter::new(0));
        *self = Self::new(0);
        self.jitter = jitter;
        self.running = true;
        self.heads_wanted = true;
        self.feeds.store = store;
        self.learn(local);
    }

    /// Believed for a minute: a system may forget to say that it is up again.
    fn network_down(&mut self, now_ms: i64) {
        self.offline_since_ms.get_or_insert(now_ms);
        let until_ms = now_ms.saturating_add(POLL_MS);
        self.not_before_ms = self.not_before_ms.max(until_ms);
        self.hints_not_before_ms = self.hints_not_before_ms.max(until_ms);
        self.heads_wanted = true;
    }

    fn try_all_now(&mut self) {
        self.heads_wanted = true;
        (self.introduce, self.introduce_now) = (false, true); // heads say whether it is still needed
        self.acks_not_before_ms = i64::MIN;
        self.not_before_ms = i64::MIN;
        self.hints_not_before_ms = i64::MIN;
        self.intents_not_before_ms = i64::MIN;
        self.offer_not_before_ms = i64::MIN;
        self.feeds.ask_again();
        for outbox in self.outbox.values_mut() {
            outbox.not_before_ms = i64::MIN;
        }
    }

    fn timer(&mut self, now_ms: i64, effects: &mut Vec<Effect>) {
        self.timer_at_ms = None;
        let silent = now_ms.saturating_sub(self.hints_heard_ms) >= EVENTS_SILENCE_MS;
        if self.hints != Hints::Closed && silent {
            effects.push(Effect::CloseEvents);
            self.hints_closed(Some(Failure::Unreachable), now_ms);
            self.heads_wanted = true;
        }
        if self.poll_at_ms().is_some_and(|at| at <= now_ms) {
            self.heads_wanted = true;
        }
    }

    /// When heads are due without a hint.
    fn poll_at_ms(&self) -> Option<i64> {
        let every = match self.hints {
            Hints::Open => POLL_OPEN_MS,
            Hints::Closed | Hints::Opening if self.hints_failures >= FAILURES_UNTIL_POLL => POLL_MS,
            Hints::Closed | Hints::Opening => POLL_OPEN_MS,
        };
        Some(self.heads_at_ms.saturating_add(every)).filter(|_| !self.heads_wanted)
    }

    fn sendable(&self, now_ms: i64) -> Vec<SpaceId> {
        let ready = self.outbox.iter().filter(|(space, outbox)| {
            outbox.unsent > 0 && outbox.not_before_ms <= now_ms && !self.feeds.is_frozen(space)
        });
        ready.map(|(space, _)| *space).take(PUSH_SPACES_MAX).collect()
    }

    /// The order of protocol §6: heads, pull, ingest, what an administrator decided, an owed Epoch, push, late items, acks.
    /// A hint is pulled at once; its signed head follows.
    fn next_job(&mut self, now_ms: i64, effects: &mut Vec<Effect>) {
        if self.job.is_some() || self.not_before_ms > now_ms {
            return;
        }
        if std::mem::take(&mut self.page) {
            return self.run(Job::Ingest, Effect::Ingest, effects);
        }
        // Before another store is gone on with: who was removed is not told its heads. A team's positions are the numbers of
        // its controls in every store.
        if self.proof_job(effects) {
            return;
        }
        if let Some(store) = self.adopt {
            return self.run(Job::Adopt, Effect::AdoptStore { store }, effects);
        }
        if self.introduce {
            return self.run(Job::Introduce, Effect::Introduce, effects);
        }
        if self.heads_first {
            return self.run(Job::Heads, Effect::FetchHeads, effects);
        }
        let feeds = self.feeds.wanted(now_ms);
        if !feeds.is_empty() {
            self.asked.clone_from(&feeds);
            let bytes_max = PULL_BYTES_MAX;
            return self.run(Job::Pull, Effect::Pull { feeds, bytes_max }, effects);
        }
        if self.heads_wanted || self.hinted_heads_ms.is_some_and(|at| at <= now_ms) {
            return self.run(Job::Heads, Effect::FetchHeads, effects);
        }
        if self.to_offer > 0 && self.offer_not_before_ms <= now_ms {
            return self.run(Job::Offer, Effect::OfferAgain, effects);
        }
        if self.intents > 0 && self.intents_not_before_ms <= now_ms {
            return self.run(Job::Intents, Effect::CarryOutIntents, effects);
        }
        let mut spaces = self.sendable(now_ms);
        let paying = spaces.iter().find(|space| self.owed.contains_key(*space));
        if let Some(space) = paying.copied() {
            return self.run(Job::Epoch, Effect::PayOwedEpoch { space }, effects);
        }
        spaces.retain(|space| !self.owed.contains_key(space));
        if !spaces.is_empty() {
            return self.run(Job::Push, Effect::SealAndPush { spaces }, effects);
        }
        let spaces = self.late_unlike();
        if !spaces.is_empty() {
            self.late_asked.clone_from(&spaces);
            return self.run(Job::Late, Effect::FetchLate { spaces }, effects);
        }
        if self.acks_wanted && self.acks_not_before_ms <= now_ms {
            return self.run(Job::Acks, Effect::SendAcks, effects);
        }
        if let Some(space) = self.idle_rotation(now_ms) {
            self.run(Job::Epoch, Effect::PayOwedEpoch { space }, effects);
        }
    }

    fn run(&mut self, job: Job, effect: Effect, effects: &mut Vec<Effect>) {
        self.job = Some(job);
        effects.push(effect);
    }

    /// Spaces of which the relay holds other late items than this device, as many as are fetched at once.
    fn late_unlike(&self) -> Vec<SpaceId> {
        let here: BTreeMap<SpaceId, u64> = self.local.late.iter().copied().collect();
        let all: BTreeSet<&SpaceId> = self.late.keys().chain(here.keys()).collect();
        let unlike = all.into_iter().filter(|space| self.late.get(*space) != here.get(*space));
        unlike.take(LATE_SPACES_MAX).copied().collect()
    }

    fn late_items(&self) -> u64 {
        self.local.late.iter().map(|(_, n)| *n).fold(0, u64::saturating_add)
    }

    /// Of idle clients a manager's renews, or one that holds what others lack; one space a second, in turn.
    fn idle_rotation(&mut self, now_ms: i64) -> Option<SpaceId> {
        if self.rotate_at_ms > now_ms {
            return None;
        }
        let due = |space: &SpaceId| {
            let outbox = self.outbox.get(space).copied().unwrap_or_default();
            self.owed.get(space) == Some(&true) && outbox.not_before_ms <= now_ms
        };
        self.rotate_next.retain(due);
        if self.rotate_next.is_empty() {
            self.rotate_next = self.owed.keys().copied().filter(due).collect();
            // Colleagues begin elsewhere, so that few of them meet.
            let at = self.jitter.below(self.rotate_next.len());
            self.rotate_next.rotate_left(at);
        }
        self.rotate_next.pop_front()
    }

    fn keep_hints(&mut self, now_ms: i64, effects: &mut Vec<Effect>) {
        let may = self.hints_not_before_ms <= now_ms;
        if self.hints == Hints::Closed && may {
            self.hints = Hints::Opening;
            self.hints_heard_ms = now_ms;
            effects.push(Effect::OpenEvents);
        }
    }

    fn report(&mut self, effects: &mut Vec<Effect>) {
        let state = self.state();
        if self.reported != Some(state) {
            self.reported = Some(state);
            effects.push(Effect::ReportState(state));
        }
    }

    /// The earliest time anything is due; never further away than a poll.
    fn set_timer(&mut self, now_ms: i64, effects: &mut Vec<Effect>) {
        let silence = match self.hints {
            Hints::Closed => self.hints_not_before_ms,
            Hints::Opening | Hints::Open => self.hints_heard_ms.saturating_add(EVENTS_SILENCE_MS),
        };
        let outboxes = self.outbox.values().filter(|outbox| outbox.unsent > 0);
        let managed = self.owed.values().any(|manager| *manager);
        let due = [
            Some(silence),
            self.poll_at_ms(),
            Some(self.not_before_ms),
            self.feeds.quiet_until_ms(),
            managed.then_some(self.rotate_at_ms),
            self.hinted_heads_ms,
            self.acks_wanted.then_some(self.acks_not_before_ms),
            (self.intents > 0).then_some(self.intents_not_before_ms),
            (self.to_offer > 0).then_some(self.offer_not_before_ms),
        ];
        let due = due.into_iter().flatten();
        let due = due.chain(outboxes.map(|outbox| outbox.not_before_ms));
        let latest = now_ms.saturating_add(POLL_MS);
        let at_ms = due.filter(|at| *at > now_ms).fold(latest, i64::min);
        if self.timer_at_ms.is_none_or(|set| set != at_ms) {
            self.timer_at_ms = Some(at_ms);
            effects.push(Effect::SetTimer { at_ms });
        }
    }
}
