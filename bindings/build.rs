//! How Android links the library.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Relative relocations take 24 octets each, and two or three bits packed, which Android reads since the oldest
    // version that is served. The linker of every NDK that can build this knows both.
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "android") {
        println!("cargo::rustc-link-arg-cdylib=-Wl,--pack-dyn-relocs=android+relr,--use-android-relr-tags");
    }
}
