//! Kinds of entries: one file each, one line in [`KINDS`].

pub mod note;
pub mod photo;
mod unknown;
pub mod vitals;

use crate::fact::Facts;
use crate::finding::{CheckContext, Finding, KindError, Refusals, Severity};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use ts_rs::TS;

/// A kind of entry in a log document. Implemented once per kind; everybody else uses [`AnyEntryKind`].
pub trait EntryKind: Sync {
    /// The body. Fields that a newer version adds are ignored by an older one; the stored bytes keep them.
    type Body: Serialize + DeserializeOwned + TS;
    /// The stored tag, kebab-case, for ever.
    const TAG: &'static str;
    /// Raised when a field is added; written into the body as `v`.
    const VERSION: u32;

    /// Brings what a person entered into its one stored form (digit width, white space). Changes no meaning.
    fn normalise(_body: &mut Self::Body) {}
    /// What is impossible and what is to be asked about.
    fn check(body: &Self::Body, context: &CheckContext) -> Vec<Finding>;
    /// What projections keep.
    fn facts(body: &Self::Body) -> Facts;
    /// A body stored by an older version becomes one of today. The first version has nothing older.
    fn upgrade(_from: u32, body: ciborium::Value) -> ciborium::Value {
        body
    }
}

/// A kind whose type is not known: JSON and bytes in, JSON and bytes out.
pub trait AnyEntryKind: Sync {
    /// The stored tag.
    fn tag(&self) -> &'static str;
    /// The version that is written.
    fn version(&self) -> u32;
    /// The stored bytes of a body.
    ///
    /// # Errors
    /// The refusals of [`AnyEntryKind::check`], or `bad_body` for JSON of another shape.
    fn encode(&self, body: &Value) -> Result<Vec<u8>, Refusals>;
    /// The stored bytes of a body that takes the place of `old`. What a newer version of the app put into `old` and
    /// this one does not know stays: fields of the body, and fields of those parts that did not change.
    ///
    /// # Errors
    /// As [`AnyEntryKind::encode`]; `bad_body` when `old` is none of this kind.
    fn encode_over(&self, old: &[u8], body: &Value) -> Result<Vec<u8>, Refusals>;
    /// JSON of stored bytes, with everything an unknown newer version put there left out.
    ///
    /// # Errors
    /// `bad_body`.
    fn decode(&self, bytes: &[u8]) -> Result<Value, KindError>;
    /// What projections keep of stored bytes.
    ///
    /// # Errors
    /// `bad_body`.
    fn facts(&self, bytes: &[u8]) -> Result<Facts, KindError>;
    /// What is impossible and what is to be asked about; for drafts too, so an empty body is only remarked on.
    fn check(&self, body: &Value, context: &CheckContext) -> Vec<Finding>;
    /// TypeScript declarations.
    fn typescript(&self) -> String;
}

const KINDS: &[&dyn AnyEntryKind] = &[&vitals::Vitals, &note::Note, &photo::Photo];

/// Every kind of entry.
#[must_use]
pub fn entry_kinds() -> &'static [&'static dyn AnyEntryKind] {
    KINDS
}

/// The kind with this stored tag.
#[must_use]
pub fn entry_kind(tag: &str) -> Option<&'static dyn AnyEntryKind> {
    KINDS.iter().copied().find(|kind| kind.tag() == tag)
}

pub(crate) fn typescript(out: &mut String) {
    for kind in KINDS {
        out.push_str(&kind.typescript());
    }
}

impl<K: EntryKind> AnyEntryKind for K {
    fn tag(&self) -> &'static str {
        K::TAG
    }

    fn version(&self) -> u32 {
        K::VERSION
    }

    fn encode(&self, body: &Value) -> Result<Vec<u8>, Refusals> {
        let mut body: K::Body = parse(body)?;
        K::normalise(&mut body);
        let refused: Vec<Finding> = K::check(&body, &CheckContext::default())
            .into_iter()
            .filter(|finding| finding.severity == Severity::Refuse)
            .collect();
        if !refused.is_empty() {
            return Err(Refusals(refused));
        }
        let value = ciborium::Value::serialized(&body).map_err(|_| Refusals::one("bad_body", ""))?;
        let ciborium::Value::Map(mut fields) = value else { return Err(Refusals::one("bad_body", "")) };
        fields.insert(0, ("v".into(), K::VERSION.into()));
        let mut bytes = Vec::new();
        ciborium::into_writer(&ciborium::Value::Map(fields), &mut bytes).map_err(|_| Refusals::one("bad_body", ""))?;
        Ok(bytes)
    }

    fn encode_over(&self, old: &[u8], body: &Value) -> Result<Vec<u8>, Refusals> {
        let bad = || Refusals::one("bad_body", "");
        let known = stored::<K>(old).map_err(|_| bad())?;
        let known = ciborium::Value::serialized(&known).map_err(|_| bad())?;
        let whole: ciborium::Value = ciborium::from_reader(old).map_err(|_| bad())?;
        let fresh = self.encode(body)?;
        let mut fresh: ciborium::Value = ciborium::from_reader(fresh.as_slice()).map_err(|_| bad())?;
        unknown::keep(&whole, &known, &mut fresh);
        if let (Some(version), Some(fields)) = (newer::<K>(&whole), fresh.as_map_mut()) {
            for (key, value) in fields.iter_mut().filter(|(key, _)| key.as_text() == Some("v")) {
                let _ = key;
                *value = version.into();
            }
        }
        let mut bytes = Vec::new();
        ciborium::into_writer(&fresh, &mut bytes).map_err(|_| bad())?;
        Ok(bytes)
    }

    fn decode(&self, bytes: &[u8]) -> Result<Value, KindError> {
        serde_json::to_value(stored::<K>(bytes)?).map_err(|_| KindError::BadBody)
    }

    fn facts(&self, bytes: &[u8]) -> Result<Facts, KindError> {
        Ok(K::facts(&stored::<K>(bytes)?))
    }

    fn check(&self, body: &Value, context: &CheckContext) -> Vec<Finding> {
        match parse::<K::Body>(body) {
            Ok(mut body) => {
                K::normalise(&mut body);
                K::check(&body, context)
            }
            Err(refusals) => refusals.0,
        }
    }

    fn typescript(&self) -> String {
        let config = ts_rs::Config::default();
        format!("export type {} = {}\n", K::Body::name(&config), K::Body::inline(&config))
    }
}

/// A body of the kind's shape, and of nothing else: what would not be stored must not look as if it were.
fn parse<B: Serialize + DeserializeOwned>(body: &Value) -> Result<B, Refusals> {
    let parsed = B::deserialize(body).map_err(|_| Refusals::one("bad_body", ""))?;
    let kept = serde_json::to_value(&parsed).map_err(|_| Refusals::one("bad_body", ""))?;
    match dropped(body, &kept) {
        Some(property) => Err(Refusals::one("unknown_property", &property)),
        None => Ok(parsed),
    }
}

/// The first property with content that is in `given` and not in `kept`.
fn dropped(given: &Value, kept: &Value) -> Option<String> {
    match (given, kept) {
        (Value::Object(given), Value::Object(kept)) => given.iter().find_map(|(name, value)| match kept.get(name) {
            Some(kept) => dropped(value, kept),
            None => (!value.is_null()).then(|| name.clone()),
        }),
        (Value::Array(given), Value::Array(kept)) => {
            given.iter().zip(kept).find_map(|(given, kept)| dropped(given, kept))
        }
        _ => None,
    }
}

/// The version of a stored body that is newer than this app.
fn newer<K: EntryKind>(body: &ciborium::Value) -> Option<u32> {
    version(body).filter(|version| *version > K::VERSION)
}

fn version(body: &ciborium::Value) -> Option<u32> {
    let (_, version) = body.as_map()?.iter().find(|(key, _)| key.as_text() == Some("v"))?;
    u32::try_from(version.as_integer()?).ok()
}

fn stored<K: EntryKind>(bytes: &[u8]) -> Result<K::Body, KindError> {
    let value: ciborium::Value = ciborium::from_reader(bytes).map_err(|_| KindError::BadBody)?;
    let version = version(&value).ok_or(KindError::BadBody)?;
    let value = if version < K::VERSION { K::upgrade(version, value) } else { value };
    value.deserialized().map_err(|_| KindError::BadBody)
}
