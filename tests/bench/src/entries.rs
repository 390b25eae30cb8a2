//! The workload's JSON as entries of the product. `vitals` and `soap` become its kinds `vitals` and `note`. `rx` becomes
//! the reserved tag `prescription`, which has no screen yet: the replica takes a body whose kind it does not know,
//! stores, sends and shows it as unreadable, which is how an older app treats a newer kind.

use meguri_clinical::entry_kind;
use meguri_replica::{EntryBody, NewEntry};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// What `lib/workload.mjs` writes.
#[derive(Deserialize)]
pub struct Workload {
    /// Names of charts.
    pub charts: Vec<String>,
    /// In order of time.
    pub entries: Vec<Entry>,
}

/// One entry of it.
#[derive(Clone, Deserialize, Serialize)]
pub struct Entry {
    /// The harness's name for it.
    pub id: String,
    /// Whose chart.
    pub chart: String,
    /// ISO time.
    pub ts: String,
    /// `vitals`, `soap` or `rx`.
    pub kind: String,
    /// What the kind holds.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Days since 1970 of a Gregorian date.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

impl Entry {
    /// Clinical time, ms UTC.
    pub fn at_ms(&self) -> i64 {
        let n = |from: usize, to: usize| self.ts[from..to].parse::<i64>().expect("a number");
        let seconds = n(11, 13) * 3600 + n(14, 16) * 60 + n(17, 19);
        days(n(0, 4), n(5, 7), n(8, 10)) * 86_400_000 + seconds * 1000 + n(20, 23)
    }

    /// The stored tag and the bytes of the kind.
    pub fn body(&self) -> (&'static str, Vec<u8>) {
        match self.kind.as_str() {
            "vitals" => ("vitals", encode("vitals", &vitals(&self.rest["v"]))),
            "soap" => {
                let part = |key: &str| self.rest[key].clone();
                ("note", encode("note", &json!({"s": part("s"), "o": part("o"), "a": part("a"), "p": part("p")})))
            }
            "rx" => {
                let mut bytes = Vec::new();
                ciborium::into_writer(&json!({"drugs": self.rest["drugs"]}), &mut bytes).expect("CBOR");
                ("prescription", bytes)
            }
            other => panic!("kind {other}"),
        }
    }

    /// As the replica takes it.
    pub fn entry(&self, id: Uuid) -> NewEntry {
        let (kind, body) = self.body();
        let body = EntryBody { zone_min: 540, body, ..EntryBody::default() };
        NewEntry { id, kind: kind.to_owned(), at_ms: self.at_ms(), body }
    }
}

/// A new id of the product.
pub fn new_id(at_ms: i64) -> Uuid {
    let mut random = [0; 10];
    getrandom::fill(&mut random).expect("randomness");
    uuid::Builder::from_unix_timestamp_millis(u64::try_from(at_ms).unwrap_or(0), &random).into_uuid()
}

fn encode(kind: &str, body: &Value) -> Vec<u8> {
    entry_kind(kind).expect("a kind").encode(body).unwrap_or_else(|refused| panic!("{kind}: {refused:?}"))
}

fn vitals(v: &Value) -> Value {
    let whole = |key: &str| v[key].as_i64().expect("a whole number");
    let tenth = |key: &str| format!("{:.1}", v[key].as_f64().expect("a number"));
    // The generator lets the diastolic pressure reach the systolic one; the product refuses that.
    let dia = whole("dia").min(whole("sys") - 1);
    let item = |key: &str, value: String| json!({"key": key, "value": value, "attributes": {}});
    let mut items = vec![
        item("bp.sys", whole("sys").to_string()),
        item("bp.dia", dia.to_string()),
        item("pulse", whole("pulse").to_string()),
        item("temp", tenth("temp")),
        item("rr", whole("resp").to_string()),
        item("weight", tenth("weight")),
        item("glucose", whole("glucose").to_string()),
    ];
    items.push(json!({"key": "spo2", "value": whole("spo2").to_string(), "attributes": {"gas": "room-air"}}));
    json!({"items": items, "notMeasured": []})
}
