//! Feeds `src/lines.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| microseg_fuzz::lines::run(data));
