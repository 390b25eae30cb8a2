//! Fair weather until nothing moves, and what must be true then.

use crate::tables::{self, Tables};
use crate::world::{World, open, word};
use meguri_commands::host::Host;
use meguri_testkit::{Person, Traffic, Weather};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Rounds after which everybody must agree once the weather is fair.
const QUIET_ROUNDS: usize = 16;

impl World {
    fn traffic(&self) -> Vec<Traffic> {
        self.people.iter().map(|person| person.net().traffic()).collect()
    }

    /// Rounds until one transfers nothing; nothing saved is lost, everybody has the same, and it can be built again.
    pub fn settle(&mut self) {
        for person in &self.people {
            person.net().set_weather(Weather::default());
        }
        let mut states: Vec<Value> = Vec::new();
        for round in 0..=QUIET_ROUNDS {
            let before = self.traffic();
            states = self.people.iter().map(Person::sync).collect();
            self.region.pass_ms(310_000);
            if round > 0 && self.traffic() == before {
                break;
            }
            if round == QUIET_ROUNDS {
                for person in &self.people {
                    eprintln!("{person:?}\n{}{:?}", person.device().device_log(), tables::unsettled(person.folder()));
                }
            }
            assert!(round < QUIET_ROUNDS, "it never gets quiet: {states:?}");
        }
        for (state, person) in states.iter().zip(&self.people) {
            assert_eq!(state["unsent"], 0, "{person:?}: {state}");
            assert!(
                ["up-to-date", "clock-wrong"].contains(&word(state)),
                "{person:?}: {state} {:?}",
                tables::unsettled(person.folder())
            );
        }
        self.nothing_is_lost();
        self.all_are_equal();
    }

    fn nothing_is_lost(&self) {
        for (who, person) in self.people.iter().enumerate() {
            let drafts = person.call("draft.list", json!({})).unwrap()["drafts"].clone();
            let drafts: Vec<&str> = drafts.as_array().unwrap().iter().map(|d| d["id"].as_str().unwrap()).collect();
            for (_, draft) in self.kept.drafts.iter().filter(|(whose, _)| *whose == who) {
                assert!(drafts.contains(&draft.as_str()), "a saved draft is lost: {draft}");
            }
            for (entry, (patient, kind)) in &self.kept.entries {
                let found = person.call("chart.entry", json!({"patientId": patient, "entryId": entry}));
                assert!(found.is_ok(), "confirmed and lost at {person:?}: {kind} {entry}");
            }
        }
        for (entry, blob) in &self.kept.blobs {
            let first = open(&self.people[0], entry, blob).expect("a picture opens");
            assert_eq!(&first[..3], [0xff, 0xd8, 0xff], "a JPEG");
            for person in &self.people {
                assert!(open(person, entry, blob).is_ok_and(|bytes| bytes == first), "another picture at {person:?}");
            }
        }
    }

    fn all_are_equal(&self) {
        let first = tables::shared(self.people[0].folder());
        for person in &self.people {
            assert_eq!(tables::unsettled(person.folder()), BTreeMap::new(), "waiting, parked or unsent at {person:?}");
            differs(&first, &tables::shared(person.folder()), person);
            let before = tables::projection(person.folder());
            person.device().replica().unwrap().rebuild().expect("a rebuild");
            differs(&before, &tables::projection(person.folder()), person);
        }
    }
}

/// Names the first row that only one side has.
fn differs(one: &Tables, other: &Tables, person: &Person) {
    for (table, rows) in one {
        let theirs = &other[table];
        let missing: Vec<_> = rows.difference(theirs).take(2).collect();
        let added: Vec<_> = theirs.difference(rows).take(2).collect();
        assert!(missing.is_empty() && added.is_empty(), "{table} at {person:?}:\n{missing:#?}\nagainst {added:#?}");
    }
}
