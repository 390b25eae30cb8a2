//! See `meguri_fuzz::request`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meguri_fuzz::request(bytes));
