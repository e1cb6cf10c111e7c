//! The suite that every engine is held to.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, Weak};

use async_trait::async_trait;
use store::conformance::{self, Bench, MaintenanceBench};
use store::{Maintenance, Store};
use store_duckdb::{DuckDbStore, Settings};
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

/// Adds lines up, and learns where records lie, whenever it may.
struct AddedUp(TempDir, Mutex<Weak<DuckDbStore>>);

impl AddedUp {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap(), Mutex::default())
    }
}

#[async_trait]
impl Bench for AddedUp {
    async fn open(&self) -> Arc<dyn Store> {
        let settings = Settings { sum_at: 1, stretch_at: 1, ..Settings::default() };
        let store = DuckDbStore::open_with(self.0.path().join("ledger.duckdb"), settings).unwrap();
        store.keep_added_up();
        let store = Arc::new(store);
        *self.1.lock().unwrap() = Arc::downgrade(&store);
        store
    }

    fn is_durable(&self) -> bool {
        true
    }

    async fn rest(&self) {
        let store = self.1.lock().unwrap().upgrade().expect("the store is open");
        store.add_up().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conforms_when_lines_are_added_up() {
    conformance::run(AddedUp::new).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conforms_at_length_when_lines_are_added_up() {
    conformance::run_at_length(AddedUp::new).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conforms() {
    conformance::run(|| OneFile(tempfile::tempdir().unwrap())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conforms_at_length() {
    conformance::run_at_length(|| OneFile(tempfile::tempdir().unwrap())).await;
}
