//! The dashboard is embedded from `web/dist`. Files that a new build of it adds are not known to the
//! compiler, so the folder is watched here: stale pages are never shipped.

fn main() {
    println!("cargo::rerun-if-changed=../../web/dist");
}
