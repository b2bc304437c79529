//! Feeds `src/tables.rs`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| microseg_fuzz::tables::run(data));
