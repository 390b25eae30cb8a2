//! A device and a relay in a few lines, which answer the machine truthfully.

use std::collections::BTreeMap;

use meguri_sync::{ClientState, Effect, EpochOutcome, Event, FeedClass, Job, Local, LocalFeed, PushOutcome, Sync};
use meguri_wire::chain::{Head, h_next, h0};
use meguri_wire::{FeedId, FrameId, Hash, StoreId};

pub const STORE: StoreId = StoreId([1; 16]);

pub fn feed(n: u8) -> FeedId {
    FeedId([n; 16])
}

/// The running hash of a feed whose frames are numbered.
pub fn h_at(feed: FeedId, ssn: u64) -> Hash {
    (1..=ssn).fold(h0(&feed), |h, n| h_next(&h, n, n, &FrameId([n as u8; 32])))
}

pub struct Rig {
    pub sync: Sync,
    pub now_ms: i64,
    pub relay: BTreeMap<FeedId, u64>,
    pub held: BTreeMap<FeedId, u64>,
    pub unsent: BTreeMap<FeedId, u64>,
    pub owed: BTreeMap<FeedId, bool>,
    pub intents: u64,
    /// Late items at the relay, and those fetched.
    pub late: [BTreeMap<FeedId, u64>; 2],
    pub removed: Option<(meguri_wire::DeviceId, u64)>,
    pub to_hand_in: u64,
    pub to_offer: u64,
    pub store: StoreId,
    pub job: Option<Effect>,
    pub hints_open: bool,
    pub timer_at_ms: Option<i64>,
    pub stopped: bool,
    pub log: Vec<String>,
    asked: Vec<FeedId>,
}

impl Rig {
    pub fn new() -> Self {
        let mut rig = Self {
            sync: Sync::new(7),
            now_ms: 1_000_000,
            relay: BTreeMap::new(),
            held: BTreeMap::new(),
            unsent: BTreeMap::new(),
            owed: BTreeMap::new(),
            intents: 0,
            late: Default::default(),
            removed: None,
            to_hand_in: 0,
            to_offer: 0,
            store: STORE,
            job: None,
            hints_open: false,
            timer_at_ms: None,
            stopped: true,
            log: Vec::new(),
            asked: Vec::new(),
        };
        for n in 1..=3 {
            rig.relay.insert(feed(n), 2);
        }
        rig
    }

    pub fn local(&self) -> Local {
        let feeds = self.held.iter().map(|(id, ssn)| LocalFeed {
            feed: *id,
            class: if *id == feed(1) { FeedClass::OwnTeam } else { FeedClass::Space },
            ssn: *ssn,
            h: h_at(*id, *ssn),
        });
        Local {
            feeds: feeds.collect(),
            unsent: self.unsent.iter().map(|(space, n)| (*space, *n)).collect(),
            owed: self.owed.iter().map(|(space, manager)| (*space, *manager)).collect(),
            intents: self.intents,
            late: self.late[1].iter().map(|(space, n)| (*space, *n)).collect(),
            removed: self.removed,
            to_offer: self.to_offer,
            ..Local::default()
        }
    }

    pub fn start(&mut self) {
        let event = Event::Start { local: self.local(), store: Some(self.store) };
        self.job = None;
        self.stopped = false;
        self.tell(event);
    }

    pub fn heads(&self) -> Vec<Head> {
        let head = |(id, ssn): (&FeedId, &u64)| Head::new(self.store, *id, *ssn, h_at(*id, *ssn));
        self.relay.iter().map(head).collect()
    }

    fn late_there(&self) -> Vec<(FeedId, u64)> {
        self.late[0].iter().map(|(space, n)| (*space, *n)).collect()
    }

    /// Tells an event and checks what must always hold.
    pub fn tell(&mut self, event: Event) {
        if matches!(event, Event::TimerFired) {
            self.timer_at_ms = None;
        }
        let effects = self.sync.handle(event, self.now_ms);
        assert!(effects.len() <= 6, "{effects:?}");
        for effect in effects {
            assert!(!self.stopped, "after a stop: {effect:?}");
            self.note(effect);
        }
        if !self.stopped {
            let at_ms = self.timer_at_ms.expect("a timer is always set");
            assert!(at_ms > self.now_ms || self.log.last().is_some_and(|last| last == "late"));
        }
    }

    fn note(&mut self, effect: Effect) {
        let name = format!("{effect:?}");
        let name = name.split([' ', '(']).next().unwrap_or_default();
        match effect {
            Effect::SetTimer { at_ms } => self.timer_at_ms = Some(at_ms),
            Effect::ReportState(state) => self.log.push(state.text().to_owned()),
            Effect::Stop => self.stopped = true,
            Effect::OpenEvents => self.hints_open = true,
            Effect::CloseEvents => self.hints_open = false,
            job => {
                assert!(self.job.is_none(), "two jobs: {:?} {job:?}", self.job);
                self.log.push(name.to_owned());
                self.job = Some(job);
            }
        }
    }

    pub fn job_kind(&self) -> Option<Job> {
        Some(match self.job.as_ref()? {
            Effect::FetchHeads => Job::Heads,
            Effect::Pull { .. } => Job::Pull,
            Effect::Ingest => Job::Ingest,
            Effect::PayOwedEpoch { .. } => Job::Epoch,
            Effect::SealAndPush { .. } => Job::Push,
            Effect::SendAcks => Job::Acks,
            Effect::AdoptStore { .. } => Job::Adopt,
            Effect::CarryOutIntents => Job::Intents,
            Effect::FetchLate { .. } => Job::Late,
            Effect::HandIn => Job::HandIn,
            Effect::OfferAgain => Job::Offer,
            Effect::Introduce => Job::Introduce,
            other => panic!("no job: {other:?}"),
        })
    }

    /// Carries the job out as an honest relay and a sound device would.
    pub fn answer(&mut self) {
        let Some(job) = self.job.take() else { return };
        let event = match job {
            Effect::FetchHeads => {
                Event::HeadsFetched { heads: self.heads(), late: self.late_there(), clock_offset_ms: 0 }
            }
            Effect::Pull { feeds, .. } => {
                self.asked = feeds.iter().map(|wanted| wanted.feed).collect();
                let behind = |id: &&FeedId| self.relay.get(id) > self.held.get(id);
                Event::PullDone { records: self.asked.iter().filter(behind).count() as u64 }
            }
            Effect::Ingest => {
                for id in std::mem::take(&mut self.asked) {
                    let ssn = self.relay.get(&id).copied().unwrap_or_default();
                    self.held.insert(id, ssn);
                }
                Event::IngestDone { local: self.local() }
            }
            Effect::PayOwedEpoch { space } => {
                self.owed.remove(&space);
                *self.relay.entry(space).or_default() += 1;
                Event::EpochDone { space, outcome: EpochOutcome::Accepted, heads: self.heads() }
            }
            Effect::SealAndPush { spaces } => {
                let mut results = Vec::new();
                for space in spaces {
                    *self.relay.entry(space).or_default() += 1;
                    self.unsent.remove(&space);
                    results.push(PushOutcome { space, unsent: 0, refused: None });
                }
                Event::PushDone { results, taken: vec![], heads: self.heads() }
            }
            Effect::SendAcks => Event::AcksSent,
            Effect::CarryOutIntents => {
                self.intents = 0;
                *self.relay.entry(feed(1)).or_default() += 1;
                Event::IntentsDone { left: 0, lost: false, heads: self.heads() }
            }
            Effect::FetchLate { spaces } => {
                let [there, here] = &mut self.late;
                for space in spaces {
                    here.remove(&space);
                    here.extend(there.get(&space).map(|n| (space, *n)));
                }
                Event::LateFetched { late: here.iter().map(|(space, n)| (*space, *n)).collect() }
            }
            Effect::OfferAgain => {
                self.to_offer = 0;
                Event::OfferedAgain { left: 0, stuck: false, intents: 0, heads: self.heads() }
            }
            Effect::Introduce => Event::Introduced { heads: self.heads() },
            Effect::HandIn => {
                self.to_hand_in = self.to_hand_in.saturating_sub(1);
                Event::HandedIn { left: self.to_hand_in }
            }
            Effect::AdoptStore { .. } => {
                self.held.clear();
                Event::StoreAdopted { store: self.store, local: self.local() }
            }
            other => panic!("no job: {other:?}"),
        };
        self.tell(event);
    }

    /// Answers and waits until nothing is left to do, as long as it takes but
    /// at most `steps`.
    pub fn settle(&mut self, steps: usize) -> ClientState {
        for _ in 0..steps {
            if self.job.is_some() {
                self.answer();
            } else if self.sync.state() == ClientState::UpToDate {
                break;
            } else {
                self.now_ms = self.timer_at_ms.unwrap_or(self.now_ms);
                self.tell(Event::TimerFired);
            }
        }
        self.sync.state()
    }
}
