//! Makes sure that DuckDB's library is there, and that what is built here finds it when it runs.
//!
//! Cargo gives link arguments to the targets of one package only. So this sets the run path for this crate's own
//! tests, and publishes the folder as `DEP_PITWALL_DUCKDB_LIB_DIR` for the build script of a program that links it.

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_BUNDLED").is_some() {
        return;
    }

    println!("cargo::rerun-if-env-changed=DUCKDB_LIB_DIR");
    let folder = library_folder();
    let on_mac = env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "macos");
    let library = folder.join(if on_mac { "libduckdb.dylib" } else { "libduckdb.so" });
    println!("cargo::rerun-if-changed={}", library.display());
    if !library.exists() {
        println!(
            "cargo::error=DuckDB's library is not here yet: run \"make setup\" (or scripts/duckdb.sh), \
             or build with --features bundled"
        );
        return;
    }

    let folder = folder.display();
    println!("cargo::rustc-link-search=native={folder}");
    println!("cargo::rustc-link-arg=-Wl,-rpath,{folder}");
    println!("cargo::metadata=lib_dir={folder}");
}

/// The folder that `.cargo/config.toml` names. Cargo reads that file only when started inside the repository,
/// so the same folder is found from here too.
fn library_folder() -> PathBuf {
    match env::var_os("DUCKDB_LIB_DIR") {
        Some(folder) => folder.into(),
        None => [env!("CARGO_MANIFEST_DIR"), "..", "..", ".cache", "duckdb", "current"].iter().collect(),
    }
}
