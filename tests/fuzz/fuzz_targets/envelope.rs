//! See `meguri_fuzz::envelope`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meguri_fuzz::envelope(bytes));
