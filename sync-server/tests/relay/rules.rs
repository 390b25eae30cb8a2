//! What the relay alone decides: suspension, superseded items, bytes in
//! quarantine; and what operators read about it.

use std::sync::atomic::Ordering;

use http::StatusCode;
use meguri_relay::Settings;
use meguri_wire::api::*;
use meguri_wire::cbor::Cbor;
use meguri_wire::control::*;
use meguri_wire::sign::{Ed25519Signer, Signer};
use meguri_wire::*;

use crate::region::*;

/// The directory's next record after the listings of `Region`.
fn record(region: &Region, cseq: u64, before: &Frame, body: impl Into<control::Body>) -> Frame {
    let root = Ed25519Signer::own_id(&[1; 32]).unwrap();
    let feed = directory(&[&region.nursing, &region.clinic])[0].feed();
    let control = Control { feed: Some(feed), cseq, prev_hash: Some(before.id), body: body.into() };
    control.sign_directory(&[&root as &dyn Signer]).unwrap()
}

#[tokio::test]
async fn a_suspended_facility_reads_and_writes_nothing_new() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let last = directory(&[&region.nursing, &region.clinic]).pop().unwrap();
    let suspend = record(&region, 4, &last, SuspendFacility { team: region.clinic.state.genesis(), suspended: true });
    region.app.bring_in(suspend.raw.clone()).await.unwrap();
    let item = region.bob.item(feed, b"x");
    assert_eq!(region.codes(&region.bob, vec![plain(item.clone())]).await, ["suspended"]);
    assert_eq!(region.pull(&region.bob, feed).await.len(), 3, "it still reads its charts");
    let (_, genesis) = chart_of(&region.clinic, 9);
    assert_eq!(region.codes(&region.bob, vec![plain(genesis)]).await, ["suspended"]);
    let household = Team::make(45, TeamKind::Household);
    let founding = PushFrame { frame: household.genesis.raw.clone(), attachments: household.beside.clone() };
    assert_eq!(region.codes(&region.bob, vec![founding]).await, ["suspended"], "it sponsors nobody");
    let own = region.alice.item(feed, b"y");
    assert_eq!(region.codes(&region.alice, vec![plain(own)]).await, ["ssn 4"], "others go on");
    let resume = SuspendFacility { team: region.clinic.state.genesis(), suspended: false };
    let resume = record(&region, 5, &suspend, resume);
    region.app.bring_in(resume.raw).await.unwrap();
    assert_eq!(region.codes(&region.bob, vec![plain(item)]).await, ["ssn 5"], "the same bytes");
}

#[tokio::test]
async fn two_items_of_one_number_are_a_clone_or_superseded() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let seen = |store: u8| Seen::at([store; 8], 1, Hash([2; 32]));
    let mut first = region.alice.make_item(feed, 1, b"one", vec![]);
    first.seen = seen(7);
    let first = region.alice.sign_item(first);
    region.accepted(&region.alice, vec![plain(first.clone())]).await;
    let second = region.alice.item(feed, b"two");
    region.accepted(&region.alice, vec![plain(second)]).await;
    // The older of the two in the feed is what it is compared with.
    for (store, expected) in [(7, "chain_conflict"), (8, "superseded")] {
        let mut twin = region.nursing.device();
        let mut item = twin.make_item(feed, 1, b"another", vec![]);
        item.seen = seen(store);
        let item = twin.sign_item(item);
        assert_eq!(region.codes(&region.alice, vec![plain(item)]).await, [expected]);
    }
    assert_eq!(region.codes(&region.alice, vec![plain(first)]).await, ["ssn 4"], "the one in the feed stands");
}

#[tokio::test]
async fn quarantine_bytes_are_counted_over_all_feeds_of_a_device() {
    let mut region = Region::with(Settings { late_bytes_max: 2000, ..settings() }, 0).await;
    let feed = region.chart.id();
    let (mut other, genesis) = chart_of(&region.nursing, 44);
    let epoch = epoch_of(&mut other, 1, &region.alice.signer, &[&region.nursing]);
    region.accepted(&region.alice, vec![plain(genesis), epoch]).await;
    let (add, mut tablet) = region.nursing.add_device(22);
    region.accepted(&region.alice, vec![add]).await;
    let remove = region.nursing.remove_device(tablet.id, RemoveReason::Retired);
    region.accepted(&region.alice, vec![remove]).await;
    let here = tablet.item(feed, &[0; 600]);
    let mut elsewhere = Device::of(&region.nursing.id(), 22);
    let there = elsewhere.item(other.id(), &[0; 600]);
    assert_eq!(region.codes(&tablet, vec![plain(here.clone()), plain(there)]).await, ["late", "late"]);
    let more = elsewhere.item(other.id(), &[0; 600]);
    assert_eq!(region.codes(&tablet, vec![plain(more.clone())]).await, ["quota"]);
    // Admission makes room.
    let rotate = epoch_of(&mut region.chart, 2, &region.alice.signer, &[&region.nursing, &region.clinic]);
    let admit = Admit { device: tablet.id, upto: 1, last: here.id };
    let admit = region.chart.control(&region.alice.signer, admit);
    region.accepted(&region.alice, vec![rotate, plain(admit)]).await;
    assert_eq!(region.codes(&tablet, vec![plain(more)]).await, ["late"]);
    assert!(region.pull(&region.bob, feed).await.iter().any(|r| r.frame == here.raw));
}

async fn text(region: &Region, target: &str) -> (StatusCode, String) {
    let request = http::Request::get(target).body(bytes::Bytes::new()).unwrap();
    let (status, _, body) = region.send_raw(request).await;
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn metrics_count_what_happened_and_name_nobody() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let value = |text: &str, name: &str| -> u64 {
        let sample = format!("meguri_{name} ");
        text.lines().find_map(|line| line.strip_prefix(&sample)).unwrap_or_else(|| panic!("{name}")).parse().unwrap()
    };
    let (_, before) = text(&region, "/metrics").await;
    let [a, b, c] = [1, 2, 3].map(|n| region.alice.item(feed, &[n]));
    region.codes(&region.alice, vec![plain(a), plain(c), plain(b)]).await;
    let blob = BlobId::of(b"some bytes");
    region.send(&region.alice, "PUT", &format!("/v1/blobs/{blob}"), Some(b"some bytes".to_vec())).await;
    let pulled = region.pull(&region.bob, feed).await;
    region.refused(&region.alice, "GET", "/v1/blobs/x", None).await;
    let (status, after) = text(&region, "/metrics").await;
    assert_eq!(status, StatusCode::OK);
    for (name, more) in [
        ("frames_accepted_total", 1),
        ("frames_refused_total", 2),
        ("frames_late_total", 0),
        ("blob_bytes_total", 10),
        ("refused_total", 1),
        // Four signed requests, the four nonces before them, and /metrics itself.
        ("requests_total", 9),
    ] {
        assert_eq!(value(&after, name) - value(&before, name), more, "{name}");
    }
    let frames: usize = pulled.iter().map(|r| r.frame.len()).sum();
    assert!(value(&after, "pulled_bytes_total") >= frames as u64);
    assert_eq!(value(&after, "event_streams"), 0);
    assert!(value(&after, "store_bytes") > 4096);
    // Each sample stands under its type, and nothing else is there.
    let lines: Vec<&str> = after.lines().collect();
    for pair in lines.chunks(2) {
        let (name, kind) = pair[0].strip_prefix("# TYPE ").unwrap().split_once(' ').unwrap();
        assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
        let (sample, number) = pair[1].split_once(' ').unwrap();
        assert_eq!(sample, name);
        number.parse::<u64>().unwrap();
    }
}

#[tokio::test]
async fn readiness_falls_when_the_store_cannot_write_and_comes_back() {
    let mut region = Region::with(settings(), 80).await;
    let feed = region.chart.id();
    assert_eq!(text(&region, "/readyz").await.0, StatusCode::OK);
    loop {
        let item = region.alice.item(feed, &bytes_of(1, 9000));
        let body = PushRequest { frames: vec![plain(item)] }.to_bytes();
        let (status, headers, _) = region.send(&region.alice, "POST", "/v1/push", Some(body)).await;
        if status != StatusCode::OK {
            assert_eq!((status, &headers["retry-after"]), (StatusCode::SERVICE_UNAVAILABLE, &"5".parse().unwrap()));
            break;
        }
    }
    region.now.fetch_add(1001, Ordering::Relaxed);
    assert_eq!(text(&region, "/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(text(&region, "/healthz").await.0, StatusCode::OK, "alive all the same");
    assert!(region.pull(&region.bob, feed).await.len() > 3, "and it can be read");
    region.router = meguri_relay::app(open(region.folder.path(), region.now.clone(), settings(), 0).await);
    assert_eq!(text(&region, "/readyz").await.0, StatusCode::OK);
    // A blob folder that takes nothing counts as well.
    let blobs = region.folder.path().join("blobs");
    std::fs::remove_dir_all(&blobs).unwrap();
    std::fs::write(&blobs, b"in the way").unwrap();
    region.now.fetch_add(1001, Ordering::Relaxed);
    assert_eq!(text(&region, "/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);
}
