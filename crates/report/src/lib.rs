//! The questions Pitwall answers, one file each: parameters, answer types, and `ask`.
//!
//! Reports read the ledger through [`store::Store`] and never write. All arithmetic on measures is here,
//! so that the dashboard, the HTTP APIs and the command line show the same figures: sums are exact, and
//! money is rounded once, from picodollars, where an answer is filled ([`figures`]). Days are cut in any
//! zone ([`range`]).
//!
//! Three definitions hold in every report:
//! - *sessions* are the distinct sessions started or taken up again in the range, not those that merely
//!   run into it;
//! - *active people* are the distinct actors with at least one request to a model in the range;
//! - totals include what only a client's running totals know (`Kind::Unattributed`): tokens and cost with
//!   no request to show for them. Reports with a coverage part say how much that is.

pub mod activity;
pub mod adoption;
pub mod analytics;
pub mod analytics_record;
pub mod arrivals;
pub mod asked;
pub mod blocks;
pub mod breakdown;
pub mod claude_code_usage;
pub mod cost;
pub mod coverage;
pub mod data_health;
pub mod decision_mix;
mod editing;
mod error;
pub mod explain;
pub mod figures;
pub mod filter;
pub mod filter_values;
pub mod forecast;
mod gaps;
pub mod glance;
pub mod ledger_contents;
pub mod live_activity;
pub mod live_now;
pub mod meaning;
pub mod model_mix;
pub mod model_usage;
mod models;
pub mod movers;
pub mod narrowing;
mod newest;
pub mod overview;
pub mod people;
pub mod people_list;
pub mod period;
pub mod person;
pub mod postings;
mod price_now;
pub mod productivity;
pub mod project_list;
pub mod projects;
pub mod range;
pub mod recent_requests;
mod scope;
pub mod selection;
pub mod session_list;
pub mod session_story;
pub mod sessions;
pub mod source_days;
mod spending;
mod standing;
pub mod status_line;
pub mod teams;
pub mod tool_use;
pub mod tools;
pub mod top;

pub use error::ReportError;

/// What answers say where a source did not tell: the model of a cost, the terminal of a session.
pub const NOT_TOLD: &str = "unknown";

/// The text, or [`NOT_TOLD`] in its place when it is empty.
fn told(text: &str) -> String {
    if text.is_empty() { NOT_TOLD.to_owned() } else { text.to_owned() }
}

/// The text, unless it is empty.
fn when_told(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
