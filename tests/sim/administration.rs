//! What administrators decide: devices and people go and others come, facilities leave a chart and come back, roles change,
//! late work is let in; and a profile is copied. Each may happen offline, at two places at once, and be too late.

use crate::visit::text;
use crate::world::World;
use meguri_commands::{Code, Failure};
use meguri_testkit::Weather;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// More installations than this make a seed slow and show nothing new.
const PEOPLE_MAX: usize = 7;
const NAMES: [&str; 4] = ["村上 恵", "及川 薫", "菅原 光", "千葉 葵"];

impl World {
    pub fn administrate(&mut self, who: usize) {
        if self.strikes && self.region.dice.chance(40) {
            return self.oversee(who);
        }
        match self.region.dice.below(100) {
            0..=29 => self.remove(who),
            30..=44 => self.enrol(who),
            45..=52 => self.copy(who),
            53..=76 => self.change_members(who),
            _ => self.let_in(who),
        }
    }

    pub fn any<'a, T>(&self, all: &'a [T]) -> Option<&'a T> {
        all.get(usize::try_from(self.region.dice.below(all.len() as u64)).unwrap())
    }

    /// A device or a person of the own team goes, perhaps oneself.
    fn remove(&mut self, who: usize) {
        let Ok(shown) = self.people[who].call("team.show", json!({})) else { return };
        let staff = shown["staff"].as_array().unwrap();
        let present = staff.iter().filter(|row| row["removed"] == false);
        let devices: Vec<(Value, Value)> = present
            .flat_map(|row| row["devices"].as_array().unwrap().iter().map(move |device| (row, device)))
            .filter(|(_, device)| device["removed"].is_null())
            .map(|(row, device)| (row["person"]["staffId"].clone(), device["deviceId"].clone()))
            .collect();
        let Some((staff, device)) = self.any(&devices) else { return };
        let reason = ["lost", "lost", "retired", "compromised"][usize::try_from(self.region.dice.below(4)).unwrap()];
        let req = if self.region.dice.chance(20) {
            json!({"staffId": staff, "reason": reason})
        } else {
            json!({"deviceId": device, "reason": reason})
        };
        self.held.look(&self.people[who], &self.parties[who]);
        let done = self.people[who].call("team.remove", req.clone());
        Self::told(&format!("{who} removes {req}: {done:?}"));
        decided(&done, &[Code::NotAllowed, Code::Refused, Code::NotFound]);
    }

    /// A replacement, face to face and with a network.
    fn enrol(&mut self, who: usize) {
        if self.people.len() >= PEOPLE_MAX {
            return;
        }
        self.people[who].net().set_weather(Weather::default());
        let name = NAMES[usize::try_from(self.number % 4).unwrap()];
        let name = self.region.dice.chance(60).then_some(name);
        let may_remove = self.region.dice.chance(40);
        // Whoever is removed, or no admin, is told so.
        if let Ok(newcomer) = self.region.try_colleague(&self.people[who], name, may_remove) {
            self.arrives(newcomer, 0);
            Self::told(&format!("{who} enrols {}", self.people.len() - 1));
            let last = self.people.len() - 1;
            self.sync(last);
            self.sync(who);
        }
    }

    /// A profile is copied while it is not running; both go on.
    fn copy(&mut self, who: usize) {
        let gone = self.people[who].call("draft.list", json!({})).is_err();
        if !self.twins || gone || self.people.len() >= PEOPLE_MAX {
            return;
        }
        let twin = self.region.twin(&mut self.people[who], self.parties[who].skew_ms);
        self.arrives(twin, self.parties[who].skew_ms);
        self.twins = false;
        Self::told(&format!("{who} is copied"));
    }

    /// A facility leaves a chart, comes back, or gets another role.
    fn change_members(&mut self, who: usize) {
        let patient = self.any(&self.patients).unwrap().clone();
        let teams: BTreeSet<_> = self.parties.iter().map(|party| party.team).collect();
        let others: Vec<_> = teams.into_iter().filter(|team| *team != self.parties[who].team).collect();
        let team = self.any(&others).unwrap().to_string();
        let role = ["reader", "writer", "writer", "manager"][usize::try_from(self.region.dice.below(4)).unwrap()];
        let (name, role) = match self.region.dice.below(10) {
            0..=3 => ("space.remove", None),
            4..=6 => ("space.add", Some(role)),
            _ => ("space.role", Some(role)),
        };
        let mut req = json!({"patientId": patient, "facilityId": team});
        if let Some(role) = role {
            req["role"] = json!(role);
        }
        let done = self.people[who].call(name, req.clone());
        Self::told(&format!("{who} {name} {req}: {done:?}"));
        decided(&done, &[Code::NotAllowed, Code::NotFound]);
    }

    /// A manager lets late work in: all of a device's in a chart, or a beginning of it.
    fn let_in(&mut self, who: usize) {
        let Ok(late) = self.people[who].call("late.list", json!({})) else { return };
        let chains = late["chains"].as_array().unwrap().clone();
        let Some(chain) = self.any(&chains) else { return };
        let items: Vec<Value> =
            chain["items"].as_array().unwrap().iter().take_while(|item| item["problem"].is_null()).cloned().collect();
        let upto = if self.region.dice.chance(50) { items.last() } else { self.any(&items) };
        let Some(upto) = upto.map(|item| item["dseq"].clone()) else { return };
        let req = json!({"patientId": chain["patientId"], "deviceId": chain["deviceId"], "upto": upto});
        let done = self.people[who].call("late.admit", req.clone());
        Self::told(&format!("{who} lets in {req}: {done:?}"));
        decided(&done, &[Code::NotAllowed, Code::NotFound]);
        if done.is_ok() {
            let let_in = items.iter().filter(|item| item["dseq"].as_u64() <= upto.as_u64());
            let brought = let_in.flat_map(|item| item["brings"].as_array().unwrap());
            let drafts = brought.filter(|entry| entry["draft"] == true).map(|entry| text(&entry["id"]));
            self.kept.drafts_let_in.extend(drafts);
        }
    }

    /// Everything that waits is let in.
    pub fn let_all_in(&mut self) {
        for who in 0..self.people.len() {
            for _ in 0..self.people.len() * self.patients.len() {
                self.let_in(who);
            }
        }
    }

    /// Which installations hold which entry or draft, in a chart, unsent, or as late work that is listed.
    pub fn who_has_what(&self) -> BTreeMap<String, BTreeSet<usize>> {
        let mut out: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (who, person) in self.people.iter().enumerate() {
            for (id, entry) in &self.kept.entries {
                let req = json!({"patientId": entry.patient, "entryId": id});
                if person.call("chart.entry", req).is_ok() {
                    out.entry(id.clone()).or_default().insert(who);
                }
            }
            let drafts = person.call("draft.list", json!({})).unwrap_or_default();
            let drafts = drafts["drafts"].as_array().into_iter().flatten().map(|draft| text(&draft["id"]));
            for id in drafts.chain(self.listed_late(who)) {
                out.entry(id).or_default().insert(who);
            }
        }
        out
    }

    /// Entries and drafts that a device lists as late.
    pub fn listed_late(&self, who: usize) -> BTreeSet<String> {
        let late = self.people[who].call("late.list", json!({})).unwrap_or_default();
        let chains = late["chains"].as_array().into_iter().flatten();
        let items = chains.flat_map(|chain| chain["items"].as_array().unwrap());
        let brings = items.flat_map(|item| item["brings"].as_array().unwrap());
        brings.filter_map(|entry| entry["id"].as_str().map(str::to_owned)).collect()
    }
}

/// A decision is kept, or refused for a reason that people can meet.
pub fn decided(done: &Result<Value, Failure>, refusals: &[Code]) {
    let gone = [Code::Removed, Code::Locked, Code::NoProfile, Code::NotEnrolled];
    if let Err(failure) = done {
        assert!(refusals.contains(&failure.code) || gone.contains(&failure.code), "{failure:?}");
    }
}
