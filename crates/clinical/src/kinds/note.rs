//! `note` 経過記録: SOAP.

use super::EntryKind;
use crate::fact::Facts;
use crate::finding::{CheckContext, Finding};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Most characters of a whole note (vocabulary C.2).
pub const NOTE_CHARS_MAX: usize = 10_000;

/// The kind.
#[derive(Debug)]
pub struct Note;

/// A note in four parts; any may be empty, not all.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields)]
pub struct NoteBody {
    /// Subjective: what the patient and the family say.
    #[serde(default)]
    pub s: String,
    /// Objective: findings.
    #[serde(default)]
    pub o: String,
    /// Assessment.
    #[serde(default)]
    pub a: String,
    /// Plan: until the next visit, and whom it was reported to.
    #[serde(default)]
    pub p: String,
    /// The entry whose text was taken over (前回より複写); never silent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copied_from: Option<String>,
    /// Which of the four parts were taken over from it, in their order; none of them is marked in older notes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copied_parts: Vec<String>,
}

/// The parts by their stored names.
pub const NOTE_PARTS: &[&str] = &["s", "o", "a", "p"];

impl std::fmt::Debug for NoteBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NoteBody").finish_non_exhaustive()
    }
}

impl EntryKind for Note {
    type Body = NoteBody;
    const TAG: &'static str = "note";
    const VERSION: u32 = 1;

    fn normalise(body: &mut NoteBody) {
        for part in [&mut body.s, &mut body.o, &mut body.a, &mut body.p] {
            *part = part.replace("\r\n", "\n").trim().to_owned();
        }
    }

    fn check(body: &NoteBody, _: &CheckContext) -> Vec<Finding> {
        if let Some(refused) = check_copy(body) {
            return vec![refused];
        }
        let chars: usize = parts(body).map(|part| part.chars().count()).sum();
        if chars == 0 {
            vec![Finding::refuse("empty", "")]
        } else if chars > NOTE_CHARS_MAX {
            vec![Finding::refuse("too_long", "").with("max", NOTE_CHARS_MAX).with("chars", chars)]
        } else {
            Vec::new()
        }
    }

    fn facts(body: &NoteBody) -> Facts {
        let first = parts(body).find(|part| !part.is_empty()).unwrap_or_default();
        Facts {
            title: first.lines().next().unwrap_or_default().chars().take(80).collect(),
            search: parts(body).collect::<Vec<_>>().join("\n"),
            ..Facts::default()
        }
    }
}

/// A part is marked once, by its name, and only beside the entry it came from.
fn check_copy(body: &NoteBody) -> Option<Finding> {
    let known: Vec<&str> = NOTE_PARTS.iter().copied().filter(|p| body.copied_parts.iter().any(|c| c == p)).collect();
    if known != body.copied_parts {
        return Some(Finding::refuse("unknown_part", "copiedParts"));
    }
    (body.copied_from.is_none() && !known.is_empty()).then(|| Finding::refuse("copied_from_nowhere", "copiedParts"))
}

fn parts(body: &NoteBody) -> impl Iterator<Item = &str> {
    [&body.s, &body.o, &body.a, &body.p].into_iter().map(String::as_str)
}
