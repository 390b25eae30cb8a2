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
    let strike = json!({"patientId": patient, "entryId": wrong});
    assert_eq!(doctor.call("entry.strike", strike.clone()).unwrap_err().code, Code::NotAllowed);
    rounds(&region, &[&nurse, &doctor]);
    assert_eq!((measured(&nurse, &patient), measured(&doctor, &patient)), (2, 2));
    assert_eq!(nurse.call("entry.strike", strike).unwrap(), json!({"done": true, "refused": null}));
    rounds(&region, &[&nurse, &doctor]);
    for person in [&nurse, &doctor] {
        assert_eq!(status(person, &patient, &wrong), "struck", "{person:?}");
        assert_eq!(measured(person, &patient), 1, "{person:?}");
        assert_eq!(person.timeline(&patient).len(), 2, "it stays readable");
        person.device().replica().unwrap().rebuild().unwrap();
        assert_eq!((status(person, &patient, &wrong), measured(person, &patient)), (json!("struck"), 1), "built again");
    }
    let newcomer = region.colleague(&nurse, Some("三浦 千秋"), false);
    rounds(&region, &[&newcomer]);
    assert_eq!((status(&newcomer, &patient, &wrong), measured(&newcomer, &patient)), (json!("struck"), 1));
}
