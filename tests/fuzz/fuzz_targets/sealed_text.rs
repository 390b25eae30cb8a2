//! See `meguri_fuzz::sealed_text`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meguri_fuzz::sealed_text(bytes));
