//! A chart's export: closed without its passphrase, whole or not at all.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]

mod support;

use meguri_seal::export::{DocumentHeads, FeedCopy, FrameCopy, SetAside};
use meguri_seal::{ChartExport, EpochKey, KdfCost, SealError};
use meguri_wire::{BlobId, DocId, FeedId, Hash, StaffId, StoreId};
use support::Seeded;

const CHEAP: KdfCost = KdfCost { memory_kib: 64, passes: 1, lanes: 1 };
const PASSPHRASE: &str = "hana to tsuki no uta";

fn export(frame_bytes: usize, rng: &mut Seeded) -> ChartExport {
    let record = |ssn| FrameCopy { ssn, received_ms: 1_800_000_000_000, frame: vec![ssn as u8; frame_bytes] };
    let feed = |n: u8| FeedCopy {
        feed: FeedId([n; 16]),
        records: vec![record(1), record(2)],
        ssn: 2,
        h: Hash([n; 32]),
        set_aside: vec![SetAside { ssn: 2, reason: "does_not_open".into() }],
    };
    ChartExport {
        space: FeedId([3; 16]),
        exported_ms: 1_800_000_000_001,
        store: Some(StoreId([9; 16])),
        directory: Some(feed(1)),
        teams: vec![feed(2)],
        chart: feed(3),
        head: None,
        keys: vec![EpochKey::make(1, rng)],
        names: vec![(StaffId([5; 16]), "小野寺 由美".into())],
        documents: vec![DocumentHeads { doc: DocId([6; 16]), heads: vec![[7; 32]] }],
        blobs: vec![BlobId([8; 32])],
    }
}

#[test]
fn it_opens_with_its_passphrase_and_shows_nothing_without() {
    let mut rng = Seeded::new("export");
    for frame_bytes in [100, 9 * 1024 * 1024] {
        let export = export(frame_bytes, &mut rng);
        let file = export.seal(PASSPHRASE, CHEAP, &mut rng).unwrap();
        assert!(ChartExport::open(PASSPHRASE, &file).unwrap() == export);
        assert_eq!(ChartExport::open("kaze to nami no uta", &file), Err(SealError::WrongPassphrase));
        let name = "小野寺".as_bytes();
        assert!(!file.windows(name.len()).any(|part| part == name));
    }
}

#[test]
fn one_byte_more_or_less_or_other_and_it_does_not_open() {
    let mut rng = Seeded::new("damage");
    let file = export(10, &mut rng).seal(PASSPHRASE, CHEAP, &mut rng).unwrap();
    for at in 0..file.len() {
        let mut other = file.clone();
        other[at] ^= 1;
        assert!(ChartExport::open(PASSPHRASE, &other).is_err(), "byte {at}");
    }
    assert!(ChartExport::open(PASSPHRASE, &file[..file.len() - 1]).is_err());
    assert!(ChartExport::open(PASSPHRASE, &[&file[..], &[0]].concat()).is_err());
    assert_eq!(ChartExport::open(PASSPHRASE, b"meguri-export-1\n"), Err(SealError::BadBytes));
    let mut newer = file;
    newer[15] = b'2';
    assert_eq!(ChartExport::open(PASSPHRASE, &newer), Err(SealError::VersionTooOld));
}
