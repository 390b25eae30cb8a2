//! The documents, built from the items alone, on a thread beside the rules.

use std::collections::BTreeMap;
use std::sync::mpsc::Receiver;

use meguri_chart::{Doc, DocName, Grown, ParkReason, Prepared, Scanned, Verdict};
use meguri_wire::{DeviceId, DocId, SpaceId};

use crate::report::Written;

/// Items the documents take in at once. Few enough that they grow while later frames are still read.
const ITEMS: usize = 512;

/// How documents are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// In place. An export whose changes Automerge refuses needs the other way.
    Straight,
    /// Every portion on a copy, and item by item where it fails, as devices do.
    OnCopies,
}

impl Way {
    /// Items to take in at once when so many are inside: what is copied for each portion is to grow with the document.
    pub(crate) fn portion(self, taken: usize) -> usize {
        match self {
            Self::Straight => ITEMS,
            Self::OnCopies => ITEMS.max(taken / 4),
        }
    }
}

/// A valid item without its changes.
pub(crate) struct Origin {
    pub(crate) ssn: u64,
    pub(crate) author: DeviceId,
    pub(crate) dseq: u64,
    pub(crate) written: Vec<Written>,
}

/// The changes of a valid item.
pub(crate) struct Opened {
    pub(crate) origin: Origin,
    pub(crate) name: DocName,
    pub(crate) prepared: Prepared,
}

/// What became of an item in its document.
pub(crate) struct Became {
    pub(crate) origin: Origin,
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

/// Automerge refused something where it was to be put straight into a document.
#[derive(Debug)]
pub(crate) struct Refused;

impl Documents {
    /// Takes in portions until there are no more.
    ///
    /// # Errors
    /// [`Refused`], never on copies.
    pub(crate) fn build(way: Way, space: SpaceId, portions: &Receiver<Vec<Opened>>) -> Result<Self, Refused> {
        let mut documents = Self::default();
        while let Ok(portion) = portions.recv() {
            let mut by_name: BTreeMap<DocName, Vec<Opened>> = BTreeMap::new();
            for opened in portion {
                by_name.entry(opened.name).or_default().push(opened);
            }
            for (name, opened) in by_name {
                documents.take(way, space, name, opened)?;
            }
        }
        if way == Way::Straight && !documents.open.values().all(|growing| growing.doc.is_whole()) {
            return Err(Refused);
        }
        let waiting = documents.open.values_mut().flat_map(|growing| std::mem::take(&mut growing.waiting));
        documents.became.extend(waiting.map(|opened| opened.origin.became(Err(None))));
        documents.became.sort_by_key(|became| became.origin.ssn);
        Ok(documents)
    }

    fn take(&mut self, way: Way, space: SpaceId, name: DocName, opened: Vec<Opened>) -> Result<(), Refused> {
        let growing = match self.open.entry(name) {
            std::collections::btree_map::Entry::Occupied(slot) => slot.into_mut(),
            std::collections::btree_map::Entry::Vacant(slot) => match Doc::new(space.0, name) {
                Ok(doc) => slot.insert(Growing { doc, waiting: Vec::new() }),
                Err(_) => {
                    let parked = |opened: Opened| opened.origin.became(Err(Some(ParkReason::NotApplicable)));
                    self.became.extend(opened.into_iter().map(parked));
                    return Ok(());
                }
            },
        };
        let mut all = std::mem::take(&mut growing.waiting);
        all.extend(opened);
        let (origins, prepared): (Vec<Origin>, Vec<Prepared>) =
            all.into_iter().map(|opened| (opened.origin, opened.prepared)).unzip();
        let grown = match way {
            Way::Straight => growing.doc.grow(prepared).ok_or(Refused)?,
            Way::OnCopies => on_copies(&mut growing.doc, prepared),
        };
        for (origin, grown) in origins.into_iter().zip(grown) {
            match grown {
                Grown::Applied(scanned) => self.became.push(origin.became(Ok(scanned))),
                Grown::Parked(reason) => self.became.push(origin.became(Err(Some(reason)))),
                Grown::Waiting(prepared) => growing.waiting.push(Opened { origin, name, prepared }),
            }
        }
        Ok(())
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

fn on_copies(doc: &mut Doc, items: Vec<Prepared>) -> Vec<Grown> {
    let verdicts = doc.apply_prepared(&items.iter().collect::<Vec<_>>()).verdicts;
    let grown = |(item, verdict)| match verdict {
        Verdict::Applied(scanned) => Grown::Applied(scanned),
        Verdict::Parked(reason) => Grown::Parked(reason),
        Verdict::Waiting => Grown::Waiting(item),
    };
    items.into_iter().zip(verdicts).map(grown).collect()
}

impl Origin {
    fn became(self, done: Result<Vec<Scanned>, Option<ParkReason>>) -> Became {
        Became { origin: self, done }
    }
}
