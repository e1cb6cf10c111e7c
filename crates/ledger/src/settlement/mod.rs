//! Settlement: from the records of a family of sessions to the postings they amount to.
//!
//! A *family* is a session together with those it shares records with: forks and resumed sessions that
//! copied lines. It is settled as a whole, so that each thing is counted once, for the session that did
//! it, whatever order the records came in.
//!
//! Every measure follows the same two steps. First the *items*: requests, tool calls, prompts, each
//! known by an id that its sources share, each counted once ([`requests`], [`tools`], [`activity`]). Then
//! what running *totals* (metrics, the client's own totals) hold beyond the items ([`totals`]), so that
//! no total is below any source and none is the sum of two.

mod activity;
mod counters;
mod family;
mod inheritance;
mod key_map;
mod links;
mod live;
mod measured;
mod missing;
mod pairing;
mod profile;
mod rank;
mod remainder;
mod requests;
mod spelling;
mod starts;
mod tools;
mod totals;
mod waiting;

use model::{EvidenceBatch, ItemKey, Posting, Record, RecordKey, Timestamp};

use crate::PriceBook;
use family::Family;
pub use links::{Links, links};
pub use live::{Amendment, LiveSession, PackedSession, WholeNeeded};

/// What settlement goes by.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// Prices of tokens.
    pub prices: &'a PriceBook,
    /// The time of settling.
    pub now: Timestamp,
    /// How long a point of a running total waits for the items it counts, in microseconds: sources
    /// report in their own rhythm, and a total that is seen first is not a remainder yet.
    pub quiet_micros: i64,
}

/// What a family's records amount to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Everything that is to stand in the ledger for the family, sorted.
    pub postings: Vec<Posting>,
    /// When to settle again although nothing new came: the first waiting total's end of wait.
    pub matures_at: Option<Timestamp>,
}

/// Settles a family. The evidence may hold records twice and in any order.
pub fn settle(evidence: &[EvidenceBatch], rules: Rules<'_>) -> Settlement {
    let family = Family::new(evidence);
    let requests = requests::settle(&family, rules.prices);
    let calls = tools::settle(&family, &requests);
    let totals = totals::settle(&family, &requests, &calls, rules);
    let mut postings = Vec::with_capacity(requests.len() + 2 * calls.len() + totals.postings.len());
    postings.extend(starts::settle(&family));
    postings.extend(activity::settle(&family));
    postings.extend(totals.postings);
    postings.extend(requests.into_iter().map(|request| request.posting));
    postings.extend(calls.into_iter().flat_map(|call| call.postings));
    Settlement { postings: sorted(postings), matures_at: totals.matures_at }
}

/// Postings are large: it is their places that are sorted, and each is moved once.
fn sorted(postings: Vec<Posting>) -> Vec<Posting> {
    let mut order: Vec<usize> = (0..postings.len()).collect();
    order.sort_unstable_by(|left, right| postings.get(*left).cmp(&postings.get(*right)));
    let mut postings: Vec<Option<Posting>> = postings.into_iter().map(Some).collect();
    let mut sorted = Vec::with_capacity(postings.len());
    sorted.extend(order.into_iter().filter_map(|place| postings.get_mut(place)?.take()));
    sorted
}

/// Which records tell of each request of a family, by the item that [`settle`] posts for it. A key stands for
/// the copies of a line in other sessions, too.
pub fn witnesses(evidence: &[EvidenceBatch]) -> Vec<(ItemKey, Vec<RecordKey>)> {
    let family = Family::new(evidence);
    let witnesses = requests::witnesses(&family).into_iter();
    let keys = |records: Vec<&Record>| records.into_iter().map(|record| record.key).collect();
    witnesses.map(|(item, records)| (item, keys(records))).collect()
}

#[cfg(test)]
mod tests;
