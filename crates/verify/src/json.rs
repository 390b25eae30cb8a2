//! The report as JSON lines, and an entry's CBOR as JSON, with no knowledge of its kind.

use ciborium::Value as Cbor;
use serde_json::{Map, Value, json};

use crate::place::{Mark, Place};
use crate::report::{Author, Broken, Line, Report, SetAside, Summary, What, Written};
use crate::zone::iso;

/// Nesting that is shown; an entry has a few levels.
const DEPTH_MAX: usize = 32;

/// An entry's bytes. A byte string that is itself a map or list in CBOR is shown as such, any other in hex; keys that
/// are numbers are shown as text. What is no CBOR is shown in hex.
#[must_use]
pub fn body(bytes: &[u8]) -> Value {
    read(bytes).map_or_else(|| Value::String(hex::encode(bytes)), |value| show(&value, DEPTH_MAX))
}

fn read(bytes: &[u8]) -> Option<Cbor> {
    let mut rest = bytes;
    let value = ciborium::de::from_reader_with_recursion_limit(&mut rest, DEPTH_MAX).ok()?;
    rest.is_empty().then_some(value)
}

fn show(value: &Cbor, depth: usize) -> Value {
    let Some(deeper) = depth.checked_sub(1) else { return Value::Null };
    if let Cbor::Bytes(bytes) = value {
        let inside = read(bytes).filter(|inside| inside.is_map() || inside.is_array());
        return inside.map_or_else(|| Value::String(hex::encode(bytes)), |inside| show(&inside, deeper));
    }
    if let Cbor::Array(values) = value {
        return Value::Array(values.iter().map(|value| show(value, deeper)).collect());
    }
    if let Cbor::Map(pairs) = value {
        let pairs = pairs.iter().map(|(key, value)| (key_text(&show(key, deeper)), show(value, deeper)));
        return Value::Object(pairs.collect::<Map<_, _>>());
    }
    if let Cbor::Tag(_, inside) = value {
        return show(inside, deeper);
    }
    if let Cbor::Integer(number) = value {
        let number = i128::from(*number);
        return i64::try_from(number).map_or_else(|_| Value::String(number.to_string()), Value::from);
    }
    match (value.as_text(), value.as_float(), value.as_bool()) {
        (Some(text), _, _) => text.into(),
        (_, Some(number), _) => number.into(),
        (_, _, Some(truth)) => truth.into(),
        (None, None, None) => Value::Null,
    }
}

fn key_text(key: &Value) -> String {
    key.as_str().map_or_else(|| key.to_string(), str::to_owned)
}

impl Line {
    /// One line.
    #[must_use]
    pub fn to_json(&self, bodies: bool) -> Value {
        let mut out = json!({
            "feed": self.feed.to_string(), "feedKind": self.kind.text(), "position": self.ssn,
            "received": iso(i64::try_from(self.received_ms).unwrap_or(i64::MAX), 0),
            "author": self.author.as_ref().map(author),
        });
        let what = match &self.what {
            What::Control { cseq, text } => json!({"type": "control", "control": cseq, "does": text}),
            What::Entry { id, kind, at_ms, written, change, body: bytes, struck } => json!({
                "type": "entry", "kind": kind, "entry": uuid::Uuid::from_bytes(*id).to_string(),
                "at": iso(*at_ms, written.zone_min), "written": clock(written), "change": hex::encode(change),
                "struck": struck, "body": bodies.then(|| body(bytes)),
            }),
            What::State { key, written, change, struck } => json!({
                "type": "state", "key": key, "written": clock(written), "change": hex::encode(change), "struck": struck,
            }),
            What::Other { class } => json!({"type": "other", "class": class}),
        };
        if let (Value::Object(out), Value::Object(what)) = (&mut out, what) {
            out.extend(what.into_iter().filter(|(_, value)| !value.is_null()));
        }
        out
    }
}

fn author(author: &Author) -> Value {
    json!({
        "device": author.device.to_string(), "staff": author.staff.to_string(), "nameSaid": author.name,
        "team": author.team.to_string(), "facility": author.facility,
    })
}

fn clock(written: &Written) -> Value {
    json!({"at": iso(written.at_ms, written.zone_min), "clockOffsetMs": written.clock_offset_ms})
}

fn place(place: &Place) -> Value {
    let (control, device, dseq, document) = match place.mark {
        Mark::Control(cseq) => (Some(cseq), None, None, None),
        Mark::Item(device, dseq) => (None, Some(device.to_string()), Some(dseq), None),
        Mark::Document(doc) => (None, None, None, Some(doc.to_string())),
        Mark::Nothing => (None, None, None, None),
    };
    json!({
        "feed": place.feed.to_string(), "feedKind": place.kind.text(), "position": place.ssn,
        "frame": place.frame.map(|id| id.to_string()), "control": control, "device": device, "item": dseq,
        "document": document,
    })
}

impl SetAside {
    /// One line.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({"type": "setAside", "reason": self.reason.to_string(), "place": place(&self.place)})
    }
}

impl Broken {
    /// One line.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "type": "broken", "reason": self.reason.to_string(), "place": place(&self.place), "until": self.until,
            "unproven": self.unproven,
        })
    }
}

impl Report {
    /// The last line.
    #[must_use]
    pub fn summary_json(&self) -> Value {
        let Summary { space, region, store, exported_ms, frames, entries, people, .. } = &self.summary;
        let received = |ms: Option<u64>| ms.map(|ms| iso(i64::try_from(ms).unwrap_or(i64::MAX), 0));
        json!({
            "type": "summary", "proven": self.is_proven(), "chart": space.to_string(),
            "exported": received(Some(*exported_ms)), "store": store.map(|store| store.to_string()),
            "region": region.as_ref().map(|region| json!({
                "directory": region.directory.to_string(), "name": region.name, "threshold": region.threshold,
                "roots": region.roots.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "relay": region.relay.map(|key| key.to_string()),
            })),
            "frames": frames, "entries": entries, "people": people, "setAside": self.set_aside.len(),
            "first": received(self.summary.first_ms), "last": received(self.summary.last_ms),
            "positions": self.summary.positions, "witnessed": self.summary.witnessed,
            "blobs": self.summary.blobs.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    }
}
