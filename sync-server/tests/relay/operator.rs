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
    let check = async || check::check(&data).await.unwrap().wrong;
    let group = data.join("blobs/whole").join(&blob.to_string()[..2]);
    std::fs::write(group.join(blob.to_string()), b"other").unwrap();
    assert_eq!(check().await, [format!("blob {blob}: hash")]);
    std::fs::remove_file(group.join(blob.to_string())).unwrap();
    assert_eq!(check().await, [format!("blob {blob}: missing")]);
    std::fs::write(group.join(blob.to_string()), bytes_of(5, 70_000)).unwrap();
    assert_eq!(check().await, Vec::<String>::new());
}

/// Each damage alone, by its line.
#[tokio::test]
async fn check_names_what_is_wrong() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let bytes = bytes_of(5, 70_000);
    let blob = BlobId::of(&bytes);
    region.send(&region.alice, "PUT", &format!("/v1/blobs/{blob}"), Some(bytes)).await;
    let item = region.alice.item_with(feed, 1, &bytes_of(77, 600), vec![blob]);
    region.accepted(&region.alice, vec![plain(item.clone())]).await;
    let remove = region.clinic.add_device(33);
    region.accepted(&region.bob, vec![remove.0]).await;
    let mut gone = remove.1;
    let out = region.clinic.remove_device(gone.id, control::RemoveReason::Lost);
    region.accepted(&region.bob, vec![out]).await;
    let late = gone.item(feed, &bytes_of(78, 600));
    assert_eq!(region.codes(&gone, vec![plain(late.clone())]).await, ["late"]);
    let place = tempfile::tempdir().unwrap();
    let copy = |name: &str| {
        let target = place.path().join(name);
        backup::backup(region.folder.path(), &target).unwrap();
        target
    };
    let wrong = async |target: &std::path::Path| check::check(target).await.unwrap().wrong;
    let clean = copy("clean");
    assert_eq!(wrong(&clean).await, Vec::<String>::new());
    // One byte of the file flipped, inside the item.
    let flipped = copy("flipped");
    flip(&flipped.join("relay.db"), &item.raw[item.raw.len() - 60..]);
    assert_eq!(wrong(&flipped).await, [format!("feed {feed} frame 4: chain hash")]);
    let entry = copy("late");
    flip(&entry.join("relay.db"), &late.raw[late.raw.len() - 60..]);
    let lines = wrong(&entry).await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with(&format!("quarantine of feed {feed} entry 1: bad_")), "{lines:?}");
    // A team's frame: the relay itself would rather believe its snapshot.
    let team = copy("team");
    let genesis = &region.clinic.genesis.raw;
    flip(&team.join("relay.db"), &genesis[genesis.len() - 60..]);
    let lines = wrong(&team).await;
    assert_eq!(lines[0], format!("feed {} frame 1: chain hash", region.clinic.id()));
    for (name, sql, expected) in [
        ("head", "UPDATE feed SET head = x'00' WHERE feed = ?1", format!("feed {feed}: signed head")),
        (
            "time",
            "UPDATE frame SET received_ms = received_ms + 1 WHERE place =
            (SELECT max(place) FROM frame JOIN feed ON feed_no = place >> 32 WHERE feed = ?1)",
            format!("feed {feed} frame 4: chain hash"),
        ),
        (
            "hole",
            "DELETE FROM frame WHERE place = (SELECT feed_no << 32 | 2 FROM feed WHERE feed = ?1)",
            format!("feed {feed} frame 3: chain hash"),
        ),
        (
            "short",
            "DELETE FROM frame WHERE place = (SELECT feed_no << 32 | 4 FROM feed WHERE feed = ?1)",
            format!("feed {feed} frame 4: missing"),
        ),
        (
            "snapshot",
            "UPDATE snapshot SET state = x'00' WHERE feed_no = (SELECT feed_no FROM feed WHERE feed = ?1)",
            format!("feed {feed}: snapshot"),
        ),
        (
            "envelope",
            "UPDATE attachment SET bytes = x'00' WHERE place =
            (SELECT feed_no << 32 | 2 FROM feed WHERE feed = ?1)",
            format!("feed {feed} frame 2: attachment"),
        ),
    ] {
        let target = copy(name);
        let database = rusqlite::Connection::open(target.join("relay.db")).unwrap();
        assert!(database.execute(sql, [feed.0]).unwrap() > 0, "{name}");
        assert_eq!(wrong(&target).await, [expected], "{name}");
    }
    let unlisted = copy("row");
    let database = rusqlite::Connection::open(unlisted.join("relay.db")).unwrap();
    database.execute("DELETE FROM blob", []).unwrap();
    let report = check::check(&unlisted).await.unwrap();
    assert_eq!(report.wrong, Vec::<String>::new());
    assert_eq!(report.notes, [format!("blob {blob}: named by feed {feed} frame 4, not stored")]);
}

/// Flips one bit in every copy; a page may hold a stale one beside the live one.
fn flip(file: &std::path::Path, found: &[u8]) {
    let mut bytes = std::fs::read(file).unwrap();
    let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(found)).collect();
    assert!(!places.is_empty(), "the bytes stand in the file");
    places.iter().for_each(|at| bytes[*at] ^= 1);
    std::fs::write(file, bytes).unwrap();
}

/// A copy taken while two devices write checks clean and has all that was
/// acknowledged before it began.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_while_writing_is_consistent() {
    let mut region = Region::make().await;
    let feed = region.chart.id();
    let place = tempfile::tempdir().unwrap();
    let (mut acknowledged, mut before) = (0, Vec::new());
    let mut copying: Option<tokio::task::JoinHandle<()>> = None;
    let mut round = 0;
    while round < 6 {
        for _ in 0..3 {
            let item = region.alice.item(feed, &bytes_of(3, 2000));
            region.accepted(&region.alice, vec![plain(item)]).await;
            acknowledged += 1;
        }
        if copying.as_ref().is_none_or(tokio::task::JoinHandle::is_finished) {
            if let Some(done) = copying.take() {
                done.await.unwrap();
            }
            let (from, to) = (region.folder.path().to_owned(), place.path().join(round.to_string()));
            before.push(acknowledged);
            copying = Some(tokio::task::spawn_blocking(move || backup::backup(&from, &to).unwrap()));
            round += 1;
        }
    }
    copying.unwrap().await.unwrap();
    for (round, least) in before.iter().enumerate() {
        let report = check::check(&place.path().join(round.to_string())).await.unwrap();
        assert_eq!(report.wrong, Vec::<String>::new());
        assert!(report.frames >= 8 + least, "{} frames, {least} acknowledged before", report.frames);
    }
}

/// Writes until the relay dies; notes what was acknowledged. A frame without an
/// answer is made again in the next round, byte for byte the same.
pub fn write_until_killed(address: &str, device: &mut Device, feed: FeedId, kept: &Mutex<Vec<FrameId>>) {
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

pub fn now_ms() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as u64
}

/// A folder with a chart into which four devices of two teams write epoch 2.
pub async fn four_writers() -> (tempfile::TempDir, FeedId, Vec<Device>) {
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
    (folder, feed, writers)
}

/// Whether a stopped relay has all of these, and nothing else is wrong with it.
pub async fn assert_kept(folder: &std::path::Path, kept: Vec<FrameId>) -> usize {
    let report = check::check(folder).await.unwrap();
    assert_eq!(report.wrong, Vec::<String>::new());
    let store = meguri_relay::store::sqlite::SqliteStore::open(folder, Default::default()).unwrap();
    let lost = meguri_relay::store::read(&store, move |rows| {
        let mut lost = 0;
        for id in &kept {
            lost += usize::from(rows.find(id)?.is_none());
        }
        Ok((lost, kept.len()))
    });
    let (lost, all) = lost.await.unwrap();
    assert_eq!(lost, 0, "of {all}");
    all
}

/// `MEGURI_TEST_KILLS` raises the number of kills, 20 by default.
#[tokio::test]
async fn nothing_acknowledged_is_lost_by_kill_9() {
    let kills: u32 = std::env::var("MEGURI_TEST_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(20);
    let (folder, feed, mut writers) = four_writers().await;
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
    let kept = kept.into_inner().unwrap();
    assert!(kept.len() > kills as usize, "only {} acknowledged", kept.len());
    let all = assert_kept(folder.path(), kept).await;
    println!("{all} acknowledged over {kills} kills, 0 lost");
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
    assert!(running.stop());
}
