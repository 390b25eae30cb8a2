//! Every endpoint: what it does, and whom it refuses.
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::region::*;
use http::StatusCode;
use http_body_util::BodyExt;
use meguri_wire::api::*;
use meguri_wire::cbor::Cbor;
use meguri_wire::chain::{SignedHead, h_next, h0};
use meguri_wire::control::*;
use meguri_wire::*;
use tower::ServiceExt;

#[tokio::test]
async fn a_pushed_item_reaches_the_other_team_in_a_signed_chain() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let item = region.alice.item(feed, b"sealed");
    let reply = region.push(&region.alice, vec![plain(item.clone())]).await;
    assert!(matches!(reply.results[0], PushResult::Accepted { ssn: 4, .. }), "{reply:?}");
    let records = region.pull(&region.bob, feed).await;
    assert_eq!(records.last().unwrap().frame, item.raw);
    let h = records.iter().fold(h0(&feed), |h, r| h_next(&h, r.ssn, r.received_ms, &FrameId::of(&r.frame)));
    let head = SignedHead::decode_verify(&reply.heads[0], &region.app.relay_key()).unwrap().head;
    assert_eq!((head.ssn, head.h), (4, h));
    // Each puller is served its own team's envelopes only.
    let beside = |records: &[PullRecord]| records.iter().map(|r| r.attachments.len()).collect::<Vec<_>>();
    assert_eq!(beside(&records), [0, 0, 1, 0]);
    assert_eq!(beside(&region.pull(&region.alice, feed).await), [0, 1, 0, 0]);
}

#[tokio::test]
async fn a_push_is_idempotent_and_a_prefix() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let [a, b, c] = [1, 2, 3].map(|n| region.alice.item(feed, &[n]));
    let again = region.codes(&region.alice, vec![plain(a.clone()), plain(a.clone())]).await;
    assert_eq!(again, ["ssn 4", "ssn 4"]);
    assert_eq!(region.codes(&region.alice, vec![plain(c.clone())]).await, ["gap"]);
    let said = region.codes(&region.alice, vec![plain(c.clone()), plain(b.clone())]).await;
    assert_eq!(said, ["gap", "skipped"]);
    let said = region.codes(&region.bob, vec![plain(b), plain(c)]).await;
    assert_eq!(said, ["ssn 5", "ssn 6"], "any member may offer another's frames");
}

#[tokio::test]
async fn a_cloned_installation_is_a_chain_conflict() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let item = region.alice.item(feed, b"one");
    region.accepted(&region.alice, vec![plain(item)]).await;
    let mut clone = region.nursing.device();
    let other = clone.item(feed, b"two");
    assert_eq!(region.codes(&region.alice, vec![plain(other)]).await, ["chain_conflict"]);
}

#[tokio::test]
async fn refused_frames_name_their_reason() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let mut raw = region.alice.item(feed, b"x").raw;
    let last = raw.len() - 1;
    raw[last] ^= 1;
    let forged = PushFrame { frame: raw, attachments: vec![] };
    assert_eq!(region.codes(&region.alice, vec![forged]).await, ["bad_signature"]);
    let rubbish = PushFrame { frame: vec![1, 2], attachments: vec![] };
    assert_eq!(region.codes(&region.alice, vec![rubbish]).await, ["bad_bytes"]);
    let mut early = region.nursing.device();
    let early = early.item_with(feed, 2, b"x", vec![]);
    assert_eq!(region.codes(&region.alice, vec![plain(early)]).await, ["epoch_unknown"]);
    let (mut add, _) = region.nursing.add_device(21);
    add.attachments.truncate(1);
    assert_eq!(region.codes(&region.alice, vec![add]).await, ["missing_attachment"]);
}

#[tokio::test]
async fn whole_requests_are_refused_by_code() {
    let region = Region::make().await;
    let stranger = Device::of(&region.nursing.id(), 77);
    let push = PushRequest { frames: vec![] }.to_bytes();
    for (method, target, body) in [
        ("GET", "/v1/heads".to_owned(), None),
        ("POST", "/v1/pull".to_owned(), Some(vec![0x80])),
        ("POST", "/v1/push".to_owned(), Some(push.clone())),
        ("GET", "/v1/events".to_owned(), None),
        ("POST", "/v1/acks".to_owned(), Some(vec![0x81, 0x80])),
        ("PUT", format!("/v1/blobs/{}", BlobId::of(b"x")), Some(b"x".to_vec())),
        ("GET", format!("/v1/blobs/{}", BlobId::of(b"x")), None),
        ("GET", format!("/v1/feeds/{}/quarantine", region.chart.id()), None),
        ("PUT", format!("/v1/mailbox/{}/0", hex::encode([1; 16])), Some(vec![1])),
    ] {
        let refused = region.refused(&stranger, method, &target, body).await;
        assert_eq!(refused, (StatusCode::FORBIDDEN, Code::UnknownAuthor), "{method} {target}");
    }
    let mut forged = region.request(&region.alice, "POST", "/v1/push", Some(push.clone())).await;
    *forged.body_mut() =
        PushRequest { frames: vec![PushFrame { frame: vec![], attachments: vec![] }] }.to_bytes().into();
    let (status, _, reply) = region.send_raw(forged).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(ErrorBody::from_bytes(&reply).unwrap().code, Code::BadSignature);
    let cut = push[..push.len() - 1].to_vec();
    let refused = region.refused(&region.alice, "POST", "/v1/push", Some(cut)).await;
    assert_eq!(refused, (StatusCode::BAD_REQUEST, Code::BadBytes));
    let large = vec![0; limits::PUSH_BYTES_MAX + 1];
    let refused = region.refused(&region.alice, "POST", "/v1/push", Some(large)).await;
    assert_eq!(refused, (StatusCode::PAYLOAD_TOO_LARGE, Code::TooLarge));
    let unsigned = http::Request::get("/v1/heads").body(bytes::Bytes::new()).unwrap();
    assert_eq!(region.send_raw(unsigned).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_stale_nonce_comes_back_with_a_fresh_one() {
    let region = Region::make().await;
    let old = region.request(&region.alice, "GET", "/v1/heads", None).await;
    region.now.fetch_add(3_600_000, Ordering::Relaxed);
    let (status, headers, reply) = region.send_raw(old).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(ErrorBody::from_bytes(&reply).unwrap().code, Code::StaleNonce);
    let fresh = headers[HEADER_NONCE].to_str().unwrap();
    let retry = signed(&region.alice, "GET", "/v1/heads", None, fresh);
    assert_eq!(region.send_raw(retry).await.0, StatusCode::OK);
}

/// Two replicas of one relay share their keys and store, not their clocks.
#[tokio::test]
async fn replicas_eleven_minutes_apart_take_each_others_nonces_and_farther_ones_give_a_fresh_one() {
    const MINUTE_MS: u64 = 60_000;
    let mut region = Region::make().await;
    let here = region.now.load(Ordering::Relaxed);
    let other = Arc::new(AtomicU64::new(here));
    let first = region.router.clone();
    let second = meguri_relay::app(open(region.folder.path(), other.clone(), settings(), 0).await);
    for (there, taken) in [
        (here + 11 * MINUTE_MS, true),
        (here - 11 * MINUTE_MS, true),
        (here + 21 * MINUTE_MS, false),
        (here - 21 * MINUTE_MS, false),
        (here + 10 * 366 * 24 * 60 * MINUTE_MS, false),
        (here - 10 * 366 * 24 * 60 * MINUTE_MS, false),
    ] {
        other.store(there, Ordering::Relaxed);
        for (from, to) in [(&first, &second), (&second, &first)] {
            region.router = from.clone();
            let request = region.request(&region.alice, "GET", "/v1/heads", None).await;
            region.router = to.clone();
            let (status, headers, reply) = region.send_raw(request).await;
            if taken {
                assert_eq!(status, StatusCode::OK, "{there}");
                continue;
            }
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{there}");
            assert_eq!(ErrorBody::from_bytes(&reply).unwrap().code, Code::StaleNonce);
            let fresh = headers[HEADER_NONCE].to_str().unwrap();
            let retry = signed(&region.alice, "GET", "/v1/heads", None, fresh);
            assert_eq!(region.send_raw(retry).await.0, StatusCode::OK, "the retry at {there}");
        }
    }
}

#[tokio::test]
async fn heads_tell_what_moved_and_acks_come_back() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let (_, _, reply) = region.send(&region.bob, "GET", "/v1/heads?since=", None).await;
    let all = HeadsReply::from_bytes(&reply).unwrap();
    assert_eq!(all.heads.len(), 4, "directory, two teams, one chart");
    let target = format!("/v1/heads?since={}", hex::encode(&all.next));
    let (_, _, reply) = region.send(&region.bob, "GET", &target, None).await;
    assert!(HeadsReply::from_bytes(&reply).unwrap().heads.is_empty());
    let item = region.alice.item(feed, b"x");
    region.accepted(&region.alice, vec![plain(item)]).await;
    let ack = |ssn| AckRequest { acks: vec![Ack { feed, ssn, h: Hash([1; 32]) }] }.to_bytes();
    let (status, _, _) = region.send(&region.alice, "POST", "/v1/acks", Some(ack(4))).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let refused = region.refused(&region.alice, "POST", "/v1/acks", Some(ack(5))).await;
    assert_eq!(refused.1, Code::BadNumber);
    let (_, _, reply) = region.send(&region.bob, "GET", &target, None).await;
    let moved = HeadsReply::from_bytes(&reply).unwrap();
    assert_eq!((moved.heads.len(), moved.acks[0].device), (1, region.alice.id));
}

/// What a new device fetches first is what was written last.
#[tokio::test]
async fn the_chart_that_moved_last_is_named_first() {
    let region = Region::make().await;
    let (mut other, genesis) = chart_of(&region.nursing, 4);
    let epoch = epoch_of(&mut other, 1, &region.alice.signer, &[&region.nursing]);
    region.accepted(&region.alice, vec![plain(genesis), epoch]).await;
    let (first, second) = (region.chart.id(), other.id());
    // Her device once for each chart: a chain is numbered by chart.
    let (mut here, mut there) = (region.nursing.device(), region.nursing.device());
    for (writer, feed, wanted) in [(&mut here, first, [first, second]), (&mut there, second, [second, first])] {
        let item = writer.item(feed, b"x");
        region.accepted(&region.alice, vec![plain(item)]).await;
        let (_, _, reply) = region.send(&region.alice, "GET", "/v1/heads", None).await;
        let heads = HeadsReply::from_bytes(&reply).unwrap().heads;
        let key = region.app.relay_key();
        let feeds = heads.iter().map(|raw| SignedHead::decode_verify(raw, &key).unwrap().head.feed);
        assert_eq!(feeds.skip(3).collect::<Vec<_>>(), wanted, "after directory and teams");
    }
}

#[tokio::test]
async fn only_members_read_and_push() {
    let region = Region::make().await;
    let lonely = Team::make(40, TeamKind::Household);
    let frame = PushFrame { frame: lonely.genesis.raw.clone(), attachments: lonely.beside.clone() };
    region.accepted(&region.bob, vec![frame]).await;
    let carol = lonely.device();
    let feed = region.chart.id();
    let body = |feed| {
        let feeds = vec![PullFeed { feed, after_ssn: 0, kind: PullKind::All }];
        Some(PullRequest { feeds, bytes_max: 9999 }.to_bytes())
    };
    let refused = region.refused(&carol, "POST", "/v1/pull", body(feed)).await;
    assert_eq!(refused, (StatusCode::FORBIDDEN, Code::NotMember));
    let refused = region.refused(&region.alice, "POST", "/v1/pull", body(lonely.id())).await;
    assert_eq!(refused.1, Code::NotMember, "a household is its sponsor's and its own");
    assert_eq!(region.pull(&region.bob, lonely.id()).await.len(), 1);
    let (_, founder) = chart_of(&lonely, 9);
    assert_eq!(region.codes(&carol, vec![plain(founder)]).await, ["not_listed"]);
    let refused = region.refused(&carol, "GET", &format!("/v1/feeds/{feed}/quarantine"), None).await;
    assert_eq!(refused.1, Code::NotMember);
    let refused = region.refused(&region.bob, "GET", &format!("/v1/feeds/{feed}/quarantine"), None).await;
    assert_eq!(refused.1, Code::RoleTooLow, "writers do not manage");
}

#[tokio::test]
async fn a_removed_device_is_cut_off_and_its_late_work_waits_for_admission() {
    let settings = meguri_relay::Settings { late_bytes_max: 1200, ..settings() };
    let mut region = Region::with(settings, 0).await;
    let feed = region.chart.id();
    let (add, mut tablet) = region.nursing.add_device(22);
    region.accepted(&region.alice, vec![add]).await;
    let rotate = epoch_of(&mut region.chart, 2, &region.alice.signer, &[&region.nursing, &region.clinic]);
    region.accepted(&region.alice, vec![rotate]).await;
    let on_time = tablet.item_with(feed, 2, b"on time", vec![]);
    region.accepted(&tablet, vec![plain(on_time)]).await;
    let remove = region.nursing.remove_device(tablet.id, RemoveReason::Lost);
    region.accepted(&region.alice, vec![remove]).await;
    let refused = region.refused(&tablet, "GET", "/v1/heads", None).await;
    assert_eq!(refused, (StatusCode::FORBIDDEN, Code::Removed));
    let (add, _) = region.nursing.add_device(25);
    region.accepted(&region.alice, vec![add]).await;
    let own = region.pull(&tablet, region.nursing.id()).await;
    assert_eq!(own.last().unwrap().ssn, 3, "up to the frame that removed it");
    let late: Vec<Frame> = (0..2).map(|n| tablet.item_with(feed, 2, &[n], vec![])).collect();
    let offered: Vec<PushFrame> = late.iter().cloned().map(plain).collect();
    assert_eq!(region.codes(&tablet, offered.clone()).await, ["late", "late"]);
    assert_eq!(region.codes(&tablet, offered).await, ["late", "late"], "known");
    let huge = tablet.item_with(feed, 2, &[0; 1200], vec![]);
    assert_eq!(region.codes(&tablet, vec![plain(huge)]).await, ["quota"]);
    let blocked = region.alice.item_with(feed, 2, b"x", vec![]);
    assert_eq!(region.codes(&region.alice, vec![plain(blocked)]).await, ["epoch_old"], "a rotation is owed");
    let rotate = epoch_of(&mut region.chart, 3, &region.alice.signer, &[&region.nursing, &region.clinic]);
    region.accepted(&region.alice, vec![rotate]).await;
    let target = format!("/v1/feeds/{feed}/quarantine");
    let (_, _, reply) = region.send(&region.alice, "GET", &target, None).await;
    assert_eq!(QuarantineReply::from_bytes(&reply).unwrap().entries.len(), 2);
    let admit = Admit { device: tablet.id, upto: 3, last: late[1].id };
    let admit = region.chart.control(&region.alice.signer, admit);
    let said = region.codes(&region.alice, vec![plain(admit)]).await;
    assert_eq!(said, ["ssn 7"]);
    let records = region.pull(&region.bob, feed).await;
    let tail: Vec<&Vec<u8>> = records.iter().rev().take(2).map(|r| &r.frame).collect();
    assert_eq!(tail, [&late[1].raw, &late[0].raw]);
    let (_, _, reply) = region.send(&region.alice, "GET", &target, None).await;
    assert!(QuarantineReply::from_bytes(&reply).unwrap().entries.is_empty());
    // A relay that starts again comes to the same state.
    let again = open(region.folder.path(), region.now.clone(), settings_again(), 0).await;
    region.router = meguri_relay::app(again);
    let item = region.bob.item_with(feed, 3, b"after", vec![]);
    assert_eq!(region.codes(&region.bob, vec![plain(item)]).await, ["ssn 10"]);
}

fn settings_again() -> meguri_relay::Settings {
    settings()
}

#[tokio::test]
async fn compromised_devices_are_not_even_quarantined() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let (add, mut tablet) = region.nursing.add_device(23);
    region.accepted(&region.alice, vec![add]).await;
    let remove = region.nursing.remove_device(tablet.id, RemoveReason::Compromised);
    region.accepted(&region.alice, vec![remove]).await;
    let late = tablet.item(feed, b"x");
    assert_eq!(region.codes(&tablet, vec![plain(late)]).await, ["compromised"]);
}

#[tokio::test]
async fn hints_come_at_once_and_end_with_the_device() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let (add, tablet) = region.nursing.add_device(24);
    region.accepted(&region.alice, vec![add]).await;
    let request = region.request(&tablet, "GET", &format!("/v1/events?feeds={feed}"), None).await;
    let reply = region.router.clone().oneshot(request.map(axum::body::Body::from)).await.unwrap();
    assert_eq!(reply.status(), StatusCode::OK);
    let mut body = reply.into_body();
    let item = region.bob.item(feed, b"x");
    region.accepted(&region.bob, vec![plain(item)]).await;
    let hint = tokio::time::timeout(Duration::from_secs(5), body.frame()).await.unwrap();
    let hint = hint.unwrap().unwrap().into_data().unwrap();
    assert_eq!(&hint[..], format!("data: {feed} 4\n\n").as_bytes());
    let remove = region.nursing.remove_device(tablet.id, RemoveReason::Retired);
    region.accepted(&region.alice, vec![remove]).await;
    let end = tokio::time::timeout(Duration::from_secs(5), body.frame()).await.unwrap();
    assert!(end.is_none(), "closed on removal");
}

#[tokio::test]
async fn a_blob_upload_goes_on_after_a_cut() {
    let mut region = Region::make().await;
    let bytes = bytes_of(1, 300_000);
    let blob = BlobId::of(&bytes);
    let at = format!("/v1/blobs/{blob}");
    let part = |from: usize, to: usize| Some(bytes[from..to].to_vec());
    let (status, _, _) = region.send(&region.alice, "PUT", &format!("{at}?offset=0"), part(0, 100_000)).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let (_, headers, _) = region.send(&region.alice, "HEAD", &at, None).await;
    assert_eq!(headers[HEADER_OFFSET], "100000");
    let refused = region.refused(&region.alice, "PUT", &format!("{at}?offset=200000"), part(200_000, 300_000)).await;
    assert_eq!(refused.1, Code::BadOffset);
    // The relay starts again in between.
    region.router = meguri_relay::app(open(region.folder.path(), region.now.clone(), settings(), 0).await);
    let (status, headers, _) =
        region.send(&region.alice, "PUT", &format!("{at}?offset=100000"), part(100_000, 300_000)).await;
    assert_eq!((status, &headers[HEADER_OFFSET]), (StatusCode::CREATED, &"300000".parse().unwrap()));
    assert_eq!(region.refused(&region.bob, "GET", &at, None).await.1, Code::NotFound, "not listed yet");
    let item = region.alice.item_with(region.chart.id(), 1, b"photo", vec![blob]);
    region.accepted(&region.alice, vec![plain(item)]).await;
    assert_eq!(&region.send(&region.bob, "GET", &at, None).await.2[..], &bytes[..]);
    let mut request = region.request(&region.bob, "GET", &at, None).await;
    request.headers_mut().insert("range", "bytes=10-19".parse().unwrap());
    let (status, headers, some) = region.send_raw(request).await;
    assert_eq!((status, &some[..]), (StatusCode::PARTIAL_CONTENT, &bytes[10..20]));
    assert_eq!(headers["content-range"], "bytes 10-19/300000");
    let refused = region.refused(&region.bob, "PUT", &at, Some(vec![0; limits::BLOB_PART_MAX + 1])).await;
    assert_eq!(refused.1, Code::TooLarge);
}

#[tokio::test]
async fn a_mailbox_is_written_once_by_the_right_side_for_ten_minutes() {
    let region = Region::make().await;
    let at = |slot: u8| format!("/v1/mailbox/{}/{slot}", hex::encode([7; 16]));
    let unsigned = |slot: u8| http::Request::put(at(slot)).body(bytes::Bytes::from_static(b"n")).unwrap();
    let code = |reply: &[u8]| ErrorBody::from_bytes(reply).unwrap().code;
    assert_eq!(code(&region.send_raw(unsigned(1)).await.2), Code::MailboxGone, "not open yet");
    let (status, _, _) = region.send(&region.alice, "PUT", &at(0), Some(b"offer".to_vec())).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(region.refused(&region.alice, "PUT", &at(0), Some(b"again".to_vec())).await.1, Code::MailboxTaken);
    assert_eq!(region.send_raw(unsigned(1)).await.0, StatusCode::CREATED);
    assert_eq!(code(&region.send_raw(unsigned(1)).await.2), Code::MailboxTaken);
    assert_eq!(code(&region.send_raw(unsigned(2)).await.2), Code::MailboxSide);
    let get = |slot: u8| http::Request::get(at(slot)).body(bytes::Bytes::new()).unwrap();
    assert_eq!(&region.send_raw(get(0)).await.2[..], b"offer");
    assert_eq!(region.send_raw(get(3)).await.0, StatusCode::NOT_FOUND);
    region.now.fetch_add(limits::MAILBOX_MS_MAX + 1, Ordering::Relaxed);
    assert_eq!(region.send_raw(get(0)).await.0, StatusCode::GONE);
}

#[tokio::test]
async fn too_many_requests_and_bytes_are_refused() {
    let settings =
        meguri_relay::Settings { requests_burst: 4, requests_per_s: 1, bytes_per_hour: 20_000, ..settings() };
    let region = Region::with(settings, 0).await;
    region.now.fetch_add(60_000, Ordering::Relaxed);
    let large = Some(vec![0; 25_000]);
    let at = format!("/v1/blobs/{}", BlobId::of(b"x"));
    assert_eq!(region.refused(&region.alice, "PUT", &at, large).await, (StatusCode::INSUFFICIENT_STORAGE, Code::Quota));
    for _ in 0..3 {
        assert_eq!(region.send(&region.alice, "GET", "/v1/heads", None).await.0, StatusCode::OK);
    }
    let refused = region.refused(&region.alice, "GET", "/v1/heads", None).await;
    assert_eq!(refused, (StatusCode::TOO_MANY_REQUESTS, Code::Rate));
}

#[tokio::test]
async fn a_full_disk_refuses_whole_and_recovers() {
    let mut region = Region::with(settings(), 60).await;
    let feed = region.chart.id();
    let mut kept = Vec::new();
    let full = loop {
        let item = region.alice.item(feed, &bytes_of(1, 20_000));
        let body = PushRequest { frames: vec![plain(item.clone())] }.to_bytes();
        let (status, _, reply) = region.send(&region.alice, "POST", "/v1/push", Some(body)).await;
        if status != StatusCode::OK {
            assert_eq!(ErrorBody::from_bytes(&reply).unwrap().code, Code::Storage);
            break item;
        }
        kept.push(item);
        assert!(kept.len() < 60, "the disk never filled");
    };
    let records = region.pull(&region.bob, feed).await;
    assert_eq!(records.len(), 3 + kept.len(), "nothing half-written");
    region.router = meguri_relay::app(open(region.folder.path(), region.now.clone(), settings(), 0).await);
    let at = 4 + kept.len();
    assert_eq!(region.codes(&region.alice, vec![plain(full)]).await, [format!("ssn {at}")]);
}

#[tokio::test]
async fn operators_see_health_and_numbers() {
    let region = Region::make().await;
    for target in ["/healthz", "/readyz", "/metrics"] {
        let request = http::Request::get(target).body(bytes::Bytes::new()).unwrap();
        assert_eq!(region.send_raw(request).await.0, StatusCode::OK, "{target}");
    }
    let request = http::Request::get("/v2/none").body(bytes::Bytes::new()).unwrap();
    assert_eq!(region.send_raw(request).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_removed_team_reads_up_to_the_frame_that_removed_it() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let body = RemoveMember { team: region.clinic.id(), reason: RemoveMemberReason::Removed };
    let remove = region.chart.control(&region.alice.signer, body);
    region.accepted(&region.alice, vec![plain(remove.clone())]).await;
    let rotate = epoch_of(&mut region.chart, 2, &region.alice.signer, &[&region.nursing]);
    let item = region.alice.item_with(feed, 2, b"x", vec![]);
    region.accepted(&region.alice, vec![rotate, plain(item)]).await;
    let records = region.pull(&region.bob, feed).await;
    assert_eq!(records.last().unwrap().frame, remove.raw);
    let late = region.bob.item(feed, b"late");
    assert_eq!(region.codes(&region.bob, vec![plain(late)]).await, ["late"]);
    // The clinic hears of the chart once more, up to the frame that removed it, and never again.
    let (_, _, reply) = region.send(&region.bob, "GET", "/v1/heads", None).await;
    let told = HeadsReply::from_bytes(&reply).unwrap();
    let key = region.app.relay_key();
    let chart = |raw: &Vec<u8>| {
        let head = chain::SignedHead::decode_verify(raw, &key).unwrap().head;
        (head.feed == feed).then_some(head.ssn)
    };
    let last = records.last().unwrap();
    assert_eq!(told.heads.iter().filter_map(chart).collect::<Vec<_>>(), [last.ssn]);
    assert_eq!(told.late, [], "managers alone hear of late work");
    let again = format!("/v1/heads?since={}", hex::encode(&told.next));
    let item = region.alice.item_with(feed, 2, b"y", vec![]);
    region.accepted(&region.alice, vec![plain(item)]).await;
    let (_, _, reply) = region.send(&region.bob, "GET", &again, None).await;
    assert_eq!(HeadsReply::from_bytes(&reply).unwrap().heads.iter().filter_map(chart).count(), 0);
    let (_, _, reply) = region.send(&region.alice, "GET", "/v1/heads", None).await;
    assert_eq!(HeadsReply::from_bytes(&reply).unwrap().late, [LateCount { feed, n: 1 }]);
}

#[tokio::test]
async fn who_is_let_in_again_goes_on_behind_what_waits_in_quarantine() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let body = RemoveMember { team: region.clinic.id(), reason: RemoveMemberReason::Removed };
    let remove = region.chart.control(&region.alice.signer, body);
    let rotate = epoch_of(&mut region.chart, 2, &region.alice.signer, &[&region.nursing]);
    region.accepted(&region.alice, vec![plain(remove), rotate]).await;
    let first = region.bob.item(feed, b"late");
    assert_eq!(region.codes(&region.bob, vec![plain(first)]).await, ["late"]);
    let listing = directory(&[&region.nursing, &region.clinic]).remove(2);
    let again = region.add_clinic(&listing);
    region.accepted(&region.alice, vec![again]).await;
    // Its chain is one: the feed would have a hole.
    let second = region.bob.item_with(feed, 2, b"behind it", vec![]);
    assert_eq!(region.codes(&region.bob, vec![plain(second.clone())]).await, ["late"]);
    let admit = Admit { device: region.bob.id, upto: 2, last: second.id };
    let admit = region.chart.control(&region.alice.signer, admit);
    region.accepted(&region.alice, vec![plain(admit)]).await;
    let third = region.bob.item_with(feed, 2, b"as before", vec![]);
    let codes = region.codes(&region.bob, vec![plain(third)]).await;
    assert!(codes[0].starts_with("ssn "), "{codes:?}");
}

#[tokio::test]
async fn a_removed_device_brings_what_its_late_work_lists_and_nothing_else() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let (blob, other) = (bytes_of(9, 300), bytes_of(10, 300));
    let (listed, unlisted) = (BlobId::of(&blob), BlobId::of(&other));
    let (add, mut tablet) = region.nursing.add_device(22);
    region.accepted(&region.alice, vec![add]).await;
    let remove = region.nursing.remove_device(tablet.id, RemoveReason::Lost);
    region.accepted(&region.alice, vec![remove]).await;
    let late = tablet.item_with(feed, 1, b"late", vec![listed]);
    assert_eq!(region.codes(&tablet, vec![plain(late)]).await, ["late"]);
    let refused = region.refused(&tablet, "PUT", &format!("/v1/blobs/{unlisted}"), Some(other)).await;
    assert_eq!(refused.1, Code::Removed);
    let (status, ..) = region.send(&tablet, "PUT", &format!("/v1/blobs/{listed}"), Some(blob)).await;
    assert_eq!(status, StatusCode::CREATED);
}

#[tokio::test]
async fn past_its_expiry_a_break_glass_team_is_served_no_more() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let lonely = Team::make(41, TeamKind::Facility);
    let genesis = PushFrame { frame: lonely.genesis.raw.clone(), attachments: lonely.beside.clone() };
    region.accepted(&region.bob, vec![genesis]).await;
    let listing = directory(&[&region.nursing, &region.clinic, &lonely]).pop().unwrap();
    region.app.bring_in(listing.raw.clone()).await.unwrap();
    let envelope = bytes_of(3, 64);
    let expires = region.now.load(Ordering::Relaxed) + 3_600_000;
    let mut heads = [&region.nursing, &region.clinic, &lonely].map(|t| t.state.head()).to_vec();
    heads.sort_by_key(|head| head.team.feed());
    let body = BreakGlass {
        team: lonely.id(),
        heads,
        listing: Some(Listing { cseq: 4, hash: listing.id }),
        envelope: Hash::of(&envelope),
        expires,
        reason: vec![1],
    };
    let frame = region.chart.control(&region.bob.signer, body).raw;
    let attachments = vec![beside(lonely.id().0, envelope)];
    region.accepted(&region.bob, vec![PushFrame { frame, attachments }]).await;
    let carol = lonely.device();
    assert_eq!(region.pull(&carol, feed).await.len(), 4);
    region.now.store(expires, Ordering::Relaxed);
    let feeds = vec![PullFeed { feed, after_ssn: 0, kind: PullKind::All }];
    let body = PullRequest { feeds, bytes_max: 9999 };
    let refused = region.refused(&carol, "POST", "/v1/pull", Some(body.to_bytes())).await;
    assert_eq!(refused.1, Code::NotMember);
}
