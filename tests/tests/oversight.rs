//! What managers look into: who shares a chart, what a device that is gone had granted, whose key does not open; and what a
//! device is told of its own work that a manager has to let in.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use meguri_commands::Code;
use meguri_testkit::{Lie, Person, Region, Weather};
use meguri_wire::control::FacilityType;
use serde_json::{Value, json};

fn note(text: &str) -> [(&'static str, Value); 1] {
    [("note", json!({"s": text, "o": "", "a": "", "p": ""}))]
}

fn rounds(region: &Region, people: &[&Person]) {
    for _ in 0..3 {
        for person in people {
            person.sync();
        }
        region.pass_ms(61_000);
    }
}

/// An admin nurse, a second admin device of her team, a physician who shares the chart, a pharmacy and a care manager who do
/// not.
struct Team {
    region: Region,
    nurse: Person,
    second: Person,
    doctor: Person,
    pharmacy: Person,
    patient: String,
}

const DONE: fn() -> Value = || json!({"done": true, "refused": null});

impl Team {
    fn new(seed: u64) -> Self {
        let mut region = Region::new(seed);
        let (nurse, doctor) = region.nurse_and_doctor();
        let pharmacy = region.facility("みなと薬局", FacilityType::Pharmacy, "土屋 玲", "pharmacist", 0);
        let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
        nurse.write(&patient, &note("0 はじめ")).unwrap();
        rounds(&region, &[&nurse, &doctor, &pharmacy]);
        let second = region.colleague(&nurse, Some("村上 恵"), true);
        rounds(&region, &[&second, &nurse]);
        Self { region, nurse, second, doctor, pharmacy, patient }
    }

    fn of(&self, facility: &Person) -> Value {
        json!({"patientId": self.patient, "facilityId": facility.team().to_string()})
    }

    fn as_role(&self, facility: &Person, role: &str) -> Value {
        let mut req = self.of(facility);
        req["role"] = json!(role);
        req
    }

    fn grants(&self, person: &Person) -> Vec<Value> {
        let asked = person.call("grant.list", json!({"patientId": self.patient})).unwrap()["asked"].clone();
        asked.as_array().unwrap().clone()
    }

    fn members(&self, person: &Person) -> Vec<(Value, Value)> {
        let shown = person.call("space.members", json!({"patientId": self.patient})).unwrap();
        let mut out: Vec<(Value, Value)> = shown["teams"]
            .as_array()
            .unwrap()
            .iter()
            .map(|team| (team["facility"].clone(), team["role"].clone()))
            .collect();
        out.sort_by_key(|(name, _)| name.to_string());
        out
    }

    fn gone(&self, reason: &str) {
        let req = json!({"deviceId": self.second.id().to_string(), "reason": reason});
        assert_eq!(self.nurse.call("team.remove", req).unwrap(), DONE());
        rounds(&self.region, &[&self.nurse, &self.doctor, &self.pharmacy]);
    }
}

#[test]
fn a_manager_picks_a_facility_from_the_directory_and_somebody_always_manages() {
    let team = Team::new(801);
    let Team { region, nurse, doctor, pharmacy, patient, .. } = &team;
    let free = nurse.call("space.candidates", json!({"patientId": patient})).unwrap();
    let names: Vec<&Value> = free["facilities"].as_array().unwrap().iter().map(|each| &each["facility"]).collect();
    assert_eq!(names, ["みなと薬局"], "{free}");
    assert_eq!(free["facilities"][0]["facilityType"], 3);
    let shown =
        |person: &Person| person.call("space.members", json!({"patientId": patient})).unwrap()["manager"].clone();
    assert_eq!((shown(nurse), shown(doctor)), (json!(true), json!(false)));
    assert_eq!(nurse.call("space.add", team.as_role(pharmacy, "reader")).unwrap(), DONE());
    assert_eq!(nurse.call("space.role", team.as_role(pharmacy, "writer")).unwrap(), DONE());
    rounds(region, &[nurse, doctor, pharmacy]);
    assert_eq!(pharmacy.timeline(patient).len(), 1, "what stood there before is readable");
    let free = nurse.call("space.candidates", json!({"patientId": patient})).unwrap();
    assert_eq!(free["facilities"], json!([]));
    for (command, req) in [("space.role", team.as_role(nurse, "writer")), ("space.remove", team.of(nurse))] {
        let refused = nurse.call(command, req).unwrap_err();
        assert_eq!((refused.code, &*refused.params["reason"]), (Code::NotAllowed, "no_manager"), "{command}");
    }
    nurse.call("space.role", team.as_role(doctor, "manager")).unwrap();
    rounds(region, &[doctor, nurse]);
    assert_eq!(nurse.call("space.role", team.as_role(nurse, "writer")).unwrap(), DONE(), "another one manages now");
}

#[test]
fn what_a_lost_manager_granted_is_asked_about_once_and_for_all_managers() {
    let team = Team::new(802);
    let Team { region, nurse, second, doctor, pharmacy, patient } = &team;
    nurse.call("space.role", team.as_role(doctor, "manager")).unwrap();
    rounds(region, &[second, doctor]);
    second.call("space.add", team.as_role(pharmacy, "writer")).unwrap();
    rounds(region, &[second, nurse, doctor, pharmacy]);
    assert_eq!(team.grants(nurse), Vec::<Value>::new(), "nobody is asked about a device in good hands");
    team.gone("lost");
    for manager in [nurse, doctor] {
        let [asked] = &team.grants(manager)[..] else { unreachable!("one device in one chart") };
        let by = (&asked["person"]["facility"], &asked["reason"], &asked["confirmedBy"]);
        assert_eq!(by, (&json!("しおかぜ訪問看護"), &json!("lost"), &Value::Null), "{asked}");
        let grants = asked["grants"].as_array().unwrap();
        assert_eq!(grants.len(), 1, "only its own: {asked}");
        assert_eq!((&grants[0]["what"], &grants[0]["facility"]), (&json!("member"), &json!("みなと薬局")));
        assert_eq!((&grants[0]["role"], &grants[0]["void"]), (&json!("writer"), &json!(false)));
    }
    assert_eq!(team.grants(pharmacy), Vec::<Value>::new(), "a writer is not asked");
    let confirm = json!({"patientId": patient, "deviceId": second.id().to_string()});
    assert_eq!(pharmacy.call("grant.confirm", confirm.clone()).unwrap_err().code, Code::NotAllowed);
    nurse.call("grant.confirm", confirm).unwrap();
    rounds(region, &[nurse, doctor]);
    for manager in [nurse, doctor] {
        assert_eq!(team.grants(manager)[0]["confirmedBy"]["name"], "小野寺 由美", "{manager:?}");
        let header = manager.call("patient.show", json!({"patientId": patient})).unwrap();
        assert_eq!(header["conflicts"], 0);
    }
    assert_eq!(doctor.call("space.remove", team.of(pharmacy)).unwrap(), DONE());
    rounds(region, &[doctor, nurse]);
    assert_eq!(team.grants(nurse), Vec::<Value>::new(), "what was taken back is no question");
}

#[test]
fn what_another_device_has_sealed_a_key_to_since_is_not_asked_about() {
    let team = Team::new(807);
    let Team { region, nurse, second, doctor, pharmacy, .. } = &team;
    second.call("space.add", team.as_role(pharmacy, "writer")).unwrap();
    rounds(region, &[second, nurse, doctor, pharmacy]);
    // The physician leaves: the nurse's device makes a new key, and seals it to the pharmacy.
    nurse.call("space.remove", team.of(doctor)).unwrap();
    rounds(region, &[nurse, pharmacy]);
    team.gone("lost");
    assert_eq!(team.grants(nurse), Vec::<Value>::new());
}

/// The word of one who does not manage counts for nothing.
#[test]
fn a_writers_confirmation_is_none() {
    let team = Team::new(803);
    let Team { region, nurse, second, doctor, pharmacy, patient } = &team;
    second.call("space.add", team.as_role(pharmacy, "reader")).unwrap();
    rounds(region, &[second, nurse, doctor, pharmacy]);
    nurse.call("space.role", team.as_role(doctor, "manager")).unwrap();
    rounds(region, &[nurse, doctor]);
    team.gone("lost");
    doctor.call("grant.confirm", json!({"patientId": patient, "deviceId": second.id().to_string()})).unwrap();
    rounds(region, &[doctor, nurse]);
    assert_eq!(team.grants(nurse)[0]["confirmedBy"]["name"], "高橋 健");
    nurse.call("space.role", team.as_role(doctor, "writer")).unwrap();
    assert_eq!(team.grants(nurse)[0]["confirmedBy"], Value::Null);
}

#[test]
fn what_a_compromised_manager_granted_is_void_and_said_so() {
    let team = Team::new(804);
    let Team { region, nurse, second, doctor, pharmacy, .. } = &team;
    second.call("space.add", team.as_role(pharmacy, "writer")).unwrap();
    second.call("space.role", team.as_role(doctor, "manager")).unwrap();
    rounds(region, &[second, nurse, doctor, pharmacy]);
    assert_eq!(team.members(nurse).len(), 3);
    team.gone("compromised");
    assert_eq!(
        team.members(nurse),
        [(json!("しおかぜ訪問看護"), json!("manager")), (json!("みなと内科"), json!("writer"))]
    );
    let [told] = &team.grants(nurse)[..] else { unreachable!("one device in one chart") };
    assert_eq!(told["reason"], "compromised", "{told}");
    let void: Vec<(&Value, &Value, &Value)> = told["grants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| (&each["what"], &each["facility"], &each["void"]))
        .collect();
    let (role, member, yes) = (json!("role"), json!("member"), json!(true));
    assert_eq!(void, [(&role, &json!("みなと内科"), &yes), (&member, &json!("みなと薬局"), &yes)]);
}

#[test]
fn a_key_that_does_not_open_names_who_made_it_and_is_healed() {
    let team = Team::new(805);
    let Team { region, nurse, doctor, patient, .. } = &team;
    let faults = |person: &Person| person.call("sync.faults", json!({})).unwrap()["faults"].clone();
    assert_eq!(faults(doctor), json!([]));
    doctor.net().set_liar(Some(region.liar(Lie::RubbishEnvelopes)));
    team.gone("lost");
    doctor.sync();
    let told = faults(doctor);
    assert_eq!(told.as_array().unwrap().len(), 1, "{told}");
    let fault = &told[0];
    assert_eq!(
        (&fault["madeBy"]["name"], &fault["madeBy"]["facility"]),
        (&json!("小野寺 由美"), &json!("しおかぜ訪問看護"))
    );
    assert_eq!((&fault["here"], &fault["owed"], &fault["patientId"]), (&json!(true), &json!(true), &json!(patient)));
    assert_eq!(fault["facilities"], json!(["みなと内科"]));
    doctor.net().set_liar(None);
    rounds(region, &[doctor, nurse, doctor]);
    assert_eq!((faults(doctor), faults(nurse)), (json!([]), json!([])), "a new key opens");
    doctor.write(patient, &note("1 また書ける")).unwrap();
    assert_eq!(doctor.sync()["unsent"], 0);
}

#[test]
fn a_device_is_told_how_much_of_its_work_waits_for_a_manager() {
    let team = Team::new(806);
    let Team { region, nurse, doctor, patient, .. } = &team;
    doctor.net().set_weather(Weather { offline: true, ..Weather::default() });
    doctor.write(patient, &note("1 圏外で")).unwrap();
    doctor.write(patient, &note("2 圏外で")).unwrap();
    assert_eq!(nurse.call("space.remove", team.of(doctor)).unwrap(), DONE());
    doctor.net().set_weather(Weather::default());
    rounds(region, &[doctor, nurse]);
    let state = doctor.sync();
    assert_eq!((&state["quarantined"], &state["unsent"]), (&json!(2), &json!(0)), "{state}");
    assert_eq!(nurse.sync()["quarantined"], 0);
    let late = nurse.call("late.list", json!({})).unwrap();
    assert!(late["chains"][0]["items"].as_array().is_some_and(|items| !items.is_empty()), "{late}");
}
