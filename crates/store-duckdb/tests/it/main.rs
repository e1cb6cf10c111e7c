//! What the store on DuckDB must do, beside what every store must.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod conforms;
