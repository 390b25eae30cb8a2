//! The real binary: full disk, restarts, open streams, and what it logs.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use http::StatusCode;
use meguri_wire::api::*;
use meguri_wire::cbor::Cbor;
use meguri_wire::*;

use crate::operator::*;
use crate::process::*;
use crate::region::*;

fn nonce() -> String {
    nonce::make_nonce(&KEYS.nonce_key, now_ms())
}

/// Pushes one item; `None` without an answer.
fn push(address: &str, device: &mut Device, feed: FeedId, bytes: usize) -> Option<(StatusCode, Frame)> {
    let before = (device.dseq, device.last);
    let frame = device.item_with(feed, 2, &bytes_of(9, bytes), Vec::new());
    let body = PushRequest { frames: vec![plain(frame.clone())] }.to_bytes();
    let answer = exchange(address, &signed(device, "POST", "/v1/push", Some(body), &nonce()));
    let status = answer.as_ref().map(|(status, reply)| {
        if *status == StatusCode::OK {
            let reply = PushReply::from_bytes(reply).unwrap();
            assert!(matches!(reply.results[0], PushResult::Accepted { .. }), "{reply:?}");
        }
        *status
    });
    if status != Some(StatusCode::OK) {
        (device.dseq, device.last) = before;
    }
    Some((status?, frame))
}

/// A reply with its headers.
fn whole(address: &str, request: &http::Request<bytes::Bytes>) -> (StatusCode, String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(head_of(request, "close").as_bytes()).unwrap();
    stream.write_all(request.body()).unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).unwrap();
    parse_reply(&reply).unwrap()
}

fn get(target: &str) -> http::Request<bytes::Bytes> {
    http::Request::get(target).body(bytes::Bytes::new()).unwrap()
}

fn limit_files(running: &Running, bytes: &str) {
    let limit = format!("--fsize={bytes}");
    let status = Command::new("prlimit").args(["--pid", &running.child.id().to_string(), &limit]).status();
    assert!(status.unwrap().success());
}

/// A file size limit stands for a full disk. Nothing acknowledged is lost, reading
/// goes on, and so does writing when there is room again, without a restart.
#[tokio::test]
async fn a_full_disk_is_said_and_outlived() {
    let (folder, feed, mut writers) = four_writers().await;
    let mut running = serve(folder.path());
    let writer = &mut writers[0];
    let mut kept = vec![push(&running.address, writer, feed, 400).unwrap().1.id];
    let size =
        ["relay.db", "relay.db-wal"].map(|name| std::fs::metadata(folder.path().join(name)).map_or(0, |m| m.len()));
    limit_files(&running, &format!("{}:", size.iter().max().unwrap() + 300_000));
    let started = Instant::now();
    loop {
        let (status, frame) = push(&running.address, writer, feed, 30_000).unwrap();
        if status != StatusCode::OK {
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
            break;
        }
        kept.push(frame.id);
        assert!(started.elapsed() < Duration::from_secs(60), "the disk never filled");
    }
    let body = PushRequest {
        frames: vec![plain(writer.make_item(feed, 2, &[0; 30_000], vec![]).sign(&writer.signer).unwrap())],
    };
    let request = signed(writer, "POST", "/v1/push", Some(body.to_bytes()), &nonce());
    let (status, headers, reply) = whole(&running.address, &request);
    assert_eq!((status, ErrorBody::from_bytes(&reply).unwrap().code), (StatusCode::SERVICE_UNAVAILABLE, Code::Storage));
    assert!(headers.contains("retry-after: 5"), "{headers}");
    assert_eq!(whole(&running.address, &get("/readyz")).0, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(whole(&running.address, &get("/healthz")).0, StatusCode::OK);
    let heads = signed(writer, "GET", "/v1/heads", None, &nonce());
    assert_eq!(whole(&running.address, &heads).0, StatusCode::OK, "reading goes on");
    let large = vec![7; 900_000];
    let at = format!("/v1/blobs/{}", BlobId::of(&large));
    let (status, _, reply) = whole(&running.address, &signed(writer, "PUT", &at, Some(large.clone()), &nonce()));
    assert_eq!((status, ErrorBody::from_bytes(&reply).unwrap().code), (StatusCode::SERVICE_UNAVAILABLE, Code::Storage));
    limit_files(&running, "unlimited:");
    std::thread::sleep(Duration::from_millis(1100));
    assert_eq!(whole(&running.address, &get("/readyz")).0, StatusCode::OK);
    for _ in 0..3 {
        let (status, frame) = push(&running.address, writer, feed, 30_000).unwrap();
        assert_eq!(status, StatusCode::OK);
        kept.push(frame.id);
    }
    assert_eq!(whole(&running.address, &signed(writer, "PUT", &at, Some(large), &nonce())).0, StatusCode::CREATED);
    assert!(running.stop());
    assert_kept(folder.path(), kept).await;
}

/// `max_page_count`, by the configuration, on the real binary.
#[tokio::test]
async fn a_full_database_is_said_and_outlived() {
    let (folder, feed, mut writers) = four_writers().await;
    let size = std::fs::metadata(folder.path().join("relay.db")).unwrap().len();
    let most = (size + 400_000).to_string();
    let mut running = serve_with(folder.path(), &[("MEGURI_RELAY_DATABASE_BYTES_MAX", &most)], Stdio::null());
    let mut kept = Vec::new();
    loop {
        let (status, frame) = push(&running.address, &mut writers[0], feed, 30_000).unwrap();
        if status != StatusCode::OK {
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
            break;
        }
        kept.push(frame.id);
        assert!(kept.len() < 100, "never full");
    }
    assert!(running.stop());
    let mut running = serve(folder.path());
    let (status, frame) = push(&running.address, &mut writers[0], feed, 30_000).unwrap();
    assert_eq!(status, StatusCode::OK);
    kept.push(frame.id);
    assert!(running.stop());
    assert_kept(folder.path(), kept).await;
}

/// Stopped by signal in the middle of pushes: what was begun is answered, what
/// was answered is kept, the process ends well.
#[tokio::test]
async fn restarts_in_the_middle_of_pushes_lose_nothing() {
    let (folder, feed, mut writers) = four_writers().await;
    let kept = Mutex::new(Vec::new());
    for _ in 0..4 {
        let mut running = serve(folder.path());
        std::thread::scope(|scope| {
            for writer in &mut writers {
                let (address, kept) = (running.address.clone(), &kept);
                scope.spawn(move || write_until_killed(&address, writer, feed, kept));
            }
            std::thread::sleep(Duration::from_millis(300));
            assert!(running.stop());
        });
    }
    let kept = kept.into_inner().unwrap();
    assert!(kept.len() > 8, "only {}", kept.len());
    assert_kept(folder.path(), kept).await;
}

fn open_stream(address: &str, device: &Device) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let request = signed(device, "GET", "/v1/events", None, &nonce());
    stream.write_all(head_of(&request, "keep-alive").as_bytes()).unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    stream
}

/// Streams cost little, are told within a moment, and do not hold a stop up.
#[tokio::test]
async fn five_hundred_open_streams() {
    let mut region = Region::make().await;
    let mut adds = Vec::new();
    let mut devices = Vec::new();
    for seed in 60..185 {
        let (add, device) = region.nursing.add_device(seed);
        adds.push(add);
        devices.push(device);
    }
    region.accepted(&region.alice, adds).await;
    let epoch = epoch_of(&mut region.chart, 2, &region.alice.signer, &[&region.nursing, &region.clinic]);
    region.accepted(&region.alice, vec![epoch]).await;
    let (feed, mut bob) = (region.chart.id(), region.clinic.device());
    let Region { folder, app, router, .. } = region;
    drop((app, router));
    let mut running = serve(folder.path());
    push(&running.address, &mut bob, feed, 100).unwrap();
    let before_kb = running.resident_kb();
    let mut streams: Vec<TcpStream> = Vec::new();
    for device in devices.iter().cycle().take(500) {
        streams.push(open_stream(&running.address, device));
    }
    let each_kb = (running.resident_kb().saturating_sub(before_kb)) / 500;
    println!("500 streams: {before_kb} kB before, {each_kb} kB each");
    assert!(each_kb <= 40, "{each_kb} kB a stream");
    let told = Instant::now();
    assert_eq!(push(&running.address, &mut bob, feed, 100).unwrap().0, StatusCode::OK);
    for stream in &mut streams {
        let (mut seen, mut some) = (Vec::new(), [0; 1024]);
        while !seen.windows(6).any(|w| w == b"data: ") {
            let n = stream.read(&mut some).unwrap();
            assert!(n > 0, "the stream ended");
            seen.extend_from_slice(&some[..n]);
        }
    }
    println!("all told after {:?}", told.elapsed());
    assert!(told.elapsed() < Duration::from_secs(3), "{:?}", told.elapsed());
    let stopping = Instant::now();
    running.signal();
    for stream in &mut streams {
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        assert!(rest.ends_with(b"0\r\n\r\n"), "ended, not broken off");
    }
    assert!(running.child.wait().unwrap().success());
    assert!(stopping.elapsed() < Duration::from_secs(5), "{:?}", stopping.elapsed());
}

/// Everything the relay writes while it works, at its most talkative, names nobody.
#[tokio::test]
async fn logs_hold_no_name_and_no_whole_id() {
    let (folder, feed, mut writers) = four_writers().await;
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("log");
    let log = std::fs::File::create(&path).unwrap();
    let mut running = serve_with(folder.path(), &[("MEGURI_RELAY_LOG", "trace")], log.into());
    let writer = &mut writers[0];
    let (_, frame) = push(&running.address, writer, feed, 300).unwrap();
    let blob = BlobId::of(b"some bytes");
    let mailbox = hex::encode([0x5a; 16]);
    let offered = PushRequest { frames: vec![PushFrame { frame: frame.raw[..200].to_vec(), attachments: vec![] }] };
    let stranger = Device::of(&feed, 99);
    let mut setup = signed(&stranger, "POST", "/v1/push", Some(offered.to_bytes()), &nonce());
    setup.headers_mut().insert(HEADER_SETUP, "SECRE-TSETU-PCODE-00000".parse().unwrap());
    for (request, expected) in [
        (signed(writer, "PUT", &format!("/v1/blobs/{blob}"), Some(b"some bytes".to_vec()), &nonce()), 201),
        (signed(writer, "GET", &format!("/v1/blobs/{blob}"), None, &nonce()), 200),
        (signed(writer, "PUT", &format!("/v1/mailbox/{mailbox}/0"), Some(vec![1]), &nonce()), 201),
        (get(&format!("/v1/mailbox/{mailbox}/3")), 404),
        (signed(writer, "POST", "/v1/push", Some(offered.to_bytes()), &nonce()), 200),
        (signed(&stranger, "GET", "/v1/heads", None, &nonce()), 403),
        (signed(writer, "GET", &format!("/v1/feeds/{feed}/quarantine"), None, &nonce()), 200),
        (signed(writer, "GET", &format!("/v1/events?feeds={feed},xx"), None, &nonce()), 400),
        (setup, 403),
    ] {
        let (status, _, _) = whole(&running.address, &request);
        assert_eq!(status, expected, "{}", request.uri());
    }
    assert!(running.stop());
    let log = std::fs::read_to_string(&path).unwrap();
    for secret in [
        feed.to_string(),
        writer.id.to_string(),
        stranger.id.to_string(),
        blob.to_string(),
        frame.id.to_string(),
        mailbox,
        "Example".to_owned(),
        "SECRE-TSETU".to_owned(),
        "127.0.0.1".to_owned(),
    ] {
        assert!(!log.contains(&secret), "{secret} in the log");
    }
    let refused = log.lines().find(|line| line.contains("unknown_author")).expect("a refusal is told");
    let fields = ["\"route\":\"/v1/heads\"", "\"status\":403", "\"took_ms\":", "\"device\":\""];
    assert!(fields.iter().all(|field| refused.contains(field)), "{refused}");
}
