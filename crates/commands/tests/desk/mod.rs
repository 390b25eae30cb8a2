//! One installation around a real database: no relay, a clock of its own.
#![allow(dead_code, reason = "each test file uses its part")]

use meguri_commands::host::{Host, Needs, new_id};
use meguri_commands::types::{PersonRef, SyncStatus};
use meguri_commands::{Code, Failure, blob, call, enrol, profile};
use meguri_replica::{DeviceInfo, Founding, Replica};
use meguri_seal::DeviceSecrets;
use meguri_wire::control::{CitedHead, SpaceGenesis, SpaceKind};
use meguri_wire::ids::{SpaceId, StaffId, TeamId};
use meguri_wire::{Control, FrameId};
use rand_core::{TryCryptoRng, TryRng};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use uuid::Uuid;

/// Different bytes at each call; deterministic.
struct Counting<'a>(&'a AtomicU64);

impl TryRng for Counting<'_> {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.try_next_u64()? >> 32) as u32)
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let n = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        Ok(n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23).wrapping_mul(0xbf58_476d_1ce4_e5b9))
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for part in out.chunks_mut(8) {
            let bytes = self.try_next_u64()?.to_le_bytes();
            part.copy_from_slice(&bytes[..part.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Counting<'_> {}

/// A person at a device of a team.
pub struct Desk {
    replica: Arc<Replica>,
    secrets: DeviceSecrets,
    team: TeamId,
    now_ms: AtomicI64,
    drawn: AtomicU64,
    _folder: tempfile::TempDir,
}

impl Desk {
    pub fn new() -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let replica = Arc::new(Replica::create(&folder.path().join("replica.db"), &[0x42; 32]).unwrap());
        let drawn = AtomicU64::new(0);
        let secrets = DeviceSecrets::make(&mut Counting(&drawn));
        let team = TeamId::from_slice(&[7; 16]).unwrap();
        let device = secrets.public().unwrap().id(&team);
        let info = DeviceInfo { device, team, staff: StaffId([9; 16]), incarnation: [1; 8] };
        replica.set_device(&info, &secrets).unwrap();
        Desk { replica, secrets, team, now_ms: AtomicI64::new(1_795_305_600_000), drawn, _folder: folder }
    }

    pub fn pass_days(&self, days: i64) {
        self.now_ms.fetch_add(days * 86_400_000, Ordering::Relaxed);
    }

    pub fn call(&self, name: &str, req: Value) -> Result<Value, Failure> {
        call(self, name, req)
    }

    pub fn register(&self, family: &str, given: &str, kana: &str, given_kana: &str, birth: &str) -> String {
        let identity = json!({"name": {"family": family, "given": given}, "kana": {"family": kana, "given": given_kana},
            "birthDate": birth});
        let made = self.call("patient.register", json!({"identity": identity, "acceptSimilar": false})).unwrap();
        made["patientId"].as_str().unwrap().to_owned()
    }

    /// Id of the draft and what the checks say.
    pub fn draft(&self, patient: &str, kind: &str, body: Value) -> (Value, Value) {
        let req = json!({"patientId": patient, "visitId": new_id(self).to_string(), "kind": kind, "body": body});
        let saved = self.call("draft.save", req).unwrap();
        (saved["id"].clone(), saved["findings"].clone())
    }

    pub fn confirm(&self, patient: &str, drafts: &[Value], accepted: Value) -> Result<Value, Failure> {
        let at = json!({"ms": self.now_ms(), "zoneMin": 540});
        self.call("entry.confirm", json!({"patientId": patient, "draftIds": drafts, "at": at, "accepted": accepted}))
    }

    /// Draft and confirmation; the other drafts go.
    pub fn write(&self, patient: &str, kind: &str, body: Value) -> Result<Value, Failure> {
        let (id, _) = self.draft(patient, kind, body);
        let done = self.confirm(patient, std::slice::from_ref(&id), json!([]));
        for draft in self.call("draft.list", json!({})).unwrap()["drafts"].as_array().unwrap() {
            self.call("draft.discard", json!({"id": draft["id"]})).unwrap();
        }
        done
    }

    pub fn entries(&self, patient: &str) -> usize {
        let page = self.call("chart.timeline", json!({"patientId": patient})).unwrap();
        page["entries"].as_array().unwrap().len()
    }

    fn apart<T>(&self) -> Result<T, Failure> {
        Err(Code::NotAllowed.into())
    }
}

impl Host for Desk {
    fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::Relaxed)
    }
    fn zone_min(&self) -> i32 {
        540
    }
    fn fill_random(&self, out: &mut [u8]) {
        let Ok(()) = Counting(&self.drawn).try_fill_bytes(out);
    }
    fn gate(&self, _: Needs) -> Result<(), Failure> {
        Ok(())
    }
    fn replica(&self) -> Result<Arc<Replica>, Failure> {
        Ok(self.replica.clone())
    }
    fn found_chart(&self, patient: Uuid) -> Result<Founding, Failure> {
        let mut nonce = [0; 16];
        self.fill_random(&mut nonce);
        let head = CitedHead { team: FrameId([7; 32]), cseq: 1, hash: FrameId([7; 32]) };
        let body = SpaceGenesis { nonce, space_kind: SpaceKind::Chart, team: self.team, head };
        let control = Control { feed: None, cseq: 1, prev_hash: None, body: body.into() };
        let genesis = control.sign(&self.secrets.signer(&self.team).unwrap()).unwrap();
        Ok(Founding { patient, genesis, members: Vec::new() })
    }
    fn name_card(&self, _: &SpaceId) -> Result<Option<(String, Vec<u8>)>, Failure> {
        Ok(None)
    }
    fn written(&self) {}
    fn profile_status(&self) -> Result<profile::status::Res, Failure> {
        Ok(profile::status::Res {
            exists: true,
            unlocked: true,
            screen_locked: false,
            pin_set: false,
            pin_misses_left: 0,
            pin_wait_ms: 0,
            keystore: false,
            demo: None,
            removed: None,
            me: Some(PersonRef {
                staff_id: StaffId([9; 16]).to_string(),
                name: "佐久間 灯子".to_owned(),
                profession: "nurse".to_owned(),
                facility_id: self.team.to_string(),
                facility: String::new(),
                is_me: true,
            }),
        })
    }
    fn profile_create(&self, _: &str) -> Result<profile::create::Res, Failure> {
        self.apart()
    }
    fn unlock_passphrase(&self, _: &str) -> Result<(), Failure> {
        self.apart()
    }
    fn unlock_pin(&self, _: &str) -> Result<(), Failure> {
        self.apart()
    }
    fn lock(&self, _: bool) -> Result<(), Failure> {
        self.apart()
    }
    fn set_pin(&self, _: &str) -> Result<(), Failure> {
        self.apart()
    }
    fn blob_put(&self, _: &[u8], _: &str) -> Result<blob::put::Res, Failure> {
        self.apart()
    }
    fn blob_url(&self, _: &blob::read::Req) -> Result<String, Failure> {
        self.apart()
    }
    fn sync_now(&self) -> Result<SyncStatus, Failure> {
        self.apart()
    }
    fn sync_status(&self) -> Result<SyncStatus, Failure> {
        self.apart()
    }
    fn enrol_offer(&self, _: &enrol::offer::Req) -> Result<enrol::offer::Res, Failure> {
        self.apart()
    }
    fn enrol_join(&self, _: &enrol::join::Req) -> Result<enrol::join::Res, Failure> {
        self.apart()
    }
    fn enrol_approve(&self, _: &str, _: bool) -> Result<(), Failure> {
        self.apart()
    }
    fn relay_url(&self) -> Result<String, Failure> {
        self.apart()
    }
}
