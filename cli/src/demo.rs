//! `meguri demo`: a region through the product's own commands.

mod course;

use crate::answer::{Exit, fail, print};
use crate::place::Place;
use course::PATIENTS;
use meguri_commands::host::{Host, new_id};
use meguri_commands::profile::status::Demo;
use meguri_commands::{Failure, call};
use meguri_device::Device;
use meguri_device::device::Founding;
use serde_json::{Value, json};
use std::path::Path;

/// What the demo's unlock screen shows.
pub const PASSPHRASE: &str = "demo no tsubaki michi";
/// And its PIN.
pub const PIN: &str = "402915";

struct Staff {
    folder: &'static str,
    name: &'static str,
    profession: &'static str,
}

const STAFF: &[Staff] = &[
    Staff { folder: "nurse", name: "佐久間 灯子", profession: "nurse" },
    Staff { folder: "doctor", name: "遠野 圭吾", profession: "physician" },
];

/// Makes profiles that do not exist yet; founds their teams with the relay's setup code.
pub fn run(place: &Place, folder: &Path, relay: &str, setup_code: &str) -> Result<(), Exit> {
    let mut first: Option<Device> = None;
    for staff in STAFF {
        let at = folder.join(staff.folder);
        let device = place.hold_at(&at)?;
        if device.profile_status().map_err(fail)?.exists {
            continue;
        }
        device.profile_create(PASSPHRASE).map_err(fail)?;
        device.set_pin(PIN).map_err(fail)?;
        Device::mark_demo(&at, &Demo { passphrase: PASSPHRASE.to_owned(), pin: PIN.to_owned() }).map_err(fail)?;
        let founding = Founding {
            relay_url: relay.to_owned(),
            setup_code: setup_code.to_owned(),
            name: staff.name.to_owned(),
            profession: staff.profession.to_owned(),
        };
        let team = device.found_team(&founding, first.as_ref()).map_err(fail)?;
        print(&json!({"profile": staff.folder, "team": team.to_string()}))?;
        first.get_or_insert(device);
    }
    Ok(())
}

/// Registers the patients of the courses and writes their entries.
pub fn write_courses(device: &Device) -> Result<(), Failure> {
    for patient in PATIENTS {
        let identity = json!({
            "name": {"family": patient.family, "given": patient.given},
            "kana": {"family": patient.family_kana, "given": patient.given_kana},
            "birthDate": patient.birth_date,
            "sex": patient.sex,
        });
        let made = call(device, "patient.register", json!({"identity": identity, "acceptSimilar": true}))?;
        let Some(id) = made.get("patientId").and_then(Value::as_str) else { continue };
        for visit in patient.visits {
            confirm(device, id, visit)?;
        }
    }
    Ok(())
}

fn confirm(device: &Device, patient: &str, visit: &course::Visit) -> Result<(), Failure> {
    let visit_id = new_id(device).to_string();
    let at = json!({"ms": device.now_ms() - visit.days_ago * 86_400_000, "zoneMin": 540});
    let mut drafts = Vec::new();
    let mut accepted = Vec::new();
    for (kind, body) in [("vitals", visit.vitals()), ("note", visit.note())] {
        let draft =
            call(device, "draft.save", json!({"patientId": patient, "visitId": visit_id, "kind": kind, "body": body}))?;
        let id = draft.get("id").cloned().unwrap_or_default();
        for finding in draft.get("findings").and_then(Value::as_array).into_iter().flatten() {
            accepted.push(json!({"draftId": id, "code": finding.get("code"), "field": finding.get("field")}));
        }
        drafts.push(id);
    }
    call(device, "entry.confirm", json!({"patientId": patient, "draftIds": drafts, "at": at, "accepted": accepted}))?;
    Ok(())
}
