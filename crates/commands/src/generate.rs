//! What is generated from the list: `ui/src/api/generated.ts` and
//! `docs/commands.md`. `cargo run -p meguri-commands --bin commands-generate -- DIR`
//! writes both into the repository at DIR; with `--check` it fails when they are stale.

use crate::host::Needs;
use crate::list::LIST;
use crate::{Code, chart, code, enrol, grant, home, intent, late, profile, settings, space, state, sync, team, types};
use ts_rs::{Config, TS};

macro_rules! shared {
    ($cfg:expr, $($ty:ty),+ $(,)?) => {
        [$(<$ty as TS>::decl($cfg),)+]
    };
}

fn shared_types(cfg: &Config) -> Vec<String> {
    shared![
        cfg,
        types::Instant,
        code::ErrorBody,
        types::PersonRef,
        types::EntryStatus,
        types::DeliveryState,
        types::Delivery,
        types::TimelineEntry,
        types::NameParts,
        types::Sex,
        types::LocalId,
        types::SimilarPatient,
        types::PatientRow,
        types::ThresholdRow,
        types::PatientHeader,
        types::SyncState,
        types::SyncStatus,
        types::Severity,
        types::Finding,
        types::Draft,
        types::EnrolState,
        types::SpaceRole,
        types::RemoveReason,
        types::Decided,
        types::StrikeReason,
        types::Strike,
        crate::entry::strike::StrikeReach,
        profile::status::Demo,
        profile::status::Removed,
        home::show::Today,
        home::show::Waiting,
        home::show::Unsent,
        chart::timeline::Before,
        chart::timeline::Facility,
        chart::trend::Point,
        chart::trend::Usual,
        chart::trend::Series,
        crate::entry::confirm::Accepted,
        crate::entry::amend::Answered,
        state::conflicts::ConflictValue,
        state::conflicts::Conflict,
        state::struck::StruckField,
        sync::parked::Parked,
        sync::parked::Witness,
        sync::faults::KeyFault,
        enrol::offer::NewStaff,
        space::members::MemberDevice,
        space::members::MemberTeam,
        space::candidates::Candidate,
        team::show::DeviceRemoval,
        team::show::TeamDevice,
        team::show::TeamPerson,
        late::list::LateEntry,
        late::list::LateItem,
        late::list::LateChain,
        grant::list::GrantKind,
        grant::list::LostGrant,
        grant::list::LostGrants,
        intent::list::Pending,
        settings::Language,
        settings::Theme,
        settings::Side,
        crate::about::show::Licence,
    ]
    .into()
}

/// Text of `ui/src/api/generated.ts`.
#[must_use]
pub fn typescript() -> String {
    let cfg = Config::new().with_large_int("number");
    let mut out = String::from(
        "// Generated from crates/commands by `commands-generate`. Do not edit.\n\n\
         /** Milliseconds UTC since 1970. */\nexport type Ms = number\n\
         /** Exactly as entered, \"36.50\". */\nexport type Decimal = string\n",
    );
    for decl in shared_types(&cfg) {
        out.push_str(&format!("export {}\n", tidy(&decl)));
    }
    let codes: Vec<String> = Code::ALL.iter().map(|code| format!("'{}'", code.text())).collect();
    out.push_str(&format!("/** Every error code of a command. */\nexport type Code = {}\n\n", codes.join(" | ")));
    out.push_str("/** Every command. */\nexport interface Rpc {\n");
    for command in LIST {
        let (req, res) = (command.types)(&cfg);
        out.push_str(&format!("  /** {} */\n", command.about));
        out.push_str(&format!("  '{}': {{ req: {}; res: {} }}\n", command.name, tidy(&req), tidy(&res)));
    }
    out.push_str("}\n");
    out
}

/// JSON of a kind is `unknown` to screens until its kind has read it; remarks take one line.
fn tidy(text: &str) -> String {
    text.replace("Record<symbol, never>", "Record<string, never>")
        .replace("JsonValue", "unknown")
        .replace("/**\n * ", "/** ")
        .replace("\n */\n", " */ ")
        .replace(", \n", ",\n")
        .replace("{ \n", "{\n")
}

/// Text of `docs/commands.md`.
#[must_use]
pub fn markdown() -> String {
    let cfg = Config::new().with_large_int("number");
    let mut out = String::from(
        "# Commands\n\nGenerated from `crates/commands`. `meguri call AREA.VERB JSON`; names are kept for ever.\n\n",
    );
    for command in LIST {
        let needs = match command.needs {
            Needs::Nothing => "nothing",
            Needs::Unlocked => "an unlocked screen",
            Needs::Enrolled => "an unlocked screen, a team",
            Needs::Writer => "an unlocked screen, a team, the right to write",
            Needs::Manager => "an unlocked screen, a team, the role of manager in the chart",
            Needs::Admin => "an unlocked screen, an admin device",
        };
        let (req, res) = (command.types)(&cfg);
        out.push_str(&format!(
            "## {}\n\n{} Needs {needs}.\n\n```ts\n// request\n{}\n// result\n{}\n```\n\n",
            command.name,
            command.about,
            tidy(&req),
            tidy(&res)
        ));
    }
    out.push_str("## Errors\n\n`{code, params}` on stderr; the exit status of the CLI beside it.\n\n| code | exit |\n|---|---|\n");
    for code in Code::ALL {
        out.push_str(&format!("| `{}` | {} |\n", code.text(), code.exit()));
    }
    out
}
