#![no_main]
#![allow(missing_docs, reason = "the target says what it is for, in the library")]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| shikaku_fuzz::photo(octets));
