//! From single lines to the whole way from files to records.

mod answers;
mod corpus;
mod fixtures;
mod following;
mod hard_cases;
mod harness;
mod lines;
mod makers;
mod sessions;
mod user_side;
