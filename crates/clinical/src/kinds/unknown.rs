//! What a newer app wrote and this one does not know survives a correction.

use ciborium::Value;

/// Puts into `fresh` what stands in `whole` and is missing in `known`, which is `whole` as far as this app reads it.
pub(super) fn keep(whole: &Value, known: &Value, fresh: &mut Value) {
    match (whole, known, fresh) {
        (Value::Map(whole), Value::Map(known), Value::Map(fresh)) => {
            for (key, value) in whole {
                let read = known.iter().find(|(k, _)| k == key).map(|(_, v)| v);
                let there = fresh.iter().position(|(k, _)| k == key);
                match (read, there.and_then(|at| fresh.get_mut(at))) {
                    (Some(read), Some((_, fresh))) => keep(value, read, fresh),
                    (None, None) => fresh.push((key.clone(), value.clone())),
                    (Some(_), None) | (None, Some(_)) => {}
                }
            }
        }
        (Value::Array(whole), Value::Array(known), Value::Array(fresh)) => {
            for (whole, known) in whole.iter().zip(known) {
                if let Some(same) = fresh.iter_mut().find(|part| *part == known) {
                    keep(whole, known, same);
                }
            }
        }
        _ => {}
    }
}
