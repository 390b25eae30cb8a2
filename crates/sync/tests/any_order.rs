//! For any sequence of events: few effects, one job at a time, a timer always
//! set, and once the relay answers truthfully all is sent and up to date.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a failing test may panic"
)]

mod support;

use meguri_sync::{ClientState, EpochOutcome, Event, Failure, Job, PushOutcome};
use meguri_wire::Code;
use proptest::prelude::*;
use support::{Rig, feed};

#[derive(Clone, Debug)]
enum Step {
    Answer,
    FailJob(Failure, Option<u64>),
    Wait(i64),
    Timer,
    Tell(Event),
    Write(u8),
    RelayMoves(u8),
    Owe(u8, bool),
    HintsFail,
}

fn failure() -> impl Strategy<Value = Failure> {
    prop_oneof![
        Just(Failure::Unreachable),
        Just(Failure::BadAnswer),
        Just(Failure::Storage),
        Just(Failure::Refused(Code::Rate)),
        Just(Failure::Refused(Code::Removed)),
        Just(Failure::Refused(Code::StaleNonce)),
        Just(Failure::Refused(Code::Storage)),
    ]
}

fn job() -> impl Strategy<Value = Job> {
    proptest::sample::select(vec![
        Job::Heads,
        Job::Pull,
        Job::Ingest,
        Job::Epoch,
        Job::Push,
        Job::Acks,
        Job::Adopt,
        Job::Intents,
        Job::Late,
    ])
}

fn code() -> impl Strategy<Value = Option<Code>> {
    proptest::sample::select(vec![
        None,
        Some(Code::EpochOld),
        Some(Code::Gap),
        Some(Code::Quota),
        Some(Code::ChainConflict),
    ])
}

fn told() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::NetworkUp),
        Just(Event::NetworkDown),
        Just(Event::SyncNow),
        Just(Event::EventsOpened),
        Just(Event::HintsReceived { hints: Vec::new() }),
        (1..6u8, 0..9u64).prop_map(|(n, ssn)| Event::HintsReceived { hints: vec![(feed(n), ssn)] }),
        Just(Event::EventsClosed { failure: None }),
        Just(Event::TimerFired),
        Just(Event::AcksSent),
        Just(Event::PullDone { records: 0 }),
        (job(), failure()).prop_map(|(job, failure)| Event::Failed { job, failure, retry_after_ms: None }),
        (1..4u8, 0..3u64, code()).prop_map(|(n, unsent, refused)| Event::PushDone {
            results: vec![PushOutcome { space: feed(n), unsent, refused }],
            taken: vec![],
            heads: vec![],
        }),
        (1..4u8).prop_map(|n| Event::EpochDone { space: feed(n), outcome: EpochOutcome::Lost, heads: vec![] }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Answer),
        2 => (failure(), proptest::option::of(0..100_000u64)).prop_map(|(failure, after)| Step::FailJob(failure, after)),
        1 => (0..200_000i64).prop_map(Step::Wait),
        2 => Just(Step::Timer),
        3 => told().prop_map(Step::Tell),
        1 => (1..4u8).prop_map(Step::Write),
        1 => (1..6u8).prop_map(Step::RelayMoves),
        1 => (1..4u8, any::<bool>()).prop_map(|(n, manager)| Step::Owe(n, manager)),
        1 => Just(Step::HintsFail),
    ]
}

/// An answer to a job that runs would lie to the machine about it, so the rig
/// forgets that job with it.
fn answers(event: &Event, job: Option<Job>) -> bool {
    let answered = match event {
        Event::AcksSent => Job::Acks,
        Event::PullDone { .. } => Job::Pull,
        Event::PushDone { .. } => Job::Push,
        Event::EpochDone { .. } => Job::Epoch,
        Event::Failed { job, .. } => *job,
        _ => return false,
    };
    job == Some(answered)
}

fn take(rig: &mut Rig, step: Step) {
    match step {
        Step::Answer => rig.answer(),
        Step::FailJob(failure, retry_after_ms) => {
            if let Some(job) = rig.job_kind() {
                rig.job = None;
                rig.tell(Event::Failed { job, failure, retry_after_ms });
            }
        }
        Step::Wait(ms) => rig.now_ms = (rig.now_ms + ms).min(rig.timer_at_ms.unwrap() - 1).max(rig.now_ms),
        Step::Timer => {
            rig.now_ms = rig.timer_at_ms.unwrap();
            rig.tell(Event::TimerFired);
        }
        Step::Tell(event) => {
            if answers(&event, rig.job_kind()) {
                rig.job = None;
            }
            rig.tell(event);
        }
        Step::Write(n) => {
            *rig.unsent.entry(feed(n)).or_default() += 1;
            let unsent = rig.unsent.iter().map(|(space, n)| (*space, *n)).collect();
            rig.tell(Event::LocalChange { unsent, owed: Vec::new(), intents: 0 });
        }
        Step::RelayMoves(n) => *rig.relay.entry(feed(n)).or_default() += 1,
        Step::Owe(n, manager) => drop(rig.owed.insert(feed(n), manager)),
        Step::HintsFail => {
            rig.hints_open = false;
            rig.tell(Event::EventsClosed { failure: Some(Failure::Unreachable) });
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn it_neither_spins_nor_stalls_and_recovers(steps in proptest::collection::vec(step(), 0..120)) {
        let mut rig = Rig::new();
        rig.start();
        for step in steps {
            take(&mut rig, step);
        }
        prop_assert!(!rig.stopped);
        // The truth, once: what the lies above claimed to have sent is still here.
        let unsent = rig.unsent.iter().map(|(space, n)| (*space, *n)).collect();
        rig.tell(Event::LocalChange { unsent, owed: Vec::new(), intents: 0 });
        rig.tell(Event::SyncNow);
        let state = rig.settle(2_000);
        prop_assert_eq!(state, ClientState::UpToDate, "{:?}", rig.log);
        prop_assert!(rig.unsent.is_empty());
        for (id, ssn) in &rig.relay {
            prop_assert_eq!(rig.held.get(id), Some(ssn));
        }
    }

    #[test]
    fn against_a_relay_that_always_fails_the_work_stays_bounded(failures in proptest::collection::vec(failure(), 1..40)) {
        let mut rig = Rig::new();
        rig.unsent.insert(feed(2), 5);
        rig.start();
        let begun_at = rig.now_ms;
        let (mut tries, mut at) = (0u32, 0);
        while rig.now_ms < begun_at + 3_600_000 {
            if let Some(job) = rig.job_kind() {
                rig.job = None;
                tries += 1;
                at += 1;
                let failure = failures[at % failures.len()];
                rig.tell(Event::Failed { job, failure, retry_after_ms: None });
            } else {
                rig.now_ms = rig.timer_at_ms.unwrap();
                rig.tell(Event::TimerFired);
            }
        }
        prop_assert!((8..120).contains(&tries), "{} tries in an hour", tries);
    }
}
