//! See `meguri_fuzz::change`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meguri_fuzz::change(bytes));
