//! What happens in which order, told as stories.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a failing test may panic"
)]

mod support;

use meguri_sync::{ClientState, Effect, Event, Failure, FeedClass, Job, LocalFeed, PushOutcome, WaitingFor};
use meguri_wire::chain::Head;
use meguri_wire::{Code, Hash, StoreId};
use support::{Rig, feed, h_at};

fn fail(rig: &mut Rig, failure: Failure, retry_after_ms: Option<u64>) {
    let job = rig.job_kind().expect("a job");
    rig.job = None;
    rig.tell(Event::Failed { job, failure, retry_after_ms });
}

fn settled() -> Rig {
    let mut rig = Rig::new();
    rig.start();
    assert_eq!(rig.settle(50), ClientState::UpToDate);
    rig.tell(Event::EventsOpened);
    assert_eq!(rig.settle(50), ClientState::UpToDate);
    rig.log.clear();
    rig
}

#[test]
fn a_start_fetches_pulls_ingests_sends_and_acks() {
    let mut rig = Rig::new();
    rig.unsent.insert(feed(2), 3);
    rig.start();
    let Some(Effect::FetchHeads) = rig.job else { panic!("{:?}", rig.job) };
    rig.answer();
    assert_eq!(rig.settle(50), ClientState::UpToDate);
    let jobs: Vec<&str> = rig.log.iter().map(String::as_str).collect();
    assert_eq!(
        jobs,
        [
            "FetchHeads",
            "sending",
            "Pull",
            "Ingest",
            "SealAndPush",
            "Pull",
            "waiting",
            "Ingest",
            "SendAcks",
            "up-to-date"
        ]
    );
    rig.answer();
    assert_eq!(rig.held.get(&feed(2)), Some(&3));
}

#[test]
fn a_pull_asks_teams_before_spaces_and_today_before_the_rest() {
    use meguri_sync::Local;
    let mut rig = Rig::new();
    let classes = [FeedClass::Space, FeedClass::SpaceToday, FeedClass::Team, FeedClass::OwnTeam, FeedClass::Directory];
    let feeds = classes.into_iter().zip(1u8..).map(|(class, n)| {
        rig.relay.insert(feed(n), 2);
        LocalFeed { feed: feed(n), class, ssn: 0, h: h_at(feed(n), 0) }
    });
    let local = Local { feeds: feeds.collect(), ..Local::default() };
    rig.stopped = false;
    rig.tell(Event::Start { local, store: None });
    rig.answer();
    let Some(Effect::Pull { feeds, .. }) = &rig.job else { panic!("{:?}", rig.job) };
    let order: Vec<_> = feeds.iter().map(|wanted| wanted.feed).collect();
    assert_eq!(order, [feed(5), feed(4), feed(3), feed(2), feed(1)]);
}

#[test]
fn a_device_that_knows_no_feeds_yet_pulls_them_as_the_relay_names_them() {
    let mut sync = meguri_sync::Sync::new(1);
    let _ = sync.handle(Event::Start { local: meguri_sync::Local::default(), store: None }, 0);
    let named = [feed(9), feed(1), feed(5)];
    let heads = named.map(|feed| Head::new(StoreId([7; 16]), feed, 2, h_at(feed, 2))).to_vec();
    let effects = sync.handle(Event::HeadsFetched { heads, late: vec![], clock_offset_ms: 0 }, 1);
    let pulled = effects.iter().find_map(|effect| match effect {
        Effect::Pull { feeds, .. } => Some(feeds.iter().map(|wanted| wanted.feed).collect::<Vec<_>>()),
        _ => None,
    });
    assert_eq!(pulled, Some(named.to_vec()));
}

#[test]
fn a_hint_is_pulled_at_once_and_then_confirmed_by_a_signed_head() {
    let mut rig = settled();
    rig.relay.insert(feed(3), 3);
    rig.tell(Event::HintsReceived { hints: vec![(feed(3), 3)] });
    assert!(matches!(rig.job, Some(Effect::Pull { .. })));
    assert_eq!(rig.settle(20), ClientState::UpToDate);
    let order = ["Pull", "waiting", "Ingest", "FetchHeads", "up-to-date"];
    assert_eq!(rig.log, order);
    rig.tell(Event::HintsReceived { hints: vec![(feed(3), 3)] });
    assert_eq!(rig.sync.state(), ClientState::UpToDate);
    assert_eq!(rig.job, None, "acks were sent just before");
    rig.now_ms += 2_000;
    rig.tell(Event::TimerFired);
    assert_eq!(rig.log.last().map(String::as_str), Some("SendAcks"));
}

#[test]
fn hints_that_came_together_are_pulled_together() {
    let mut rig = settled();
    rig.relay.extend([(feed(2), 5), (feed(3), 4)]);
    rig.tell(Event::HintsReceived { hints: vec![(feed(3), 4), (feed(2), 5)] });
    let Some(Effect::Pull { feeds, .. }) = &rig.job else { panic!("{:?}", rig.job) };
    assert_eq!(feeds.len(), 2);
    assert_eq!(rig.settle(20), ClientState::UpToDate);
    assert_eq!(rig.log.iter().filter(|job| *job == "Pull").count(), 1);
}

#[test]
fn hints_in_a_row_are_each_pulled_at_once_but_heads_fetched_once_a_second() {
    let mut rig = settled();
    rig.now_ms += 10_000;
    for ssn in 3..8 {
        rig.relay.insert(feed(3), ssn);
        rig.tell(Event::HintsReceived { hints: vec![(feed(3), ssn)] });
        assert!(matches!(rig.job, Some(Effect::Pull { .. })), "{ssn}: {:?}", rig.job);
        while rig.job.is_some() {
            rig.answer();
        }
        rig.now_ms += 100;
    }
    let fetched = |rig: &Rig| rig.log.iter().filter(|job| *job == "FetchHeads").count();
    assert_eq!(fetched(&rig), 1);
    assert_eq!(rig.settle(20), ClientState::UpToDate);
    assert_eq!(fetched(&rig), 2);
}

#[test]
fn own_items_taken_in_place_need_no_pull() {
    let mut rig = settled();
    rig.tell(Event::LocalChange { unsent: vec![(feed(2), 1)], owed: Vec::new(), intents: 0 });
    let Some(Effect::SealAndPush { .. }) = rig.job.take() else { panic!("{:?}", rig.job) };
    let ssn = rig.relay[&feed(2)] + 1;
    rig.relay.insert(feed(2), ssn);
    rig.held.insert(feed(2), ssn);
    let taken = vec![LocalFeed { feed: feed(2), class: FeedClass::Space, ssn, h: h_at(feed(2), ssn) }];
    let results = vec![PushOutcome { space: feed(2), unsent: 0, refused: None }];
    rig.tell(Event::PushDone { results, taken, heads: rig.heads() });
    assert_eq!(rig.sync.state(), ClientState::UpToDate);
    assert!(!rig.log.iter().any(|job| job == "Pull"), "{:?}", rig.log);
}

#[test]
fn up_to_date_is_never_said_on_the_word_of_a_hint_or_with_an_outbox() {
    let mut rig = settled();
    rig.unsent.insert(feed(2), 1);
    rig.tell(Event::LocalChange { unsent: vec![(feed(2), 1)], owed: Vec::new(), intents: 0 });
    assert_eq!(rig.sync.state(), ClientState::Sending { n: 1 });
    assert!(matches!(rig.job, Some(Effect::SealAndPush { .. })));
    rig.answer();
    let waits = ClientState::Waiting { what: WaitingFor::Feed(feed(2)), who_can: WaitingFor::Feed(feed(2)).who_can() };
    assert_eq!(rig.sync.state(), waits);
    assert_eq!(rig.settle(20), ClientState::UpToDate);
}

#[test]
fn an_owed_epoch_is_paid_before_sending_and_by_idle_managers_only() {
    let mut rig = settled();
    rig.owed.insert(feed(2), false);
    rig.owed.insert(feed(3), false);
    rig.unsent.insert(feed(2), 1);
    rig.start();
    assert_eq!(rig.settle(60), ClientState::UpToDate);
    let paid = rig.log.iter().position(|line| line == "PayOwedEpoch").unwrap();
    let sent = rig.log.iter().position(|line| line == "SealAndPush").unwrap();
    assert!(paid < sent);
    assert!(rig.log.contains(&"rotation-owed".to_owned()));
    assert!(rig.owed.contains_key(&feed(3)), "no idle writer rotates");

    let mut rig = settled();
    rig.owed.insert(feed(2), true);
    rig.owed.insert(feed(3), true);
    rig.start();
    let mut paid_at = Vec::new();
    for _ in 0..60 {
        if rig.job_kind() == Some(Job::Epoch) {
            paid_at.push(rig.now_ms);
        }
        if rig.job.is_some() {
            rig.answer();
        } else {
            rig.now_ms = rig.timer_at_ms.unwrap();
            rig.tell(Event::TimerFired);
        }
    }
    assert_eq!(paid_at.len(), 2);
    assert!(paid_at.windows(2).all(|pair| pair[1] - pair[0] >= 1_000), "{paid_at:?}");
}

#[test]
fn a_refused_space_waits_while_others_go_on() {
    let mut rig = settled();
    rig.tell(Event::LocalChange { unsent: vec![(feed(2), 1), (feed(3), 1)], owed: Vec::new(), intents: 0 });
    rig.job = None;
    let results = vec![
        PushOutcome { space: feed(2), unsent: 1, refused: Some(Code::EpochOld) },
        PushOutcome { space: feed(3), unsent: 0, refused: None },
    ];
    rig.tell(Event::PushDone { results, taken: vec![], heads: vec![] });
    assert!(matches!(rig.job, Some(Effect::FetchHeads)), "{:?}", rig.job);
    rig.unsent.insert(feed(2), 1);
    rig.answer();
    assert_eq!(rig.job, None, "not before its wait");
    assert_eq!(rig.settle(20), ClientState::UpToDate);
}

#[test]
fn failures_wait_longer_and_a_relay_may_ask_for_more() {
    let mut rig = Rig::new();
    rig.start();
    fail(&mut rig, Failure::Unreachable, None);
    assert_eq!(rig.sync.state(), ClientState::Offline { since_ms: 1_000_000 });
    assert_eq!(rig.job, None);
    for _ in 0..12 {
        while rig.job.is_none() {
            rig.now_ms = rig.timer_at_ms.unwrap();
            rig.tell(Event::TimerFired);
        }
        fail(&mut rig, Failure::Unreachable, Some(200_000));
        let failed_at = rig.now_ms;
        while rig.job.is_none() {
            rig.now_ms = rig.timer_at_ms.unwrap();
            rig.tell(Event::TimerFired);
        }
        let waited = rig.now_ms - failed_at;
        assert!((200_000..=360_000).contains(&waited), "{waited}");
        fail(&mut rig, Failure::BadAnswer, None);
    }
    rig.tell(Event::NetworkUp);
    assert_eq!(rig.job_kind(), Some(Job::Heads), "a network is tried at once");
    assert_eq!(rig.settle(20), ClientState::UpToDate);
}

#[test]
fn a_system_that_forgets_to_say_network_up_does_not_stop_sync() {
    let mut rig = settled();
    rig.tell(Event::NetworkDown);
    assert!(matches!(rig.sync.state(), ClientState::Offline { .. }));
    assert_eq!(rig.settle(10), ClientState::UpToDate);
}

#[test]
fn silence_closes_the_hint_connection_and_heads_are_polled_each_minute() {
    let mut rig = settled();
    assert!(rig.hints_open);
    rig.now_ms += 60_000;
    rig.tell(Event::TimerFired);
    assert!(!rig.hints_open, "the watchdog closed it");
    assert_eq!(rig.job_kind(), Some(Job::Heads));
    rig.answer();
    let mut fetched_at = Vec::new();
    for _ in 0..400 {
        if rig.hints_open {
            rig.hints_open = false;
            rig.tell(Event::EventsClosed { failure: Some(Failure::Unreachable) });
        }
        if rig.job_kind() == Some(Job::Heads) {
            fetched_at.push(rig.now_ms);
        }
        if rig.job.is_some() {
            rig.answer();
        } else {
            rig.now_ms = rig.timer_at_ms.unwrap();
            rig.tell(Event::TimerFired);
        }
    }
    let later: Vec<i64> = fetched_at.windows(2).skip(3).map(|pair| pair[1] - pair[0]).collect();
    assert!(later.len() > 20 && later.iter().all(|gap| (60_000..=120_000).contains(gap)), "{later:?}");
}

#[test]
fn a_relay_that_goes_back_or_forks_is_named_and_others_go_on() {
    let mut rig = settled();
    rig.tell(Event::SyncNow);
    rig.job = None;
    let back = Head::new(support::STORE, feed(2), 1, h_at(feed(2), 1));
    rig.tell(Event::HeadsFetched { heads: vec![back], late: vec![], clock_offset_ms: 0 });
    assert_eq!(rig.sync.state(), ClientState::Rollback { feed: feed(2), pin: 2, got: 1 });
    rig.unsent.insert(feed(3), 1);
    rig.tell(Event::LocalChange { unsent: vec![(feed(2), 1), (feed(3), 1)], owed: Vec::new(), intents: 0 });
    assert_eq!(rig.job, Some(Effect::SealAndPush { spaces: vec![feed(3)] }));

    let mut rig = settled();
    rig.tell(Event::SyncNow);
    rig.job = None;
    let forked = Head::new(support::STORE, feed(2), 2, Hash([9; 32]));
    rig.tell(Event::HeadsFetched { heads: vec![forked], late: vec![], clock_offset_ms: 0 });
    assert_eq!(rig.sync.state(), ClientState::Fork { feed: feed(2), a: h_at(feed(2), 2), b: Hash([9; 32]) });
    rig.tell(Event::SyncNow);
    assert_eq!(rig.settle(10), ClientState::UpToDate, "an honest head ends it");
}

#[test]
fn a_head_that_the_pulled_frames_do_not_add_up_to_is_a_fork() {
    let mut rig = settled();
    rig.tell(Event::SyncNow);
    rig.job = None;
    rig.relay.insert(feed(2), 3);
    let lie = Head::new(support::STORE, feed(2), 3, Hash([9; 32]));
    rig.tell(Event::HeadsFetched { heads: vec![lie], late: vec![], clock_offset_ms: 0 });
    rig.answer();
    rig.answer();
    assert!(matches!(rig.sync.state(), ClientState::Fork { .. }), "{:?}", rig.sync.state());
}

#[test]
fn another_store_is_adopted_and_everything_is_offered_again() {
    let mut rig = settled();
    rig.store = StoreId([2; 16]);
    rig.relay.clear();
    rig.relay.insert(feed(1), 1);
    rig.tell(Event::SyncNow);
    rig.answer();
    assert_eq!(rig.sync.state(), ClientState::RelayReset);
    assert_eq!(rig.job, Some(Effect::AdoptStore { store: rig.store }));
    rig.unsent.insert(feed(2), 2);
    assert_eq!(rig.settle(30), ClientState::UpToDate);
    assert_eq!(rig.relay.get(&feed(2)), Some(&1));
}

#[test]
fn withheld_frames_are_asked_for_ever_more_slowly() {
    let mut rig = settled();
    rig.relay.insert(feed(2), 3);
    rig.tell(Event::SyncNow);
    let mut asked = 0;
    let begun_at = rig.now_ms;
    while rig.now_ms < begun_at + 600_000 {
        let withheld = rig.job_kind() == Some(Job::Pull);
        if withheld {
            asked += 1;
            rig.job = None;
            rig.tell(Event::PullDone { records: 0 });
        } else if rig.job.is_some() {
            rig.answer();
        } else {
            rig.now_ms = rig.timer_at_ms.unwrap();
            rig.tell(Event::TimerFired);
        }
    }
    assert!((5..60).contains(&asked), "{asked} in ten minutes");
    assert!(matches!(rig.sync.state(), ClientState::Waiting { .. }));
}

#[test]
fn only_these_refusals_stop() {
    for code in Code::ALL {
        let mut rig = Rig::new();
        rig.start();
        fail(&mut rig, Failure::Refused(*code), None);
        let stops = [Code::VersionTooOld, Code::BadSignature];
        assert_eq!(rig.stopped, stops.contains(code), "{code}");
        rig.tell(Event::NetworkUp);
        rig.start();
        assert_eq!(rig.settle(30), ClientState::UpToDate, "{code}");
    }
}

fn who() -> (meguri_wire::DeviceId, u64) {
    (meguri_wire::DeviceId([8; 16]), 77)
}

#[test]
fn a_removal_is_proved_by_the_own_feed_and_then_only_the_farewell_is_left() {
    let mut rig = settled();
    rig.unsent.insert(feed(2), 1);
    rig.tell(Event::SyncNow);
    fail(&mut rig, Failure::Refused(Code::Removed), None);
    let Some(Effect::Pull { feeds, .. }) = &rig.job else { panic!("{:?}", rig.job) };
    assert_eq!(feeds.iter().map(|wanted| wanted.feed).collect::<Vec<_>>(), [feed(1)]);
    assert_ne!(rig.sync.state().text(), "removed", "nobody's word is enough");
    rig.relay.insert(feed(1), 3);
    rig.answer();
    (rig.removed, rig.to_hand_in) = (Some(who()), 2);
    rig.answer();
    assert_eq!(rig.sync.state(), ClientState::Removed { by: Some(who()) });
    assert_eq!(rig.job_kind(), Some(Job::HandIn));
    assert!(!rig.hints_open);
    fail(&mut rig, Failure::Unreachable, None);
    assert_eq!((rig.job_kind(), rig.sync.state().text()), (None, "removed"), "it waits and tries again");
    for _ in 0..2 {
        rig.now_ms = rig.timer_at_ms.unwrap();
        rig.tell(Event::TimerFired);
        assert_eq!(rig.job_kind(), Some(Job::HandIn));
        rig.answer();
    }
    assert!(rig.stopped);
    assert_eq!(rig.sync.state(), ClientState::Removed { by: Some(who()) });
}

#[test]
fn a_relay_that_says_removed_and_proves_nothing_stops_nothing_but_itself() {
    let mut rig = settled();
    let lacking = ClientState::Waiting { what: WaitingFor::Removal, who_can: WaitingFor::Removal.who_can() };
    rig.tell(Event::SyncNow);
    for round in 0..3 {
        fail(&mut rig, Failure::Refused(Code::Removed), None);
        if round > 0 {
            assert_eq!(rig.job_kind(), None, "a second time it waits first");
            rig.now_ms = rig.timer_at_ms.unwrap();
            rig.tell(Event::TimerFired);
        }
        assert_eq!(rig.job_kind(), Some(Job::Pull), "the proof is asked for");
        rig.job = None;
        rig.tell(Event::PullDone { records: 0 });
        assert_eq!(rig.sync.state(), lacking);
        rig.now_ms = rig.timer_at_ms.unwrap();
        rig.tell(Event::TimerFired);
        assert_eq!(rig.job_kind(), Some(Job::Heads));
    }
    rig.tell(Event::LocalChange { unsent: vec![(feed(2), 1)], owed: Vec::new(), intents: 0 });
    rig.unsent.insert(feed(2), 1);
    rig.answer();
    assert_eq!(rig.settle(30), ClientState::UpToDate, "an honest answer ends it, and what was written is sent");
}

#[test]
fn what_an_admin_decided_is_signed_after_a_pull_and_again_when_another_came_first() {
    let mut rig = settled();
    rig.relay.insert(feed(1), 3);
    rig.intents = 1;
    rig.tell(Event::LocalChange { unsent: Vec::new(), owed: Vec::new(), intents: 1 });
    for job in [Job::Heads, Job::Pull, Job::Ingest] {
        assert_eq!(rig.job_kind(), Some(job));
        rig.answer();
    }
    assert_eq!(rig.job_kind(), Some(Job::Intents));
    rig.job = None;
    rig.tell(Event::IntentsDone { left: 1, lost: true, heads: vec![] });
    assert_eq!(rig.job_kind(), Some(Job::Heads), "newest state first");
    rig.answer();
    assert_eq!(rig.job_kind(), Some(Job::Intents));
    rig.answer();
    assert_eq!(rig.settle(30), ClientState::UpToDate);
    assert_eq!(rig.log.iter().filter(|job| *job == "CarryOutIntents").count(), 2);
}

#[test]
fn late_items_are_fetched_once_and_stay_listed() {
    let mut rig = settled();
    rig.late[0].insert(feed(3), 4);
    rig.tell(Event::SyncNow);
    rig.answer();
    let Some(Effect::FetchLate { spaces }) = &rig.job else { panic!("{:?}", rig.job) };
    assert_eq!(*spaces, [feed(3)]);
    rig.answer();
    assert_eq!(rig.sync.state(), ClientState::LateItems { n: 4 });
    rig.tell(Event::SyncNow);
    rig.answer();
    assert_eq!((rig.job_kind(), rig.sync.state()), (None, ClientState::LateItems { n: 4 }));
    rig.late[0].clear();
    rig.tell(Event::SyncNow);
    assert_eq!(rig.settle(10), ClientState::UpToDate);
    assert_eq!(rig.log.iter().filter(|job| *job == "FetchLate").count(), 2);
}

#[test]
fn what_a_new_store_lacks_is_offered_after_what_it_has_was_pulled() {
    let mut rig = settled();
    rig.store = StoreId([2; 16]);
    rig.relay.insert(feed(2), 1);
    rig.tell(Event::SyncNow);
    rig.answer();
    assert_eq!((rig.job_kind(), rig.sync.state()), (Some(Job::Adopt), ClientState::RelayReset));
    rig.to_offer = 1;
    rig.answer();
    assert_eq!(rig.sync.state(), ClientState::RelayReset, "until nothing is left to offer");
    assert_eq!(rig.settle(40), ClientState::UpToDate);
    let order: Vec<&str> =
        rig.log.iter().map(String::as_str).filter(|job| ["Pull", "OfferAgain"].contains(job)).collect();
    assert_eq!(order.first(), Some(&"Pull"), "{:?}", rig.log);
    assert!(order.contains(&"OfferAgain"));
}

#[test]
fn a_device_the_relay_forgot_waits_and_goes_on_once_it_is_known_again() {
    let mut rig = settled();
    rig.tell(Event::SyncNow);
    fail(&mut rig, Failure::Refused(Code::UnknownAuthor), None);
    let waiting = ClientState::Waiting { what: WaitingFor::OwnKey, who_can: WaitingFor::OwnKey.who_can() };
    assert_eq!((rig.stopped, rig.sync.state()), (false, waiting));
    assert_eq!(rig.settle(20), ClientState::UpToDate);
}

#[test]
fn a_pull_of_a_feed_that_a_restored_relay_does_not_have_is_no_dead_end() {
    let mut rig = settled();
    rig.relay.insert(feed(3), 3);
    rig.tell(Event::HintsReceived { hints: vec![(feed(3), 3)] });
    assert_eq!(rig.job_kind(), Some(Job::Pull));
    fail(&mut rig, Failure::Refused(Code::NotFound), None);
    (rig.store, rig.now_ms) = (StoreId([2; 16]), rig.timer_at_ms.unwrap());
    rig.relay.remove(&feed(3));
    rig.tell(Event::TimerFired);
    assert_eq!(rig.job_kind(), Some(Job::Heads), "which store is it?");
    rig.answer();
    assert_eq!(rig.job_kind(), Some(Job::Adopt));
}

#[test]
fn a_relay_that_lost_everything_is_told_who_this_is_and_then_followed() {
    for strange in [Failure::Refused(Code::UnknownAuthor), Failure::BadAnswer] {
        let mut rig = settled();
        rig.store = StoreId([2; 16]);
        rig.relay.clear();
        rig.tell(Event::SyncNow);
        fail(&mut rig, strange, None);
        assert_eq!(rig.job_kind(), Some(Job::Introduce), "at once: somebody waits for it");
        rig.relay.insert(feed(1), 1);
        rig.answer();
        assert_eq!((rig.job_kind(), rig.sync.state()), (Some(Job::Adopt), ClientState::RelayReset));
    }
}

#[test]
fn a_relay_to_which_nothing_is_new_is_asked_ever_more_slowly() {
    let mut rig = settled();
    rig.tell(Event::SyncNow);
    let mut pauses = Vec::new();
    for _ in 0..6 {
        assert_eq!(rig.job_kind(), Some(Job::Heads));
        fail(&mut rig, Failure::Refused(Code::UnknownAuthor), None);
        for next in [Job::Introduce, Job::Heads] {
            let from_ms = rig.now_ms;
            while rig.job.is_none() {
                rig.now_ms = rig.timer_at_ms.unwrap();
                rig.tell(Event::TimerFired);
            }
            pauses.push(rig.now_ms - from_ms);
            assert_eq!(rig.job_kind(), Some(next));
            if next == Job::Introduce {
                rig.job = None;
                rig.tell(Event::Introduced { heads: vec![] });
            }
        }
    }
    assert!(pauses.iter().rev().take(4).sum::<i64>() > 20_000, "{pauses:?}");
}

#[test]
fn who_was_removed_while_the_store_changed_asks_for_the_proof_and_not_for_ever_for_heads() {
    let mut rig = settled();
    rig.store = StoreId([2; 16]);
    rig.tell(Event::SyncNow);
    rig.answer();
    assert_eq!(rig.job_kind(), Some(Job::Adopt));
    fail(&mut rig, Failure::Refused(Code::Removed), None);
    let Some(Effect::Pull { feeds, .. }) = &rig.job else { panic!("{:?}", rig.job) };
    assert_eq!(feeds.iter().map(|wanted| wanted.feed).collect::<Vec<_>>(), [feed(1)], "the own team's feed");
    rig.relay.insert(feed(1), 3);
    rig.answer();
    (rig.removed, rig.to_hand_in) = (Some(who()), 1);
    rig.answer();
    assert_eq!(rig.job_kind(), Some(Job::HandIn));
}
