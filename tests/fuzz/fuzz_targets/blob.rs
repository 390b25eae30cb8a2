//! See `meguri_fuzz::blob`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meguri_fuzz::blob(bytes));
