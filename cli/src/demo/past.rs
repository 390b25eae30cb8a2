//! A device whose clock stands at a moment of the past, so that the demo's entries were written on the day they tell of.
//! Everything else is the device's own.

use meguri_commands::host::{Founding, Host, Needs, Replica};
use meguri_commands::types::SyncStatus;
use meguri_commands::{Failure, blob, enrol, profile};
use meguri_device::Device;

use meguri_wire::ids::SpaceId;
use std::sync::Arc;
use uuid::Uuid;

/// A device at a moment.
pub struct Past<'a> {
    /// Whose.
    pub device: &'a Device,
    /// Milliseconds UTC.
    pub at_ms: i64,
}

impl Host for Past<'_> {
    fn now_ms(&self) -> i64 {
        self.at_ms
    }
    fn zone_min(&self) -> i32 {
        self.device.zone_min()
    }
    fn fill_random(&self, out: &mut [u8]) {
        self.device.fill_random(out);
    }
    fn gate(&self, needs: Needs) -> Result<(), Failure> {
        self.device.gate(needs)
    }
    fn replica(&self) -> Result<Arc<Replica>, Failure> {
        self.device.replica()
    }
    fn profile_status(&self) -> Result<profile::status::Res, Failure> {
        self.device.profile_status()
    }
    fn profile_create(&self, passphrase: &str) -> Result<profile::create::Res, Failure> {
        self.device.profile_create(passphrase)
    }
    fn unlock_passphrase(&self, passphrase: &str) -> Result<(), Failure> {
        self.device.unlock_passphrase(passphrase)
    }
    fn unlock_pin(&self, pin: &str) -> Result<(), Failure> {
        self.device.unlock_pin(pin)
    }
    fn lock(&self, drop: bool) -> Result<(), Failure> {
        self.device.lock(drop)
    }
    fn set_pin(&self, pin: &str) -> Result<(), Failure> {
        self.device.set_pin(pin)
    }
    fn found_chart(&self, patient: Uuid) -> Result<Founding, Failure> {
        self.device.found_chart(patient)
    }
    fn name_card(&self, space: &SpaceId) -> Result<Option<(String, Vec<u8>)>, Failure> {
        self.device.name_card(space)
    }
    fn written(&self) {
        self.device.written();
    }
    fn blob_put(&self, bytes: &[u8], media_type: &str) -> Result<blob::put::Res, Failure> {
        self.device.blob_put(bytes, media_type)
    }
    fn blob_url(&self, req: &blob::read::Req) -> Result<String, Failure> {
        self.device.blob_url(req)
    }
    fn sync_now(&self) -> Result<SyncStatus, Failure> {
        self.device.sync_now()
    }
    fn sync_status(&self) -> Result<SyncStatus, Failure> {
        Host::sync_status(self.device)
    }
    fn enrol_offer(&self, req: &enrol::offer::Req) -> Result<enrol::offer::Res, Failure> {
        self.device.enrol_offer(req)
    }
    fn enrol_join(&self, req: &enrol::join::Req) -> Result<enrol::join::Res, Failure> {
        self.device.enrol_join(req)
    }
    fn enrol_approve(&self, offer: &str, digits_match: bool) -> Result<(), Failure> {
        self.device.enrol_approve(offer, digits_match)
    }
    fn relay_url(&self) -> Result<String, Failure> {
        self.device.relay_url()
    }
}
