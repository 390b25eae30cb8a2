//! Kinds of current state: one file each, one line in [`STATES`]. A field is merged on its own; a field that is
//! *atomic* keeps things together that must not mix in a merge.

pub mod identity;
pub mod threshold;

use crate::finding::{KindError, Refusals};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::LazyLock;

/// One field of a kind of state.
#[derive(Clone, Copy, Debug)]
pub struct FieldSpec {
    /// Its name; a name that ends in `/` stands for all fields beginning so (`localId/`).
    pub name: &'static str,
    /// Whether several values are kept together in it.
    pub atomic: bool,
    pub(crate) encode: fn(&Value) -> Result<Vec<u8>, Refusals>,
    pub(crate) decode: fn(&[u8]) -> Result<Value, KindError>,
}

/// A kind of state in the document `core`.
pub trait StateKind: Sync {
    /// The stored tag, kebab-case, for ever.
    const TAG: &'static str;
    /// Whether a patient has one (identity) or several by id (thresholds).
    const SINGLETON: bool;
    /// Its fields.
    fn fields() -> Vec<FieldSpec>;
    /// TypeScript declarations.
    fn typescript() -> String;
}

/// A kind whose type is not known.
pub trait AnyStateKind: Sync {
    /// The stored tag.
    fn tag(&self) -> &'static str;
    /// Whether a patient has one.
    fn singleton(&self) -> bool;
    /// Its fields.
    fn fields(&self) -> &[FieldSpec];
    /// The stored bytes of a field's JSON.
    ///
    /// # Errors
    /// `unknown_field`, or what is wrong with the value.
    fn encode_field(&self, field: &str, value: &Value) -> Result<Vec<u8>, Refusals>;
    /// JSON of a field's stored bytes.
    ///
    /// # Errors
    /// `unknown_field`, `bad_body`.
    fn decode_field(&self, field: &str, bytes: &[u8]) -> Result<Value, KindError>;
}

struct Known {
    tag: &'static str,
    singleton: bool,
    fields: Vec<FieldSpec>,
    typescript: fn() -> String,
}

fn known<K: StateKind>() -> Known {
    Known { tag: K::TAG, singleton: K::SINGLETON, fields: K::fields(), typescript: K::typescript }
}

static STATES: LazyLock<Vec<Known>> =
    LazyLock::new(|| vec![known::<identity::Identity>(), known::<threshold::ThresholdKind>()]);

/// Every kind of state.
pub fn state_kinds() -> impl Iterator<Item = &'static dyn AnyStateKind> {
    STATES.iter().map(|known| known as &dyn AnyStateKind)
}

/// The kind with this stored tag.
#[must_use]
pub fn state_kind(tag: &str) -> Option<&'static dyn AnyStateKind> {
    state_kinds().find(|kind| kind.tag() == tag)
}

pub(crate) fn typescript(out: &mut String) {
    for known in STATES.iter() {
        out.push_str(&(known.typescript)());
    }
}

impl Known {
    fn field(&self, name: &str) -> Option<&FieldSpec> {
        self.fields.iter().find(|field| match field.name.strip_suffix('/') {
            Some(prefix) => {
                name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('/')).is_some_and(|rest| !rest.is_empty())
            }
            None => field.name == name,
        })
    }
}

impl AnyStateKind for Known {
    fn tag(&self) -> &'static str {
        self.tag
    }

    fn singleton(&self) -> bool {
        self.singleton
    }

    fn fields(&self) -> &[FieldSpec] {
        &self.fields
    }

    fn encode_field(&self, field: &str, value: &Value) -> Result<Vec<u8>, Refusals> {
        let spec = self.field(field).ok_or_else(|| Refusals::one("unknown_field", field))?;
        (spec.encode)(value).map_err(|mut refusals| {
            for finding in &mut refusals.0 {
                field.clone_into(&mut finding.field);
            }
            refusals
        })
    }

    fn decode_field(&self, field: &str, bytes: &[u8]) -> Result<Value, KindError> {
        let spec = self.field(field).ok_or(KindError::UnknownField)?;
        (spec.decode)(bytes)
    }
}

/// A value that a field can hold.
pub(crate) trait FieldValue: Serialize + DeserializeOwned {
    /// Its one stored form, or why it is refused.
    fn settle(self) -> Result<Self, &'static str>;
}

pub(crate) const fn field<T: FieldValue>(name: &'static str, atomic: bool) -> FieldSpec {
    FieldSpec { name, atomic, encode: encode::<T>, decode: decode::<T> }
}

fn encode<T: FieldValue>(value: &Value) -> Result<Vec<u8>, Refusals> {
    let value = T::deserialize(value).map_err(|_| Refusals::one("bad_body", ""))?;
    let value = value.settle().map_err(|code| Refusals::one(code, ""))?;
    let mut out = Vec::new();
    ciborium::into_writer(&value, &mut out).map_err(|_| Refusals::one("bad_body", ""))?;
    Ok(out)
}

fn decode<T: FieldValue>(bytes: &[u8]) -> Result<Value, KindError> {
    let value: T = ciborium::from_reader(bytes).map_err(|_| KindError::BadBody)?;
    serde_json::to_value(value).map_err(|_| KindError::BadBody)
}
