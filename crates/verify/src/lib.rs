//! Proves one chart from its export (`meguri_seal::export`), without the app, the relay or a network: every signature,
//! the chains of controls and items, the order, who was allowed to write at each position, that each item opens under
//! the key its epoch announced, the rules of changes, and that the documents follow from the items.
//!
//! Of ours it links `wire`, `seal` and `chart` alone, so it knows no kind of entry. It proves what stands in the feeds.
//! It does not prove that the region is the one meant (compare the directory's id and root keys), that nothing came
//! after the last position somebody witnessed, or that names on cards are true: those are only said.

mod ahead;
mod documents;
mod json;
mod order;
mod people;
mod place;
mod prove;
mod reason;
mod report;
mod text;
mod walk;
mod zone;

pub use json::body as body_as_json;
pub use place::{FeedKind, Mark, Place};
pub use prove::{Options, prove};
pub use reason::Reason;
pub use report::{Author, Broken, Line, Region, Report, SetAside, Summary, What, Written};
