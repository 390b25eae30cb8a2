//! See `meguri_fuzz::pull_stream`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meguri_fuzz::pull_stream(bytes));
