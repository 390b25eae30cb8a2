//! See `meguri_fuzz::changes`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meguri_fuzz::changes(bytes));
