//! The list of commands: name, what it needs, function. Names are kept for ever.

use crate::host::{Host, Needs};
use crate::{
    Code, Failure, about, blob, chart, draft, enrol, entry, grant, home, intent, late, patient, profile, rows,
    settings, space, state, sync, team,
};
use serde_json::Value;
use ts_rs::{Config, TS};

/// One command.
#[derive(Clone, Copy)]
pub struct Command {
    /// `area.verb`.
    pub name: &'static str,
    /// State it needs.
    pub needs: Needs,
    /// One sentence for `docs/commands.md`.
    pub about: &'static str,
    run: fn(&dyn Host, Value) -> Result<Value, Failure>,
    /// TypeScript of request and result.
    pub(crate) types: fn(&Config) -> (String, String),
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Command").field("name", &self.name).field("needs", &self.needs).finish_non_exhaustive()
    }
}

macro_rules! list {
    ($($name:literal $needs:ident $area:ident :: $verb:ident $about:literal;)+) => {
        /// Every command.
        pub static LIST: &[Command] = &[$(Command {
            name: $name,
            needs: Needs::$needs,
            about: $about,
            run: |host, value| {
                let req: $area::$verb::Req = parse(value)?;
                write($area::$verb::run(host, req)?)
            },
            types: |cfg| (<$area::$verb::Req as TS>::inline(cfg), <$area::$verb::Res as TS>::inline(cfg)),
        },)+];
    };
}

list! {
    "profile.status" Nothing profile::status "Is there a profile, is it unlocked, whose is it.";
    "profile.create" Nothing profile::create "Makes a profile with a passphrase and unlocks it.";
    "profile.unlock" Nothing profile::unlock "Opens by passphrase, or a locked screen by PIN.";
    "profile.lock" Nothing profile::lock "Locks the screen; with `drop` forgets the key.";
    "profile.pin" Unlocked profile::pin "Sets the six digits that open a locked screen.";
    "home.show" Enrolled home::show "Today, my patients, what is new, what has not left this device.";
    "patient.search" Enrolled patient::search "Finds patients by kanji, kana, birth date or local id.";
    "patient.register" Enrolled patient::register "Registers a patient and founds the chart.";
    "patient.show" Enrolled patient::show "The banner of a chart.";
    "chart.timeline" Enrolled chart::timeline "Entries of a chart, newest first, a page at a time.";
    "chart.entry" Enrolled chart::entry "One entry with its versions.";
    "chart.trend" Enrolled chart::trend "Measures over time with limits and usual range.";
    "chart.seen" Enrolled chart::seen "Marks entries as seen by me.";
    "draft.save" Enrolled draft::save "Keeps a draft on this device and checks it.";
    "draft.list" Enrolled draft::list "Drafts of a patient or all.";
    "draft.discard" Enrolled draft::discard "Throws a draft away.";
    "entry.confirm" Writer entry::confirm "Confirms drafts: they become signed entries in one step.";
    "entry.amend" Writer entry::amend "Corrects an entry with a reason; both stay readable.";
    "entry.void" Writer entry::void "Withdraws an entry with a reason; it stays readable.";
    "entry.reach" Manager entry::reach "Counts what striking an entry through would take along.";
    "entry.strike" Manager entry::strike "Strikes an entry through for everybody; it stays readable.";
    "state.put" Writer state::put "Sets fields of current state.";
    "state.conflicts" Enrolled state::conflicts "Fields that two people changed at once.";
    "state.resolve" Writer state::resolve "Chooses one of the values.";
    "state.struck" Enrolled state::struck "Fields that a struck change wrote last, with what stood there before.";
    "state.restore" Writer state::restore "Puts a previous value back in the place of a struck one.";
    "blob.put" Enrolled blob::put "Cleans a picture and keeps it sealed.";
    "blob.read" Enrolled blob::read "The address a picture can be shown from.";
    "sync.now" Enrolled sync::now "Talks with the relay now.";
    "sync.status" Enrolled sync::status "Where synchronisation stands.";
    "sync.dismiss" Enrolled sync::dismiss "Puts a colleague's contradicting witness away.";
    "sync.parked" Enrolled sync::parked "Frames that wait or cannot be applied.";
    "sync.faults" Enrolled sync::faults "Charts whose newest key does not open somewhere, and who made it.";
    "enrol.offer" Admin enrol::offer "Offers a place in the team to a new device.";
    "enrol.join" Nothing enrol::join "Joins a team by code.";
    "enrol.approve" Admin enrol::approve "Says whether the digits on both screens agree.";
    "space.members" Enrolled space::members "Teams of a chart and what their devices have.";
    "space.candidates" Manager space::candidates "Facilities that a chart could be shared with.";
    "space.add" Manager space::add "Shares a chart with a facility.";
    "space.role" Manager space::role "Changes what a facility may do in a chart.";
    "space.remove" Manager space::remove "Takes a chart away from a facility.";
    "team.show" Enrolled team::show "People and devices of the own team, and what each has.";
    "team.remove" Admin team::remove "Removes a device or a person from the team.";
    "late.list" Enrolled late::list "Late work in quarantine, opened on copies.";
    "late.admit" Manager late::admit "Takes late work into a chart.";
    "grant.list" Enrolled grant::list "What a lost or compromised manager's device had granted.";
    "grant.confirm" Manager grant::confirm "Says that what a lost device had granted may stay.";
    "intent.list" Enrolled intent::list "Decisions that are not so yet.";
    "intent.dismiss" Enrolled intent::dismiss "Takes back a decision that is not so yet.";
    "settings.show" Unlocked settings::show "Settings of this profile.";
    "settings.put" Unlocked settings::put "Changes settings of this profile.";
    "about.diagnostics" Nothing about::diagnostics "What helps to find a fault: versions, codes and counts, no records.";
    "about.show" Nothing about::show "Version, commit, protocol, schema, licences.";
}

fn parse<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, Failure> {
    serde_json::from_value(value).map_err(|_| Code::BadRequest.into())
}

fn write<T: serde::Serialize>(res: T) -> Result<Value, Failure> {
    serde_json::to_value(res).map_err(|_| Code::Bug.into())
}

/// The command of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Command> {
    LIST.iter().find(|command| command.name == name)
}

/// Runs a command. Authority is checked here, before the request is read.
///
/// # Errors
/// `unknown_command`, `bad_request`, what [`Host::gate`] refuses, and the command's own codes.
pub fn call(host: &dyn Host, name: &str, req: Value) -> Result<Value, Failure> {
    let command = find(name).ok_or(Code::UnknownCommand)?;
    host.gate(command.needs)?;
    if matches!(command.needs, Needs::Writer | Needs::Manager) {
        may_there(host, command.needs, &req)?;
    }
    (command.run)(host, req)
}

/// Every command that writes names a patient: the role in that patient's chart is looked at before the rest of the request.
fn may_there(host: &dyn Host, needs: Needs, req: &Value) -> Result<(), Failure> {
    let patient = req.get("patientId").and_then(Value::as_str).ok_or(Code::BadRequest)?;
    let replica = host.replica()?;
    let space = rows::space_of(&replica, rows::id(patient)?)?;
    if needs == Needs::Manager { rows::may_manage(&replica, &space) } else { rows::may_write(&replica, &space) }
}
