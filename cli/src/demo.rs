//! `meguri demo`: a whole region in a folder, made by the product's own commands: a relay's data, its directory, three
//! facilities with one profile each, and four months of thirty invented patients.

mod numbers;
mod past;
mod patients;
mod phrases;
mod plan;
mod relay;
mod wound;
mod write;

use crate::answer::{Exit, fail, print};
use meguri_commands::host::Host;
use meguri_commands::profile::status::Demo;
use meguri_commands::{Code, Failure, call};
use meguri_device::Device;
use meguri_device::device::{Founding, Outside};
use meguri_device::env::{Env, SystemEnv};
use meguri_device::keystore::NoKeystore;
use meguri_wire::control::FacilityType;
use past::Past;
use patients::PATIENTS;
use plan::{Author, DAYS, Visit};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use write::Count;

/// What the demo's unlock screen shows.
pub const PASSPHRASE: &str = "demo no tsubaki michi";
/// And its PIN.
pub const PIN: &str = "402915";

const DAY_MS: i64 = 86_400_000;
/// Rounds after which a region that still has something to send is broken.
const ROUNDS_MAX: usize = 12;
/// What is so many days older than the newest visit has been read by everybody.
const NEW_DAYS: i64 = 3;

struct Staff {
    folder: &'static str,
    name: &'static str,
    profession: &'static str,
    facility: &'static str,
    facility_type: FacilityType,
    author: Author,
}

/// The nurse comes first: she registers the patients.
const STAFF: [Staff; 3] = [
    Staff {
        folder: "nurse",
        name: "小野寺 由美",
        profession: "nurse",
        facility: "しおかぜ訪問看護ステーション",
        facility_type: FacilityType::VisitingNursing,
        author: Author::Nurse,
    },
    Staff {
        folder: "doctor",
        name: "佐伯 健",
        profession: "physician",
        facility: "佐伯内科医院",
        facility_type: FacilityType::Clinic,
        author: Author::Physician,
    },
    Staff {
        folder: "pharmacist",
        name: "土屋 玲",
        profession: "pharmacist",
        facility: "みなと薬局",
        facility_type: FacilityType::Pharmacy,
        author: Author::Pharmacist,
    },
];

/// Makes the region beside `folder` and moves it there when it is whole. Of the courses only the last `days` are written,
/// if that is told.
pub fn run(folder: &Path, port: Option<u16>, days: Option<u16>) -> Result<(), Exit> {
    let begun = Instant::now();
    if folder.exists() {
        return Err(fail(Code::ProfileExists.with("folder", folder.display())));
    }
    let port = match port {
        Some(port) => port,
        None => free_port()?,
    };
    let draft = draft_of(folder);
    std::fs::create_dir_all(&draft).map_err(|_| Code::Storage)?;
    let made = region(&draft, port, days).and_then(|count| {
        keep_config(&draft, folder, port)?;
        std::fs::rename(&draft, folder).map_err(|_| Code::Storage)?;
        Ok(count)
    });
    if made.is_err() {
        let _ = std::fs::remove_dir_all(&draft);
    }
    let count = made.map_err(fail)?;
    print(&json!({
        "folder": folder,
        "relay": folder.join("demo.toml"),
        "address": format!("http://127.0.0.1:{port}"),
        "profiles": STAFF.map(|staff| staff.folder),
        "patients": PATIENTS.len(),
        "visits": count.visits,
        "entries": count.entries,
        "pictures": count.pictures,
        "seconds": begun.elapsed().as_secs(),
    }))
}

fn draft_of(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.making", std::process::id()));
    folder.with_file_name(name)
}

fn free_port() -> Result<u16, Code> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|_| Code::Busy)?;
    Ok(listener.local_addr().map_err(|_| Code::Bug)?.port())
}

/// Everything `meguri-relay serve --config` needs.
fn keep_config(draft: &Path, folder: &Path, port: u16) -> Result<(), Failure> {
    let data = std::path::absolute(folder).map_err(|_| Code::Storage)?.join("relay");
    let authority = format!("127.0.0.1:{port}");
    let table: toml::Table =
        [("data", data.display().to_string()), ("listen", authority.clone()), ("authority", authority)]
            .into_iter()
            .map(|(key, value)| (key.to_owned(), toml::Value::String(value)))
            .collect();
    std::fs::write(draft.join("demo.toml"), table.to_string()).map_err(|_| Code::Storage.into())
}

fn region(folder: &Path, port: u16, days: Option<u16>) -> Result<Count, Failure> {
    let authority = format!("127.0.0.1:{port}");
    let mut seed = [0; 32];
    SystemEnv.fill_random(&mut seed);
    let mut relay = relay::Local::make(folder, &authority, &seed)?;
    let mut devices = Vec::new();
    let mut teams = Vec::new();
    for staff in &STAFF {
        let device = profile(&folder.join(staff.folder), &relay)?;
        let founding = Founding {
            relay_url: format!("http://{authority}"),
            setup_code: relay.setup_code()?,
            name: staff.name.to_owned(),
            profession: staff.profession.to_owned(),
        };
        let team = device.found_team(&founding, None)?;
        relay.list(staff.facility, staff.facility_type, team)?;
        teams.push(team.feed());
        devices.push(device);
    }
    settle(&devices)?;
    let (nurse, others) = devices.split_first().ok_or(Code::Bug)?;
    nurse.set_circle(teams.get(1..).unwrap_or_default())?;
    let now = SystemEnv.now_ms();
    let ids = register(nurse, now)?;
    settle(&devices)?;
    for other in others {
        let found = call(other, "patient.search", json!({"query": ""}))?;
        if found.get("total").and_then(Value::as_u64) != Some(PATIENTS.len() as u64) {
            return Err(Code::NotFound.with("what", "charts at the other facilities"));
        }
    }
    let mut plan = plan::plan(now);
    plan.retain(|visit| days.is_none_or(|days| now - visit.at_ms <= i64::from(days) * DAY_MS));
    let count = courses(&devices, &ids, &plan)?;
    settle(&devices)?;
    // Counted from the newest visit, so that a weekend without any leaves something new as well.
    let newest = plan.iter().map(|visit| visit.at_ms).max().unwrap_or(now);
    for device in &devices {
        for id in &ids {
            call(device, "chart.seen", json!({"patientId": id, "upTo": newest - NEW_DAYS * DAY_MS}))?;
        }
    }
    Ok(count)
}

/// A profile with the secrets that the demo shows. It lies in the folder alone, so that the folder can be moved.
fn profile(folder: &Path, relay: &relay::Local) -> Result<Device, Failure> {
    let outside = Outside { env: Arc::new(SystemEnv), net: relay.net(), keystore: Arc::new(NoKeystore) };
    let device = Device::hold(folder, outside)?;
    device.profile_create(PASSPHRASE)?;
    device.set_pin(PIN)?;
    Device::mark_demo(folder, &Demo { passphrase: PASSPHRASE.to_owned(), pin: PIN.to_owned() })?;
    Ok(device)
}

/// The patients' ids, by index.
fn register(nurse: &Device, now_ms: i64) -> Result<Vec<String>, Failure> {
    let host = Past { device: nurse, at_ms: now_ms - (DAYS + 1) * DAY_MS };
    let one = |person: &patients::Person| {
        let made = call(&host, "patient.register", json!({"identity": person.identity(), "acceptSimilar": true}))?;
        let id = made.get("patientId").and_then(Value::as_str).ok_or(Code::Bug)?;
        Ok(id.to_owned())
    };
    PATIENTS.iter().map(one).collect()
}

/// Everybody writes their visits, each on their own device.
fn courses(devices: &[Device], ids: &[String], plan: &[Visit]) -> Result<Count, Failure> {
    std::thread::scope(|scope| {
        let begun: Vec<_> = devices
            .iter()
            .zip(&STAFF)
            .map(|(device, staff)| {
                let own = plan.iter().filter(|visit| visit.author == staff.author);
                scope.spawn(move || write::visits(device, ids, own))
            })
            .collect();
        let mut all = Count::default();
        for one in begun {
            let count = one.join().map_err(|_| Code::Bug)??;
            all.visits += count.visits;
            all.entries += count.entries;
            all.pictures += count.pictures;
        }
        Ok(all)
    })
}

/// Everybody talks with the relay until all have everything.
fn settle(devices: &[Device]) -> Result<(), Failure> {
    let mut last = Value::Null;
    for _ in 0..ROUNDS_MAX {
        let before = last;
        let mut states = Vec::new();
        for device in devices {
            states.push(call(device, "sync.now", json!({}))?);
        }
        let quiet =
            states.iter().all(|s| s.get("state") == Some(&json!("up-to-date")) && s.get("unsent") == Some(&json!(0)));
        last = states.iter().map(|s| s.get("lastReceivedMs").cloned().unwrap_or_default()).collect();
        if quiet && last == before {
            return Ok(());
        }
    }
    Err(Code::RelayRefused.with("what", "the region does not come to rest"))
}
