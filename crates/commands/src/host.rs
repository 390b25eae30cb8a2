//! What a command may ask of the installation that runs it. One implementation
//! is `meguri-device`; it decides where keys, sockets and clocks come from.

use crate::{Failure, blob, enrol, profile, types::SyncStatus};
/// A chart that is signed and not yet kept.
pub use meguri_replica::Founding;
/// The open database a host hands to commands.
pub use meguri_replica::Replica;
use std::sync::Arc;
use uuid::Uuid;

/// The state a command needs before it may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Runs on a locked profile.
    Nothing,
    /// The screen is unlocked.
    Unlocked,
    /// The screen is unlocked and the device belongs to a team.
    Enrolled,
    /// As `Enrolled`, and the role in the chart must allow writing.
    Writer,
    /// As `Enrolled`, and the role in the chart must be manager.
    Manager,
    /// As `Enrolled`, with an admin device of the team.
    Admin,
}

/// One running installation.
pub trait Host: Send + Sync {
    /// Milliseconds UTC.
    fn now_ms(&self) -> i64;
    /// Offset of this device in minutes.
    fn zone_min(&self) -> i32;
    /// Cryptographic randomness.
    fn fill_random(&self, out: &mut [u8]);
    /// Refuses unless the profile is in the state `needs` names.
    ///
    /// # Errors
    /// `locked`, `no_profile`, `not_enrolled`, `not_allowed`.
    fn gate(&self, needs: Needs) -> Result<(), Failure>;
    /// The open replica.
    ///
    /// # Errors
    /// `locked`.
    fn replica(&self) -> Result<Arc<Replica>, Failure>;

    /// State of the profile; works while locked.
    fn profile_status(&self) -> Result<profile::status::Res, Failure>;
    /// Makes the profile; its first unlock.
    fn profile_create(&self, passphrase: &str) -> Result<profile::create::Res, Failure>;
    /// Opens by passphrase.
    fn unlock_passphrase(&self, passphrase: &str) -> Result<(), Failure>;
    /// Opens a locked screen by PIN.
    fn unlock_pin(&self, pin: &str) -> Result<(), Failure>;
    /// Locks the screen; with `drop` forgets the key.
    fn lock(&self, drop: bool) -> Result<(), Failure>;
    /// Sets the PIN.
    fn set_pin(&self, pin: &str) -> Result<(), Failure>;

    /// Signs the genesis of a new chart for a new patient; nothing is kept yet.
    fn found_chart(&self, patient: Uuid) -> Result<Founding, Failure>;
    /// The name card of this person, if the space still lacks it.
    fn name_card(&self, space: &meguri_wire::ids::SpaceId) -> Result<Option<(String, Vec<u8>)>, Failure>;
    /// Something was written: the loop may send.
    fn written(&self);
    /// A chart was opened: what its next save needs may be made ready, off the screen's path.
    fn opened(&self, _patient: Uuid) {}

    /// Cleans and seals a picture into the blob folder.
    fn blob_put(&self, bytes: &[u8], media_type: &str) -> Result<blob::put::Res, Failure>;
    /// Makes the picture readable to the screens; a path for `GET /blob`.
    fn blob_url(&self, req: &blob::read::Req) -> Result<String, Failure>;

    /// The device log: codes and counts; empty where there is none.
    fn device_log(&self) -> String {
        String::new()
    }

    /// One round with the relay.
    fn sync_now(&self) -> Result<SyncStatus, Failure>;
    /// Where synchronisation stands.
    fn sync_status(&self) -> Result<SyncStatus, Failure>;

    /// Makes an enrolment offer or tells where it stands.
    fn enrol_offer(&self, req: &enrol::offer::Req) -> Result<enrol::offer::Res, Failure>;
    /// Joins by code, or tells where it stands.
    fn enrol_join(&self, req: &enrol::join::Req) -> Result<enrol::join::Res, Failure>;
    /// The admin's comparison of the digits.
    fn enrol_approve(&self, offer_id: &str, digits_match: bool) -> Result<(), Failure>;

    /// Address of the relay, empty before enrolment.
    fn relay_url(&self) -> Result<String, Failure>;
}

/// A new UUID v7 from the host's clock and randomness.
pub fn new_id(host: &dyn Host) -> Uuid {
    let mut random = [0u8; 10];
    host.fill_random(&mut random);
    let ms = u64::try_from(host.now_ms()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid()
}
