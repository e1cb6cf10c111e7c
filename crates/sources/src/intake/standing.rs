//! What stands in the ledger for each family of sessions, as short as it can be compared.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash as _;

use model::{LedgerLine, Posting, SessionId, Timestamp};
use store::{Maintenance, Seal, StoreError};
use xxhash_rust::xxh3::Xxh3;

/// Sessions that are listed in one go.
const SESSIONS_AT_ONCE: usize = 50_000;

/// Which sessions there are, and which belong together.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// How many records came in for.
    pub(super) sessions: u64,
    /// The first of the family, of sessions that are not by themselves.
    first: HashMap<SessionId, SessionId>,
    seals: HashMap<SessionId, Seal>,
}

impl Listed {
    /// Lists them all.
    pub(super) async fn of(store: &dyn Maintenance) -> Result<Self, StoreError> {
        let mut listed = Self::default();
        let mut kin: BTreeMap<SessionId, Vec<SessionId>> = BTreeMap::new();
        let mut after = None;
        loop {
            let spans = store.sessions(after.as_ref(), SESSIONS_AT_ONCE).await?;
            let Some(last) = spans.last() else { break };
            after = Some(last.session.clone());
            listed.sessions += spans.len() as u64;
            let sessions: Vec<SessionId> = spans.into_iter().map(|span| span.session).collect();
            for (session, relative) in store.kin(&sessions).await? {
                kin.entry(relative.clone()).or_default().push(session.clone());
                kin.entry(session).or_default().push(relative);
            }
            let seals = store.seals(&sessions).await?;
            listed.seals.extend(seals.into_iter().map(|seal| (seal.session.clone(), seal)));
        }
        for session in kin.keys() {
            // In order of their ids: the first that is met is the first of its family.
            let mut asked = vec![session.clone()];
            while let Some(relative) = asked.pop() {
                if let Entry::Vacant(place) = listed.first.entry(relative) {
                    asked.extend(kin.get(place.key()).into_iter().flatten().cloned());
                    place.insert(session.clone());
                }
            }
        }
        Ok(listed)
    }

    /// The session that its family is known by.
    pub(super) fn first_of<'s>(&'s self, session: &'s SessionId) -> &'s SessionId {
        self.first.get(session).unwrap_or(session)
    }

    /// Whether what was posted then stands for good, since its records were given up.
    fn is_sealed(&self, session: &SessionId, posted_at: Timestamp) -> bool {
        self.seals.get(session).is_some_and(|seal| posted_at <= seal.posted_at)
    }
}

/// What the lines of a family come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// How many postings stand.
    pub(super) postings: i64,
    /// Their hashes added up, those that were taken back taken off. That two lists of postings which are not the same
    /// have the same sum happens once in 2 to the 128.
    sum: u128,
    /// When the last of the lines was written.
    pub(super) newest: Timestamp,
}

impl Default for Standing {
    fn default() -> Self {
        Self { postings: 0, sum: 0, newest: Timestamp::MIN }
    }
}

impl Standing {
    fn add(&mut self, line: &LedgerLine) {
        let hash = hash_of(&line.posting);
        let factor = line.sign.factor();
        self.postings += factor;
        self.sum = if factor > 0 { self.sum.wrapping_add(hash) } else { self.sum.wrapping_sub(hash) };
        self.newest = self.newest.max(line.posted_at);
    }

    /// Whether these postings stand, each as often as it is here, and no others.
    pub(super) fn is(&self, postings: &[Posting]) -> bool {
        let sum = postings.iter().fold(0_u128, |sum, posting| sum.wrapping_add(hash_of(posting)));
        self.postings == postings.len() as i64 && self.sum == sum
    }
}

fn hash_of(posting: &Posting) -> u128 {
    let mut hasher = Xxh3::new();
    posting.hash(&mut hasher);
    hasher.digest128()
}

/// What stood at a boundary, by the sessions that families are known by.
pub(super) async fn standing(
    store: &dyn Maintenance,
    listed: &Listed,
    until: Timestamp,
) -> Result<HashMap<SessionId, Standing>, StoreError> {
    let mut standing: HashMap<SessionId, Standing> = HashMap::new();
    let mut place = Some(0);
    while let Some(from) = place {
        let part = store.lines_in_order(from, until).await?;
        for line in part.rows {
            let session = &line.posting.session;
            if !listed.is_sealed(session, line.posted_at) {
                let first = listed.first_of(session);
                match standing.get_mut(first) {
                    Some(standing) => standing.add(&line),
                    None => standing.entry(first.clone()).or_default().add(&line),
                }
            }
        }
        place = part.next;
    }
    Ok(standing)
}

#[cfg(test)]
mod tests {
    use model::Sign;
    use store::schema::blank_posting;
    use store::{MemoryStore, Store as _, Transaction};

    use super::*;

    fn posting(input: i64) -> Posting {
        let mut posting = blank_posting();
        posting.measures.tokens.input = input;
        posting
    }

    fn standing_of(lines: &[(Sign, i64)]) -> Standing {
        let mut standing = Standing::default();
        for (sign, input) in lines {
            standing.add(&LedgerLine { posted_at: Timestamp::MIN, sign: *sign, posting: posting(*input) });
        }
        standing
    }

    #[test]
    fn what_was_taken_back_does_not_stand() {
        use Sign::{Entry, Reversal};
        let standing = standing_of(&[(Entry, 1), (Entry, 2), (Reversal, 1), (Entry, 3), (Entry, 3)]);
        assert!(standing.is(&[posting(3), posting(2), posting(3)]));
        for others in [&[2, 3][..], &[2, 3, 4], &[1, 2, 3], &[2, 2, 3], &[2, 3, 3, 3]] {
            assert!(!standing.is(&others.iter().copied().map(posting).collect::<Vec<_>>()), "{others:?}");
        }
        let overdrawn = standing_of(&[(Entry, 1), (Reversal, 5), (Entry, 2)]);
        assert!(!overdrawn.is(&[posting(1)]) && !overdrawn.is(&[posting(1), posting(2)]));
    }

    #[tokio::test]
    async fn sessions_that_know_each_other_by_others_are_one_family() {
        let store = MemoryStore::new();
        let kin = [("d", "b"), ("c", "d"), ("x", "y")].map(|(one, other)| (one.into(), other.into()));
        let records = crate::intake::tests::event("d", 0, "req_1", 1);
        let batch = |session: &str| model::EvidenceBatch {
            session: session.into(),
            source: records.source,
            records: vec![model::Record { session: session.into(), ..records.clone() }],
        };
        let evidence = ["a", "b", "c", "d", "x"].map(batch).into();
        let posted_at = Timestamp::from_micros(1);
        store.append(Transaction { posted_at, evidence, kin: kin.into(), lines: [].into() }).await.unwrap();
        let listed = Listed::of(&store).await.unwrap();
        assert_eq!(listed.sessions, 5);
        for (session, first) in [("a", "a"), ("b", "b"), ("c", "b"), ("d", "b"), ("x", "x"), ("y", "x")] {
            assert_eq!(*listed.first_of(&session.into()), first.into());
        }
    }
}
