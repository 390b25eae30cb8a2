//! What a decoded change does to a document, read from its operations.

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{ExpandedChange, ObjType, ScalarValue};
use std::collections::{HashMap, HashSet};

use crate::doc::{DocName, ROOT_MAP_OP, genesis_actor_suffix};
use crate::rules::ParkReason;

/// A change after decoding: its name and what it does.
#[derive(Clone, PartialEq, Eq)]
pub struct Scanned {
    /// Hash of the change.
    pub hash: [u8; 32],
    /// In the order of its operations.
    pub effects: Vec<Effect>,
}

/// What a change does.
#[derive(Clone, PartialEq, Eq)]
pub enum Effect {
    /// Creates an entry. Another put of the same id by a later change is the
    /// same effect again: whoever projects keeps the first and marks it tampered.
    Entry {
        /// UUID v7.
        id: [u8; 16],
        /// Stored tag of the kind.
        kind: String,
        /// Clinical time, ms UTC.
        at_ms: i64,
        /// Bytes of the entry.
        body: Vec<u8>,
    },
    /// Writes or deletes a key of the state.
    State {
        /// `<tag>/<id>/<field>`.
        key: String,
    },
}

impl std::fmt::Debug for Effect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Entry { .. } => f.write_str("Entry(…)"),
            Self::State { .. } => f.write_str("State(…)"),
        }
    }
}

impl std::fmt::Debug for Scanned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scanned({} effects)", self.effects.len())
    }
}

/// Reads the effects and refuses what the document's form does not allow.
pub(crate) fn scan(
    name: DocName,
    change: &automerge::Change,
    expanded: &ExpandedChange,
) -> Result<Scanned, ParkReason> {
    let effects = match name {
        DocName::Core => state_effects(expanded),
        DocName::Log(_) => entry_effects(change.start_op().get(), expanded)?,
    };
    Ok(Scanned { hash: change.hash().0, effects })
}

/// Whether an object is the one map which the genesis made.
fn is_root_map(obj: &ObjectId) -> bool {
    match obj {
        ObjectId::Id(OpId(counter, actor)) => {
            *counter == ROOT_MAP_OP && actor.to_bytes().len() > 24 && actor.to_bytes().ends_with(genesis_actor_suffix())
        }
        ObjectId::Root => false,
    }
}

fn state_effects(expanded: &ExpandedChange) -> Vec<Effect> {
    let mut seen = HashSet::new();
    expanded
        .operations
        .iter()
        .filter(|op| is_root_map(&op.obj))
        .filter_map(|op| match &op.key {
            Key::Map(key) => Some(key.to_string()),
            Key::Seq(_) => None,
        })
        .filter(|key| seen.insert(key.clone()))
        .map(|key| Effect::State { key })
        .collect()
}

#[derive(Default)]
struct Building {
    id: [u8; 16],
    keys: HashSet<String>,
    kind: Option<String>,
    at_ms: Option<i64>,
    body: Option<Vec<u8>>,
}

fn entry_effects(start_op: u64, expanded: &ExpandedChange) -> Result<Vec<Effect>, ParkReason> {
    let mut order = Vec::new();
    let mut building: HashMap<OpId, Building> = HashMap::new();
    for (op, counter) in expanded.operations.iter().zip(start_op..) {
        if op.insert || !op.pred.is_empty() {
            return Err(ParkReason::NotACreation);
        }
        let Key::Map(key) = &op.key else {
            return Err(ParkReason::NotACreation);
        };
        if is_root_map(&op.obj) {
            let id = new_entry_id(op, key)?;
            let op_id = OpId(counter, expanded.actor_id.clone());
            order.push(op_id.clone());
            building.insert(op_id, Building { id, ..Building::default() });
        } else {
            let ObjectId::Id(parent) = &op.obj else {
                return Err(ParkReason::NotACreation);
            };
            let entry = building.get_mut(parent).ok_or(ParkReason::NotACreation)?;
            fill(entry, key, op)?;
        }
    }
    order.into_iter().filter_map(|op_id| building.remove(&op_id)).map(finish).collect()
}

fn new_entry_id(op: &Op, key: &str) -> Result<[u8; 16], ParkReason> {
    if op.action != OpType::Make(ObjType::Map) {
        return Err(ParkReason::NotACreation);
    }
    parse_uuid(key).ok_or(ParkReason::MalformedEntry)
}

fn fill(entry: &mut Building, key: &str, op: &Op) -> Result<(), ParkReason> {
    let OpType::Put(value) = &op.action else {
        return Err(ParkReason::NotACreation);
    };
    if !entry.keys.insert(key.to_string()) {
        return Err(ParkReason::MalformedEntry);
    }
    match (key, value) {
        ("k", ScalarValue::Str(kind)) => entry.kind = Some(kind.to_string()),
        ("t", ScalarValue::Timestamp(at_ms)) => entry.at_ms = Some(*at_ms),
        ("b", ScalarValue::Bytes(body)) => entry.body = Some(body.clone()),
        ("k" | "t" | "b", _) => return Err(ParkReason::MalformedEntry),
        _ => {} // a field of a newer version: kept in the document
    }
    Ok(())
}

fn finish(entry: Building) -> Result<Effect, ParkReason> {
    match entry {
        Building { id, kind: Some(kind), at_ms: Some(at_ms), body: Some(body), .. } => {
            Ok(Effect::Entry { id, kind, at_ms, body })
        }
        Building { .. } => Err(ParkReason::MalformedEntry),
    }
}

/// Hyphenated lower-case text of a UUID.
pub(crate) fn uuid_text(id: &[u8; 16]) -> String {
    let mut out = String::with_capacity(36);
    for (index, byte) in id.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        out.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        out.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
    }
    out
}

/// The reverse of [`uuid_text`]; only the canonical text, so one id has one key.
pub(crate) fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| *c != '-')
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair.iter().fold(0u8, |sum, digit| (sum << 4) | digit)).collect();
    let id: [u8; 16] = bytes.try_into().ok()?;
    (uuid_text(&id) == text).then_some(id)
}
