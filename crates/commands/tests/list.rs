//! What holds for every command of the list.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

use meguri_commands::host::{Host, Needs};
use meguri_commands::types::SyncStatus;
use meguri_commands::{Code, Failure, LIST, blob, call, enrol, find, generate, profile};
use meguri_replica::{Founding, Replica};
use meguri_wire::ids::SpaceId;
use std::sync::Arc;
use uuid::Uuid;

/// A host in one state, which refuses all a gate should have refused before.
struct Gated(Code);

impl Gated {
    fn refuse<T>(&self) -> Result<T, Failure> {
        panic!("a command went past its gate");
    }
}

impl Host for Gated {
    fn now_ms(&self) -> i64 {
        0
    }
    fn zone_min(&self) -> i32 {
        540
    }
    fn fill_random(&self, _: &mut [u8]) {}
    fn gate(&self, needs: Needs) -> Result<(), Failure> {
        let stops = match (self.0, needs) {
            (_, Needs::Nothing) | (Code::NotEnrolled, Needs::Unlocked) => false,
            (Code::NotAllowed, Needs::Unlocked | Needs::Enrolled) => false,
            (_, Needs::Unlocked | Needs::Enrolled | Needs::Writer | Needs::Manager | Needs::Admin) => true,
        };
        if stops { Err(self.0.into()) } else { Ok(()) }
    }
    fn replica(&self) -> Result<Arc<Replica>, Failure> {
        self.refuse()
    }
    fn profile_status(&self) -> Result<profile::status::Res, Failure> {
        self.refuse()
    }
    fn profile_create(&self, _: &str) -> Result<profile::create::Res, Failure> {
        self.refuse()
    }
    fn unlock_passphrase(&self, _: &str) -> Result<(), Failure> {
        self.refuse()
    }
    fn unlock_pin(&self, _: &str) -> Result<(), Failure> {
        self.refuse()
    }
    fn lock(&self, _: bool) -> Result<(), Failure> {
        self.refuse()
    }
    fn set_pin(&self, _: &str) -> Result<(), Failure> {
        self.refuse()
    }
    fn found_chart(&self, _: Uuid) -> Result<Founding, Failure> {
        self.refuse()
    }
    fn name_card(&self, _: &SpaceId) -> Result<Option<(String, Vec<u8>)>, Failure> {
        self.refuse()
    }
    fn written(&self) {}
    fn blob_put(&self, _: &[u8], _: &str) -> Result<blob::put::Res, Failure> {
        self.refuse()
    }
    fn blob_url(&self, _: &blob::read::Req) -> Result<String, Failure> {
        self.refuse()
    }
    fn sync_now(&self) -> Result<SyncStatus, Failure> {
        self.refuse()
    }
    fn sync_status(&self) -> Result<SyncStatus, Failure> {
        self.refuse()
    }
    fn enrol_offer(&self, _: &enrol::offer::Req) -> Result<enrol::offer::Res, Failure> {
        self.refuse()
    }
    fn enrol_join(&self, _: &enrol::join::Req) -> Result<enrol::join::Res, Failure> {
        self.refuse()
    }
    fn enrol_approve(&self, _: &str, _: bool) -> Result<(), Failure> {
        self.refuse()
    }
    fn relay_url(&self) -> Result<String, Failure> {
        self.refuse()
    }
}

/// The commands that run on a locked profile. Adding one is a decision.
const OPEN: &[&str] = &[
    "profile.status",
    "profile.create",
    "profile.unlock",
    "profile.lock",
    "enrol.join",
    "about.diagnostics",
    "about.show",
];

#[test]
fn a_locked_profile_refuses_every_command_but_the_open_ones() {
    let open: Vec<&str> = LIST.iter().filter(|c| c.needs == Needs::Nothing).map(|c| c.name).collect();
    assert_eq!(open, OPEN);
    for command in LIST.iter().filter(|c| c.needs != Needs::Nothing) {
        let answer = call(&Gated(Code::Locked), command.name, serde_json::json!({"not": "a request"}));
        assert_eq!(answer.unwrap_err().code, Code::Locked, "{}", command.name);
    }
}

#[test]
fn a_device_without_a_team_reaches_settings_and_the_pin_only() {
    let refused = |name: &str| call(&Gated(Code::NotEnrolled), name, serde_json::json!("no request")).unwrap_err().code;
    for command in LIST {
        let expected = match command.needs {
            Needs::Nothing | Needs::Unlocked => Code::BadRequest,
            Needs::Enrolled | Needs::Writer | Needs::Manager | Needs::Admin => Code::NotEnrolled,
        };
        assert_eq!(refused(command.name), expected, "{}", command.name);
    }
}

#[test]
fn a_reader_writes_nothing_and_offers_no_place() {
    for command in LIST.iter().filter(|c| matches!(c.needs, Needs::Writer | Needs::Manager | Needs::Admin)) {
        let answer = call(&Gated(Code::NotAllowed), command.name, serde_json::json!({}));
        assert_eq!(answer.unwrap_err().code, Code::NotAllowed, "{}", command.name);
    }
}

#[test]
fn names_are_area_dot_verb_and_unique() {
    for command in LIST {
        let (area, verb) = command.name.split_once('.').unwrap();
        assert!(area.chars().chain(verb.chars()).all(|c| c.is_ascii_lowercase()), "{}", command.name);
        assert_eq!(LIST.iter().filter(|c| c.name == command.name).count(), 1);
        assert!(std::ptr::eq(find(command.name).unwrap(), command));
    }
    assert_eq!(call(&Gated(Code::Locked), "no.such", serde_json::json!({})).unwrap_err().code, Code::UnknownCommand);
}

#[test]
fn the_generated_types_name_every_command_and_every_type_they_use() {
    let text = generate::typescript();
    for command in LIST {
        assert!(text.contains(&format!("'{}': {{ req:", command.name)), "{}", command.name);
        assert!(generate::markdown().contains(&format!("## {}\n", command.name)));
    }
    let bare: String = text.split("*/").map(|part| part.split("/**").next().unwrap_or("")).collect();
    let words = |text: &str| -> Vec<String> {
        let cut = text.split(|c: char| !(c.is_alphanumeric() || "_\"'-.".contains(c)));
        cut.filter(|word| word.starts_with(char::is_uppercase)).map(str::to_owned).collect()
    };
    let declared: Vec<String> =
        bare.lines().filter_map(|l| l.strip_prefix("export ")).filter_map(|l| words(l).first().cloned()).collect();
    for word in words(&bare).into_iter().filter(|word| !["Record", "Array", "Generated", "Do"].contains(&word.as_str()))
    {
        assert!(declared.contains(&word), "`{word}` is used but not declared");
    }
}

/// `UPDATE=1 cargo test -p meguri-commands` writes both anew.
#[test]
fn what_is_generated_from_the_list_is_up_to_date() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (path, text) in
        [("docs/commands.md", generate::markdown()), ("ui/src/api/generated.ts", generate::typescript())]
    {
        let file = root.join(path);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&file, &text).unwrap();
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(kept == text, "{path} is stale; `cargo run -p meguri-commands --bin commands-generate` writes it");
    }
}
