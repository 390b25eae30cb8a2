//! What managers look into: they strike through what should never have been written, put back what stood in the fields
//! before, and say of a lost device's grants that they may stay. Each may happen offline and at two places at once.

use crate::administration::decided;
use crate::world::World;
use meguri_commands::Code;
use serde_json::{Value, json};

impl World {
    pub fn oversee(&mut self, who: usize) {
        match self.region.dice.below(10) {
            0..=5 => self.strike(who),
            6..=8 => self.put_back(who),
            _ => self.let_grants_stay(who),
        }
    }

    /// An entry, or with it what its device wrote in that chart.
    fn strike(&mut self, who: usize) {
        let mut entries: Vec<_> =
            self.kept.entries.iter().map(|(id, entry)| (id.clone(), entry.patient.clone())).collect();
        if self.region.dice.chance(90) {
            let may = |(id, patient): &(String, String)| {
                self.people[who].call("entry.reach", json!({"patientId": patient, "entryId": id})).is_ok()
            };
            entries.retain(may);
        }
        let Some((entry, patient)) = self.any(&entries) else { return };
        let reach = ["entry", "entry", "since", "all"][usize::try_from(self.region.dice.below(4)).unwrap()];
        let req = json!({"patientId": patient, "entryId": entry, "reason": "untrue", "reach": reach});
        let done = self.people[who].call("entry.strike", req.clone());
        Self::told(&format!("{who} strikes {req}: {done:?}"));
        decided(&done, &[Code::NotAllowed, Code::NotFound]);
    }

    /// A field that a struck change wrote last gets a previous value, keeps its own, or none.
    fn put_back(&mut self, who: usize) {
        let patient = self.any(&self.patients).unwrap().clone();
        let Ok(shown) = self.people[who].call("state.struck", json!({"patientId": patient})) else { return };
        let fields = shown["fields"].as_array().unwrap();
        let Some(field) = self.any(fields) else { return };
        let values = |of: &str| field[of].as_array().unwrap().clone();
        let choices: Vec<Value> = values("before").into_iter().chain(values("now")).collect();
        let mut req = json!({"patientId": patient, "key": field["key"]});
        if let Some(choice) = self.any(&choices) {
            req["choice"] = choice["choice"].clone();
        }
        let done = self.people[who].call("state.restore", req.clone());
        Self::told(&format!("{who} puts back {req}: {done:?}"));
        decided(&done, &[Code::NotAllowed, Code::NotFound]);
    }

    fn let_grants_stay(&mut self, who: usize) {
        let Ok(shown) = self.people[who].call("grant.list", json!({})) else { return };
        let Some(asked) = self.any(shown["asked"].as_array().unwrap()) else { return };
        let req = json!({"patientId": asked["patientId"], "deviceId": asked["deviceId"]});
        let done = self.people[who].call("grant.confirm", req.clone());
        Self::told(&format!("{who} lets grants stay {req}: {done:?}"));
        decided(&done, &[Code::NotAllowed, Code::NotFound]);
    }
}
