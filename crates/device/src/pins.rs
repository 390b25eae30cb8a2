//! Where the feeds stood on the device that invited this one (protocol §7). A new device starts from its admin's pins,
//! not from the relay's word: until a feed has reached its pin, heads below it and histories that lead elsewhere are
//! contradictions, shown as such, and nothing of them is taken in. The directory's Genesis, which fixes the first roots
//! and through them all later ones, stays pinned for ever.

use crate::local;
use crate::profile::storage;
use meguri_commands::{Code, Failure};
use meguri_replica::Replica;
use meguri_sync::ClientState;
use meguri_wire::Frame;
use meguri_wire::api::PullRecord;
use meguri_wire::cbor::{Cbor, In, Out};
use meguri_wire::chain::{Head, h_next};
use meguri_wire::control::{Body, DirectoryBody};
use meguri_wire::ids::{FeedId, FrameId, Hash, StoreId};
use std::collections::BTreeMap;

const META_PINS: &str = "pins";
const META_DIRECTORY: &str = "pin-directory";
const VERSION: u64 = 1;
/// Of the encoded pins; what is beyond is left out, team feeds and directory first in. A mailbox slot has 256 KiB.
const BYTES_MAX: usize = 160 * 1024;
const PIN_BYTES: usize = 64;

/// Positions and running hashes of one store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pins {
    store: Option<StoreId>,
    feeds: BTreeMap<FeedId, (u64, Hash)>,
}

impl Cbor for Pins {
    fn put(&self, out: &mut Out) {
        out.array(3);
        out.u64(VERSION);
        self.store.put(out);
        out.array(self.feeds.len());
        for (feed, (ssn, h)) in &self.feeds {
            out.array(3);
            feed.put(out);
            out.u64(*ssn);
            h.put(out);
        }
    }

    fn take(input: &mut In<'_>) -> Result<Self, meguri_wire::Code> {
        input.array_of(3)?;
        if input.u64()? != VERSION {
            return Err(meguri_wire::Code::VersionTooOld);
        }
        let store = Cbor::take(input)?;
        let mut feeds = BTreeMap::new();
        for _ in 0..input.array()? {
            input.array_of(3)?;
            feeds.insert(FeedId::take(input)?, (input.u64()?, Hash::take(input)?));
        }
        Ok(Self { store, feeds })
    }
}

impl Pins {
    /// What this device holds.
    pub(crate) fn of(replica: &Replica) -> Result<Pins, Failure> {
        let mut cursors = replica.cursors().map_err(storage)?;
        let spaces: Vec<FeedId> = replica.spaces().map_err(storage)?.into_iter().map(|row| row.space).collect();
        cursors.sort_by_key(|(feed, ..)| spaces.contains(feed));
        cursors.truncate(BYTES_MAX / PIN_BYTES);
        let feeds = cursors.into_iter().map(|(feed, ssn, h)| (feed, (ssn, h))).collect();
        Ok(Pins { store: local::store(replica)?, feeds })
    }

    /// What the admin handed over, as it is kept.
    pub(crate) fn kept(&self, directory: Option<&FrameId>) -> Vec<(&'static str, Vec<u8>)> {
        let directory = directory.map(|directory| (META_DIRECTORY, directory.0.to_vec()));
        [(META_PINS, self.to_bytes())].into_iter().chain(directory).collect()
    }

    /// The pins that are not reached yet.
    fn open(replica: &Replica) -> Result<Option<Pins>, Failure> {
        let kept = replica.meta_get(META_PINS).map_err(storage)?.unwrap_or_default();
        if kept.is_empty() {
            return Ok(None);
        }
        let mut pins = Pins::from_bytes(&kept).map_err(|_| Code::DamagedProfile)?;
        for (feed, ssn, _) in replica.cursors().map_err(storage)? {
            if pins.feeds.get(&feed).is_some_and(|(pin, _)| *pin <= ssn) {
                pins.feeds.remove(&feed);
            }
        }
        if pins.feeds.is_empty() {
            replica.meta_put(META_PINS, &[]).map_err(storage)?;
            return Ok(None);
        }
        Ok(Some(pins))
    }
}

/// Heads of the pinned store below a pin.
pub(crate) fn heads(replica: &Replica, heads: &[Head]) -> Result<Option<ClientState>, Failure> {
    let Some(pins) = Pins::open(replica)? else { return Ok(None) };
    Ok(heads.iter().filter(|head| Some(head.store_id) == pins.store).find_map(|head| {
        let (pin, _) = pins.feeds.get(&head.feed)?;
        (head.ssn < *pin).then_some(ClientState::Rollback { feed: head.feed, pin: *pin, got: head.ssn })
    }))
}

/// A page that leads past a pin another way, or brings another directory.
pub(crate) fn page(replica: &Replica, page: &[PullRecord]) -> Result<Option<ClientState>, Failure> {
    if let Some(foreign) = foreign_directory(replica, page)? {
        return Ok(Some(foreign));
    }
    let Some(pins) = Pins::open(replica)?.filter(|pins| pins.store.is_none() || pins.store == kept_store(replica))
    else {
        return Ok(None);
    };
    let mut at: BTreeMap<FeedId, (u64, Hash)> = BTreeMap::new();
    for (feed, ssn, h) in replica.cursors().map_err(storage)? {
        at.insert(feed, (ssn, h));
    }
    for record in page {
        let Some((pin, wanted)) = pins.feeds.get(&record.feed) else { continue };
        let (ssn, h) = at.entry(record.feed).or_insert_with(|| (0, meguri_wire::chain::h0(&record.feed)));
        if record.ssn != *ssn + 1 {
            continue;
        }
        *h = h_next(h, record.ssn, record.received_ms, &FrameId::of(&record.frame));
        *ssn = record.ssn;
        if ssn == pin && h != wanted {
            return Ok(Some(ClientState::Fork { feed: record.feed, a: *wanted, b: *h }));
        }
    }
    Ok(None)
}

fn kept_store(replica: &Replica) -> Option<StoreId> {
    local::store(replica).ok().flatten()
}

/// The directory's Genesis, as the admin's device knew it.
pub(crate) fn directory(replica: &Replica) -> Result<Option<FrameId>, Failure> {
    let pinned = replica.meta_get(META_DIRECTORY).map_err(storage)?;
    let id = |bytes: Vec<u8>| bytes.try_into().map(FrameId).map_err(|_| Code::DamagedProfile.into());
    pinned.map(id).transpose()
}

fn foreign_directory(replica: &Replica, page: &[PullRecord]) -> Result<Option<ClientState>, Failure> {
    let Some(pinned) = directory(replica)? else { return Ok(None) };
    for record in page.iter().filter(|record| record.ssn == 1 && FrameId::of(&record.frame) != pinned) {
        let Ok(frame) = Frame::decode(&record.frame) else { continue };
        let begins = matches!(frame.control().map(|c| &c.body), Some(Body::Directory(DirectoryBody::Genesis(_))));
        if begins {
            return Ok(Some(ClientState::Fork { feed: pinned.feed(), a: Hash(pinned.0), b: Hash(frame.id.0) }));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test may panic")]
    use super::{Pins, heads, page};
    use meguri_replica::Replica;
    use meguri_sync::ClientState;
    use meguri_wire::api::PullRecord;
    use meguri_wire::cbor::Cbor;
    use meguri_wire::chain::{Head, h_next, h0};
    use meguri_wire::control::{Body, DirectoryBody, DirectoryGenesis};
    use meguri_wire::ids::{FeedId, FrameId, Hash, StoreId};
    use meguri_wire::sign::{Ed25519Signer, Signer};
    use meguri_wire::{Control, Frame};

    const FEED: FeedId = FeedId([5; 16]);
    const STORE: StoreId = StoreId([6; 16]);

    fn replica(folder: &tempfile::TempDir) -> Replica {
        let replica = Replica::create(&folder.path().join("replica.db"), &[1; 32]).unwrap();
        replica.set_store(&STORE).unwrap();
        replica
    }

    fn records(feed: FeedId, last: u64) -> (Vec<PullRecord>, Hash) {
        let mut h = h0(&feed);
        let mut out = Vec::new();
        for ssn in 1..=3 {
            let frame = if ssn == 3 { vec![u8::try_from(last).unwrap()] } else { vec![u8::try_from(ssn).unwrap()] };
            h = h_next(&h, ssn, 1000 + ssn, &FrameId::of(&frame));
            out.push(PullRecord { feed, ssn, received_ms: 1000 + ssn, frame, attachments: Vec::new() });
        }
        (out, h)
    }

    fn pinned(replica: &Replica, h: Hash, directory: Option<&FrameId>) {
        let pins = Pins { store: Some(STORE), feeds: [(FEED, (3, h))].into() };
        assert_eq!(Pins::from_bytes(&pins.to_bytes()).unwrap(), pins);
        for (name, value) in pins.kept(directory) {
            replica.meta_put(name, &value).unwrap();
        }
    }

    #[test]
    fn a_relay_behind_the_pin_or_on_another_way_is_found_out() {
        let folder = tempfile::tempdir().unwrap();
        let replica = replica(&folder);
        let (honest, h) = records(FEED, 3);
        assert_eq!(page(&replica, &honest).unwrap(), None, "nothing is pinned");
        pinned(&replica, h, None);
        let head = |store_id, ssn| Head { v: 1, store_id, feed: FEED, ssn, h };
        let behind = heads(&replica, &[head(STORE, 2)]).unwrap();
        assert_eq!(behind, Some(ClientState::Rollback { feed: FEED, pin: 3, got: 2 }));
        assert_eq!(heads(&replica, &[head(STORE, 3)]).unwrap(), None);
        assert_eq!(heads(&replica, &[head(StoreId([7; 16]), 2)]).unwrap(), None, "another store is another order");
        let (forged, other) = records(FEED, 9);
        assert_eq!(page(&replica, &forged).unwrap(), Some(ClientState::Fork { feed: FEED, a: h, b: other }));
        assert_eq!(page(&replica, &honest).unwrap(), None);
        assert_eq!(page(&replica, honest.get(..2).unwrap()).unwrap(), None, "the pin is not reached yet");
        replica.ingest(&honest, 0).unwrap();
        assert_eq!(heads(&replica, &[head(STORE, 2)]).unwrap(), None, "from here on the own position speaks");
        assert_eq!(replica.meta_get(super::META_PINS).unwrap(), Some(Vec::new()));
    }

    fn directory(seed: u8) -> Frame {
        let root = Ed25519Signer::own_id(&[seed; 32]).unwrap();
        let roots = vec![root.public_key()];
        let genesis = DirectoryGenesis { nonce: [seed; 16], name: "南浜地区".into(), threshold: 1, roots };
        let body = Body::Directory(DirectoryBody::Genesis(genesis));
        Control { feed: None, cseq: 1, prev_hash: None, body }.sign_directory(&[&root]).unwrap()
    }

    #[test]
    fn another_directory_is_not_taken_in() {
        let folder = tempfile::tempdir().unwrap();
        let replica = replica(&folder);
        let (own, foreign) = (directory(1), directory(2));
        pinned(&replica, h0(&FEED), Some(&own.id));
        let record = |frame: &Frame| {
            let (feed, frame) = (frame.feed(), frame.raw.clone());
            [PullRecord { feed, ssn: 1, received_ms: 1, frame, attachments: Vec::new() }]
        };
        assert_eq!(page(&replica, &record(&own)).unwrap(), None);
        let found = page(&replica, &record(&foreign)).unwrap();
        assert!(matches!(found, Some(ClientState::Fork { feed, .. }) if feed == own.feed()));
    }
}
