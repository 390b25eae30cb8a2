//! The documents, built from the items alone, on a thread beside the rules.

use std::collections::BTreeMap;
use std::sync::mpsc::Receiver;

use meguri_chart::{Doc, DocName, ParkReason, Prepared, Scanned, Verdict};
use meguri_wire::{DeviceId, DocId, SpaceId};

use crate::report::Written;

/// Items the documents take in at once, at least: a document is copied for each portion, so portions grow with it. Few
/// enough that the documents of a short chart grow while its later frames are still read.
pub(crate) const ITEMS: usize = 512;

/// The changes of a valid item.
pub(crate) struct Opened {
    pub(crate) ssn: u64,
    pub(crate) author: DeviceId,
    pub(crate) dseq: u64,
    pub(crate) name: DocName,
    pub(crate) written: Vec<Written>,
    pub(crate) prepared: Prepared,
}

/// What became of an item in its document.
pub(crate) struct Became {
    pub(crate) ssn: u64,
    pub(crate) author: DeviceId,
    pub(crate) dseq: u64,
    pub(crate) written: Vec<Written>,
    /// What its changes do; else why it stays out, nothing while it waits.
    pub(crate) done: Result<Vec<Scanned>, Option<ParkReason>>,
}

/// All documents of a chart.
#[derive(Default)]
pub(crate) struct Documents {
    open: BTreeMap<DocName, Growing>,
    pub(crate) became: Vec<Became>,
}

struct Growing {
    doc: Doc,
    waiting: Vec<Opened>,
}

impl Documents {
    /// Takes in portions until there are no more.
    pub(crate) fn build(space: SpaceId, portions: &Receiver<Vec<Opened>>) -> Self {
        let mut documents = Self::default();
        while let Ok(portion) = portions.recv() {
            let mut by_name: BTreeMap<DocName, Vec<Opened>> = BTreeMap::new();
            for opened in portion {
                by_name.entry(opened.name).or_default().push(opened);
            }
            for (name, opened) in by_name {
                documents.take(space, name, opened);
            }
        }
        let waiting = documents.open.values_mut().flat_map(|growing| std::mem::take(&mut growing.waiting));
        documents.became.extend(waiting.map(|opened| opened.became(Err(None))));
        documents.became.sort_by_key(|became| became.ssn);
        documents
    }

    fn take(&mut self, space: SpaceId, name: DocName, opened: Vec<Opened>) {
        let growing = match self.open.entry(name) {
            std::collections::btree_map::Entry::Occupied(slot) => slot.into_mut(),
            std::collections::btree_map::Entry::Vacant(slot) => match Doc::new(space.0, name) {
                Ok(doc) => slot.insert(Growing { doc, waiting: Vec::new() }),
                Err(_) => {
                    let parked = |opened: Opened| opened.became(Err(Some(ParkReason::NotApplicable)));
                    self.became.extend(opened.into_iter().map(parked));
                    return;
                }
            },
        };
        let mut all = std::mem::take(&mut growing.waiting);
        all.extend(opened);
        let prepared: Vec<&Prepared> = all.iter().map(|opened| &opened.prepared).collect();
        let verdicts = growing.doc.apply_prepared(&prepared).verdicts;
        for (opened, verdict) in all.into_iter().zip(verdicts) {
            match verdict {
                Verdict::Applied(scanned) => self.became.push(opened.became(Ok(scanned))),
                Verdict::Parked(reason) => self.became.push(opened.became(Err(Some(reason)))),
                Verdict::Waiting => growing.waiting.push(opened),
            }
        }
    }

    /// The heads of every document that holds a change.
    pub(crate) fn heads(&self, space: &SpaceId) -> BTreeMap<DocId, Vec<[u8; 32]>> {
        let grown = self.open.iter().filter(|(_, growing)| growing.doc.changes() > 1);
        grown.map(|(name, growing)| (id(space, *name), growing.doc.heads())).collect()
    }
}

/// A document's id.
pub(crate) fn id(space: &SpaceId, name: DocName) -> DocId {
    meguri_wire::ids::doc_id(space, &name.to_string())
}

impl Opened {
    fn became(self, done: Result<Vec<Scanned>, Option<ParkReason>>) -> Became {
        Became { ssn: self.ssn, author: self.author, dseq: self.dseq, written: self.written, done }
    }
}
