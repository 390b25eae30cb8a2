//! Nothing of the protocol is without a vector, and nothing of the code without its line in the documents.

use meguri_wire::api::{HEADER_CLOCK, HEADER_NONCE, HEADER_OFFSET, HEADER_SETUP};
use meguri_wire::control::{Body, DirectoryBody, SpaceBody, TeamBody};
use meguri_wire::frame::{CLASS_CHECKPOINT, CLASS_RECORD, CLASS_TRACE};
use meguri_wire::{Code, Frame};
use serde_json::Value;

fn kinds() -> impl Iterator<Item = u64> {
    [DirectoryBody::KINDS, TeamBody::KINDS, SpaceBody::KINDS].concat().into_iter()
}

fn stored(name: &str) -> Vec<Value> {
    let path = format!("{}/../../tests/golden/wire/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A kind of control or a body of the relay's endpoints without a vector is forgotten.
#[test]
fn every_kind_and_body_has_a_vector() {
    if std::env::var_os("MEGURI_UPDATE_GOLDEN").is_some() {
        return; // the files are being written
    }
    let controls: Vec<Value> = ["directory", "team", "space", "notebook"].into_iter().flat_map(stored).collect();
    for kind in kinds() {
        assert!(controls.iter().any(|vector| vector["kind"] == kind), "kind {kind}");
    }
    assert!(controls.iter().any(|vector| vector["kind"].as_u64().is_some_and(|kind| kind >= 64)), "a later kind");
    let classes = [CLASS_RECORD, CLASS_TRACE, CLASS_CHECKPOINT];
    let items: Vec<Frame> = stored("items")
        .iter()
        .map(|item| Frame::decode(&hex::decode(item["raw"].as_str().unwrap()).unwrap()).unwrap())
        .collect();
    for class in classes {
        assert!(items.iter().any(|frame| frame.item().unwrap().class == class), "class {class}");
    }
    let vectors = stored("api");
    let page = include_str!("../../../../docs/protocol.md");
    let rows = page.split("\n| Body | Array |\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let rows: Vec<&str> =
        rows.lines().skip(1).map(|row| row.split(" | ").next().unwrap().trim_start_matches("| ")).collect();
    for row in &rows {
        let name = snake(row);
        assert!(vectors.iter().any(|vector| vector["name"] == name.as_str()), "{row}");
    }
    // What stands in a body's row, and has none of its own.
    let inner =
        ["Ack", "DeviceAck", "LateCount", "PullFeed", "PushFrame", "QuarantineEntry", "PullKind", "PullBuffer", "Hint"];
    let source = include_str!("../../src/api.rs").lines();
    for line in
        source.filter_map(|line| line.trim().strip_prefix("pub struct ").or(line.trim().strip_prefix("pub enum ")))
    {
        let name = line.split(' ').next().unwrap();
        assert!(rows.contains(&name) || inner.contains(&name), "{name} is no row of the protocol");
    }
}

fn snake(name: &str) -> String {
    let lower = |(at, c): (usize, char)| {
        let gap = if at > 0 && c.is_ascii_uppercase() { "_" } else { "" };
        format!("{gap}{}", c.to_ascii_lowercase())
    };
    name.chars().enumerate().map(lower).collect()
}

/// Each field that may be null stands in a vector with and without a value.
#[test]
fn what_may_be_null_is_null_in_a_vector() {
    if std::env::var_os("MEGURI_UPDATE_GOLDEN").is_some() {
        return; // the files are being written
    }
    let mut found = std::collections::BTreeSet::new();
    for vector in ["space", "notebook"].into_iter().flat_map(stored) {
        let frame = Frame::decode(&hex::decode(vector["raw"].as_str().unwrap()).unwrap()).unwrap();
        let Body::Space(body) = &frame.control().unwrap().body else { panic!("of another feed") };
        if let SpaceBody::AddMember(body) = body {
            found.insert(("add_member.listing", body.listing.is_some()));
            found.insert(("add_member.expires", body.expires.is_some()));
        }
        if let SpaceBody::BreakGlass(body) = body {
            found.insert(("break_glass.listing", body.listing.is_some()));
        }
    }
    for field in ["add_member.listing", "add_member.expires", "break_glass.listing"] {
        assert!(found.contains(&(field, true)) && found.contains(&(field, false)), "{field}");
    }
}

/// Every code, kind, context and header stands in the documentation.
#[test]
fn documented() {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");
    let page = std::fs::read_to_string(format!("{docs}/protocol.md")).unwrap();
    let cddl = std::fs::read_to_string(format!("{docs}/protocol-v1.cddl")).unwrap();
    for code in Code::ALL {
        let row = format!("| `{}` | {} |", code.text(), code.status());
        assert!(page.contains(&row), "{row}");
    }
    for kind in kinds() {
        assert!(page.contains(&format!("\n| {kind} | ")), "kind {kind}");
        assert!(cddl.contains(&format!("kind: {kind}, body: ")), "kind {kind}");
    }
    for context in
        [meguri_wire::cose::CONTEXT_ITEM, meguri_wire::cose::CONTEXT_CONTROL, meguri_wire::cose::CONTEXT_HEAD]
    {
        assert!(page.contains(&format!("| `{context}` |")), "{context}");
    }
    for header in [HEADER_NONCE, HEADER_SETUP, HEADER_CLOCK, HEADER_OFFSET] {
        assert!(page.contains(&format!("| `{header}` |")), "{header}");
    }
}
