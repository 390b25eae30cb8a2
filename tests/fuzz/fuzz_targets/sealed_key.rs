//! See `meguri_fuzz::sealed_key`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meguri_fuzz::sealed_key(bytes));
