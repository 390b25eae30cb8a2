//! See `meguri_fuzz::intent`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meguri_fuzz::intent(bytes));
