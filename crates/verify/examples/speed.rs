//! How fast a long chart is proven: `cargo run --release -p meguri-verify --example speed [FRAMES]`.
//! Every frame is signed and sealed and holds one entry; four devices of two facilities take turns.
#![allow(clippy::unwrap_used, reason = "a measurement may fall")]

#[path = "../tests/region/mod.rs"]
mod region;

use std::time::Instant;

use meguri_chart::{Doc, Incoming};
use meguri_seal::export::FrameCopy;
use meguri_seal::open_item;
use meguri_verify::{Options, prove};
use meguri_wire::Frame;
use region::{LOG, Region};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let frames: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(20_000);
    let (region, seconds, _) = timed(|| made(frames));
    let export = region.export();
    let bytes: usize = export.chart.records.iter().map(|record| record.frame.len()).sum();
    println!("{frames} items of {} bytes, made in {seconds:.1} s", bytes / frames.max(1));
    let all = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    for (words, cores, open) in [
        ("signatures, chains and rules, one core ahead", 1, false),
        ("signatures, chains and rules, all cores", all, false),
        ("the whole proof, one core ahead", 1, true),
        ("the whole proof, all cores", all, true),
    ] {
        let (report, seconds, cpu) = timed(|| prove(&export, &Options { cores, open, directory: None }));
        assert!(report.broken.is_empty() && (!open || report.is_proven()));
        let count = report.summary.frames as f64;
        println!(
            "{words}: {seconds:.2} s, {:.0} frames/s; {:.0} µs of a core each",
            count / seconds,
            cpu / count * 1e6
        );
    }
    parts(&region, &export.chart.records);
}

fn made(frames: usize) -> Region {
    let mut region = Region::new(1);
    for n in 0..frames {
        let pen = n % 4;
        if n % 8 == pen {
            region.pull(pen);
        }
        region.write(pen, 1);
    }
    region
}

/// Each step alone, on one core.
fn parts(region: &Region, records: &[FrameCopy]) {
    let say = |words: &str, cpu: f64| println!("  {words}: {:.1} µs", cpu / records.len() as f64 * 1e6);
    let (frames, _, cpu) = timed(|| records.iter().map(|r| Frame::decode(&r.frame).unwrap()).collect::<Vec<_>>());
    say("decoding", cpu);
    let key_of = |frame: &Frame| {
        let pen = region.pens.iter().find(|pen| Some(pen.device) == frame.author()).unwrap();
        meguri_wire::sign::Signer::public_key(&pen.signer)
    };
    let ((), _, cpu) = timed(|| frames.iter().for_each(|frame| frame.verify(&key_of(frame)).unwrap()));
    say("the signature", cpu);
    let items: Vec<&Frame> = frames.iter().filter(|frame| frame.item().is_some()).collect();
    let open = |frame: &&Frame| {
        let plain = open_item(region.keys.last().unwrap(), &frame.author().unwrap(), frame.item().unwrap()).unwrap();
        let changes = plain.to_changes().unwrap().into_iter().map(|record| record.change).collect::<Vec<_>>();
        (frame.author().unwrap(), changes)
    };
    let (opened, _, cpu) = timed(|| items.iter().map(open).collect::<Vec<_>>());
    say("opening and unpacking", cpu);
    let mut doc = Doc::new(region.space.id().0, LOG).unwrap();
    let incoming: Vec<Incoming<'_>> =
        opened.iter().map(|(author, changes)| Incoming { author: author.0, changes }).collect();
    let ((), _, cpu) = timed(|| incoming.chunks(4096).for_each(|some| drop(doc.apply(some))));
    say("the rules of changes and Automerge", cpu);
}

/// What came out, seconds, and seconds of all cores together where the system tells them.
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64, f64) {
    let (begun, before) = (Instant::now(), cpu_seconds());
    let value = work();
    let seconds = begun.elapsed().as_secs_f64();
    (value, seconds, cpu_seconds().zip(before).map_or(seconds, |(after, before)| after - before))
}

/// Linux counts in hundredths.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit(") ").next()?.split(' ').collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / 100.0)
}
