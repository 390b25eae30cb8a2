//! See `meguri_fuzz::clinical_text`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meguri_fuzz::clinical_text(bytes));
