//! See `meguri_fuzz::item`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meguri_fuzz::item(bytes));
