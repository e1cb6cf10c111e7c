//! The suite that every engine is held to.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use store::conformance::{self, Bench, MaintenanceBench};
use store::{Maintenance, Store};
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

#[async_trait]
impl MaintenanceBench for OneFile {
    async fn open_for_maintenance(&self) -> Arc<dyn Maintenance> {
        Arc::new(DuckDbStore::open(self.0.path().join("ledger.duckdb")).unwrap())
    }

    fn backup(&self) -> Option<PathBuf> {
        Some(self.0.path().join("backup.duckdb"))
    }

    async fn open_backup(&self, file: PathBuf) -> Arc<dyn Store> {
        Arc::new(DuckDbStore::open(file).unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conforms_when_it_is_looked_after() {
    conformance::run_maintenance(|| OneFile(tempfile::tempdir().unwrap())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conforms_when_it_is_looked_after_beside_writing() {
    conformance::run_maintenance_beside_writing(|| OneFile(tempfile::tempdir().unwrap())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conforms() {
    conformance::run(|| OneFile(tempfile::tempdir().unwrap())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conforms_at_length() {
    conformance::run_at_length(|| OneFile(tempfile::tempdir().unwrap())).await;
}
