//! A dishonest relay, with the very key that signs heads: each misbehaviour ends in a named state, nothing that is not proved
//! is taken in, and what is written goes on. Prints the table of `docs/security.md`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail loudly")]

use meguri_commands::host::Host;
use meguri_device::relay::Relay;
use meguri_testkit::{Lie, Person, Region};
use meguri_wire::api::{PullFeed, PullKind, PullRequest, PushFrame, PushRequest, PushResult};
use meguri_wire::control::{RemoveMember, RemoveMemberReason};
use meguri_wire::{Control, FeedId, Frame, Hash};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

fn note(text: &str) -> [(&'static str, Value); 1] {
    [("note", json!({"s": text, "o": "", "a": "", "p": ""}))]
}

/// A nurse, a physician to whom the relay lies, and a chart that both have.
struct Lied {
    region: Region,
    nurse: Person,
    doctor: Person,
    patient: String,
}

impl Lied {
    fn new() -> Lied {
        let mut region = Region::new(501);
        let (nurse, doctor) = region.nurse_and_doctor();
        let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
        nurse.write(&patient, &note("0 前")).unwrap();
        let lied = Lied { region, nurse, doctor, patient };
        for _ in 0..3 {
            lied.round();
        }
        lied
    }

    fn round(&self) {
        for person in [&self.nurse, &self.doctor] {
            person.sync();
            self.region.pass_ms(61_000);
        }
    }

    fn lie(&self, lie: Lie) {
        self.doctor.net().set_liar(Some(self.region.liar(lie)));
    }

    /// The nurse writes two more; the physician's device talks with the liar for some rounds. What it says then.
    fn told(&self) -> Value {
        for text in ["1 その後", "2 さらに"] {
            self.nurse.write(&self.patient, &note(text)).unwrap();
            self.nurse.sync();
        }
        for _ in 0..6 {
            self.round();
            self.region.pass_ms(310_000);
        }
        self.doctor.sync()
    }

    fn positions(&self) -> BTreeMap<FeedId, (u64, Hash)> {
        let cursors = self.doctor.device().replica().unwrap().cursors().unwrap();
        cursors.into_iter().map(|(feed, ssn, h)| (feed, (ssn, h))).collect()
    }

    fn entries(&self) -> usize {
        self.doctor.timeline(&self.patient).len()
    }

    /// A control of somebody who may not sign it, as only a relay could bring it in: the physician's own, who is no manager.
    fn ghost(&self) -> Frame {
        let replica = self.doctor.device().replica().unwrap();
        let (own, secrets) = replica.device().unwrap().unwrap();
        let space = replica.space_of(self.patient.parse().unwrap()).unwrap().unwrap();
        let state = replica.space(&space).unwrap().unwrap();
        let body = RemoveMember { team: self.nurse.team(), reason: RemoveMemberReason::Removed };
        let (cseq, prev_hash) = (state.tip() + 1, state.hash_at(state.tip()).copied());
        let control = Control { feed: Some(space), cseq, prev_hash, body: body.into() };
        control.sign(&secrets.signer(&own.team).unwrap()).unwrap()
    }
}

/// Name, the state it ends in, and what it waits for where that says more.
fn told(state: &Value) -> String {
    let what = state["params"].get("what").and_then(Value::as_str).map(|what| format!(" ({what})")).unwrap_or_default();
    let reason =
        state["params"].get("reason").and_then(Value::as_str).map(|why| format!(" ({why})")).unwrap_or_default();
    format!("{}{what}{reason}", state["state"].as_str().unwrap())
}

type Setup = fn(&Lied) -> Lie;

/// The misbehaviour, how it is brought about, the state it ends in, and how many entries the physician then has.
const TABLE: &[(&str, Setup, &str, usize)] = &[
    ("keeps the newest record back", |_| Lie::Drop, "waiting (feed)", 2),
    ("gives every record twice", |_| Lie::Duplicate, "up-to-date", 3),
    ("gives records backwards", |_| Lie::Reorder, "waiting (feed)", 1),
    ("cuts every page off", |_| Lie::Truncate, "waiting (feed)", 2),
    ("signs another history for the same place", |_| Lie::Fork, "fork", 3),
    ("signs with another key", |_| Lie::OtherKey, "offline", 1),
    ("adds an unprotected header", |_| Lie::Header, "fork", 1),
    (
        "adds a record of somebody who may not sign it",
        |lied| Lie::Ghost(Box::new(lied.ghost())),
        "parked (role_too_low)",
        3,
    ),
    ("says removed and proves nothing", |_| Lie::SaysRemoved, "waiting (removal)", 1),
    ("gives one answer for ever", |_| Lie::Freeze, "up-to-date", 1),
    ("says another time than it is", |_| Lie::Clock(10 * 365 * 86_400_000), "clock-wrong", 3),
];

#[test]
fn every_misbehaviour_ends_in_a_named_state() {
    println!("| The relay | The device says |\n|---|---|");
    for (misbehaviour, setup, wanted, entries) in TABLE {
        let lied = Lied::new();
        lied.lie(setup(&lied));
        lied.doctor.sync();
        let state = lied.told();
        println!("| {misbehaviour} | {} |", told(&state));
        assert_eq!(told(&state), *wanted, "{misbehaviour}: {state}");
        assert_eq!(lied.entries(), *entries, "{misbehaviour}");
        // Writing goes on, whatever the relay says, and is not lost; an honest relay puts everything right.
        lied.doctor.write(&lied.patient, &note("3 医師")).unwrap();
        lied.doctor.net().set_liar(None);
        if ["fork", "parked (role_too_low)"].contains(wanted) {
            continue; // a person decides what to do with such a relay
        }
        for _ in 0..6 {
            lied.round();
            lied.region.pass_ms(310_000);
        }
        assert_eq!(lied.doctor.sync()["state"], "up-to-date", "{misbehaviour}");
        assert_eq!(lied.nurse.timeline(&lied.patient).len(), 4, "{misbehaviour}");
    }
}

#[test]
fn a_relay_that_goes_back_is_named_and_nothing_is_taken_back() {
    let lied = Lied::new();
    let earlier = lied.positions();
    lied.nurse.write(&lied.patient, &note("1 その後")).unwrap();
    for _ in 0..3 {
        lied.round();
    }
    assert_eq!(lied.entries(), 2);
    lied.lie(Lie::Behind(earlier));
    let state = lied.told();
    assert_eq!(told(&state), "rollback", "{state}");
    assert_eq!(lied.entries(), 2);
}

#[test]
fn a_relay_that_shows_a_newcomer_an_old_state_contradicts_the_admins_pins() {
    let mut lied = Lied::new();
    let space = {
        let replica = lied.nurse.device().replica().unwrap();
        replica.space_of(lied.patient.parse().unwrap()).unwrap().unwrap()
    };
    let old: BTreeMap<_, _> = lied.positions().into_iter().filter(|(feed, _)| *feed == space).collect();
    lied.nurse.write(&lied.patient, &note("1 その後")).unwrap();
    for _ in 0..3 {
        lied.round();
    }
    let liar = lied.region.liar(Lie::Behind(old));
    let newcomer = lied.region.lied_to_colleague(&lied.nurse, "三浦 千秋", liar);
    let state = newcomer.sync();
    assert_eq!(told(&state), "rollback", "{state}");
    assert_eq!(newcomer.timeline(&lied.patient).len(), 0, "nothing of it is taken in");
    newcomer.net().set_liar(None);
    for _ in 0..3 {
        newcomer.sync();
        lied.region.pass_ms(61_000);
    }
    assert_eq!(newcomer.timeline(&lied.patient).len(), 2);
}

#[test]
fn a_relay_that_says_taken_and_throws_away_is_found_out_at_its_next_head() {
    let lied = Lied::new();
    lied.lie(Lie::Discard);
    lied.nurse.write(&lied.patient, &note("0 から学ぶ")).unwrap();
    lied.round();
    lied.doctor.write(&lied.patient, &note("1 捨てられた")).unwrap();
    lied.doctor.sync();
    assert_eq!(told(&lied.doctor.sync()), "waiting (feed)", "no head says so");
    // As soon as the feed goes on for others, what was signed for them contradicts what was said here.
    let state = lied.told();
    assert!(["rollback", "fork"].contains(&told(&state).as_str()), "{state}");
    assert!(lied.entries() >= 3, "it is still here");
}

#[test]
fn a_relay_that_always_wants_a_newer_epoch_leaves_what_is_unsent_on_the_home_screen() {
    let lied = Lied::new();
    lied.lie(Lie::EpochOld);
    lied.doctor.write(&lied.patient, &note("1 送れない")).unwrap();
    for _ in 0..4 {
        lied.doctor.sync();
        lied.region.pass_ms(310_000);
    }
    let state = lied.doctor.sync();
    assert_eq!((told(&state), &state["unsent"]), ("sending".to_owned(), &json!(2)), "{state}");
    lied.doctor.net().set_liar(None);
    for _ in 0..4 {
        lied.round();
        lied.region.pass_ms(310_000);
    }
    assert_eq!(lied.nurse.timeline(&lied.patient).len(), 2);
}

/// An envelope that is kept back or replaced is a Fault: it is told, and a new key is made without anybody's help.
#[test]
fn envelopes_kept_back_or_replaced_are_faults_and_healed() {
    for lie in [Lie::NoEnvelopes, Lie::RubbishEnvelopes] {
        let mut lied = Lied::new();
        let tablet = lied.region.colleague(&lied.nurse, Some("三浦 千秋"), false);
        lied.lie(lie.clone());
        // A removal brings a new epoch, whose envelope for the clinic does not arrive.
        let gone = json!({"deviceId": tablet.id().to_string(), "reason": "lost"});
        lied.nurse.call("team.remove", gone).unwrap();
        let state = lied.told();
        assert!(["waiting (key)", "up-to-date", "waiting (feed)"].contains(&told(&state).as_str()), "{lie:?}: {state}");
        assert_eq!(lied.entries(), 1, "{lie:?}: what was written under the new key does not open");
        lied.doctor.net().set_liar(None);
        for _ in 0..6 {
            lied.round();
            lied.region.pass_ms(310_000);
        }
        assert_eq!(lied.entries(), 3, "{lie:?}: a new epoch heals it");
    }
}

/// The seed of a team's new generation that is kept back from an administrator: he makes another one by himself, and goes on
/// alone when the colleague who held it is lost.
#[test]
fn a_team_key_kept_back_is_followed_by_another() {
    for lie in [Lie::NoEnvelopes, Lie::RubbishEnvelopes] {
        let mut lied = Lied::new();
        let second = lied.region.colleague(&lied.nurse, Some("村上 恵"), true);
        let tablet = lied.region.colleague(&lied.nurse, Some("三浦 千秋"), false);
        second.net().set_liar(Some(lied.region.liar(lie.clone())));
        let gone = json!({"deviceId": tablet.id().to_string(), "reason": "lost"});
        lied.nurse.call("team.remove", gone).unwrap();
        lied.nurse.sync();
        second.sync();
        let generations = |person: &Person| {
            let replica = person.device().replica().unwrap();
            let held = replica.newest_generation(&person.team()).unwrap().unwrap().gen_no;
            (replica.team(&person.team()).unwrap().unwrap().generations.len() as u64, held)
        };
        assert_eq!(generations(&lied.nurse), (2, 2), "{lie:?}");
        let open = second.call("intent.list", json!({})).unwrap();
        assert!(generations(&second) == (2, 1) || generations(&second) == (3, 3), "{lie:?}: {open}");
        second.net().set_liar(None);
        for _ in 0..6 {
            second.sync();
            lied.round();
            lied.region.pass_ms(310_000);
        }
        assert_eq!((generations(&second), generations(&lied.nurse)), ((3, 3), (3, 3)), "{lie:?}");
        assert_eq!(second.call("intent.list", json!({})).unwrap()["intents"], json!([]), "{lie:?}");
        // Nobody else came or went by it.
        let shown = second.call("team.show", json!({})).unwrap();
        let there = shown["staff"].as_array().unwrap().iter().flat_map(|person| person["devices"].as_array().unwrap());
        assert_eq!(there.filter(|device| device["removed"].is_null()).count(), 2, "{shown}");
        let lost = json!({"deviceId": lied.nurse.id().to_string(), "reason": "lost"});
        assert_eq!(second.call("team.remove", lost).unwrap()["done"], true, "{lie:?}");
        let newcomer = lied.region.colleague(&second, Some("及川 薫"), false);
        for _ in 0..4 {
            for person in [&second, &newcomer, &lied.doctor] {
                person.sync();
            }
            lied.region.pass_ms(310_000);
        }
        newcomer.write(&lied.patient, &note("3 新しい端末から")).unwrap();
        for person in [&newcomer, &lied.doctor, &second] {
            person.sync();
        }
        for person in [&newcomer, &second, &lied.doctor] {
            assert_eq!(person.timeline(&lied.patient).len(), 2, "{lie:?} {person:?}");
            assert_eq!(person.sync()["state"], "up-to-date", "{lie:?} {person:?}");
        }
    }
}

fn relay(person: &Person) -> Relay {
    let replica = person.device().replica().unwrap();
    let (own, secrets) = replica.device().unwrap().unwrap();
    Relay::new(person.line(), &[Region::relay_url()], Arc::new(secrets.signer(&own.team).unwrap()))
}

/// Own items of a person in a chart, as the relay has them.
fn sent(person: &Person, patient: &str) -> Vec<Frame> {
    let replica = person.device().replica().unwrap();
    let feed = replica.space_of(patient.parse().unwrap()).unwrap().unwrap();
    let feeds = vec![PullFeed { feed, after_ssn: 0, kind: PullKind::All }];
    let page = relay(person).pull(&PullRequest { feeds, bytes_max: 1 << 22 }).unwrap();
    let frames = page.iter().map(|record| Frame::decode(&record.frame).unwrap());
    frames.filter(|frame| frame.item().is_some() && frame.author() == Some(person.id())).collect()
}

/// Offers frames of anybody in this person's name: a relay that joins two histories would put them in by itself.
fn offer(person: &Person, frames: &[Frame]) {
    let push = |frame: &Frame| PushFrame { frame: frame.raw.clone(), attachments: Vec::new() };
    let reply = relay(person).push(&PushRequest { frames: frames.iter().map(push).collect() }, None).unwrap();
    assert!(reply.results.iter().all(|result| matches!(result, PushResult::Accepted { .. })), "{reply:?}");
}

#[test]
fn two_histories_are_found_out_by_the_first_item_that_passes_between_them() {
    let mut lied = Lied::new();
    let before = sent(&lied.doctor, &lied.patient).len();
    let other = lied.region.split();
    lied.doctor.net().set_router(other);
    lied.nurse.write(&lied.patient, &note("1 こちら")).unwrap();
    lied.doctor.write(&lied.patient, &note("1 あちら")).unwrap();
    lied.round();
    lied.doctor.write(&lied.patient, &note("2 あちら")).unwrap();
    lied.round();
    for person in [&lied.nurse, &lied.doctor] {
        assert_eq!(person.sync()["state"], "up-to-date", "each group for itself sees nothing");
    }
    let there = sent(&lied.doctor, &lied.patient).split_off(before);
    assert!(there.len() >= 2, "{there:?}");
    offer(&lied.nurse, &there);
    let state = lied.nurse.sync();
    assert_eq!(state["state"], "fork", "{state}");
    assert_eq!(lied.nurse.timeline(&lied.patient).len(), 4, "what is signed is taken in all the same");
    let witness = lied.nurse.call("sync.parked", json!({})).unwrap()["witness"].clone();
    assert_eq!(witness["author"]["name"], "高橋 健", "{witness}");
    assert_eq!(witness["patient"], lied.patient.as_str());
    // Work goes on; a person who has looked at it puts it away.
    lied.nurse.write(&lied.patient, &note("3 続き")).unwrap();
    assert_eq!(lied.nurse.sync()["unsent"], 0);
    lied.nurse.call("sync.dismiss", json!({})).unwrap();
    assert_eq!(lied.nurse.sync()["state"], "up-to-date");
}
