//! The operator's commands, and the real binary under `kill -9`.
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::process::*;
use crate::region::*;
use http::StatusCode;
use meguri_relay::operate::{backup, check};
use meguri_wire::api::*;
use meguri_wire::cbor::Cbor;
use meguri_wire::*;

#[tokio::test]
async fn a_backup_restores_under_a_new_store_id_and_checks_clean() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let bytes = bytes_of(5, 70_000);
    let blob = BlobId::of(&bytes);
    region.send(&region.alice, "PUT", &format!("/v1/blobs/{blob}"), Some(bytes)).await;
    let item = region.alice.item_with(feed, 1, b"x", vec![blob]);
    region.accepted(&region.alice, vec![plain(item)]).await;
    let place = tempfile::tempdir().unwrap();
    let (copy, data) = (place.path().join("copy"), place.path().join("data"));
    backup::backup(region.folder.path(), &copy).unwrap();
    let later = region.alice.item(feed, b"after the backup");
    region.accepted(&region.alice, vec![plain(later.clone())]).await;
    backup::restore(&copy, &data, region.now.load(Ordering::Relaxed)).unwrap();
    let report = check::check(&data).await.unwrap();
    assert_eq!((report.feeds, report.frames, report.blobs), (4, 9, 1));
    assert_eq!(report.wrong, Vec::<String>::new());
    region.app = open(&data, region.now.clone(), settings(), 0).await;
    region.router = meguri_relay::app(region.app.clone());
    let (_, _, reply) = region.send(&region.bob, "GET", "/v1/heads", None).await;
    for head in HeadsReply::from_bytes(&reply).unwrap().heads {
        let head = chain::SignedHead::decode_verify(&head, &region.app.relay_key()).unwrap().head;
        assert_ne!(head.store_id, StoreId([5; 16]));
    }
    assert_eq!(region.codes(&region.bob, vec![plain(later)]).await, ["ssn 5"], "offered again");
    // Damage is named.
    let group = data.join("blobs/whole").join(&blob.to_string()[..2]);
    std::fs::write(group.join(blob.to_string()), b"other").unwrap();
    let report = check::check(&data).await.unwrap();
    assert_eq!(report.wrong, [format!("blob {blob}: hash")]);
    let database = rusqlite::Connection::open(data.join("relay.db")).unwrap();
    let sql = "UPDATE frame SET received_ms = received_ms + 1 WHERE place = (SELECT max(place) FROM frame)";
    database.execute(sql, []).unwrap();
    let report = check::check(&data).await.unwrap();
    assert!(report.wrong.contains(&format!("feed {feed} frame 5: chain hash")), "{:?}", report.wrong);
}

/// Writes until the relay dies; notes what was acknowledged. A frame without an
/// answer is made again in the next round, byte for byte the same.
fn write_until_killed(address: &str, device: &mut Device, feed: FeedId, kept: &Mutex<Vec<FrameId>>) {
    let nonce = nonce::make_nonce(&KEYS.nonce_key, now_ms());
    loop {
        let before = (device.dseq, device.last);
        let frame = device.item_with(feed, 2, &bytes_of(9, 400), Vec::new());
        let body = PushRequest { frames: vec![plain(frame.clone())] }.to_bytes();
        let request = signed(device, "POST", "/v1/push", Some(body), &nonce);
        let Some((status, reply)) = exchange(address, &request) else {
            (device.dseq, device.last) = before;
            return;
        };
        assert_eq!(status, StatusCode::OK, "{:?}", ErrorBody::from_bytes(&reply));
        let reply = PushReply::from_bytes(&reply).unwrap();
        assert!(matches!(reply.results[0], PushResult::Accepted { .. }), "{reply:?}");
        kept.lock().unwrap().push(frame.id);
    }
}

fn now_ms() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as u64
}

/// `MEGURI_TEST_KILLS` raises the number of kills, 20 by default.
#[tokio::test]
async fn nothing_acknowledged_is_lost_by_kill_9() {
    let kills: u32 = std::env::var("MEGURI_TEST_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(20);
    let mut region = Region::make().await;
    let mut writers = vec![region.nursing.device(), region.clinic.device()];
    let mut adds = Vec::new();
    for seed in [50, 51] {
        let (add, device) = region.nursing.add_device(seed);
        adds.push(add);
        writers.push(device);
    }
    region.accepted(&region.alice, adds).await;
    let teams = [&region.nursing, &region.clinic];
    let epoch = epoch_of(&mut region.chart, 2, &region.nursing.device().signer, &teams);
    region.accepted(&region.alice, vec![epoch]).await;
    let feed = region.chart.id();
    let Region { folder, app, router, .. } = region;
    drop((app, router));
    let kept = Mutex::new(Vec::new());
    for round in 0..kills {
        let mut running = serve(folder.path());
        std::thread::scope(|scope| {
            for writer in &mut writers {
                let (address, kept) = (&running.address, &kept);
                scope.spawn(move || write_until_killed(address, writer, feed, kept));
            }
            std::thread::sleep(Duration::from_millis(60 + u64::from(round * 37 % 90)));
            running.child.kill().unwrap();
            running.child.wait().unwrap();
        });
    }
    let report = check::check(folder.path()).await.unwrap();
    assert_eq!(report.wrong, Vec::<String>::new());
    let kept = kept.into_inner().unwrap();
    assert!(kept.len() > kills as usize, "only {} acknowledged", kept.len());
    let store = meguri_relay::store::sqlite::SqliteStore::open(folder.path(), Default::default()).unwrap();
    let lost = meguri_relay::store::read(&store, move |rows| {
        let mut lost = 0;
        for id in &kept {
            lost += usize::from(rows.find(id)?.is_none());
        }
        Ok((lost, kept.len()))
    });
    let (lost, all) = lost.await.unwrap();
    println!("{all} acknowledged over {kills} kills, {lost} lost");
    assert_eq!(lost, 0);
}

#[test]
fn init_serve_and_stop_by_signal() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let genesis = place.path().join("genesis");
    std::fs::write(&genesis, &directory(&[])[0].raw).unwrap();
    let init = || {
        let mut command = Command::new(BINARY);
        command.args(["init", "--data"]).arg(&data).arg("--directory").arg(&genesis).stderr(Stdio::null());
        command.output().unwrap()
    };
    let made = init();
    assert!(made.status.success());
    assert!(String::from_utf8(made.stdout).unwrap().contains("setup code "));
    assert!(!init().status.success(), "never over another");
    let mut running = serve(&data);
    let request = http::Request::get("/v1/info").body(bytes::Bytes::new()).unwrap();
    let (status, body) = exchange(&running.address, &request).unwrap();
    assert_eq!(status, StatusCode::OK);
    assert!(Info::from_bytes(&body).unwrap().directory.is_some());
    let id = running.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert!(running.child.wait().unwrap().success());
}
