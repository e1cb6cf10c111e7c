//! Stories of sessions, told by one source or several, and what they amount to.
//!
//! Each story is settled in many orders, repetitions and splits ([`harness`]), which must all agree.

mod activity;
mod client_totals;
mod copies;
mod counters;
mod decisions;
mod forks;
mod harness;
mod lines_and_commits;
mod makers;
mod metrics;
mod money;
mod pairs;
mod quiet;
mod requests;
mod starts;
mod who;
