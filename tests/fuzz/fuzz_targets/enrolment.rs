//! See `meguri_fuzz::enrolment`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meguri_fuzz::enrolment(bytes));
