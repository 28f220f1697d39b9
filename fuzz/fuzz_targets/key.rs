#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| snaptape_fuzz::run("key", input));
