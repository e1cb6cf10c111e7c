//! Looking after the data: what is wrong is found and mended, a copy is whole, and what is to go is gone.

mod backups;
mod erasure;
mod faults;
mod retention;

use std::path::Path;

use model::{Posting, SessionId, Sign};
use store::{Store as _, Transaction};
use store_duckdb::DuckDbStore;

use crate::numbered::{self, Numbered};
use crate::program::Server;

const JSON: (&str, &str) = ("content-type", "application/json");

/// Sends requests, some in each export; all have to be taken.
async fn send(server: &Server, requests: &[Numbered]) {
    for some in requests.chunks(20) {
        let answer = server.post("/v1/logs", &[JSON], numbered::export(some)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

/// Writes what a faulty settlement would have: `change` gets what stands for a session. Nobody may hold the data.
async fn spoil(data: &Path, session: &str, change: impl FnOnce(Vec<Posting>) -> Vec<(Sign, Posting)>) {
    let store = DuckDbStore::open(data.join("ledger.duckdb")).unwrap();
    let lines = store.session_lines(&[SessionId::new(session)]).await.unwrap();
    assert!(!lines.is_empty(), "nothing stands for {session}");
    let lines = change(lines.into_iter().map(|line| line.posting).collect());
    let posted_at = store.boundary().await.unwrap().plus_micros(1);
    store.append(Transaction { posted_at, lines: lines.into(), ..Transaction::default() }).await.unwrap();
    store.close().await.unwrap();
}
