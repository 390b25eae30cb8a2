//! See `meguri_fuzz::clinical`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meguri_fuzz::clinical(bytes));
