//! The machine: one job at a time, the hint connection beside it, one timer.

use std::collections::{BTreeMap, VecDeque};

use meguri_wire::chain::Head;
use meguri_wire::limits::PULL_BYTES_MAX;
use meguri_wire::{Code, SpaceId, StoreId};

use crate::backoff::Jitter;
use crate::effect::{Effect, PullWanted};
use crate::event::{EpochOutcome, Event, Failure, Job, Local, PushOutcome};
use crate::feeds::Feeds;
use crate::state::{ClientState, WaitingFor};

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
    feeds: Feeds,
    local: Local,
    outbox: BTreeMap<SpaceId, Outbox>,
    owed: BTreeMap<SpaceId, bool>,
    job: Option<Job>,
    asked: Vec<PullWanted>,
    page: bool,
    adopt: Option<StoreId>,
    heads_wanted: bool,
    acks_wanted: bool,
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
            feeds: Feeds::default(),
            local: Local::default(),
            outbox: BTreeMap::new(),
            owed: BTreeMap::new(),
            job: None,
            asked: Vec::new(),
            page: false,
            adopt: None,
            heads_wanted: false,
            acks_wanted: false,
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
            self.next_job(now_ms, &mut effects);
            self.keep_hints(now_ms, &mut effects);
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
            Event::EventsAlive => self.hints_heard_ms = now_ms,
            Event::HintReceived { feed, ssn } => {
                self.hints_heard_ms = now_ms;
                self.heads_wanted |= self.feeds.hint(feed, ssn);
            }
            Event::EventsClosed { failure } => self.hints_closed(failure, now_ms),
            Event::TimerFired => self.timer(now_ms, effects),
            Event::LocalChange { unsent, owed } => {
                self.owed.extend(owed);
                self.unsent_changed(&unsent);
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
        self.not_before_ms = i64::MIN;
        self.hints_not_before_ms = i64::MIN;
        self.feeds.ask_again();
        for outbox in self.outbox.values_mut() {
            outbox.not_before_ms = i64::MIN;
        }
    }

    /// A job came back well.
    fn done(&mut self, event: Event, now_ms: i64) {
        let job = job_of(&event);
        if self.job.is_none() || self.job != job {
            return; // An answer to nothing: a late one of a job given up.
        }
        self.job = None;
        if job != Some(Job::Ingest) {
            self.offline_since_ms = None;
        }
        let mut progress = true;
        match event {
            Event::HeadsFetched { heads, clock_offset_ms } => {
                self.heads_wanted = false;
                self.heads_at_ms = now_ms;
                self.clock_offset_ms = clock_offset_ms;
                self.heads(&heads);
            }
            Event::PullDone { records } => {
                self.page = records > 0;
                if records == 0 {
                    progress = self.pulled(now_ms);
                }
            }
            Event::IngestDone { local } => {
                self.learn(local);
                progress = self.pulled(now_ms);
                self.acks_wanted |= progress;
            }
            Event::EpochDone { space, outcome, heads } => self.epoch_done(space, outcome, &heads, now_ms),
            Event::PushDone { results, heads } => self.push_done(&results, &heads, now_ms),
            Event::AcksSent => self.acks_wanted = false,
            Event::StoreAdopted { local } => {
                self.feeds.clear();
                self.feeds.store = self.adopt.take();
                self.heads_wanted = true;
                self.learn(local);
            }
            Event::Start { .. }
            | Event::NetworkUp
            | Event::NetworkDown
            | Event::SyncNow
            | Event::EventsOpened
            | Event::EventsAlive
            | Event::HintReceived { .. }
            | Event::EventsClosed { .. }
            | Event::TimerFired
            | Event::LocalChange { .. }
            | Event::Failed { .. } => {}
        }
        if progress {
            self.failures = 0;
        }
    }

    /// Judges a finished pull; feeds that stayed put are left alone for a while.
    fn pulled(&mut self, now_ms: i64) -> bool {
        let asked = std::mem::take(&mut self.asked);
        let jitter = &mut self.jitter;
        let quiet = |count| jitter.until_ms(now_ms, count, 0);
        self.feeds.quiet(&asked, quiet)
    }

    fn heads(&mut self, heads: &[Head]) {
        if let Some(store) = self.feeds.heads(heads) {
            self.adopt = Some(store);
        }
    }

    fn learn(&mut self, mut local: Local) {
        self.feeds.moved(&local.feeds);
        local.feeds.clear();
        let named = |space: &SpaceId| local.unsent.iter().any(|(named, _)| named == space);
        let sent = self.outbox.keys().filter(|space| !named(space));
        let sent: Vec<(SpaceId, u64)> = sent.map(|space| (*space, 0)).collect();
        self.unsent_changed(&sent);
        self.unsent_changed(&local.unsent);
        self.owed = local.owed.iter().copied().collect();
        if let Some(by) = local.removed {
            self.end(ClientState::Removed { by: Some(by) });
        }
        self.local = local;
    }

    fn unsent_changed(&mut self, unsent: &[(SpaceId, u64)]) {
        for (space, n) in unsent {
            let outbox = self.outbox.entry(*space).or_default();
            outbox.unsent = *n;
            if *n == 0 {
                outbox.refused = None;
            }
        }
    }

    fn epoch_done(&mut self, space: SpaceId, outcome: EpochOutcome, heads: &[Head], now_ms: i64) {
        self.heads(heads);
        self.heads_wanted = true;
        self.owed.remove(&space);
        self.rotate_at_ms = now_ms.saturating_add(IDLE_ROTATION_MS);
        match outcome {
            EpochOutcome::Accepted => {}
            EpochOutcome::Lost => self.refuse(space, Code::Stale, now_ms),
            EpochOutcome::Refused(code) => self.refuse(space, code, now_ms),
        }
    }

    fn push_done(&mut self, results: &[PushOutcome], heads: &[Head], now_ms: i64) {
        self.heads(heads);
        if results.is_empty() {
            for space in self.sendable(now_ms) {
                self.refuse(space, Code::Skipped, now_ms);
            }
        }
        for result in results {
            let outbox = self.outbox.entry(result.space).or_default();
            let fewer = result.unsent < outbox.unsent;
            outbox.unsent = result.unsent;
            match result.refused {
                Some(code) => self.refuse(result.space, code, now_ms),
                None if fewer || result.unsent == 0 => {
                    *outbox = Outbox { unsent: result.unsent, ..Outbox::default() };
                }
                None => self.refuse(result.space, Code::Skipped, now_ms),
            }
        }
    }

    /// A space waits before it sends again, and the heads are fetched first.
    fn refuse(&mut self, space: SpaceId, code: Code, now_ms: i64) {
        if code == Code::VersionTooOld {
            self.end(ClientState::VersionTooOld);
        }
        self.heads_wanted = true;
        let outbox = self.outbox.entry(space).or_default();
        outbox.refused = Some(code);
        outbox.failures = outbox.failures.saturating_add(1);
        outbox.not_before_ms = self.jitter.until_ms(now_ms, outbox.failures, 0);
    }

    fn failed(&mut self, job: Job, failure: Failure, retry_after_ms: u64, now_ms: i64) {
        if self.job != Some(job) {
            return;
        }
        self.job = None;
        self.page = job == Job::Ingest;
        if self.ended_by(failure) {
            return;
        }
        if failure == Failure::Unreachable {
            self.offline_since_ms.get_or_insert(now_ms);
        }
        if job == Job::Acks {
            self.acks_wanted = false; // Acks only inform: they go with the next move.
        }
        self.failures = self.failures.saturating_add(1);
        self.not_before_ms = self.jitter.until_ms(now_ms, self.failures, retry_after_ms);
        self.heads_wanted = true;
    }

    fn hints_closed(&mut self, failure: Option<Failure>, now_ms: i64) {
        let ended = failure.is_some_and(|failure| self.ended_by(failure));
        if ended || self.hints == Hints::Closed {
            return; // Closed by the watchdog already.
        }
        self.hints = Hints::Closed;
        self.hints_failures = self.hints_failures.saturating_add(1);
        self.hints_not_before_ms = self.jitter.until_ms(now_ms, self.hints_failures, 0);
    }

    /// Only these end sync: removed, a program too old, a key the relay does not take.
    fn ended_by(&mut self, failure: Failure) -> bool {
        let Failure::Refused(code) = failure else {
            return false;
        };
        let own_key = ClientState::Waiting { what: WaitingFor::OwnKey, who_can: WaitingFor::OwnKey.who_can() };
        let endings = [
            (Code::Removed, ClientState::Removed { by: None }),
            (Code::Compromised, ClientState::Removed { by: None }),
            (Code::VersionTooOld, ClientState::VersionTooOld),
            (Code::BadSignature, own_key),
            (Code::UnknownAuthor, own_key),
        ];
        let ending = endings.iter().find(|(ending, _)| *ending == code);
        if let Some((_, state)) = ending {
            self.end(*state);
        }
        ending.is_some()
    }

    fn end(&mut self, state: ClientState) {
        self.running = false;
        self.ending = Some(state);
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

    /// The order of protocol §6: heads, pull, ingest, an owed Epoch, push, acks.
    /// A hint is pulled at once; its signed head follows.
    fn next_job(&mut self, now_ms: i64, effects: &mut Vec<Effect>) {
        if self.job.is_some() || self.not_before_ms > now_ms {
            return;
        }
        if std::mem::take(&mut self.page) {
            return self.run(Job::Ingest, Effect::Ingest, effects);
        }
        if let Some(store) = self.adopt {
            return self.run(Job::Adopt, Effect::AdoptStore { store }, effects);
        }
        let feeds = self.feeds.wanted(now_ms);
        if !feeds.is_empty() {
            self.asked.clone_from(&feeds);
            let bytes_max = PULL_BYTES_MAX;
            return self.run(Job::Pull, Effect::Pull { feeds, bytes_max }, effects);
        }
        if self.heads_wanted {
            return self.run(Job::Heads, Effect::FetchHeads, effects);
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
        if self.acks_wanted {
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

    /// Of idle clients only a manager's renews, one space a second, in turn.
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

    /// The first that holds, worst first.
    fn judge(&self) -> ClientState {
        let refused = |code: Code| self.outbox.values().any(|o| o.refused == Some(code));
        if self.adopt.is_some() {
            ClientState::RelayReset
        } else if let Some(frozen) = self.feeds.frozen() {
            frozen
        } else if refused(Code::ChainConflict) {
            ClientState::ChainConflict
        } else if refused(Code::Quota) {
            ClientState::Quota
        } else if let Some(since_ms) = self.offline_since_ms {
            ClientState::Offline { since_ms }
        } else if let Some((n, reason)) = self.local.parked {
            ClientState::Parked { n, reason }
        } else {
            self.judge_work()
        }
    }

    fn judge_work(&self) -> ClientState {
        let unsent = self.unsent();
        let waiting = |what: WaitingFor| ClientState::Waiting { what, who_can: what.who_can() };
        let owed_and_unsent = |space: &SpaceId| {
            let outbox = self.outbox.get(space);
            outbox.is_some_and(|outbox| outbox.unsent > 0)
        };
        if self.owed.keys().any(owed_and_unsent) {
            ClientState::RotationOwed
        } else if unsent > 0 {
            ClientState::Sending { n: unsent }
        } else if let Some(what) = self.local.waiting {
            waiting(what)
        } else if self.local.late_items > 0 {
            ClientState::LateItems { n: self.local.late_items }
        } else if self.local.blob_missing {
            ClientState::BlobMissing
        } else if self.local.history_unchecked {
            ClientState::HistoryBeingChecked
        } else if self.clock_offset_ms.unsigned_abs() > CLOCK_WRONG_MS {
            ClientState::ClockWrong { offset_ms: self.clock_offset_ms }
        } else if self.feeds.all_equal() {
            ClientState::UpToDate
        } else {
            waiting(WaitingFor::Feed(self.feeds.unequal().unwrap_or_default()))
        }
    }
}

fn job_of(event: &Event) -> Option<Job> {
    match event {
        Event::HeadsFetched { .. } => Some(Job::Heads),
        Event::PullDone { .. } => Some(Job::Pull),
        Event::IngestDone { .. } => Some(Job::Ingest),
        Event::EpochDone { .. } => Some(Job::Epoch),
        Event::PushDone { .. } => Some(Job::Push),
        Event::AcksSent => Some(Job::Acks),
        Event::StoreAdopted { .. } => Some(Job::Adopt),
        Event::Start { .. }
        | Event::NetworkUp
        | Event::NetworkDown
        | Event::SyncNow
        | Event::EventsOpened
        | Event::EventsAlive
        | Event::HintReceived { .. }
        | Event::EventsClosed { .. }
        | Event::TimerFired
        | Event::LocalChange { .. }
        | Event::Failed { .. } => None,
    }
}
