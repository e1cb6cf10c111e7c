//! The whole way from files to records.

mod corpus;
mod fixtures;
mod following;
mod hard_cases;
mod harness;
mod lines;
