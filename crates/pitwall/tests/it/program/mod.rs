//! The program as people have it: the built binary, run in a place of its own.

mod api;
mod place;
mod replay;
mod server;

pub(crate) use api::until;
pub(crate) use place::{Outcome, Place, fixture, repository, skipped};
pub(crate) use replay::captures;
pub(crate) use server::{Serve, Server};
