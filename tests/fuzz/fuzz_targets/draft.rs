//! See `meguri_fuzz::draft`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meguri_fuzz::draft(bytes));
