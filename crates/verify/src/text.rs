//! The report for a person to read: a line for everything that is proven, then what is not.

use std::fmt::Write;

use crate::place::FeedKind;
use crate::reason::Reason;
use crate::report::{Author, Broken, Line, Report, SetAside, Summary, What, Written};
use crate::zone::iso;

fn received(ms: u64) -> String {
    iso(i64::try_from(ms).unwrap_or(i64::MAX), 0)
}

impl Line {
    /// One line; with `bodies` an entry's content as JSON at its end.
    #[must_use]
    pub fn to_text(&self, bodies: bool) -> String {
        let feed = match self.kind {
            FeedKind::Team => format!("team {}", self.feed),
            FeedKind::Directory | FeedKind::Chart => self.kind.text().to_owned(),
        };
        let mut out = format!("{feed} {}  received {}  ", self.ssn, received(self.received_ms));
        // Writing into a string does not fail.
        let _ = match &self.what {
            What::Control { cseq, text } => write!(out, "control {cseq}: {text}"),
            What::Entry { id, kind, at_ms, written, change, struck, .. } => write!(
                out,
                "written {}  entry {} {kind} of {}  change {}{}",
                clock(written),
                uuid::Uuid::from_bytes(*id),
                iso(*at_ms, written.zone_min),
                hex::encode(change),
                struck_text(*struck)
            ),
            What::State { key, written, change, struck } => {
                let change = hex::encode(change);
                write!(out, "written {}  state {key}  change {change}{}", clock(written), struck_text(*struck))
            }
            What::Other { class } => write!(out, "item of class {class}, which shows nothing in the chart"),
        };
        out.push_str(&match (&self.author, self.kind) {
            (Some(author), _) => by(author),
            (None, FeedKind::Directory) => "  by the region's roots".to_owned(),
            (None, FeedKind::Team | FeedKind::Chart) => String::new(),
        });
        if let (What::Entry { body, .. }, true) = (&self.what, bodies) {
            let _ = write!(out, "  {}", crate::json::body(body));
        }
        out
    }
}

fn clock(written: &Written) -> String {
    iso(written.at_ms, written.zone_min)
}

fn struck_text(struck: bool) -> &'static str {
    if struck { "  struck through" } else { "" }
}

fn by(author: &Author) -> String {
    let name = if author.name.is_empty() { "no name known" } else { &author.name };
    let facility = if author.facility.is_empty() { "not listed" } else { &author.facility };
    format!("  by \"{name}\" (person {}) of \"{facility}\", device {}", author.staff, author.device)
}

impl SetAside {
    /// One line.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("set aside: {}: not valid: {}", self.place, self.reason)
    }
}

impl Broken {
    /// What is broken, and what that leaves unproven.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = format!("NOT PROVEN: {}: {}", self.place, self.reason);
        let _ = match self.until {
            Some(until) if until > self.place.ssn => {
                write!(out, " (something between here and position {until} was changed, moved, added or taken out)")
            }
            Some(_) | None => Ok(()),
        };
        let _ = match explained(self.reason) {
            "" => Ok(()),
            words => write!(out, ": {words}"),
        };
        if self.place.ssn > 0 {
            let feed = self.place.kind.text();
            let _ = write!(out, "\n  {} frames of this {feed} from here on are unproven", self.unproven);
        }
        out
    }
}

/// Codes of the protocol stand in `docs/protocol.md`, §6.
fn explained(reason: Reason) -> &'static str {
    match reason {
        Reason::Rule(_) | Reason::Change(_) => "",
        Reason::Missing(_) => "it stands on a frame that is not in this file",
        Reason::ChangeWaits => "a change inside stands on one that no item holds",
        Reason::DoesNotOpen => "it does not open under its epoch's key",
        Reason::BadChanges => "what is inside is no list of changes",
        Reason::UnknownDocument => "it is for a document no chart has",
        Reason::NoKey => "the file holds no key of its epoch",
        Reason::WrongKey => "the file's key is not the one this epoch announced",
        Reason::PositionMissing => "the frame of this position is not in its place",
        Reason::TimeGoesBack => "it was received before the frame before it",
        Reason::OtherOrder => "the running hash is another one",
        Reason::BadHead => "the relay's signed head is none of this chart",
        Reason::NotToBeSetAside => "the file sets it aside, and it is valid",
        Reason::FeedMissing => "the feed has no beginning here, or is of another kind",
        Reason::HeadsDiffer => "what follows from the items is not what the file says",
        Reason::OtherDirectory => "the region is not the one asked for",
    }
}

impl Report {
    /// The last lines.
    #[must_use]
    pub fn summary_text(&self) -> String {
        let Summary { space, frames, entries, people, positions, witnessed, .. } = &self.summary;
        let mut out = format!("chart {space}, exported {}\n", received(self.summary.exported_ms));
        if let Some(region) = &self.summary.region {
            let roots: Vec<String> = region.roots.iter().map(ToString::to_string).collect();
            let _ = writeln!(
                out,
                "region \"{}\", directory {}, {} of the roots {} sign: compare these with the ones you know",
                region.name,
                region.directory,
                region.threshold,
                roots.join(" ")
            );
        }
        let _ =
            writeln!(out, "{frames} frames, {entries} entries, {people} people, {} set aside", self.set_aside.len());
        if let (Some(first), Some(last)) = (self.summary.first_ms, self.summary.last_ms) {
            let _ = writeln!(out, "received from {} to {}", received(first), received(last));
        }
        let _ = writeln!(
            out,
            "order signed for up to position {witnessed} of {positions}; names of people are said, not proved"
        );
        out.push_str(if self.is_proven() { "proven" } else { "not proven" });
        out
    }
}
