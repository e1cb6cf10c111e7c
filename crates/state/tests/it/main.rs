//! The state plane seen from outside: what every adapter promises, and what the SQLite file adds to it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test, failing is how to report")]

mod conformance;
mod migration;
mod sqlite_file;

use model::{OrganizationId, Timestamp};
use state::{KeyKind, NewKey};

/// An instant some seconds after a fixed one.
fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_334_400 + second)
}

fn new_key(kind: KeyKind, name: &str) -> NewKey {
    NewKey { kind, name: name.to_owned(), organization: None, expires_at: None }
}

fn in_organization(organization: &str, key: NewKey) -> NewKey {
    NewKey { organization: Some(OrganizationId::new(organization)), ..key }
}

fn expiring(second: i64, key: NewKey) -> NewKey {
    NewKey { expires_at: Some(at(second)), ..key }
}
