//! From single lines to the whole way from files to records.

mod answers;
mod fixtures;
mod following;
mod hard_cases;
mod harness;
mod in_the_ledger;
mod lines;
mod makers;
mod sessions;
mod user_side;
