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

pub mod analytics;
pub mod analytics_record;
pub mod asked;
pub mod blocks;
pub mod claude_code_usage;
pub mod coverage;
mod editing;
mod error;
pub mod explain;
pub mod figures;
pub mod model_usage;
mod models;
pub mod narrowing;
pub mod overview;
pub mod people;
pub mod period;
mod price_now;
pub mod projects;
pub mod range;
pub mod recent_requests;
mod scope;
pub mod selection;
pub mod sessions;
mod spending;
pub mod status_line;
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
