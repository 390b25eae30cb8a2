//! Three facilities, a few patients, and everything that was said to be kept.
//!
//! A world is of one kind, by its seed: in some nobody ever leaves, in most devices and facilities come and go.

use crate::visit::{self, Progress, text};
use meguri_commands::Code;
use meguri_testkit::{PASSPHRASE, Person, Region, Weather};
use meguri_wire::control::FacilityType;
use meguri_wire::{DeviceId, TeamId};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

pub const DECADE_MS: i64 = 10 * 365 * 86_400_000;
/// In every so many worlds nobody leaves and nothing is copied.
const CALM_EVERY: u64 = 4;
/// In every so many of the others a profile may be copied.
const TWINS_EVERY: u64 = 3;
/// Of every so many worlds one has managers who strike through.
const STRIKES_EVERY: u64 = 5;
/// Of every so many worlds, counted from another, one has a relay that comes back from nothing too.
const EMPTIED_EVERY: u64 = 5;
const EMPTIED_FROM: u64 = 3;
/// In which seeds the relay may move to another address.
const MOVED_EVERY: u64 = 7;
const MOVED_FROM: u64 = 5;
const MOVED_TO: &str = "neu.test";
const PATIENTS_MAX: usize = 5;
/// Crash points within which a dying piece of work ends.
const VISIT_POINTS: u64 = 16;
const ROUND_POINTS: u64 = 70;

/// An entry that was confirmed.
pub struct Entry {
    pub patient: String,
    pub kind: String,
    /// The installation it was written on.
    pub who: usize,
}

/// What a person was told is kept.
#[derive(Default)]
pub struct Kept {
    pub entries: BTreeMap<String, Entry>,
    /// Drafts with the installation they were saved on.
    pub drafts: BTreeSet<(usize, String)>,
    /// Blobs with the entry that lists them.
    pub blobs: BTreeSet<(String, String)>,
    /// Drafts that were handed in, and let in together with what was written after them.
    pub drafts_let_in: BTreeSet<String>,
    /// When the relay was lost: who had which entry or draft then.
    pub losses: Vec<BTreeMap<String, BTreeSet<usize>>>,
}

/// What is known of an installation from outside.
#[derive(Clone, Copy)]
pub struct Party {
    pub device: DeviceId,
    pub team: TeamId,
    pub skew_ms: i64,
}

pub struct World {
    pub region: Region,
    pub people: Vec<Person>,
    /// As [`World::people`].
    pub parties: Vec<Party>,
    pub patients: Vec<String>,
    pub kept: Kept,
    pub held: crate::held::Held,
    pub number: u64,
    /// Devices and facilities come and go.
    pub lively: bool,
    /// A profile may be copied.
    pub twins: bool,
    /// Managers strike through.
    pub strikes: bool,
    /// The relay may come back from nothing.
    empties: bool,
    /// How often it was lost with everything.
    pub emptied: usize,
    /// The relay may move.
    moves: bool,
    /// It did.
    pub moved: bool,
    steps: u64,
    /// When a partition is over, and who is cut off.
    cut_off: Option<(u64, Vec<usize>)>,
    /// A copy of what the relay had.
    backup: Option<PathBuf>,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let mut region = Region::in_memory(seed);
        let skew = |n: u64| i64::try_from(n % 3).unwrap() - 1;
        let (clinic, pharmacy) = (skew(seed) * DECADE_MS, skew(seed / 3) * DECADE_MS);
        let mut people = vec![
            region.facility("しおかぜ訪問看護", FacilityType::VisitingNursing, "小野寺 由美", "nurse", 0),
            region.facility("佐伯内科医院", FacilityType::Clinic, "佐伯 健", "physician", clinic),
            region.facility("みなと薬局", FacilityType::Pharmacy, "土屋 玲", "pharmacist", pharmacy),
        ];
        let teams: Vec<_> = people.iter().map(Person::team).collect();
        for person in &mut people {
            person.sync();
            person.share_with(&teams);
        }
        let names = [("佐藤", "花子", "サトウ", "ハナコ"), ("髙橋", "清", "タカハシ", "キヨシ")];
        let patients = names.iter().zip(&people).map(|((f, g, fk, gk), p)| p.register(f, g, fk, gk)).collect();
        for person in people.iter().chain(&people) {
            person.sync();
            region.pass_ms(61_000);
        }
        let lively = !seed.is_multiple_of(CALM_EVERY);
        let mut skews = vec![0, clinic, pharmacy];
        if lively {
            let at = usize::from(region.dice.chance(25));
            let admin = region.dice.chance(60);
            let colleague = region.colleague(&people[at], Some("三浦 千秋"), admin);
            colleague.share_with(&teams);
            people.push(colleague);
            skews.push(0);
        }
        let party =
            |(person, skew_ms): (&Person, &i64)| Party { device: person.id(), team: person.team(), skew_ms: *skew_ms };
        let parties = people.iter().zip(&skews).map(party).collect();
        World {
            region,
            people,
            parties,
            patients,
            kept: Kept::default(),
            held: crate::held::Held::default(),
            number: 0,
            lively,
            twins: lively && seed.is_multiple_of(TWINS_EVERY),
            strikes: lively && seed.is_multiple_of(STRIKES_EVERY),
            empties: seed % EMPTIED_EVERY == EMPTIED_FROM,
            emptied: 0,
            moves: seed % MOVED_EVERY == MOVED_FROM,
            moved: false,
            steps: 0,
            cut_off: None,
            backup: None,
        }
    }

    /// One installation more.
    pub fn arrives(&mut self, person: Person, skew_ms: i64) {
        let teams: BTreeSet<TeamId> = self.parties.iter().map(|party| party.team).collect();
        person.share_with(&teams.into_iter().collect::<Vec<_>>());
        self.parties.push(Party { device: person.id(), team: person.team(), skew_ms });
        self.people.push(person);
    }

    /// One round with the relay. One that was removed goes on behind its lock, or is gone: then there is no state.
    pub fn sync(&mut self, who: usize) -> Option<Value> {
        let state = sync(&self.people[who]);
        Self::told(&format!("{who} syncs: {:?}", state.as_ref().map(word)));
        if self.lively {
            self.held.look(&self.people[who], &self.parties[who]);
        }
        state
    }

    pub fn step(&mut self) {
        self.steps += 1;
        let dice = self.region.dice.clone();
        let who = usize::try_from(dice.below(self.people.len() as u64)).unwrap();
        self.trace(who);
        let dying = |percent, points| dice.chance(percent).then(|| dice.below(points));
        if self.lively && dice.chance(16) {
            self.administrate(who);
            self.region.pass_ms(i64::try_from(dice.below(120_000)).unwrap());
            return;
        }
        match dice.below(100) {
            0..=27 => {
                self.visit(who, dying(35, VISIT_POINTS), dice.chance(25));
            }
            28..=37 => self.follow_up(who, dying(30, 6)),
            38..=43 => self.telephone(who),
            44..=47 => {
                self.register(who, dying(40, 8));
            }
            48..=59 => self.weather(who),
            60..=90 => match dying(40, ROUND_POINTS) {
                Some(nth) => drop(self.people[who].dying(nth, sync)),
                None => drop(self.sync(who)),
            },
            91..=93 => self.look(who),
            94..=94 => self.people[who].crash(),
            95..=97 => self.lose_relay(),
            _ => self.restart_relay(),
        }
        if self.cut_off.as_ref().is_some_and(|(until, _)| *until <= self.steps) {
            for who in self.cut_off.take().into_iter().flat_map(|(_, group)| group) {
                self.people[who].net().set_weather(Weather::default());
            }
        }
        self.region.pass_ms(i64::try_from(dice.below(120_000)).unwrap());
    }

    fn trace(&self, who: usize) {
        if std::env::var("MEGURI_TRACE").is_ok() {
            let doors = self.people.iter().map(|p| p.call("profile.status", json!({})).unwrap()["exists"] == true);
            println!("step {} by {who}; there {:?}", self.steps, doors.collect::<Vec<_>>());
        }
    }

    pub fn told(what: &str) {
        if std::env::var("MEGURI_TRACE").is_ok() {
            println!("  {what}");
        }
    }

    fn weather(&mut self, who: usize) {
        let dice = &self.region.dice;
        if dice.chance(35) && self.cut_off.is_none() {
            let alone = dice.chance(50);
            let group: Vec<usize> = (0..self.people.len()).filter(|other| (*other == who) == alone).collect();
            for member in &group {
                self.people[*member].net().set_weather(Weather { offline: true, ..Weather::default() });
            }
            self.cut_off = Some((self.steps + 2 + dice.below(10), group));
            return;
        }
        let weather = Weather {
            offline: dice.chance(15),
            lose_request: 8,
            lose_answer: 12,
            twice: 10,
            cut: 20,
            late: 10,
            mixed: 15,
            ..Weather::default()
        };
        self.people[who].net().set_weather(weather);
    }

    /// The night's backup is taken; or, when there is one, the relay is lost and comes back from it.
    pub fn lose_relay(&mut self) {
        if self.moves && !self.moved && self.region.dice.chance(50) {
            return self.move_relay();
        }
        if self.empties && self.region.dice.chance(50) {
            return self.empty_relay();
        }
        match self.backup.take() {
            None => {
                self.backup = Some(self.region.back_up());
                Self::told("a backup");
            }
            Some(backup) => {
                self.kept.losses.push(self.who_has_what());
                Self::told("the relay is lost");
                let people: Vec<&Person> = self.people.iter().collect();
                self.region.restore(&backup, &people);
            }
        }
    }

    /// The relay is lost and no backup is left, perhaps no key either.
    fn empty_relay(&mut self) {
        self.kept.losses.push(self.who_has_what());
        self.backup = None;
        self.emptied += 1;
        let keys_too = self.region.dice.chance(40);
        Self::told(if keys_too { "the relay is emptied, keys too" } else { "the relay is emptied" });
        let people: Vec<&Person> = self.people.iter().collect();
        if keys_too { self.region.wipe_with_keys(&people) } else { self.region.wipe(&people) }
    }

    /// The relay goes on at another address under another store. What the one left behind is still brought counts as lost
    /// there.
    fn move_relay(&mut self) {
        self.kept.losses.push(self.who_has_what());
        self.backup = None;
        self.moved = true;
        Self::told("the relay moves");
        let people: Vec<&Person> = self.people.iter().collect();
        self.region.move_relay(MOVED_TO, &people);
    }

    pub fn restart_relay(&mut self) {
        let people: Vec<&Person> = self.people.iter().collect();
        self.region.restart_relay(&people);
    }

    /// A patient whose chart has arrived here.
    fn patient(&self, who: usize) -> Option<String> {
        let patient =
            self.patients[usize::try_from(self.region.dice.below(self.patients.len() as u64)).unwrap()].clone();
        self.people[who].call("patient.show", json!({"patientId": patient})).ok().map(|_| patient)
    }

    /// A patient into whose chart this device may write, as far as it knows.
    fn writable(&self, who: usize) -> Option<String> {
        let patient = self.patient(who)?;
        let refused = self.people[who].call("entry.confirm", json!({"patientId": patient})).expect_err("not whole");
        let whole = [Code::BadRequest, Code::NotAllowed, Code::Removed];
        assert!(whole.contains(&refused.code), "{refused:?}");
        (refused.code == Code::BadRequest).then_some(patient)
    }

    /// A visit is written; where the process ended, if it did. Then all of it is there, or its drafts are.
    pub fn visit(&mut self, who: usize, dying: Option<u64>, photo: bool) -> Option<&'static str> {
        let patient = self.writable(who)?;
        self.number += 1;
        let (number, progress) = (self.number, RefCell::default());
        let work = |person: &Person| visit::record(person, &patient, number, photo, &progress);
        let crash = self.people[who].dying(dying.unwrap_or(u64::MAX), work).err();
        let Progress { drafts: saved, entries: answered } = progress.into_inner();
        let (drafts, entries) = visit::found(&self.people[who], &patient, number);
        let ids: Vec<String> = entries.iter().map(|entry| text(&entry["id"])).collect();
        Self::told(&format!("{who} writes {ids:?} into {patient}"));
        assert!(answered.iter().all(|id| ids.contains(id)), "answered and lost: {crash:?}");
        if ids.is_empty() {
            assert!(saved.iter().all(|id| drafts.contains(id)), "a saved draft is lost: {crash:?}");
        } else {
            assert_eq!((drafts.len(), ids.len()), (0, 2 + usize::from(photo)), "confirmed in part: {crash:?}");
        }
        self.kept.drafts.extend(drafts.into_iter().map(|draft| (who, draft)));
        for entry in entries {
            let kept = Entry { patient: patient.clone(), kind: text(&entry["kind"]), who };
            for blob in [&entry["body"]["blob"]["id"], &entry["body"]["thumb"]["id"]] {
                self.kept.blobs.extend(blob.as_str().map(|blob| (text(&entry["id"]), blob.to_owned())));
            }
            self.kept.entries.insert(text(&entry["id"]), kept);
        }
        crash.map(|crash| crash.0)
    }

    /// Somebody corrects or withdraws a note; whether it may be is the command's to say.
    fn follow_up(&mut self, who: usize, dying: Option<u64>) {
        let notes: Vec<_> = self.kept.entries.iter().filter(|(_, entry)| entry.kind == "note").collect();
        let at = self.region.dice.below(notes.len().max(1) as u64);
        let Some((id, entry)) = notes.get(usize::try_from(at).unwrap()) else { return };
        let (id, patient) = ((*id).clone(), entry.patient.clone());
        self.number += 1;
        let reason = format!("訂正 {}", self.number);
        let mut request = json!({"patientId": patient, "entryId": id, "reason": reason});
        let mut name = "entry.void";
        if self.region.dice.chance(70) {
            name = "entry.amend";
            request["body"] = json!({"s": format!("訂正後 {}", self.number), "o": "", "a": "", "p": ""});
        }
        let done = self.people[who].dying(dying.unwrap_or(u64::MAX), |person| person.call(name, request));
        let versions = self.people[who].call("chart.entry", json!({"patientId": patient, "entryId": id}));
        let versions = versions.map(|all| all["versions"].clone()).unwrap_or_default();
        let there = versions.as_array().and_then(|all| all.iter().find(|version| version["reason"] == reason)).cloned();
        if let Ok(Ok(_)) = &done {
            assert!(there.is_some(), "answered and lost");
        }
        if let Some(version) = there {
            let kept = Entry { patient, kind: "note follow-up".into(), who };
            self.kept.entries.insert(text(&version["id"]), kept);
        }
    }

    /// A field that others may be writing too.
    fn telephone(&mut self, who: usize) {
        let Some(patient) = self.writable(who) else { return };
        self.number += 1;
        let fields = json!({"phone": format!("090-0000-{:04}", self.number)});
        let put = json!({"patientId": patient, "kind": "identity", "id": patient, "fields": fields});
        self.people[who].call("state.put", put).expect("a number is kept");
    }

    /// A further chart; where the process ended, if it did.
    pub fn register(&mut self, who: usize, dying: Option<u64>) -> Option<&'static str> {
        if self.patients.len() >= PATIENTS_MAX && dying.is_none() {
            return None;
        }
        if self.people[who].call("patient.search", json!({"query": "佐藤"})).is_err() {
            return None; // this device was removed
        }
        self.number += 1;
        let family = format!("患者{}", self.number);
        let work = |person: &Person| person.try_register(&family, "試", "カンジャ", "タメシ");
        let done = self.people[who].dying(dying.unwrap_or(u64::MAX), work);
        let rows = self.people[who].call("patient.search", json!({"query": family})).unwrap()["rows"].clone();
        let found = rows.as_array().unwrap().iter().find(|row| row["name"]["family"] == family).cloned();
        let found: Option<String> = found.map(|row| text(&row["patientId"]));
        Self::told(&format!("{who} registers {found:?}"));
        match &done {
            Ok(Ok(patient)) => assert_eq!(found.as_ref(), Some(patient), "answered and lost"),
            Ok(Err(refused)) => assert_eq!(refused.params["reason"], "waiting", "{refused:?}"),
            Err(_) => {}
        }
        self.patients.extend(found.filter(|_| self.patients.len() < PATIENTS_MAX));
        done.err().map(|crash| crash.0)
    }

    /// Somebody looks at a picture; it may not have come yet.
    fn look(&self, who: usize) {
        let Some((entry, blob)) = self.kept.blobs.iter().next_back() else { return };
        let _ = open(&self.people[who], entry, blob);
    }
}

/// See [`World::sync`].
pub fn sync(person: &Person) -> Option<Value> {
    match person.call("sync.now", json!({})) {
        Ok(state) => Some(state),
        Err(failure) if [Code::Removed, Code::Locked, Code::NoProfile].contains(&failure.code) => {
            let _ = person.call("profile.unlock", json!({"passphrase": PASSPHRASE}));
            let _ = person.device().round();
            None
        }
        Err(failure) => panic!("{person:?}: {failure:?}"),
    }
}

pub fn open(person: &Person, entry: &str, blob: &str) -> Result<Vec<u8>, meguri_commands::Failure> {
    person.device().open_picture(&blob.parse().unwrap(), entry.parse().unwrap())
}

/// What a sync state says in one word.
pub fn word(state: &Value) -> &str {
    state["state"].as_str().unwrap()
}
