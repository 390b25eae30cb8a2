//! See `meguri_fuzz::picture`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meguri_fuzz::picture(bytes));
