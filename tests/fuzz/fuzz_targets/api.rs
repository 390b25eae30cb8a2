//! See `meguri_fuzz::api`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meguri_fuzz::api(bytes));
