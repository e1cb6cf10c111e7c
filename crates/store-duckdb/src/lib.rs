//! The ledger's store on one machine: DuckDB, one file, in process.
//!
//! DuckDB's library is linked, not compiled: `scripts/duckdb.sh` fetches it. A program that links this crate
//! needs the library at run time too; its build script takes the folder from `DEP_PITWALL_DUCKDB_LIB_DIR`.

#[cfg(test)]
mod tests {
    use duckdb::Connection;

    /// The patch release that `scripts/duckdb.sh` pins for this platform, or that the bindings bring when bundled.
    const EXPECTED: &str = if cfg!(any(feature = "bundled", all(target_os = "linux", target_arch = "x86_64")))
    {
        "v1.5.6"
    } else {
        "v1.5.5"
    };

    #[test]
    fn links_the_pinned_library() {
        let database = Connection::open_in_memory().expect("DuckDB opens");
        let version: String =
            database.query_row("SELECT version()", [], |row| row.get(0)).expect("DuckDB answers");
        assert_eq!(version, EXPECTED);
    }
}
