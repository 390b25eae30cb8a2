//! What the machine makes of answers: of jobs that came back well, and of failures.

use std::collections::BTreeMap;

use meguri_wire::chain::Head;
use meguri_wire::{Code, SpaceId};

use super::leaving::Proof;
use super::{ACKS_MS, Hints, IDLE_ROTATION_MS, Outbox, Sync};
use crate::event::{EpochOutcome, Event, Failure, Job, Local, PushOutcome};
use crate::state::{ClientState, WaitingFor};

impl Sync {
    /// A job came back well.
    pub(super) fn done(&mut self, event: Event, now_ms: i64) {
        let job = job_of(&event);
        if self.job.is_none() || self.job != job {
            return; // An answer to nothing: a late one of a job given up.
        }
        self.job = None;
        // Ingesting asks nobody; an answer to an introduction is not signed.
        if !matches!(job, Some(Job::Ingest | Job::Introduce)) {
            self.offline_since_ms = None;
        }
        let mut progress = true;
        match event {
            Event::HeadsFetched { heads, late, clock_offset_ms } => {
                (self.proof, self.unproven, self.unknown) = (Proof::No, false, false);
                self.late = late.into_iter().collect();
                (self.heads_wanted, self.heads_first) = (false, false);
                self.hinted_heads_ms = None;
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
            Event::PushDone { results, taken, heads } => {
                self.feeds.moved(&taken);
                self.acks_wanted |= !taken.is_empty();
                self.push_done(&results, &heads, now_ms);
            }
            Event::AcksSent => {
                self.acks_wanted = false;
                self.acks_not_before_ms = now_ms.saturating_add(ACKS_MS);
            }
            Event::IntentsDone { left, lost, heads } => self.intents_done(left, lost, &heads, now_ms),
            Event::LateFetched { late } => {
                self.local.late = late;
                self.late_caught_up();
            }
            Event::OfferedAgain { left, stuck, intents, heads } => {
                self.intents = intents;
                self.heads(&heads);
                self.heads_wanted = true;
                self.to_offer = left;
                self.offer_failures = if stuck { self.offer_failures.saturating_add(1) } else { 0 };
                let failures = self.offer_failures;
                self.offer_not_before_ms = if stuck { self.jitter.until_ms(now_ms, failures, 0) } else { i64::MIN };
            }
            Event::Introduced { heads } => {
                self.introduce = false;
                self.heads_wanted = true;
                progress = !heads.is_empty();
                self.unknown &= !progress;
                self.heads(&heads);
                if !progress {
                    self.back_off(0, now_ms);
                }
            }
            Event::HandedIn { left } => match self.leaving {
                Some(by) if left == 0 => self.end(ClientState::Removed { by: Some(by) }),
                Some(_) | None => progress = false,
            },
            Event::StoreAdopted { store, local } => {
                self.feeds.clear();
                self.adopt = None;
                self.feeds.store = Some(store);
                self.heads_wanted = true;
                self.learn(local);
            }
            Event::Start { .. }
            | Event::NetworkUp
            | Event::NetworkDown
            | Event::SyncNow
            | Event::EventsOpened
            | Event::HintsReceived { .. }
            | Event::EventsClosed { .. }
            | Event::TimerFired
            | Event::LocalChange { .. }
            | Event::Failed { .. } => {}
        }
        let lacking = matches!(job, Some(Job::Pull | Job::Ingest)) && self.proof_failed();
        if lacking || (self.leaving.is_some() && !progress) {
            self.back_off(0, now_ms);
        } else if progress {
            self.failures = 0;
        }
    }

    fn intents_done(&mut self, left: u64, lost: bool, heads: &[Head], now_ms: i64) {
        self.heads(heads);
        self.heads_wanted = true;
        self.intents = left;
        self.intents_failures = if lost { self.intents_failures.saturating_add(1) } else { 0 };
        let soon_ms = now_ms.saturating_add(IDLE_ROTATION_MS);
        self.intents_not_before_ms = match self.intents_failures {
            0 => soon_ms,
            1 => i64::MIN, // once more at once, after the pull
            failures => self.jitter.until_ms(now_ms, failures, 0),
        };
    }

    /// What was asked for is left as it is here until the relay names it again.
    fn late_caught_up(&mut self) {
        let here: BTreeMap<SpaceId, u64> = self.local.late.iter().copied().collect();
        for space in std::mem::take(&mut self.late_asked) {
            match here.get(&space) {
                Some(n) => self.late.insert(space, *n),
                None => self.late.remove(&space),
            };
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

    pub(super) fn learn(&mut self, mut local: Local) {
        self.feeds.moved(&local.feeds);
        local.feeds.clear();
        let named = |space: &SpaceId| local.unsent.iter().any(|(named, _)| named == space);
        let sent = self.outbox.keys().filter(|space| !named(space));
        let sent: Vec<(SpaceId, u64)> = sent.map(|space| (*space, 0)).collect();
        self.unsent_changed(&sent);
        self.unsent_changed(&local.unsent);
        self.owed = local.owed.iter().copied().collect();
        if let Some(by) = local.removed {
            self.leave(by);
        }
        self.intents = local.intents;
        self.to_offer = local.to_offer;
        self.local = local;
    }

    pub(super) fn unsent_changed(&mut self, unsent: &[(SpaceId, u64)]) {
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
    pub(super) fn refuse(&mut self, space: SpaceId, code: Code, now_ms: i64) {
        if code == Code::VersionTooOld {
            self.end(ClientState::VersionTooOld);
        }
        self.heads_wanted = true;
        let outbox = self.outbox.entry(space).or_default();
        outbox.refused = Some(code);
        outbox.failures = outbox.failures.saturating_add(1);
        outbox.not_before_ms = self.jitter.until_ms(now_ms, outbox.failures, 0);
    }

    pub(super) fn failed(&mut self, job: Job, failure: Failure, retry_after_ms: u64, now_ms: i64) {
        if self.job != Some(job) {
            return;
        }
        self.job = None;
        self.page = job == Job::Ingest;
        if self.removal_claimed(job, failure) || self.ended_by(failure) {
            return;
        }
        // Another store answers: what it is comes first.
        let other_store = failure == Failure::Refused(Code::Stale);
        self.heads_first |= other_store || (job == Job::Pull && matches!(failure, Failure::Refused(_)));
        self.unknown |= failure == Failure::Refused(Code::UnknownAuthor);
        let strange = matches!(failure, Failure::BadAnswer | Failure::Refused(Code::UnknownAuthor));
        self.introduce = strange && job != Job::Introduce;
        // An answer that is none of the relay's is no contact with it.
        if matches!(failure, Failure::Unreachable | Failure::BadAnswer) {
            self.offline_since_ms.get_or_insert(now_ms);
        }
        if job == Job::Acks {
            self.acks_wanted = false; // Acks only inform: they go with the next move.
        }
        if job == Job::Late {
            self.late_caught_up();
        }
        self.heads_wanted = true;
        if self.introduce && std::mem::take(&mut self.introduce_now) {
            return;
        }
        self.back_off(retry_after_ms, now_ms);
    }

    fn back_off(&mut self, retry_after_ms: u64, now_ms: i64) {
        self.failures = self.failures.saturating_add(1);
        self.not_before_ms = self.jitter.until_ms(now_ms, self.failures, retry_after_ms);
    }

    pub(super) fn hints_closed(&mut self, failure: Option<Failure>, now_ms: i64) {
        let ended = failure.is_some_and(|failure| self.ended_by(failure));
        if ended || self.hints == Hints::Closed {
            return; // Closed by the watchdog already.
        }
        self.hints = Hints::Closed;
        self.hints_failures = self.hints_failures.saturating_add(1);
        self.hints_not_before_ms = self.jitter.until_ms(now_ms, self.hints_failures, 0);
    }

    /// Only these end sync: a program too old, a key that does not fit. A relay that was restored may not know this device
    /// until a colleague's has offered the team's feed again. A removal ends it in its own way.
    pub(super) fn ended_by(&mut self, failure: Failure) -> bool {
        let Failure::Refused(code) = failure else {
            return false;
        };
        let own_key = ClientState::Waiting { what: WaitingFor::OwnKey, who_can: WaitingFor::OwnKey.who_can() };
        let endings = [(Code::VersionTooOld, ClientState::VersionTooOld), (Code::BadSignature, own_key)];
        let ending = endings.iter().find(|(ending, _)| *ending == code);
        if let Some((_, state)) = ending {
            self.end(*state);
        }
        ending.is_some()
    }

    pub(super) fn end(&mut self, state: ClientState) {
        self.running = false;
        self.ending = Some(state);
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
        Event::IntentsDone { .. } => Some(Job::Intents),
        Event::LateFetched { .. } => Some(Job::Late),
        Event::HandedIn { .. } => Some(Job::HandIn),
        Event::OfferedAgain { .. } => Some(Job::Offer),
        Event::Introduced { .. } => Some(Job::Introduce),
        Event::StoreAdopted { .. } => Some(Job::Adopt),
        Event::Start { .. }
        | Event::NetworkUp
        | Event::NetworkDown
        | Event::SyncNow
        | Event::EventsOpened
        | Event::HintsReceived { .. }
        | Event::EventsClosed { .. }
        | Event::TimerFired
        | Event::LocalChange { .. }
        | Event::Failed { .. } => None,
    }
}
