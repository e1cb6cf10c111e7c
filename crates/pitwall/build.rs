//! Lets the program find DuckDB's library when it runs: beside itself first, then where the build found it.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Absent when DuckDB is compiled in.
    let Ok(folder) = env::var("DEP_PITWALL_DUCKDB_LIB_DIR") else { return };
    let beside = if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "macos") {
        "@executable_path"
    } else {
        "$ORIGIN"
    };
    println!("cargo::rustc-link-arg=-Wl,-rpath,{beside}");
    println!("cargo::rustc-link-arg=-Wl,-rpath,{folder}");
}
