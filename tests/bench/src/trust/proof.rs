//! A chart's export proven by `meguri-verify`'s library.

use super::fixture::{Plan, recorded};
use super::stage::{Clock, Counting, Stage};
use super::{Limit, line};
use crate::region::{PASSPHRASE, settle};
use crate::rpc::now;
use meguri_seal::export::ChartExport;
use meguri_verify::{Options, prove};
use std::path::Path;
use std::sync::Arc;

const PLAN: Plan = Plan { name: "verify", colleagues: 9, charts: 1, entries: 20_000 };

pub fn run(cache: &Path, runs: usize) {
    let fixture = recorded(cache, &PLAN);
    let stage = Stage::set(cache, &fixture, false);
    let device = stage.admin(Arc::new(Clock::default()), Arc::new(Counting::default()));
    settle(&device);
    let file = stage.place("chart.meguri");
    let begun = now();
    let written = device.export_chart(fixture.meta.charts[0].patient(), PASSPHRASE, &file);
    let written = written.unwrap_or_else(|f| panic!("export: {:?}", f.body()));
    line("a chart of 20,000 entries exported", "s", Limit::None, vec![(now() - begun) / 1e3]);
    line("  its file", "MB", Limit::None, vec![written.bytes as f64 / 1e6]);
    let begun = now();
    let export = ChartExport::open(PASSPHRASE, &std::fs::read(&file).expect("a file"));
    let export = export.unwrap_or_else(|_| panic!("it opens"));
    line("  opened by its passphrase", "s", Limit::None, vec![(now() - begun) / 1e3]);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut speed = Vec::new();
    for _ in 0..runs {
        let begun = now();
        let report = prove(&export, &Options { cores, open: true, directory: None });
        let seconds = (now() - begun) / 1e3;
        assert!(report.is_proven(), "{:?}", report.broken.first());
        speed.push(report.summary.frames as f64 / seconds);
    }
    line("  meguri-verify, the whole proof", "frames/s", Limit::Least(20_000.0), speed);
}
