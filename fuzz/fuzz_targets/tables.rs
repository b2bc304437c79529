//! Feeds `src/tables.rs`.

#![no_main]

// What starts with the first input is started before: its time is not that of an input.
libfuzzer_sys::fuzz_target!(
    init: microseg_fuzz::tables::run(b""),
    |data: &[u8]| microseg_fuzz::tables::run(data)
);
