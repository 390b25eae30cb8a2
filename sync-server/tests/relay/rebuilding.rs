//! After a restore: what is taken as re-offered, and until when.

use std::sync::atomic::Ordering;

use meguri_relay::operate::backup;
use meguri_wire::api::*;
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
