//! How fast a long chart is proven: `cargo run --release -p meguri-verify --example speed [FRAMES]`.
//! Every frame is signed and sealed and holds one entry; four devices of two facilities take turns.
#![allow(clippy::unwrap_used, reason = "a measurement may fall")]

#[path = "../tests/region/mod.rs"]
mod region;

use std::time::Instant;

use meguri_verify::{Options, prove};
use region::Region;

fn main() {
    let frames: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(20_000);
    let begun = Instant::now();
    let mut region = Region::new(1);
    for n in 0..frames {
        let pen = n % 4;
        if n % 8 == pen {
            region.pull(pen);
        }
        region.write(pen, 1);
    }
    let export = region.export();
    let bytes: usize = export.chart.records.iter().map(|record| record.frame.len()).sum();
    println!("{frames} items, {} bytes each, made in {:.1} s", bytes / frames.max(1), begun.elapsed().as_secs_f64());
    let all = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    for (words, cores, open) in [
        ("signatures, chains and rules, one core", 1, false),
        ("signatures, chains and rules, all cores", all, false),
        ("the whole proof, one core ahead", 1, true),
        ("the whole proof, all cores", all, true),
    ] {
        let begun = Instant::now();
        let report = prove(&export, &Options { cores, open, directory: None });
        let seconds = begun.elapsed().as_secs_f64();
        assert!(report.broken.is_empty() && (!open || report.is_proven()));
        println!("{words}: {seconds:.2} s, {:.0} frames/s", report.summary.frames as f64 / seconds);
    }
}
