//! The Analytics API from outside: the real program, telemetry that streams in, crashes.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "in a test, failing is how to report")]

mod organizations;
mod paging;
mod people;
mod program;
