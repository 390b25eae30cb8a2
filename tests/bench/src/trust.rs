//! What follows from a lost, a new and a five-hundredth device, and what a proof costs: real profiles over HTTP to a
//! relay in a process of its own. Each scenario runs alone by its name. One JSON line a number: name, unit, median,
//! worst, and the limit where one is promised.

mod crowded;
mod fixture;
mod newcomer;
mod proof;
mod removal;
mod stage;

use serde_json::json;
use std::path::Path;

/// Its name, and what it does in a folder, so many times.
type Scenario = (&'static str, fn(&Path, usize));

/// Every scenario, in the order of their cost.
const SCENARIOS: [Scenario; 4] =
    [("removal", removal::run), ("crowded", crowded::run), ("verify", proof::run), ("newcomer", newcomer::run)];

/// Runs these scenarios, or all. `cache` keeps the recorded regions; it holds `workload.json`, which they draw from.
pub fn run(cache: &Path, names: &[&str]) {
    let runs = std::env::var("TRUSTRUNS").ok().and_then(|n| n.parse().ok()).unwrap_or(3);
    for name in names {
        assert!(SCENARIOS.iter().any(|(known, _)| known == name), "no such scenario: {name}");
    }
    for (name, scenario) in SCENARIOS {
        if names.is_empty() || names.contains(&name) {
            scenario(cache, runs);
        }
    }
}

/// What one number may be.
#[derive(Clone, Copy)]
enum Limit {
    Most(f64),
    Least(f64),
    None,
}

fn line(name: &str, unit: &str, limit: Limit, mut values: Vec<f64>) {
    values.sort_by(f64::total_cmp);
    let median = values[(values.len() - 1) / 2];
    let worst = if matches!(limit, Limit::Least(_)) { values[0] } else { values[values.len() - 1] };
    let (limit, least) = match limit {
        Limit::Most(limit) => (Some(limit), false),
        Limit::Least(limit) => (Some(limit), true),
        Limit::None => (None, false),
    };
    println!(
        "{}",
        json!({"name": name, "unit": unit, "median": median, "worst": worst, "limit": limit, "least": least})
    );
}
