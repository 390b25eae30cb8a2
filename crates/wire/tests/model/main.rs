//! Random histories of a directory, three teams and a chart, judged twice: by the
//! feed rules, and by a naive model that reads the whole history again for every
//! question. `MEGURI_TEST_HISTORIES` sets how many (20,000), `MEGURI_TEST_SEED`
//! replays one.
// A failing step in a test is a failing test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]
#![allow(clippy::wildcard_enum_match_arm, clippy::too_many_lines, reason = "the model reads as one list of cases")]
#![allow(dead_code, reason = "the builders of the rules' tests are used in part")]

mod dice;
mod history;
mod space;
mod team;
#[path = "../rules/world.rs"]
mod world;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

fn run(seed: u64, told: &Mutex<history::Told>) {
    let run = std::panic::catch_unwind(|| history::History::new(seed).run());
    match run {
        Ok(more) => told.lock().unwrap_or_else(PoisonError::into_inner).add(&more),
        Err(cause) => {
            eprintln!("replay: MEGURI_TEST_SEED={seed} cargo test -p meguri-wire --test model");
            std::panic::resume_unwind(cause);
        }
    }
}

#[test]
fn rules_and_model_agree_on_random_histories() {
    let seeds = match number("MEGURI_TEST_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("MEGURI_TEST_HISTORIES").unwrap_or(20_000),
    };
    let (next, told) = (AtomicU64::new(seeds.start), Mutex::new(history::Told::default()));
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get().min(8));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    run(seed, &told);
                }
            });
        }
    });
    let told = told.into_inner().unwrap();
    println!("{told:?}");
    if number("MEGURI_TEST_SEED").is_none() {
        told.assert_wide();
    }
}
