//! The replica of one device: an SQLCipher file with keys, feeds, documents,
//! drafts, the outbox and the projection that screens read.
//!
//! Deliberately absent: the network, the clock, randomness (both come in as
//! arguments), the lock of the profile folder, and any rule of a kind of entry:
//! bodies are read through the registries of `meguri-clinical`. Reading never
//! loads a document.

mod another;
mod append;
mod blobs;
mod body;
mod chart_export;
mod device;
mod documents;
mod drafts;
mod error;
mod farewell;
pub mod fault;
mod feeds;
mod former;
mod founding;
mod grants;
mod ingest;
mod intents;
mod introduction;
mod key_faults;
mod keys;
mod late;
mod log_room;
mod lost_controls;
mod measures;
mod members;
mod open;
mod outbox;
mod owed;
mod patients;
mod project;
mod rebuild;
mod rows;
mod seen;
mod sql;
mod staff;
mod state;
mod strikes;
mod struck_state;
mod team;
mod timeline;
mod waits;
mod witness;
mod words;

pub use append::{Append, NewEntry};
pub use body::EntryBody;
pub use device::DeviceInfo;
pub use drafts::DraftRow;
pub use error::ReplicaError;
pub use farewell::{HandedDraft, OwnRemoval};
pub use feeds::SpaceRow;
pub use former::{FormerFrame, Offered};
pub use founding::Founding;
pub use grants::{Grant, GrantRow, Granted, confirmed_key};
pub use ingest::{Ingested, ParkedRow};
pub use intents::{Intent, IntentRow};
pub use introduction::Beside;
pub use key_faults::KeyFaultRow;
pub use late::{LateEntry, LateItem, LatePreview, LateRow};
pub use lost_controls::{LostCertificate, UndoneRemoval};
pub use measures::MeasureRow;
pub use members::{MemberDeviceRow, MemberRow};
pub use open::{Replica, SCHEMA_VERSION};
pub use patients::PatientProjection;
pub use rows::{EntryRow, PersonRow, Status};
pub use seen::Waiting;
pub use state::StateValue;
pub use strikes::{Reach, StrikeRow, reason_key};
pub use struck_state::StruckField;
pub use team::{DeviceRow, RemovedRow, StaffRow};
pub use timeline::{TimelinePage, TimelineQuery};
pub use waits::Wait;
pub use witness::WitnessRow;
