//! Feeds `src/bundle.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| microseg_fuzz::bundle::run(data));
