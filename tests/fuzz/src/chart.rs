//! Automerge's bytes: changes that others wrote, documents that this device saved.

use super::quietly;
use meguri_chart::{Actor, Doc, DocName, Incoming, Verdict};
use meguri_wire::ids::sha256;
use std::sync::LazyLock;

/// The space and the author of the seeds.
const SPACE: [u8; 16] = [7; 16];
const AUTHOR: [u8; 16] = [1; 16];

static DOCS: LazyLock<[Doc; 2]> =
    LazyLock::new(|| [DocName::Core, DocName::Log(2026)].map(|name| Doc::new(SPACE, name).expect("a new document")));

/// A new document, its name and what its seeds are written by.
#[must_use]
pub fn start(name: DocName) -> (Doc, Actor) {
    (Doc::new(SPACE, name).expect("a new document"), Actor::new(AUTHOR, [2; 8]))
}

/// One change of somebody else: as it came, and with a checksum that fits.
pub fn change(bytes: &[u8]) {
    quietly();
    applied(bytes);
    if let Some((head, hashed)) = bytes.split_at_checked(8) {
        let mut fitting = head[..4].to_vec();
        fitting.extend_from_slice(&sha256(&[hashed])[..4]);
        fitting.extend_from_slice(hashed);
        applied(&fitting);
    }
}

fn applied(bytes: &[u8]) {
    for before in DOCS.iter() {
        let mut doc = before.clone();
        let changes = [bytes.to_vec()];
        let outcome = doc.apply(&[Incoming { author: AUTHOR, changes: &changes }]);
        match outcome.verdicts.as_slice() {
            [Verdict::Applied(scanned)] => {
                assert_eq!(scanned.len(), 1);
                assert_eq!(outcome.new_changes, changes, "what is kept is what came");
                assert_eq!(doc.changes(), 2);
            }
            _ => assert_eq!((outcome.new_changes.len(), doc.heads()), (0, before.heads())),
        }
        let saved = doc.save().expect("whatever came, it saves and loads");
        let again = Doc::load(SPACE, doc.name(), &saved).expect("what was saved");
        assert_eq!(again.heads(), doc.heads());
        let _ = before.clone().replay(&changes);
    }
}

/// A snapshot from this device's own store.
pub fn document(bytes: &[u8]) {
    quietly();
    for before in DOCS.iter() {
        if let Ok(doc) = Doc::load(SPACE, before.name(), bytes)
            && let Ok(saved) = doc.save()
        {
            let again = Doc::load(SPACE, before.name(), &saved).expect("what was saved");
            assert_eq!(again.heads(), doc.heads());
        }
    }
}
