//! Random histories of a directory, three teams and a chart, judged twice: by the
//! feed rules, and by a naive model that reads the whole history again for every
//! question. `MEGURI_TEST_HISTORIES` sets how many (2,000), `MEGURI_TEST_SEED`
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

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn rules_and_model_agree_on_random_histories() {
    let seeds = match number("MEGURI_TEST_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("MEGURI_TEST_HISTORIES").unwrap_or(2_000),
    };
    let mut told = history::Told::default();
    for seed in seeds {
        let run = std::panic::catch_unwind(|| history::History::new(seed).run());
        match run {
            Ok(more) => told.add(&more),
            Err(cause) => {
                eprintln!("replay: MEGURI_TEST_SEED={seed} cargo test -p meguri-wire --test model");
                std::panic::resume_unwind(cause);
            }
        }
    }
    println!("{told:?}");
    if number("MEGURI_TEST_SEED").is_none() {
        told.assert_wide();
    }
}
