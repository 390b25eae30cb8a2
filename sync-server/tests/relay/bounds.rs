//! Everything has a limit: bodies, rates, quotas, blobs nobody lists.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, StatusCode};
use meguri_relay::{Peer, Settings};
use meguri_wire::api::*;
use meguri_wire::cbor::Cbor;
use meguri_wire::control::*;
use meguri_wire::*;

use crate::region::*;

const DAY_MS: u64 = 24 * 3_600_000;

fn from(address: [u8; 4], mut request: Request<Bytes>) -> Request<Bytes> {
    request.extensions_mut().insert(Peer(IpAddr::V4(Ipv4Addr::from(address))));
    request
}

fn get(target: &str) -> Request<Bytes> {
    Request::get(target).body(Bytes::new()).unwrap()
}

#[tokio::test]
async fn an_item_comes_after_its_blob() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let bytes = bytes_of(7, 5000);
    let blob = BlobId::of(&bytes);
    let item = region.alice.item_with(feed, 1, b"photo", vec![blob]);
    let reply = region.push(&region.alice, vec![plain(item.clone())]).await;
    let expected = ErrorBody { code: Code::MissingBlob, params: vec![("blob".into(), blob.to_string())] };
    assert_eq!(reply.results, [PushResult::Refused(expected)]);
    // A part of it is not enough.
    let at = format!("/v1/blobs/{blob}");
    region.send(&region.alice, "PUT", &at, Some(bytes[..100].to_vec())).await;
    assert_eq!(region.codes(&region.alice, vec![plain(item.clone())]).await, ["missing_blob"]);
    region.send(&region.alice, "PUT", &format!("{at}?offset=100"), Some(bytes[100..].to_vec())).await;
    assert_eq!(region.codes(&region.alice, vec![plain(item)]).await, ["ssn 4"]);
    // What an older store took is taken again, blob or not: nobody may have it any more.
    let mut old = region.bob.make_item(feed, 1, b"x", vec![BlobId::of(b"lost")]);
    old.seen = Seen::at([1; 8], 9, Hash([2; 32]));
    let old = region.bob.sign_item(old);
    assert_eq!(region.codes(&region.bob, vec![plain(old)]).await, ["ssn 5"]);
}

#[tokio::test]
async fn blobs_that_nothing_lists_go_after_thirty_days() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let [listed, unlisted, late] = [1, 2, 3].map(|seed| bytes_of(seed, 3000));
    let target = |bytes: &[u8]| format!("/v1/blobs/{}", BlobId::of(bytes));
    let (add, mut tablet) = region.nursing.add_device(22);
    region.accepted(&region.alice, vec![add]).await;
    for bytes in [&listed, &unlisted, &late] {
        let (status, _, _) = region.send(&region.alice, "PUT", &target(bytes), Some(bytes.clone())).await;
        assert_eq!(status, StatusCode::CREATED);
    }
    let part = bytes_of(4, 1000);
    let begun = format!("/v1/blobs/{}", BlobId::of(b"never finished"));
    region.send(&region.alice, "PUT", &begun, Some(part)).await;
    let item = region.alice.item_with(feed, 1, b"x", vec![BlobId::of(&listed)]);
    region.accepted(&region.alice, vec![plain(item)]).await;
    let remove = region.nursing.remove_device(tablet.id, RemoveReason::Lost);
    region.accepted(&region.alice, vec![remove]).await;
    let item = tablet.item_with(feed, 1, b"x", vec![BlobId::of(&late)]);
    assert_eq!(region.codes(&tablet, vec![plain(item)]).await, ["late"]);
    let file = |bytes: &[u8]| {
        let id = BlobId::of(bytes).to_string();
        region.folder.path().join("blobs/whole").join(&id[..2]).join(id)
    };
    // A file without a row: a crash between storing and noting.
    let stray = bytes_of(9, 500);
    std::fs::create_dir_all(file(&stray).parent().unwrap()).unwrap();
    std::fs::write(file(&stray), &stray).unwrap();
    // And one that a stop cut off in the middle of writing.
    let staged = file(&stray).with_extension("x#1");
    std::fs::write(&staged, &stray).unwrap();
    let status = async |bytes: &[u8]| region.send(&region.alice, "HEAD", &target(bytes), None).await.0;
    stamp_all(&region);
    region.now.fetch_add(30 * DAY_MS - 1000, Ordering::Relaxed);
    region.app.sweep().await.unwrap();
    assert_eq!(status(&unlisted).await, StatusCode::OK, "within the grace time");
    assert!(file(&stray).exists() && staged.exists());
    region.now.fetch_add(2000, Ordering::Relaxed);
    region.app.sweep().await.unwrap();
    assert_eq!(status(&unlisted).await, StatusCode::NOT_FOUND);
    assert!(!file(&unlisted).exists() && !file(&stray).exists() && !staged.exists());
    assert_eq!(status(&listed).await, StatusCode::OK);
    assert!(file(&late).exists(), "late work keeps its blobs");
    let (status_begun, _, _) = region.send(&region.alice, "HEAD", &begun, None).await;
    assert_eq!(status_begun, StatusCode::NOT_FOUND, "an upload nobody finished");
    // It may come again.
    let (again, _, _) = region.send(&region.alice, "PUT", &target(&unlisted), Some(unlisted.clone())).await;
    assert_eq!(again, StatusCode::CREATED);
}

/// Files on disk as if written at the region's time.
fn stamp_all(region: &Region) {
    let at: SystemTime = UNIX_EPOCH + Duration::from_millis(region.now.load(Ordering::Relaxed));
    let mut folders = vec![region.folder.path().join("blobs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                std::fs::File::options().write(true).open(entry.path()).unwrap().set_modified(at).unwrap();
            }
        }
    }
}

#[tokio::test]
async fn unsigned_requests_are_counted_by_address() {
    let region = Region::with(Settings { unsigned_per_s: 1, unsigned_burst: 5, ..settings() }, 0).await;
    let mailbox = format!("/v1/mailbox/{}/0", hex::encode([1; 16]));
    for target in ["/v1/info", "/healthz", "/metrics", &mailbox, "/nothing"] {
        let (status, headers, _) = region.send_raw(from([192, 0, 2, 1], get(target))).await;
        assert_ne!(status, StatusCode::TOO_MANY_REQUESTS, "{target}");
        assert!(!headers.contains_key("retry-after"));
    }
    let (status, headers, reply) = region.send_raw(from([192, 0, 2, 1], get("/v1/info"))).await;
    assert_eq!((status, &headers["retry-after"]), (StatusCode::TOO_MANY_REQUESTS, &"1".parse().unwrap()));
    assert_eq!(ErrorBody::from_bytes(&reply).unwrap().code, Code::Rate);
    assert!(headers.contains_key(HEADER_NONCE) && headers.contains_key(HEADER_CLOCK));
    assert_eq!(region.send_raw(from([192, 0, 2, 2], get("/v1/info"))).await.0, StatusCode::OK, "another address");
    // Devices behind the same address go on.
    let request = region.request(&region.alice, "GET", "/v1/heads", None).await;
    assert_eq!(region.send_raw(from([192, 0, 2, 1], request)).await.0, StatusCode::OK);
    region.now.fetch_add(1000, Ordering::Relaxed);
    assert_eq!(region.send_raw(from([192, 0, 2, 1], get("/v1/info"))).await.0, StatusCode::OK);
}

#[tokio::test]
async fn guesses_are_counted_by_address() {
    let region = Region::with(Settings { unsigned_per_s: 1, unsigned_burst: 3, ..settings() }, 0).await;
    let stranger = Device::of(&region.nursing.id(), 99);
    let mut last = Vec::new();
    for _ in 0..4 {
        let mut request = region.request(&stranger, "POST", "/v1/push", Some(vec![0x81, 0x80])).await;
        request.headers_mut().insert(HEADER_SETUP, "AAAAA".parse().unwrap());
        let (_, _, reply) = region.send_raw(from([192, 0, 2, 9], request)).await;
        last.push(ErrorBody::from_bytes(&reply).unwrap().code);
    }
    assert_eq!(last, [Code::NotSponsored, Code::NotSponsored, Code::NotSponsored, Code::Rate]);
}

#[tokio::test]
async fn a_device_is_told_when_to_come_again() {
    let usual = Settings { requests_burst: 4, requests_per_s: 1, bytes_per_hour: 20_000, ..settings() };
    let region = Region::with(usual, 0).await;
    region.now.fetch_add(60_000, Ordering::Relaxed);
    let at = format!("/v1/blobs/{}", BlobId::of(b"x"));
    let (status, headers, reply) = region.send(&region.alice, "PUT", &at, Some(vec![0; 25_000])).await;
    assert_eq!(status, StatusCode::INSUFFICIENT_STORAGE);
    assert_eq!(ErrorBody::from_bytes(&reply).unwrap().code, Code::Quota);
    let now_ms = region.now.load(Ordering::Relaxed);
    let next_hour_s = (3_600_000 - now_ms % 3_600_000).div_ceil(1000);
    assert_eq!(headers["retry-after"], next_hour_s.to_string());
    for _ in 0..3 {
        let (status, headers, _) = region.send(&region.alice, "GET", "/v1/heads", None).await;
        assert_eq!((status, headers.contains_key("retry-after")), (StatusCode::OK, false));
    }
    let (status, headers, _) = region.send(&region.alice, "GET", "/v1/heads", None).await;
    assert_eq!((status, &headers["retry-after"]), (StatusCode::TOO_MANY_REQUESTS, &"1".parse().unwrap()));
    assert_eq!(region.send(&region.bob, "GET", "/v1/heads", None).await.0, StatusCode::OK, "another device");
}

#[tokio::test]
async fn mailboxes_count_for_who_opens_them() {
    let region = Region::with(Settings { bytes_per_hour: 2 * 530_000, ..settings() }, 0).await;
    region.now.fetch_add(2 * 3_600_000, Ordering::Relaxed);
    let open = |n: u8| format!("/v1/mailbox/{}/0", hex::encode([n; 16]));
    for n in 0..2 {
        let (status, _, _) = region.send(&region.alice, "PUT", &open(n), Some(vec![1; 100])).await;
        assert_eq!(status, StatusCode::CREATED);
    }
    let refused = region.refused(&region.alice, "PUT", &open(3), Some(vec![1; 100])).await;
    assert_eq!(refused.1, Code::Quota);
}

/// A body that is only promised, never sent: whoever waits for it fails the test.
fn promised(request: Request<Bytes>, bytes: u64) -> Request<axum::body::Body> {
    struct Never(u64);
    impl hyper::body::Body for Never {
        type Data = Bytes;
        type Error = std::convert::Infallible;
        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
            panic!("a body was read that should have been refused unread");
        }
        fn size_hint(&self) -> hyper::body::SizeHint {
            hyper::body::SizeHint::with_exact(self.0)
        }
    }
    request.map(|_| axum::body::Body::new(Never(bytes)))
}

#[tokio::test]
async fn bodies_are_refused_before_they_are_read() {
    use tower::ServiceExt;
    let region = Region::make().await;
    let stranger = Device::of(&region.nursing.id(), 99);
    let blob = format!("/v1/blobs/{}", BlobId::of(b"x"));
    let slot = format!("/v1/mailbox/{}/1", hex::encode([1; 16]));
    let nonce = region.nonce().await;
    let old = nonce::make_nonce(&KEYS.nonce_key, 1);
    let code = async |request: Request<axum::body::Body>| {
        let reply = region.router.clone().oneshot(request).await.unwrap();
        let body = http_body_util::BodyExt::collect(reply.into_body()).await.unwrap().to_bytes();
        ErrorBody::from_bytes(&body).unwrap().code
    };
    for (method, target, most) in [
        ("POST", "/v1/push", limits::PUSH_BYTES_MAX),
        ("POST", "/v1/pull", 256 * 1024),
        ("POST", "/v1/acks", 512 * 1024),
        ("PUT", blob.as_str(), limits::BLOB_PART_MAX),
        ("GET", "/v1/heads", 0),
        ("PUT", slot.as_str(), limits::MAILBOX_SLOT_BYTES_MAX),
    ] {
        let by = |device: &Device, nonce: &str| signed(device, method, target, Some(vec![1]), nonce);
        let said = code(promised(by(&region.alice, &nonce), most as u64 + 1)).await;
        assert_eq!(said, Code::TooLarge, "{target}");
        assert_eq!(code(promised(by(&stranger, &nonce), 1)).await, Code::UnknownAuthor, "{target}");
        assert_eq!(code(promised(by(&region.alice, &old), 1)).await, Code::StaleNonce, "{target}");
        let mut packed = by(&region.alice, &nonce);
        packed.headers_mut().insert("content-encoding", "zstd".parse().unwrap());
        assert_eq!(code(promised(packed, 1)).await, Code::BadRequest, "{target}: nothing is unpacked");
    }
    // No box, or no setup code: nothing is read either.
    let unsigned = Request::put(&slot).body(Bytes::new()).unwrap();
    assert_eq!(code(promised(unsigned, 1)).await, Code::MailboxGone);
    let mut founding = signed(&stranger, "POST", "/v1/push", Some(vec![1]), &nonce);
    founding.headers_mut().insert(HEADER_SETUP, "AAAAA".parse().unwrap());
    assert_eq!(code(promised(founding, 1)).await, Code::NotSponsored);
}

#[tokio::test]
async fn a_body_that_stands_still_is_given_up() {
    use tower::ServiceExt;
    let region = Region::with(Settings { body_idle_ms: 40, ..settings() }, 0).await;
    let request = region.request(&region.alice, "POST", "/v1/push", Some(vec![1])).await;
    let still = futures_util::stream::pending::<Result<Bytes, std::convert::Infallible>>();
    let request = request.map(|_| axum::body::Body::from_stream(still));
    let reply = tokio::time::timeout(Duration::from_secs(20), region.router.clone().oneshot(request)).await;
    assert_eq!(reply.unwrap().unwrap().status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn endless_bodies_stop_at_the_limit() {
    use tower::ServiceExt;
    let region = Region::make().await;
    let request = region.request(&region.alice, "POST", "/v1/pull", Some(vec![1])).await;
    let read = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = read.clone();
    let endless = futures_util::stream::repeat_with(move || {
        count.fetch_add(1, Ordering::Relaxed);
        Ok::<_, std::convert::Infallible>(Bytes::from_static(&[0; 64 * 1024]))
    });
    let reply = region.router.clone().oneshot(request.map(|_| axum::body::Body::from_stream(endless))).await.unwrap();
    assert_eq!(reply.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(read.load(Ordering::Relaxed), 5, "256 KiB and one more piece");
}
