//! The committed description of the API is the one that the code gives: the dashboard's client is made
//! from it.

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/openapi.json");

#[test]
fn the_committed_description_is_current() {
    let current = server::openapi().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some_and(|value| value == "1") {
        std::fs::write(SNAPSHOT, &current).unwrap();
    }
    let committed = std::fs::read_to_string(SNAPSHOT).unwrap();
    assert!(
        committed == current,
        "web/openapi.json is out of date: run `UPDATE_SNAPSHOTS=1 cargo test -p server --test it openapi`"
    );
}
