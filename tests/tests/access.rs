//! Who can open what, by the ciphertext itself: no screen, no role, no relay is asked. First the positive control: what a
//! tablet holds before it is removed opens what was written before. Then that it opens nothing written afterwards, by any
//! key or seed it had, and that a device that comes later opens all.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use meguri_commands::host::Host;
use meguri_seal::{EpochKey, EpochOpening, Generation, open_item};
use meguri_testkit::{Person, Region};
use meguri_wire::control::{Body, Epoch, FacilityType, SpaceBody};
use meguri_wire::{DeviceId, Frame, SpaceId, TeamId};
use serde_json::{Value, json};

fn note(text: &str) -> [(&'static str, Value); 1] {
    [("note", json!({"s": text, "o": "", "a": "", "p": ""}))]
}

/// Everything a device could ever open a chart with.
struct Held {
    keys: Vec<EpochKey>,
    seed: Generation,
}

impl Held {
    fn by(person: &Person, space: &SpaceId) -> Held {
        let replica = person.device().replica().unwrap();
        let keys = replica.epoch_keys(space).unwrap();
        Held { keys, seed: replica.newest_generation(&person.team()).unwrap().unwrap() }
    }

    fn opens(&self, frame: &Frame) -> bool {
        let author = frame.author().unwrap();
        // Any key, whatever number it carries.
        let named = |key: &EpochKey| EpochKey::from_parts(frame.item().unwrap().epoch, key.secret().clone());
        self.keys.iter().any(|key| open_item(&named(key), &author, frame.item().unwrap()).is_ok())
    }

    /// Whether the team's seed opens an epoch's envelope.
    fn opens_epoch(&self, space: &SpaceId, team: &TeamId, author: &DeviceId, epoch: &Epoch, envelope: &[u8]) -> bool {
        let opening = EpochOpening { feed: space, n: epoch.n, kcv: &epoch.kcv, team, author };
        EpochKey::open_envelope(&self.seed, &opening, envelope).is_ok()
    }
}

/// Frames of the chart as the relay gave them.
fn frames(person: &Person, space: &SpaceId) -> Vec<Frame> {
    let chart = person.device().replica().unwrap().chart_export(space, 0).unwrap().chart;
    chart.records.iter().map(|record| Frame::decode(&record.frame).unwrap()).collect()
}

fn items(person: &Person, space: &SpaceId) -> Vec<Frame> {
    frames(person, space).into_iter().filter(|frame| frame.item().is_some()).collect()
}

fn rounds(region: &Region, people: &[&Person]) {
    for _ in 0..4 {
        for person in people {
            person.sync();
        }
        region.pass_ms(61_000);
    }
}

#[test]
fn a_removed_tablet_opens_what_was_and_nothing_that_comes() {
    let mut region = Region::new(601);
    let (nurse, doctor) = region.nurse_and_doctor();
    let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
    nurse.write(&patient, &note("0 前")).unwrap();
    let tablet = region.colleague(&nurse, Some("三浦 千秋"), false);
    rounds(&region, &[&nurse, &doctor, &tablet]);
    let space = tablet.device().replica().unwrap().space_of(patient.parse().unwrap()).unwrap().unwrap();
    let stolen = Held::by(&tablet, &space);
    let before = items(&nurse, &space);
    assert!(!before.is_empty() && before.iter().all(|frame| stolen.opens(frame)), "the positive control");
    let gone = json!({"deviceId": tablet.id().to_string(), "reason": "compromised"});
    nurse.call("team.remove", gone).unwrap();
    rounds(&region, &[&nurse, &doctor]);
    nurse.write(&patient, &note("1 あと")).unwrap();
    doctor.write(&patient, &note("2 あと")).unwrap();
    rounds(&region, &[&nurse, &doctor]);
    let after: Vec<Frame> =
        items(&nurse, &space).into_iter().filter(|frame| !before.iter().any(|old| old.id == frame.id)).collect();
    assert_eq!(after.len(), 3, "two entries, and the physician's name card");
    assert!(after.iter().all(|frame| !stolen.opens(frame)), "nothing written afterwards opens");
    // Nor does its seed open the new epoch's envelope, which the colleagues' seed does.
    let newest = frames(&nurse, &space).into_iter().rev().find_map(|frame| {
        let author = frame.author()?;
        match frame.control().map(|control| &control.body) {
            Some(Body::Space(SpaceBody::Epoch(epoch))) => Some((author, epoch.clone(), frame.id)),
            Some(_) | None => None,
        }
    });
    let (author, epoch, _) = newest.unwrap();
    let envelopes = nurse.device().replica().unwrap().envelopes(&space).unwrap();
    let mine = envelopes.iter().filter(|beside| beside.recipient == nurse.team().0);
    let kept = Held::by(&nurse, &space);
    let (mut by_seed, mut by_stolen) = (0, 0);
    for beside in mine {
        by_seed += usize::from(kept.opens_epoch(&space, &nurse.team(), &author, &epoch, &beside.bytes));
        by_stolen += usize::from(stolen.opens_epoch(&space, &nurse.team(), &author, &epoch, &beside.bytes));
    }
    assert_eq!((by_seed, by_stolen), (1, 0));
    // A tablet that comes now opens all of it.
    let newcomer = region.colleague(&nurse, Some("及川 薫"), false);
    rounds(&region, &[&nurse, &newcomer]);
    let fresh = Held::by(&newcomer, &space);
    assert!(items(&nurse, &space).iter().all(|frame| fresh.opens(frame)), "a newcomer reads all history");
}

#[test]
fn what_a_compromised_manager_let_in_goes_with_it() {
    let mut region = Region::new(602);
    let (nurse, doctor) = region.nurse_and_doctor();
    let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
    nurse.write(&patient, &note("0 前")).unwrap();
    let taken = region.colleague(&nurse, None, true);
    let stranger = region.facility("みなと薬局", FacilityType::Pharmacy, "佐々木 恵", "pharmacist", 0);
    rounds(&region, &[&nurse, &doctor, &taken, &stranger]);
    // In a stranger's hands the tablet lets a facility in.
    let add = |role: &str| json!({"patientId": patient, "facilityId": stranger.team().to_string(), "role": role});
    assert_eq!(taken.call("space.add", add("writer")).unwrap()["done"], true);
    nurse.write(&patient, &note("1 入れられたあと")).unwrap();
    rounds(&region, &[&nurse, &doctor, &taken, &stranger]);
    assert_eq!(stranger.timeline(&patient).len(), 2, "the positive control: it reads");
    let space = stranger.device().replica().unwrap().space_of(patient.parse().unwrap()).unwrap().unwrap();
    let let_in = Held::by(&stranger, &space);
    let before = items(&nurse, &space);
    assert!(before.iter().all(|frame| let_in.opens(frame)));
    // Found out.
    let gone = json!({"deviceId": taken.id().to_string(), "reason": "compromised"});
    assert_eq!(nurse.call("team.remove", gone).unwrap()["done"], true);
    rounds(&region, &[&nurse, &doctor, &stranger]);
    nurse.write(&patient, &note("2 分かったあと")).unwrap();
    doctor.write(&patient, &note("3 医師")).unwrap();
    rounds(&region, &[&nurse, &doctor, &stranger]);
    let state = nurse.device().replica().unwrap().space(&space).unwrap().unwrap();
    let members: Vec<TeamId> = state.members.keys().copied().collect();
    assert!(!members.contains(&stranger.team()) && members.contains(&doctor.team()), "{members:?}");
    let after = items(&nurse, &space).into_iter().filter(|frame| !before.iter().any(|old| old.id == frame.id));
    let opened = after.filter(|frame| let_in.opens(frame)).count();
    assert_eq!(opened, 0, "nothing written since opens for who was let in");
    assert_eq!((stranger.timeline(&patient).len(), nurse.timeline(&patient).len()), (2, 4));
    // What it writes now is late at best, and a manager may let the facility in again.
    assert!(stranger.write(&patient, &note("4 もう書けない")).is_err());
    assert_eq!(nurse.call("space.add", add("reader")).unwrap()["done"], true);
    rounds(&region, &[&nurse, &doctor, &stranger]);
    assert_eq!(stranger.timeline(&patient).len(), 4);
}
