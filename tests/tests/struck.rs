//! What a manager strikes through stays readable everywhere, and is measured no more.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use meguri_commands::Code;
use meguri_commands::host::Host;
use meguri_testkit::{Person, Region};
use serde_json::{Value, json};

fn vitals(temp: &str) -> [(&'static str, Value); 1] {
    [("vitals", json!({"items": [{"key": "temp", "value": temp, "attributes": {}}], "notMeasured": []}))]
}

fn rounds(region: &Region, people: &[&Person]) {
    for _ in 0..3 {
        for person in people {
            person.sync();
        }
        region.pass_ms(61_000);
    }
}

fn status(person: &Person, patient: &str, entry: &str) -> Value {
    let page = person.call("chart.timeline", json!({"patientId": patient})).unwrap();
    let found = page["entries"].as_array().unwrap().iter().find(|each| each["id"] == entry).cloned();
    found.unwrap()["status"].clone()
}

fn measured(person: &Person, patient: &str) -> usize {
    let req = json!({"patientId": patient, "keys": ["temp"], "from": 0, "to": 4_000_000_000_000_i64});
    let trend = person.call("chart.trend", req).unwrap();
    trend["series"].as_array().unwrap().iter().map(|series| series["points"].as_array().unwrap().len()).sum()
}

#[test]
fn a_struck_entry_is_shown_struck_and_drawn_nowhere() {
    let mut region = Region::new(701);
    let (nurse, doctor) = region.nurse_and_doctor();
    let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
    nurse.write(&patient, &vitals("36.5")).unwrap();
    rounds(&region, &[&nurse, &doctor]);
    let wrong = doctor.write(&patient, &vitals("41.9")).unwrap().remove(0);
    let strike = json!({"patientId": patient, "entryId": wrong, "reason": "untrue"});
    assert_eq!(doctor.call("entry.strike", strike.clone()).unwrap_err().code, Code::NotAllowed);
    rounds(&region, &[&nurse, &doctor]);
    assert_eq!((measured(&nurse, &patient), measured(&doctor, &patient)), (2, 2));
    assert_eq!(nurse.call("entry.strike", strike).unwrap(), json!({"done": true, "refused": null}));
    rounds(&region, &[&nurse, &doctor]);
    for person in [&nurse, &doctor] {
        assert_eq!(status(person, &patient, &wrong), "struck", "{person:?}");
        assert_eq!(measured(person, &patient), 1, "{person:?}");
        assert_eq!(person.timeline(&patient).len(), 2, "it stays readable");
        let shown = person.call("chart.entry", json!({"patientId": patient, "entryId": wrong})).unwrap();
        let struck = &shown["entry"]["strike"];
        assert_eq!(
            (&struck["by"]["name"], &struck["reason"]),
            (&json!("小野寺 由美"), &json!("untrue")),
            "{person:?}: {struck}"
        );
        person.device().replica().unwrap().rebuild().unwrap();
        assert_eq!((status(person, &patient, &wrong), measured(person, &patient)), (json!("struck"), 1), "built again");
    }
    let newcomer = region.colleague(&nurse, Some("三浦 千秋"), false);
    rounds(&region, &[&newcomer]);
    assert_eq!((status(&newcomer, &patient, &wrong), measured(&newcomer, &patient)), (json!("struck"), 1));
}

/// A nurse whose chart a physician fills in and spoils: the phone number is changed twice, the address taken away.
struct Spoilt {
    region: Region,
    nurse: Person,
    doctor: Person,
    patient: String,
    first: String,
}

impl Spoilt {
    fn new(seed: u64) -> Self {
        let mut region = Region::new(seed);
        let (nurse, doctor) = region.nurse_and_doctor();
        let patient = nurse.register("佐藤", "花子", "サトウ", "ハナコ");
        put(&nurse, &patient, json!({"phone": "0235-00-0001", "address": "架空町1"}));
        rounds(&region, &[&nurse, &doctor]);
        let first = doctor.write(&patient, &vitals("36.5")).unwrap().remove(0);
        doctor.sync();
        put(&doctor, &patient, json!({"phone": "090-0000-0001"}));
        doctor.sync();
        put(&doctor, &patient, json!({"phone": "090-0000-0002", "address": null, "sex": "male"}));
        rounds(&region, &[&doctor, &nurse]);
        Self { region, nurse, doctor, patient, first }
    }

    fn strike(&self, reach: &str) {
        let req = json!({"patientId": self.patient, "entryId": self.first, "reason": "other-hand", "reach": reach});
        assert_eq!(self.nurse.call("entry.strike", req).unwrap(), json!({"done": true, "refused": null}));
        rounds(&self.region, &[&self.nurse, &self.doctor]);
    }
}

fn put(person: &Person, patient: &str, fields: Value) {
    person
        .call("state.put", json!({"patientId": patient, "kind": "identity", "id": patient, "fields": fields}))
        .unwrap();
}

/// Field, what stands there, what may be put back.
fn marked(person: &Person, patient: &str) -> Vec<(String, Vec<Value>, Vec<Value>)> {
    let shown = person.call("state.struck", json!({"patientId": patient})).unwrap();
    let values = |values: &Value| values.as_array().unwrap().iter().map(|value| value["value"].clone()).collect();
    let row =
        |field: &Value| (field["field"].as_str().unwrap().to_owned(), values(&field["now"]), values(&field["before"]));
    shown["fields"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn fields_that_a_struck_change_wrote_last_are_marked_and_offered_with_what_stood_there() {
    let mut spoilt = Spoilt::new(702);
    let expected = || {
        vec![
            ("address".to_owned(), vec![], vec![json!("架空町1")]),
            ("phone".to_owned(), vec![json!("090-0000-0002")], vec![json!("0235-00-0001")]),
            ("sex".to_owned(), vec![json!("male")], vec![json!("female")]),
        ]
    };
    assert_eq!(marked(&spoilt.nurse, &spoilt.patient), [], "nothing is struck yet");
    let reach = json!({"patientId": spoilt.patient, "entryId": spoilt.first});
    assert_eq!(spoilt.doctor.call("entry.reach", reach.clone()).unwrap_err().code, Code::NotAllowed);
    assert_eq!(spoilt.nurse.call("entry.reach", reach).unwrap(), json!({"entry": 1, "since": 1, "all": 1}));
    spoilt.strike("all");
    let Spoilt { region, nurse, doctor, patient, .. } = &mut spoilt;
    let newcomer = region.colleague(nurse, Some("三浦 千秋"), false);
    rounds(region, &[&newcomer, nurse]);
    for person in [&*nurse, doctor, &newcomer] {
        assert_eq!(marked(person, patient), expected(), "{person:?}");
        person.device().replica().unwrap().rebuild().unwrap();
        assert_eq!(marked(person, patient), expected(), "{person:?}: built again");
        let header = person.call("patient.show", json!({"patientId": patient})).unwrap();
        assert_eq!(header["struck"].as_array().unwrap().len(), 3, "{header}");
        assert_eq!(header["conflicts"], 0, "what a manager notes is no question");
    }
    let shown = nurse.call("state.struck", json!({"patientId": patient})).unwrap();
    let phone = &shown["fields"][1];
    assert_eq!(
        (&phone["before"][0]["author"]["name"], &phone["now"][0]["author"]["name"]),
        (&json!("小野寺 由美"), &json!("高橋 健"))
    );
}

#[test]
fn a_previous_value_is_put_back_kept_or_left_away_by_who_may_write() {
    let spoilt = Spoilt::new(703);
    spoilt.strike("since");
    let Spoilt { region, nurse, doctor, patient, .. } = &spoilt;
    let shown = doctor.call("state.struck", json!({"patientId": patient})).unwrap();
    let field =
        |name: &str| shown["fields"].as_array().unwrap().iter().find(|each| each["field"] == name).cloned().unwrap();
    let restore = |person: &Person, name: &str, choice: Value| {
        person.call("state.restore", json!({"patientId": patient, "key": field(name)["key"], "choice": choice}))
    };
    assert_eq!(restore(nurse, "phone", json!("00")).unwrap_err().code, Code::NotFound);
    restore(nurse, "phone", field("phone")["before"][0]["choice"].clone()).unwrap();
    assert_eq!(marked(nurse, patient).len(), 2, "at once");
    rounds(region, &[nurse, doctor]);
    restore(doctor, "address", Value::Null).unwrap();
    rounds(region, &[doctor, nurse]);
    // What a stranger wrote may be right: whoever keeps it stands for it.
    restore(nurse, "sex", field("sex")["now"][0]["choice"].clone()).unwrap();
    rounds(region, &[nurse, doctor]);
    for person in [nurse, doctor] {
        for _ in 0..2 {
            assert_eq!(marked(person, patient), [], "{person:?}");
            let header = person.call("patient.show", json!({"patientId": patient})).unwrap();
            let read = (&header["phone"], &header["address"], &header["sex"]);
            assert_eq!(read, (&json!("0235-00-0001"), &json!(""), &json!("male")), "{person:?}");
            person.device().replica().unwrap().rebuild().unwrap();
        }
    }
    assert_eq!(restore(nurse, "phone", Value::Null).unwrap_err().code, Code::NotFound, "it is decided");
    let reader = json!({"patientId": patient, "facilityId": doctor.team().to_string(), "role": "reader"});
    nurse.call("space.role", reader).unwrap();
    doctor.sync();
    assert_eq!(restore(doctor, "phone", Value::Null).unwrap_err().code, Code::NotAllowed);
}
