//! The suite that every engine is held to.

use std::sync::Arc;

use async_trait::async_trait;
use store::Store;
use store::conformance::{self, Bench};
use store_duckdb::DuckDbStore;
use tempfile::TempDir;

struct OneFile(TempDir);

#[async_trait]
impl Bench for OneFile {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(DuckDbStore::open(self.0.path().join("ledger.duckdb")).unwrap())
    }

    fn is_durable(&self) -> bool {
        true
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conforms() {
    conformance::run(|| OneFile(tempfile::tempdir().unwrap())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conforms_at_length() {
    conformance::run_at_length(|| OneFile(tempfile::tempdir().unwrap())).await;
}
