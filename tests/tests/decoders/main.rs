//! Every decoder with any bytes: the corpus, then mutations from a fixed seed, through the bodies that `tests/fuzz`
//! gives to libFuzzer too. `MEGURI_TEST_MUTATIONS` sets how many per family (10,000); `MEGURI_FUZZ_SEEDS=1` writes the
//! good inputs beside the corpus, for a run of libFuzzer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail loudly"
)]

mod held;
mod mutate;
mod seeds;

#[path = "../../fuzz/src/lib.rs"]
mod bodies;

use bodies::{FAMILIES, Family, HELD_PER_BYTE};
use meguri_testkit::Dice;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

const MUTATIONS: u64 = 10_000;
/// A family whose inputs are costly to answer gets this share of the mutations.
const COSTLY: &[(&str, u64)] = &[("change", 4), ("envelope", 8)];

fn fuzz_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The corpus of a folder, without what `MEGURI_FUZZ_SEEDS` wrote.
fn corpus(folder: &str) -> Vec<Vec<u8>> {
    let kept = |path: &PathBuf| !path.file_name().unwrap().to_string_lossy().starts_with("good-");
    let files = files(&fuzz_folder().join("corpus").join(folder)).into_iter();
    files.filter(kept).map(|path| fs::read(path).unwrap()).collect()
}

fn run(name: &str) {
    let family = FAMILIES.iter().find(|family| family.name == name).unwrap();
    write_seeds(name);
    let own = [seeds::good(name), corpus(name)].concat();
    let all = corpus("all");
    (family.body)(&[]);
    for input in own.iter().chain(&all) {
        answer(family, input);
    }
    let count = std::env::var("MEGURI_TEST_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(MUTATIONS);
    let share = COSTLY.iter().find(|(costly, _)| *costly == name).map_or(1, |(_, share)| *share);
    let dice = Dice::new(name.bytes().fold(0u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte))));
    for _ in 0..count / share {
        answer(family, &mutate::mutated(&dice, &own, &all));
    }
}

fn answer(family: &Family, input: &[u8]) {
    let (answered, held) = held::most(|| catch_unwind(AssertUnwindSafe(|| (family.body)(input))));
    assert!(answered.is_ok(), "{}: panics on {}", family.name, hex::encode(input));
    let most = family.held_max + HELD_PER_BYTE * input.len();
    assert!(held <= most, "{}: {held} bytes held, {most} allowed, for {}", family.name, hex::encode(input));
}

fn write_seeds(family: &str) {
    if std::env::var_os("MEGURI_FUZZ_SEEDS").is_some() {
        let folder = fuzz_folder().join("corpus").join(family);
        fs::create_dir_all(&folder).unwrap();
        for (n, input) in seeds::good(family).iter().enumerate() {
            fs::write(folder.join(format!("good-{n}")), input).unwrap();
        }
    }
}

macro_rules! families {
    ($($name:ident)*) => {
        const LISTED: &[&str] = &[$(stringify!($name)),*];
        mod family {
            $(#[test] fn $name() { super::run(stringify!($name)); })*
        }
    };
}

families! {
    api blob change changes clinical clinical_text control document draft enrolment envelope export frame head intent
    item key_file payload picture pull_stream request sealed_key sealed_text snapshot text
}

/// Each family has a test here, a target for libFuzzer, and a good input; nothing else lies in those folders.
#[test]
fn every_family_has_a_target() {
    let names: Vec<&str> = FAMILIES.iter().map(|family| family.name).collect();
    assert_eq!(LISTED, names);
    let targets = files(&fuzz_folder().join("fuzz_targets"));
    let found: Vec<String> = targets.iter().map(|path| path.file_stem().unwrap().to_string_lossy().into()).collect();
    assert_eq!(found, names);
    let manifest = fs::read_to_string(fuzz_folder().join("Cargo.toml")).unwrap();
    for (name, target) in names.iter().zip(targets) {
        let text = fs::read_to_string(target).unwrap();
        assert!(text.contains(&format!("fuzz_target!(|bytes: &[u8]| meguri_fuzz::{name}(bytes));")), "{name}");
        assert!(manifest.contains(&format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"\n")), "{name}");
        assert!(!seeds::good(name).is_empty(), "{name} has no good input");
    }
    for folder in files(&fuzz_folder().join("corpus")) {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        assert!(name == "all" || names.contains(&name.as_str()), "corpus/{name} is of no family");
    }
}
