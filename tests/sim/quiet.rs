//! Fair weather until nothing moves, and what must be true then.

use crate::tables::{self, Tables};
use crate::truth::{Chart, Truth, owes};
use crate::world::{World, open, sync, word};
use meguri_commands::host::Host;
use meguri_testkit::{Person, Traffic, Weather};
use meguri_wire::SpaceId;
use meguri_wire::control::{RemoveReason, Role};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Rounds after which everybody must agree once the weather is fair.
const QUIET_ROUNDS: usize = 24;

/// What was seen, so that a test can tell that it was not nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sums {
    pub removed: usize,
    pub compromised: usize,
    pub wiped: usize,
    /// Of those that were removed: held by a chart that no relay knows.
    pub waiting: usize,
    pub late: usize,
    pub let_in: usize,
    pub epochs: u64,
    pub off: usize,
    pub closed: usize,
    pub open: usize,
    pub losses: usize,
    pub excused: usize,
    pub keyless: usize,
    pub forgotten: usize,
    pub forked: usize,
    pub unproven: usize,
    /// Entries that are shown struck, on any device.
    pub struck: usize,
    pub emptied: usize,
    pub moved: usize,
}

impl Sums {
    pub fn add(&mut self, other: &Sums) {
        self.removed += other.removed;
        self.compromised += other.compromised;
        self.wiped += other.wiped;
        self.waiting += other.waiting;
        self.late += other.late;
        self.let_in += other.let_in;
        self.epochs += other.epochs;
        self.off += other.off;
        self.closed += other.closed;
        self.open += other.open;
        self.losses += other.losses;
        self.excused += other.excused;
        self.keyless += other.keyless;
        self.forgotten += other.forgotten;
        self.forked += other.forked;
        self.unproven += other.unproven;
        self.struck += other.struck;
        self.emptied += other.emptied;
        self.moved += other.moved;
    }
}

impl World {
    /// What went over the lines of those who may read and write. Who was removed asks in vain, and who is shown a team gone
    /// on by somebody removed; what may not be written any more is offered in vain, after asking for its pictures, and
    /// shown as unsent; a picture that is gone is asked for in vain.
    fn traffic(&self, states: &[Option<Value>]) -> Vec<Traffic> {
        let count = |(person, state): (&Person, &Option<Value>)| {
            let apart = |state: &&Value| word(state) == "fork" || state["params"]["what"] == "removal";
            let Some(state) = state.as_ref().filter(|state| !apart(state)) else { return Traffic::default() };
            let mut traffic = person.net().traffic();
            if ["sending", "waiting", "chain-conflict"].contains(&word(state)) {
                (traffic.pushes, traffic.blobs_asked) = (0, 0);
            }
            if state["picturesMissing"] != 0 {
                traffic.blobs_fetched = 0;
            }
            traffic
        };
        self.people.iter().zip(states).map(count).collect()
    }

    /// Rounds until one transfers nothing; nothing saved is lost, everybody has the same, and it can be built again.
    pub fn settle(&mut self) -> Sums {
        for person in &self.people {
            person.net().set_weather(Weather::default());
        }
        self.rest();
        let mut sums = Sums::default();
        self.judge(&mut sums);
        if self.lively {
            let listed = sums.late;
            // Nothing that waits is spoiled: all of it can still be let in.
            self.let_all_in();
            self.rest();
            sums = Sums::default();
            self.judge(&mut sums);
            sums.late = listed;
        }
        sums
    }

    fn rest(&mut self) {
        let mut before = Vec::new();
        for _ in 0..QUIET_ROUNDS {
            let states: Vec<Option<Value>> = (0..self.people.len()).map(|who| self.sync(who)).collect();
            self.region.pass_ms(310_000);
            let traffic = self.traffic(&states);
            if traffic == before {
                return;
            }
            before = traffic;
        }
        for (who, person) in self.people.iter().enumerate() {
            let state = sync(person).unwrap_or_default();
            eprintln!(
                "{who} {person:?} {state}\n{}\n{:?}",
                person.device().device_log(),
                tables::left(person.folder())
            );
        }
        panic!("it never gets quiet");
    }

    fn judge(&mut self, sums: &mut Sums) {
        tables::close();
        let truth = Truth::of(self);
        (sums.losses, sums.emptied) = (self.kept.losses.len(), self.emptied);
        sums.moved = usize::from(self.moved);
        (sums.keyless, sums.forgotten) = (truth.keyless.len(), truth.forgotten.len());
        (sums.forked, sums.unproven) = (truth.forked.len(), truth.unproven.len());
        self.those_who_are_gone(&truth, sums);
        self.those_who_stay(&truth);
        self.nothing_is_lost(&truth, sums);
        self.pictures_open(&truth);
        self.all_are_equal(&truth);
        self.nothing_is_owed(&truth, sums);
        (sums.closed, sums.open) = self.shut_out(&truth);
        tables::close();
    }

    fn stays(&self, truth: &Truth) -> Vec<usize> {
        (0..self.people.len()).filter(|who| truth.removal(&self.parties[*who].device).is_none()).collect()
    }

    /// Each removed device knows it and has forgotten everything.
    fn those_who_are_gone(&self, truth: &Truth, sums: &mut Sums) {
        for (who, person) in self.people.iter().enumerate() {
            let Some(reason) = truth.removal(&self.parties[who].device) else { continue };
            let door = person.call("profile.status", json!({})).unwrap();
            let word = match reason {
                RemoveReason::Lost => "lost",
                RemoveReason::Retired => "retired",
                RemoveReason::Compromised => "compromised",
            };
            let log = person.device().device_log();
            assert_eq!(door["removed"]["reason"], word, "{who}: {door}\n{log}");
            // A number that a copy was quicker to hand in is taken, by an item of another store when the relay was lost in
            // between (protocol §2, chain outcomes).
            let refused = |line: &str| {
                line.ends_with("chain_conflict 1") || (!self.kept.losses.is_empty() && line.ends_with("superseded 1"))
            };
            let taken = self.held_by_a_copy(who) && log.lines().last().is_some_and(refused);
            if reason != RemoveReason::Compromised && !tables::only_here(person.folder()).is_empty() {
                // A chart that no relay has ever taken cannot be handed in: it waits behind the lock, and is counted.
                let left = tables::not_handed_in(person.folder());
                assert!(left.is_empty() || taken, "{who} has not handed in what it could: {left:?} {door}\n{log}");
                assert_ne!(door["removed"]["left"], 0, "{who}: {door}");
                assert_eq!((&door["unlocked"], &door["screenLocked"]), (&json!(false), &json!(true)), "{who}: {door}");
                sums.waiting += 1;
                sums.removed += 1;
                continue;
            }
            if reason != RemoveReason::Compromised && self.held_by_a_copy(who) {
                assert!(taken, "{who}: {log}");
                sums.waiting += 1;
                sums.removed += 1;
                continue;
            }
            assert_eq!(door["exists"], false, "{who}, removed, holds on to something: {door}\n{log}");
            for file in ["replica.db", "keys.cbor"] {
                assert!(!person.folder().join(file).exists(), "{who} has kept {file}");
            }
            sums.removed += 1;
            sums.wiped += 1;
            sums.compromised += usize::from(reason == RemoveReason::Compromised);
        }
    }

    /// No false alarm, nothing half done, no decision left open.
    fn those_who_stay(&self, truth: &Truth) {
        for who in self.stays(truth) {
            let person = &self.people[who];
            let state = person.call("sync.status", json!({})).expect("it is unlocked");
            let apart = [&truth.forgotten, &truth.forked, &truth.unproven];
            if apart.iter().any(|apart| apart.contains(&who)) {
                continue;
            }
            let shut = self.may_not_write(truth, who);
            let mut words = vec!["up-to-date", "clock-wrong", "late-items"];
            if !shut.is_empty() {
                words.extend(["sending", "waiting"]);
            }
            if self.numbers_taken_by_a_copy(truth, who, &shut) {
                words.push("chain-conflict");
            }
            if !self.kept.losses.is_empty() {
                words.push("blob-missing");
            }
            let keyless = truth.keyless.iter().filter(|(waits, _)| *waits == who);
            let keyless: Vec<String> = keyless.map(|(_, space)| hex::encode(space.0)).collect();
            let waits = tables::unsettled_but(person.folder(), &shut, &keyless);
            words.extend((!keyless.is_empty()).then_some("waiting"));
            if !waits.is_empty() {
                self.tell_charts(truth, who);
            }
            assert!(
                words.contains(&word(&state)),
                "{who} {person:?}: {state} {waits:?}\n{}",
                person.device().device_log()
            );
            assert_eq!(waits, BTreeMap::new(), "{who} {person:?}: waiting, parked or unsent");
            let open = person.device().replica().unwrap().open_intents().unwrap();
            assert_eq!(open, 0, "{who}: decided and not done: {:?}", person.call("intent.list", json!({})));
        }
    }

    /// What a device holds of every chart, for a message.
    fn tell_charts(&self, truth: &Truth, who: usize) {
        let replica = self.people[who].device().replica().unwrap();
        for chart in truth.charts.values() {
            let Ok(export) = replica.chart_export(&chart.space, 0) else { continue };
            let keys: Vec<u64> = export.keys.iter().map(|key| key.n).collect();
            eprintln!("{who}: {} with keys {keys:?}, apart {:?}", chart.space, export.chart.set_aside);
            for record in &export.chart.records {
                let frame = meguri_wire::Frame::decode(&record.frame).unwrap();
                let by = self.parties.iter().position(|party| Some(party.device) == frame.author());
                let epoch = frame.item().map(|item| (item.dseq, item.epoch));
                let body = frame.control().map(|control| format!("{:?}", control.body));
                let body = body
                    .map(|body| body.chars().filter(|c| c.is_alphabetic() || *c == ' ').take(60).collect::<String>());
                eprintln!("  {} by {by:?} dseq and epoch {epoch:?} {body:?}", record.ssn);
            }
        }
    }

    /// Charts that a device has and must not write into: what it wrote before it knew waits there.
    fn may_not_write(&self, truth: &Truth, who: usize) -> Vec<String> {
        let shut = |chart: &&Chart| chart.role(&self.parties[who].team).is_none_or(|role| role < Role::Writer);
        truth.charts.values().filter(shut).map(|chart| hex::encode(chart.space.0)).collect()
    }

    /// Whether an installation has a copy that was quicker to bring items to the quarantine of a chart their team was taken
    /// off: that chart's feed does not show what has taken the numbers, so the other waits until it becomes another device
    /// (protocol §2, chain outcomes and quarantine; decision 15).
    fn numbers_taken_by_a_copy(&self, truth: &Truth, who: usize, shut: &[String]) -> bool {
        let device = self.parties[who].device;
        let taken = |space: &SpaceId| {
            let mut charts = truth.charts.values().filter(|chart| chart.space == *space);
            charts.any(|chart| chart.state.tail(&device).is_some())
                || (0..self.people.len()).any(|other| tables::lists_late(self.people[other].folder(), space, &device))
        };
        let mut spaces = truth.charts.values().map(|chart| chart.space);
        self.has_a_copy(who) && spaces.any(|space| shut.contains(&hex::encode(space.0)) && taken(&space))
    }

    fn has_a_copy(&self, who: usize) -> bool {
        self.parties.iter().filter(|party| party.device == self.parties[who].device).count() > 1
    }

    fn nothing_is_lost(&self, truth: &Truth, sums: &mut Sums) {
        let stays = self.stays(truth);
        let listed: Vec<BTreeSet<String>> = (0..self.people.len()).map(|who| self.listed_late(who)).collect();
        let late = |id: &String| listed.iter().any(|all| all.contains(id));
        sums.late = listed.iter().flatten().collect::<BTreeSet<_>>().len();
        for (id, entry) in &self.kept.entries {
            let Some(chart) = truth.charts.get(&entry.patient) else {
                // A chart whose beginning is late work has no name yet.
                let waits = late(id) || self.waits(entry.who, &entry.patient) || self.excused(truth, id, entry.who);
                assert!(
                    waits,
                    "the chart of {} is gone, and {id} of {} with it: {:?}",
                    entry.patient,
                    entry.who,
                    (
                        self.who_is_who(truth),
                        self.kept.losses.iter().map(|loss| loss.get(id)).collect::<Vec<_>>(),
                        self.people[entry.who].device().device_log()
                    )
                );
                continue;
            };
            let get = |who: usize| {
                self.people[who].call("chart.entry", json!({"patientId": entry.patient, "entryId": id})).ok()
            };
            let there: Vec<usize> = chart.readers.iter().copied().filter(|who| get(*who).is_some()).collect();
            if there.len() == chart.readers.len() {
                let shown = chart.readers.first().and_then(|who| get(*who)).unwrap_or_default();
                let versions = || shown["versions"].as_array().into_iter().flatten();
                sums.let_in += usize::from(versions().any(|v| v["status"] == "late"));
                sums.struck += usize::from(versions().any(|v| v["status"] == "struck"));
                continue;
            }
            let kept_by_author = stays.contains(&entry.who) && get(entry.who).is_some();
            let kept_by_author = kept_by_author || self.held_by_a_copy(entry.who);
            let own = self.parties[entry.who].team;
            let may_not = chart.role(&own).is_none_or(|role| role < Role::Writer)
                || truth.forgotten.contains(&entry.who)
                || truth.forked.contains(&entry.who)
                || truth.unproven.contains(&entry.who)
                || self.held_by_a_copy(entry.who);
            // A copy holds what its original held.
            let author = |who: usize| self.parties[who].device == self.parties[entry.who].device;
            let excused = late(id) || (kept_by_author && may_not) || self.excused(truth, id, entry.who);
            sums.excused += usize::from(!late(id));
            assert!(
                excused && there.iter().all(|who| author(*who) || truth.keyless.iter().any(|(k, _)| k == who)),
                "confirmed and lost: {} {id} of {} in {}, there at {there:?}, not at all of {:?}\n{:#?}\n{:?}",
                entry.kind,
                entry.who,
                chart.space,
                chart.readers,
                self.who_is_who(truth),
                self.kept.losses.iter().map(|loss| loss.get(id)).collect::<Vec<_>>()
            );
        }
        for (who, draft) in &self.kept.drafts {
            if stays.contains(who) {
                let drafts = self.people[*who].call("draft.list", json!({})).unwrap()["drafts"].clone();
                let kept = drafts.as_array().unwrap().iter().any(|found| found["id"] == **draft);
                assert!(kept, "a saved draft is lost: {draft} of {who}");
            } else {
                let found = self.held_by_a_copy(*who)
                    || self.patients.iter().any(|patient| self.waits(*who, patient))
                    || late(draft)
                    || self.kept.drafts_let_in.contains(draft)
                    || self.excused(truth, draft, *who);
                assert!(found, "a draft was not handed in: {draft} of {who}");
            }
        }
    }

    fn who_is_who(&self, truth: &Truth) -> Vec<String> {
        let one = |(who, party): (usize, &crate::world::Party)| {
            let left = self.people[who].device().replica().is_ok();
            format!(
                "{who} of {} {:?} open {left} {:?}",
                party.team,
                truth.removal(&party.device),
                tables::only_here(self.people[who].folder())
            )
        };
        self.parties.iter().enumerate().map(one).collect()
    }

    /// Whether this is a removed device whose copy was quicker to hand in: the number of what is left is taken.
    fn held_by_a_copy(&self, who: usize) -> bool {
        self.has_a_copy(who)
            && self.people[who].device().replica().is_err()
            && self.people[who].folder().join("replica.db").exists()
    }

    /// Whether a chart waits on a removed device, because no relay has ever taken it.
    fn waits(&self, who: usize, patient: &str) -> bool {
        tables::only_here(self.people[who].folder()).contains(&patient.replace('-', ""))
    }

    /// Dead with a compromised device; or gone with a relay that was lost while nobody else who is still here had it.
    fn excused(&self, truth: &Truth, id: &str, author: usize) -> bool {
        let stays = self.stays(truth);
        let nobody = |loss: &BTreeMap<String, BTreeSet<usize>>| {
            loss.get(id).is_none_or(|had| !had.iter().any(|who| stays.contains(who)))
        };
        let removal = truth.removal(&self.parties[author].device);
        removal == Some(RemoveReason::Compromised) || (removal.is_some() && self.kept.losses.iter().any(nobody))
    }

    fn pictures_open(&self, truth: &Truth) {
        for (entry, blob) in &self.kept.blobs {
            let Some(chart) = truth.charts.get(&self.kept.entries[entry].patient) else { continue };
            let opened: Vec<_> = chart.readers.iter().map(|who| open(&self.people[*who], entry, blob).ok()).collect();
            let Some(first) = opened.iter().flatten().next() else {
                let author = self.kept.entries[entry].who;
                let gone = truth.removal(&self.parties[author].device).is_some();
                let late = chart.readers.iter().all(|who| !self.in_chart(*who, entry));
                assert!(late || (gone && !self.kept.losses.is_empty()), "a picture is lost: {blob} of {author}");
                continue;
            };
            assert_eq!(&first[..3], [0xff, 0xd8, 0xff], "a JPEG");
            for (who, bytes) in chart.readers.iter().zip(&opened) {
                let there = self.in_chart(*who, entry);
                assert!(!there || bytes.as_ref() == Some(first), "another picture, or none, at {who}");
            }
        }
    }

    fn in_chart(&self, who: usize, entry: &str) -> bool {
        let patient = &self.kept.entries[entry].patient;
        self.people[who].call("chart.entry", json!({"patientId": patient, "entryId": entry})).is_ok()
    }

    fn all_are_equal(&self, truth: &Truth) {
        for (patient, chart) in &truth.charts {
            let Some(one) = chart.readers.first() else {
                let apart = truth.forgotten.len() + truth.forked.len() + truth.unproven.len();
                assert!(truth.keyless.len() + apart > 0, "nobody can read {patient}");
                continue;
            };
            let shown = |who: &usize| tables::chart(self.people[*who].folder(), &chart.space, patient);
            let shown: Vec<Tables> = chart.readers.iter().map(shown).collect();
            // One that shows most: what somebody has not sent is not compared.
            let first = shown.iter().max_by_key(|tables| tables.len()).unwrap();
            let heads = |who: usize| {
                let replica = self.people[who].device().replica().unwrap();
                replica.chart_export(&chart.space, 0).unwrap().documents
            };
            let wanted = heads(*one);
            for (who, tables) in chart.readers.iter().zip(&shown) {
                differs(first, tables, *who);
                assert_eq!(heads(*who), wanted, "the documents' heads at {who}");
            }
        }
        for who in self.stays(truth) {
            let person = &self.people[who];
            let before = tables::projection(person.folder());
            person.device().replica().unwrap().rebuild().expect("a rebuild");
            differs(&before, &tables::projection(person.folder()), who);
        }
    }

    fn nothing_is_owed(&self, truth: &Truth, sums: &mut Sums) {
        for chart in truth.charts.values() {
            sums.epochs += chart.state.newest_epoch();
            // Where every manager's device is apart, the next who writes pays (protocol §2, Epoch).
            let apart = truth.forgotten.len() + truth.forked.len() + truth.unproven.len() > 0;
            let manages = |who: &usize| chart.role(&self.parties[*who].team) == Some(Role::Manager);
            let idle = apart && !chart.readers.iter().any(manages);
            for who in chart.readers.iter().filter(|_| !idle) {
                // Where nobody holds a key that does not open somewhere, it is the next who writes too.
                let owes = owes(self, *who, &chart.space) && !self.nobody_heals(chart);
                if owes {
                    chart.readers.iter().for_each(|who| self.tell_charts(truth, *who));
                }
                assert!(!owes, "{} still owes a renewal, as {who} knows", chart.space);
            }
            let teams: BTreeSet<_> = self.parties.iter().map(|party| party.team).collect();
            sums.off += teams.iter().filter(|team| chart.role(team).is_none()).count();
        }
    }
}

impl World {
    fn nobody_heals(&self, chart: &Chart) -> bool {
        let newest = chart.state.newest_epoch();
        let holds = |who: &usize| {
            let replica = self.people[*who].device().replica().unwrap();
            replica.epoch_key(&chart.space).unwrap().is_some()
        };
        chart.state.faults.iter().any(|(epoch, _)| *epoch == newest) && !chart.readers.iter().any(holds)
    }
}

/// Names the first row that only one side has.
fn differs(one: &Tables, other: &Tables, who: usize) {
    for (table, rows) in one {
        let Some(theirs) = other.get(table) else { continue };
        let missing: Vec<_> = rows.difference(theirs).take(2).collect();
        let added: Vec<_> = theirs.difference(rows).take(2).collect();
        assert!(missing.is_empty() && added.is_empty(), "{table} at {who}:\n{missing:#?}\nagainst {added:#?}");
    }
}
