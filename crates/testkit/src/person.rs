//! One person with one device.

use crate::crash::{Crash, crash_at};
use crate::env::VirtualEnv;
use crate::region::PASSPHRASE;
use crate::router_net::RouterNet;
use meguri_commands::host::Host;
use meguri_commands::{Code, Failure, call};
use meguri_device::Device;
use meguri_device::device::{Founding, Outside};
use meguri_device::keystore::NoKeystore;
use meguri_wire::{DeviceId, FrameId, TeamId};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A device that can be used, crashed and started again.
pub struct Person {
    folder: PathBuf,
    outside: Outside,
    net: Arc<RouterNet>,
    device: Option<Device>,
    team: TeamId,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").field("team", &self.team).finish_non_exhaustive()
    }
}

impl Person {
    pub(crate) fn found(
        folder: PathBuf,
        env: VirtualEnv,
        net: Arc<RouterNet>,
        relay_url: &str,
        setup_code: &str,
        name: &str,
        profession: &str,
    ) -> (Self, FrameId) {
        let outside = Outside { env: Arc::new(env), net: net.clone(), keystore: Arc::new(NoKeystore) };
        let device = Device::hold(&folder, outside.clone()).expect("a profile folder");
        device.profile_create(PASSPHRASE).expect("a profile");
        let founding = Founding {
            relay_url: relay_url.into(),
            setup_code: setup_code.into(),
            name: name.into(),
            profession: profession.into(),
        };
        let genesis = device.found_team(&founding, None).expect("a team");
        (Self { folder, outside, net, device: Some(device), team: genesis.feed() }, genesis)
    }

    /// A device fresh from the shop: no profile, no team.
    pub(crate) fn fresh(folder: PathBuf, env: VirtualEnv, net: Arc<RouterNet>) -> Self {
        let outside = Outside { env: Arc::new(env), net: net.clone(), keystore: Arc::new(NoKeystore) };
        let device = Device::hold(&folder, outside.clone()).expect("a profile folder");
        Self { folder, outside, net, device: Some(device), team: TeamId::default() }
    }

    /// A profile that is there already.
    pub(crate) fn resume(folder: PathBuf, env: VirtualEnv, net: Arc<RouterNet>) -> Self {
        let outside = Outside { env: Arc::new(env), net: net.clone(), keystore: Arc::new(NoKeystore) };
        let mut person = Self { folder, outside, net, device: None, team: TeamId::default() };
        person.start();
        person.belongs();
        person
    }

    /// Learns from the profile which team this is.
    pub(crate) fn belongs(&mut self) {
        let replica = self.device().replica().expect("unlocked");
        self.team = replica.device().expect("a replica").expect("a member").0.team;
    }

    /// This device, as teams and charts name it.
    #[must_use]
    pub fn id(&self) -> DeviceId {
        let replica = self.device().replica().expect("unlocked");
        replica.device_info().expect("a replica").expect("a member").device
    }

    /// This person's team.
    #[must_use]
    pub fn team(&self) -> TeamId {
        self.team
    }

    /// The network in between.
    #[must_use]
    pub fn net(&self) -> &RouterNet {
        &self.net
    }

    /// The network as another client on this device would use it.
    #[must_use]
    pub fn line(&self) -> Arc<RouterNet> {
        self.net.clone()
    }

    /// The running installation.
    #[must_use]
    pub fn device(&self) -> &Device {
        self.device.as_ref().expect("the device runs")
    }

    /// One command.
    ///
    /// # Errors
    /// The command's.
    pub fn call(&self, name: &str, req: Value) -> Result<Value, Failure> {
        call(self.device(), name, req)
    }

    /// The process ends; the profile's folder is free for another one.
    pub fn stop(&mut self) -> &Path {
        drop(self.device.take());
        &self.folder
    }

    /// The process ends without a farewell and starts again.
    pub fn crash(&mut self) {
        self.stop();
        self.start();
    }

    /// Does `work`; the process ends at the crash point number `nth` on the way, if it comes so far, and starts again.
    ///
    /// # Errors
    /// Where it ended.
    pub fn dying<T>(&mut self, nth: u64, work: impl FnOnce(&Self) -> T) -> Result<T, Crash> {
        let done = crash_at(nth, || work(self)).map(|(value, _)| value);
        if done.is_err() {
            self.crash();
        }
        done
    }

    /// From the next start on this device asks a relay at this address.
    pub fn lead_to(&self, url: &str) {
        let replica = self.device().replica().expect("unlocked");
        replica.meta_put("relay", url.as_bytes()).expect("an address is kept");
    }

    /// Where the profile lies.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The process starts and is unlocked.
    pub fn start(&mut self) {
        let device = Device::hold(&self.folder, self.outside.clone()).expect("the profile folder");
        // One that was removed stays locked, or is gone.
        if let Err(failure) = device.unlock_passphrase(PASSPHRASE) {
            assert!([Code::Removed, Code::NoProfile].contains(&failure.code), "{failure:?}");
        }
        self.device = Some(device);
    }

    /// Shares new charts with these teams.
    pub fn share_with(&self, teams: &[TeamId]) {
        self.device().set_circle(teams).expect("a circle");
    }

    /// Registers an invented patient.
    pub fn register(&self, family: &str, given: &str, family_kana: &str, given_kana: &str) -> String {
        self.try_register(family, given, family_kana, given_kana).expect("a patient")
    }

    /// As [`Person::register`], where it may be refused: the own team's feed may be on its way back to a relay that lost it.
    ///
    /// # Errors
    /// The command's.
    pub fn try_register(
        &self,
        family: &str,
        given: &str,
        family_kana: &str,
        given_kana: &str,
    ) -> Result<String, Failure> {
        let identity = json!({
            "name": {"family": family, "given": given},
            "kana": {"family": family_kana, "given": given_kana},
            "birthDate": "1942-03-14",
            "sex": "female",
        });
        let made = self.call("patient.register", json!({"identity": identity, "acceptSimilar": true}))?;
        Ok(made.get("patientId").and_then(Value::as_str).expect("an id").to_owned())
    }

    /// Writes and confirms entries of one visit; every question is answered with yes. Their ids.
    ///
    /// # Errors
    /// The commands'.
    pub fn write(&self, patient: &str, entries: &[(&str, Value)]) -> Result<Vec<String>, Failure> {
        let visit = meguri_commands::host::new_id(self.device()).to_string();
        let mut drafts = Vec::new();
        let mut accepted = Vec::new();
        for (kind, body) in entries {
            let draft =
                self.call("draft.save", json!({"patientId": patient, "visitId": visit, "kind": kind, "body": body}))?;
            let id = draft.get("id").cloned().unwrap_or_default();
            for finding in draft.get("findings").and_then(Value::as_array).into_iter().flatten() {
                accepted.push(json!({"draftId": id, "code": finding.get("code"), "field": finding.get("field")}));
            }
            drafts.push(id);
        }
        let at = json!({"ms": self.device().now_ms(), "zoneMin": 540});
        let made = self
            .call("entry.confirm", json!({"patientId": patient, "draftIds": drafts, "at": at, "accepted": accepted}))?;
        let ids = made.get("entryIds").and_then(Value::as_array).cloned().unwrap_or_default();
        Ok(ids.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// One round with the relay; offline is a state, not an error.
    pub fn sync(&self) -> Value {
        self.call("sync.now", json!({})).expect("a sync state")
    }

    /// The whole timeline as (id, kind, body), newest first; empty while the chart has not arrived.
    #[must_use]
    pub fn timeline(&self, patient: &str) -> Vec<(String, String, Value)> {
        let mut out = Vec::new();
        let mut before = Value::Null;
        loop {
            let mut req = json!({"patientId": patient, "limit": 200});
            if let (Value::Object(fields), false) = (&mut req, before.is_null()) {
                fields.insert("before".into(), before.clone());
            }
            let Ok(page) = self.call("chart.timeline", req) else { return out };
            let entries = page.get("entries").and_then(Value::as_array).cloned().unwrap_or_default();
            let text = |entry: &Value, field: &str| entry.get(field).and_then(Value::as_str).unwrap_or("").to_owned();
            out.extend(
                entries.iter().map(|e| (text(e, "id"), text(e, "kind"), e.get("body").cloned().unwrap_or_default())),
            );
            let Some(last) = entries.last().filter(|_| page.get("more") == Some(&Value::Bool(true))) else {
                return out;
            };
            before = json!({"at": last.pointer("/at/ms"), "id": last.get("id")});
        }
    }
}
