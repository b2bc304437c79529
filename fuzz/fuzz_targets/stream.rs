//! Feeds `src/stream.rs`.

#![no_main]

// What starts with the first input is started before: its time is not that of an input.
libfuzzer_sys::fuzz_target!(
    init: microseg_fuzz::stream::run(b""),
    |data: &[u8]| microseg_fuzz::stream::run(data)
);
