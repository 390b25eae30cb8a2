//! After a restore: what is taken as re-offered, and until when.

use std::sync::atomic::Ordering;

use http::StatusCode;
use meguri_relay::operate::{backup, init};
use meguri_wire::api::*;
use meguri_wire::cbor::Cbor;
use meguri_wire::*;

use crate::region::*;

const DAY_MS: u64 = 24 * 3_600_000;

/// The region at a relay restored from a backup taken now.
async fn restored(region: &mut Region) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let (copy, data) = (place.path().join("copy"), place.path().join("data"));
    backup::backup(region.folder.path(), &copy).unwrap();
    backup::restore(&copy, &data, region.now.load(Ordering::Relaxed)).unwrap();
    region.app = open(&data, region.now.clone(), settings(), 0).await;
    region.router = meguri_relay::app(region.app.clone());
    place
}

fn bare(mut frame: PushFrame) -> PushFrame {
    frame.attachments.clear();
    frame
}

#[tokio::test]
async fn records_come_again_without_envelopes_for_thirty_days() {
    let mut region = Region::make().await;
    let (first, _) = region.nursing.add_device(60);
    assert_eq!(region.codes(&region.alice, vec![bare(first.clone())]).await, ["missing_attachment"]);
    let _place = restored(&mut region).await;
    region.now.fetch_add(30 * DAY_MS - 1, Ordering::Relaxed);
    assert_eq!(region.codes(&region.alice, vec![bare(first)]).await, ["ssn 2"]);
    region.now.fetch_add(1, Ordering::Relaxed);
    let (second, _) = region.nursing.add_device(61);
    assert_eq!(region.codes(&region.alice, vec![bare(second.clone())]).await, ["missing_attachment"]);
    assert_eq!(region.codes(&region.alice, vec![second]).await, ["ssn 3"]);
}

#[tokio::test]
async fn a_feed_that_goes_on_in_the_new_store_is_rebuilt() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let _place = restored(&mut region).await;
    let teams = [&region.nursing, &region.clinic];
    let alice = &region.alice.signer;
    // Re-offered: no envelopes, and nothing follows from it.
    let second = epoch_of(&mut region.chart, 2, alice, &teams);
    assert_eq!(region.codes(&region.alice, vec![bare(second)]).await, ["ssn 4"]);
    let seen = async |region: &Region| {
        let last = region.pull(&region.bob, feed).await.pop().unwrap();
        let (_, _, reply) = region.send(&region.bob, "GET", "/v1/info", None).await;
        let store = cbor::Cbor::from_bytes(&reply).map(|info: Info| info.store_id).unwrap();
        let records = region.pull(&region.bob, feed).await;
        let h = records
            .iter()
            .fold(chain::h0(&feed), |h, r| chain::h_next(&h, r.ssn, r.received_ms, &FrameId::of(&r.frame)));
        Seen::at(store.short(), last.ssn, h)
    };
    let mut item = region.bob.make_item(feed, 2, b"x", vec![]);
    item.seen = seen(&region).await;
    let item = region.bob.sign_item(item);
    assert_eq!(region.codes(&region.bob, vec![plain(item)]).await, ["ssn 5"]);
    let third = epoch_of(&mut region.chart, 3, &region.alice.signer, &[&region.nursing, &region.clinic]);
    assert_eq!(region.codes(&region.alice, vec![bare(third)]).await, ["ssn 6"], "still rebuilding");
    // Taken whole, and then seen by somebody who writes on.
    let fourth = epoch_of(&mut region.chart, 4, &region.alice.signer, &[&region.nursing, &region.clinic]);
    region.accepted(&region.alice, vec![fourth]).await;
    let again = epoch_of(&mut region.chart, 5, &region.alice.signer, &[&region.nursing, &region.clinic]);
    assert_eq!(region.codes(&region.alice, vec![bare(again)]).await, ["ssn 8"], "nobody has seen it yet");
    let mut item = region.bob.make_item(feed, 5, b"y", vec![]);
    item.seen = seen(&region).await;
    let item = region.bob.sign_item(item);
    assert_eq!(region.codes(&region.bob, vec![plain(item)]).await, ["ssn 9"]);
    let sixth = epoch_of(&mut region.chart, 6, &region.alice.signer, &[&region.nursing, &region.clinic]);
    assert_eq!(region.codes(&region.alice, vec![bare(sixth.clone())]).await, ["missing_attachment"]);
    assert_eq!(region.codes(&region.alice, vec![sixth]).await, ["ssn 10"]);
    // A team's feed has its own 30 days.
    let (add, _) = region.nursing.add_device(62);
    assert_eq!(region.codes(&region.alice, vec![bare(add)]).await, ["ssn 2"]);
}

/// An empty relay that awaits this directory, and the directory's records.
async fn emptied(region: &mut Region) -> (tempfile::TempDir, Vec<Frame>) {
    let records = directory(&[&region.nursing, &region.clinic]);
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let (keys, now_ms) = (region.folder.path(), region.now.load(Ordering::Relaxed));
    init::rebuild(&data, records[0].feed(), Some(keys), now_ms).unwrap();
    region.app = open(&data, region.now.clone(), settings(), 0).await;
    region.router = meguri_relay::app(region.app.clone());
    (place, records)
}

fn genesis_of(team: &Team) -> PushFrame {
    PushFrame { frame: team.genesis.raw.clone(), attachments: team.beside.clone() }
}

#[tokio::test]
async fn a_stranger_brings_what_proves_itself_and_nothing_else() {
    let mut region = Region::make().await;
    let (clinic, records) = (genesis_of(&region.clinic), directory(&[&region.nursing, &region.clinic]));
    let unlisted = Team::make(40, control::TeamKind::Facility);
    let (_, chart) = chart_of(&region.nursing, 9);
    let (place, _) = emptied(&mut region).await;
    // In this order: the directory proves the teams, and what they write comes from devices that are known then.
    assert_eq!(region.codes(&region.alice, vec![clinic.clone()]).await, ["unknown_author"], "listed by nobody yet");
    let mut foreign = directory(&[&unlisted]);
    foreign[0] = {
        let root = sign::Ed25519Signer::own_id(&[9; 32]).unwrap();
        let roots = vec![sign::Signer::public_key(&root)];
        let body = control::DirectoryGenesis { nonce: [2; 16], name: "Another".into(), threshold: 1, roots };
        first(body).sign_directory(&[&root]).unwrap()
    };
    assert_eq!(region.codes(&region.alice, vec![plain(foreign[0].clone())]).await, ["forbidden"]);
    let brought: Vec<PushFrame> = records.iter().cloned().map(plain).collect();
    assert_eq!(region.codes(&region.alice, brought).await, ["ssn 1", "ssn 2", "ssn 3"]);
    let item = region.alice.item(region.chart.id(), b"x");
    let others = vec![genesis_of(&unlisted), plain(chart), plain(item)];
    assert_eq!(region.codes(&region.alice, others).await, ["unknown_author"; 3]);
    assert_eq!(region.codes(&region.alice, vec![clinic]).await, ["ssn 1"], "anybody may: it is signed");
    let pulled = region.pull(&region.alice, records[0].feed()).await;
    assert_eq!(pulled.len(), 3, "the directory is public");
    let body =
        |feed| PullRequest { feeds: vec![PullFeed { feed, after_ssn: 0, kind: PullKind::All }], bytes_max: 1 << 20 };
    let ask = cbor::Cbor::to_bytes(&body(region.clinic.id()));
    assert_eq!(region.refused(&region.alice, "POST", "/v1/pull", Some(ask)).await.1, Code::UnknownAuthor);
    assert_eq!(region.refused(&region.alice, "GET", "/v1/heads", None).await.1, Code::UnknownAuthor);
    // Known from the moment its team is here.
    assert_eq!(region.codes(&region.alice, vec![genesis_of(&region.nursing)]).await, ["ssn 1"]);
    assert_eq!(region.send(&region.alice, "GET", "/v1/heads", None).await.0, http::StatusCode::OK);
    drop(place);
}

#[tokio::test]
async fn a_relay_that_lost_nothing_takes_nothing_from_strangers() {
    let region = Region::make().await;
    let stranger = Team::make(40, control::TeamKind::Facility).device();
    let record = directory(&[&region.nursing, &region.clinic]).remove(0);
    let body = cbor::Cbor::to_bytes(&PushRequest { frames: vec![plain(record.clone())] });
    assert_eq!(region.refused(&stranger, "POST", "/v1/push", Some(body)).await.1, Code::UnknownAuthor);
    let feeds = vec![PullFeed { feed: record.feed(), after_ssn: 0, kind: PullKind::All }];
    let ask = cbor::Cbor::to_bytes(&PullRequest { feeds, bytes_max: 1 << 20 });
    assert_eq!(region.refused(&stranger, "POST", "/v1/pull", Some(ask)).await.1, Code::UnknownAuthor);
}

#[tokio::test]
async fn an_empty_relay_awaits_devices_for_thirty_days() {
    let mut region = Region::make().await;
    let (_place, records) = emptied(&mut region).await;
    region.now.fetch_add(30 * DAY_MS, Ordering::Relaxed);
    let body = cbor::Cbor::to_bytes(&PushRequest { frames: vec![plain(records[0].clone())] });
    assert_eq!(region.refused(&region.alice, "POST", "/v1/push", Some(body)).await.1, Code::UnknownAuthor);
}

/// What was sealed for a store that is gone is not taken by the one that came after: its keys may be others.
#[tokio::test]
async fn a_push_for_another_store_is_refused_whole() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let item = plain(region.bob.item(feed, b"x"));
    let body = PushRequest { frames: vec![item] }.to_bytes();
    let (_, _, info) = region.send(&region.bob, "GET", "/v1/info", None).await;
    let here = Info::from_bytes(&info).unwrap().store_id;
    for store in [StoreId([9; 16]).to_string(), "rubbish".into()] {
        let mut request = region.request(&region.bob, "POST", "/v1/push", Some(body.clone())).await;
        request.headers_mut().insert(HEADER_STORE, store.parse().unwrap());
        let (status, _, reply) = region.send_raw(request).await;
        let error = ErrorBody::from_bytes(&reply).unwrap();
        assert_eq!((status, error.code), (StatusCode::CONFLICT, Code::Stale));
    }
    let mut request = region.request(&region.bob, "POST", "/v1/push", Some(body)).await;
    request.headers_mut().insert(HEADER_STORE, here.to_string().parse().unwrap());
    let (status, _, reply) = region.send_raw(request).await;
    assert_eq!(status, StatusCode::OK);
    let results = PushReply::from_bytes(&reply).unwrap().results;
    assert!(matches!(results.as_slice(), [PushResult::Accepted { ssn: 4, .. }]), "{results:?}");
}
