//! The newest postings that stand, one by one.

use model::{Posting, Timestamp};
use store::{LineQuery, Store, net};

use crate::ReportError;
use crate::scope::Scope;

/// The most ledger lines that are looked through.
const MAX_LINES: usize = 16_384;

impl Scope {
    /// The newest postings that no reversal takes back, newest first; at most `limit`. Fewer where so many lines
    /// were taken back that the search gave up.
    pub(crate) async fn newest(&self, store: &dyn Store, limit: usize) -> Result<Vec<Posting>, ReportError> {
        let mut looked_at = (limit * 2).max(64);
        loop {
            let query = LineQuery { as_of: Some(self.as_of), filter: self.filter.clone(), limit: looked_at };
            let mut lines = store.lines(&query).await?;
            let is_all = lines.len() < looked_at;
            if !is_all {
                // The oldest instant may have been cut in the middle, a reversal without its entry or the
                // other way round, so it is left out.
                let oldest = lines.last().map_or(Timestamp::MIN, |line| line.posting.at);
                lines.retain(|line| line.posting.at > oldest);
            }
            let mut postings = net(lines);
            if postings.len() >= limit || is_all || looked_at >= MAX_LINES {
                postings.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.cmp(b)));
                postings.truncate(limit);
                return Ok(postings);
            }
            looked_at = (looked_at * 4).min(MAX_LINES);
        }
    }
}
