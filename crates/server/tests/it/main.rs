//! The whole router, in process, over a ledger in memory and a clock that stands still.

mod openapi;
