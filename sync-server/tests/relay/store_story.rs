//! One story for every store. A new store adds a test that calls [`story`].
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use meguri_relay::store::sqlite::{SqliteLimits, SqliteStore};
use meguri_relay::store::*;
use meguri_wire::{BlobId, DeviceId, FeedId, FrameId, Hash, StoreId, TeamId};

const FEED: FeedId = FeedId([1; 16]);
const TEAM: TeamId = FeedId([2; 16]);
const DEVICE: DeviceId = DeviceId([3; 16]);

fn frame(ssn: u64, class: Option<u64>, raw: &[u8]) -> NewFrame<'_> {
    NewFrame {
        ssn,
        received_ms: 10 * ssn,
        h: Hash([ssn as u8; 32]),
        id: FrameId::of(raw),
        class,
        author: &DEVICE.0,
        dseq: ssn,
        raw,
    }
}

/// Begins a feed, appends, reads in pages, quarantines, lists blobs, and takes a failed work back whole.
async fn story(store: Arc<dyn Store>) {
    let store = store.as_ref();
    assert_eq!(read(store, |rows| rows.identity()).await.unwrap().store_id, StoreId([5; 16]));
    let row = write(store, |tx| {
        let mut row = tx.begin_feed(&FEED, FeedKind::Space, Hash([0; 32]), Some(&TEAM))?;
        tx.append(row.feed_no, frame(1, None, b"control"))?;
        tx.append(row.feed_no, frame(2, Some(0), b"record"))?;
        tx.append(row.feed_no, frame(3, Some(2), b"checkpoint"))?;
        tx.put_membership(&TEAM, row.feed_no, &MembershipRow { until_ssn: None, expires_ms: Some(99), until_move: 0 })?;
        (row.ssn, row.head) = (3, b"head".to_vec());
        row.moved = tx.move_head(&row)?;
        assert!(tx.rows().feed(&FEED)?.is_some(), "a work sees its own changes");
        Ok(row)
    })
    .await
    .unwrap();
    pages(store, row.feed_no).await;
    quarantine(store).await;
    blobs_and_mailbox(store, row.feed_no).await;
    let failed = write(store, |tx| {
        tx.put_blob(&BlobId([8; 32]), 1, &DEVICE, 1)?;
        tx.append(1, frame(3, None, b"the place is taken"))
    });
    assert_eq!(failed.await, Err(StoreError::Damaged));
    assert_eq!(read(store, |rows| rows.blob(&BlobId([8; 32]))).await.unwrap(), None);
    let spaces = read(store, |rows| rows.spaces_of(&TEAM, 0)).await.unwrap();
    assert_eq!((spaces.len(), spaces[0].1.expires_ms), (1, Some(99)));
    assert!(read(store, move |rows| rows.spaces_of(&TEAM, row.moved)).await.unwrap().is_empty());
    group_commit(store).await;
}

async fn pages(store: &dyn Store, feed_no: u32) {
    let page = |sparse, after, upto, bytes_max| PageOf { feed_no, after, upto, sparse, bytes_max };
    let ssns = |page| read(store, move |rows| Ok(rows.frames(page)?.iter().map(|f| f.ssn).collect::<Vec<_>>()));
    assert_eq!(ssns(page(false, 0, 9, 9999)).await.unwrap(), [1, 2, 3]);
    assert_eq!(ssns(page(false, 0, 2, 9999)).await.unwrap(), [1, 2]);
    assert_eq!(ssns(page(true, 0, 9, 9999)).await.unwrap(), [1, 3]);
    assert_eq!(ssns(page(false, 1, 9, 1)).await.unwrap(), [2], "at least one");
    let place = read(store, |rows| rows.find(&FrameId::of(b"record"))).await.unwrap();
    assert!(matches!(place, Some(Place::Feed { ssn: 2, received_ms: 20, .. })));
    let item = read(store, move |rows| rows.item_at(feed_no, &DEVICE, 2)).await.unwrap();
    assert_eq!(item.as_deref(), Some(&b"record"[..]));
}

async fn quarantine(store: &dyn Store) {
    let late = |dseq: u64| LateRow {
        entry_no: 0,
        author: DEVICE,
        dseq,
        received_ms: 1,
        raw: vec![dseq as u8; 10],
        unplaced: false,
    };
    write(store, move |tx| (4..7).try_for_each(|n| tx.put_late(&FEED, &late(n), &[BlobId([9; 32])]))).await.unwrap();
    let tail = read(store, |rows| rows.late_tail(&DEVICE, &FEED)).await.unwrap();
    assert_eq!((tail.bytes, tail.last), (30, Some(vec![6; 10])));
    let some = read(store, |rows| rows.late_of(&FEED, &DEVICE, 5)).await.unwrap();
    let numbers: Vec<u64> = some.iter().map(|row| row.entry_no).collect();
    write(store, move |tx| tx.drop_late(&numbers)).await.unwrap();
    assert_eq!(read(store, |rows| rows.late(&FEED, 0, 9999)).await.unwrap().len(), 1);
}

async fn blobs_and_mailbox(store: &dyn Store, feed_no: u32) {
    let blob = BlobId([4; 32]);
    write(store, move |tx| tx.put_blob(&blob, 77, &DEVICE, 1000)).await.unwrap();
    assert_eq!(read(store, |rows| rows.unlisted(2000, 9)).await.unwrap(), [blob]);
    assert!(read(store, |rows| rows.unlisted(1000, 9)).await.unwrap().is_empty());
    write(store, move |tx| tx.list_blob(&blob, feed_no, 3)).await.unwrap();
    assert!(read(store, |rows| rows.unlisted(2000, 9)).await.unwrap().is_empty());
    assert_eq!(read(store, move |rows| rows.listings(&blob)).await.unwrap(), [(feed_no, 3)]);
    let put = |slot| write(store, move |tx| tx.put_slot(b"box", slot, 5, b"x"));
    assert_eq!((put(0).await.unwrap(), put(0).await.unwrap()), (true, false));
    write(store, |tx| tx.drop_mailboxes(6)).await.unwrap();
    assert!(read(store, |rows| rows.slot(b"box", 0)).await.unwrap().is_none());
}

/// Works queued together are answered together, after the hook.
async fn group_commit(store: &dyn Store) {
    let commits = Arc::new(AtomicUsize::new(0));
    let counted = commits.clone();
    store.on_commit(Arc::new(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
    }));
    let slow = write(store, |_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        Ok(())
    });
    let many = (0..50).map(|_| write(store, |tx| tx.touch(&FEED)));
    let (first, rest) = tokio::join!(slow, futures_util::future::join_all(many));
    assert!(first.is_ok() && rest.iter().all(Result::is_ok));
    let commits = commits.load(Ordering::SeqCst);
    assert!((1..=2).contains(&commits), "51 works in {commits} commits");
}

#[tokio::test]
async fn sqlite_tells_the_story() {
    let folder = tempfile::tempdir().unwrap();
    SqliteStore::create(folder.path(), StoreId([5; 16]), None, 1).unwrap();
    assert!(SqliteStore::create(folder.path(), StoreId([6; 16]), None, 1).is_err(), "never over another");
    story(Arc::new(SqliteStore::open(folder.path(), SqliteLimits::default()).unwrap())).await;
}
