//! What people write about a patient: kinds of entries and of current state, ranges, names, dates.
//!
//! Pure. A body is JSON towards the screens and CBOR in storage, of one and the same structure. The order of the day
//! is: [`entry_kind`] finds a kind by its stored tag; [`AnyEntryKind::check`] says what to ask or refuse;
//! [`AnyEntryKind::encode`] makes the bytes; [`AnyEntryKind::facts`] tells projections what to keep.
//!
//! This crate deliberately knows no document, database, key, network, clock or sentence: findings are codes with
//! parameters, and the screens own the words.

mod baseline;
mod decimal;
mod fact;
mod finding;
mod fold;
mod items;
mod kinds;
mod patient_name;
mod states;
mod time;
mod wareki;

pub use baseline::{BASELINE_DAYS, BASELINE_VALUES_MIN, Baseline, baseline};
pub use decimal::{Decimal, NotANumber, normalise_number};
pub use fact::{BlobRef, Facts, Flag, Measure};
pub use finding::{CheckContext, Finding, KindError, Recent, Refusals, Severity, Threshold};
pub use fold::{bigrams, fold};
pub use items::{Item, ItemKind, VITAL_ITEMS, vital_item};
pub use kinds::{AnyEntryKind, EntryKind, entry_kind, entry_kinds, note, photo, vitals};
pub use patient_name::{Similarity, same_birth_date, similar_name, similarity};
pub use states::{AnyStateKind, FieldSpec, StateKind, identity, state_kind, state_kinds, threshold};
pub use time::{DAY_MS, Instant, NotADate, PartialDate, REGION_ZONE_MIN};
pub use wareki::{Era, NotAWareki, Wareki};

/// TypeScript declarations of every body, for the screens.
#[must_use]
pub fn typescript() -> String {
    let mut out = String::from("// Generated from crates/clinical; do not edit.\n");
    kinds::typescript(&mut out);
    states::typescript(&mut out);
    out
}
