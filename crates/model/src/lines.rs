//! The lines of a transaction.

use crate::{Posting, Sign};

/// Lines of the ledger in the pieces in which they came about. A line has some 700 bytes, so none is moved
/// to have them all in one list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    pieces: Vec<Piece>,
    count: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// All of them are entries.
    Entries(Vec<Posting>),
    Amendment(Vec<(Sign, Posting)>),
}

impl Lines {
    /// How many there are.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Each with its sign, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (Sign, &Posting)> {
        self.pieces.iter().flat_map(|piece| {
            let (entries, amendment): (&[Posting], &[(Sign, Posting)]) = match piece {
                Piece::Entries(postings) => (postings, &[]),
                Piece::Amendment(lines) => (&[], lines),
            };
            let entries = entries.iter().map(|posting| (Sign::Entry, posting));
            entries.chain(amendment.iter().map(|(sign, posting)| (*sign, posting)))
        })
    }

    /// Adds entries.
    pub fn enter(&mut self, postings: Vec<Posting>) {
        if !postings.is_empty() {
            self.count += postings.len();
            self.pieces.push(Piece::Entries(postings));
        }
    }

    /// Adds lines of either sign.
    pub fn amend(&mut self, lines: Vec<(Sign, Posting)>) {
        if !lines.is_empty() {
            self.count += lines.len();
            self.pieces.push(Piece::Amendment(lines));
        }
    }

    /// Adds all of others.
    pub fn append(&mut self, others: Self) {
        self.count += others.count;
        self.pieces.extend(others.pieces);
    }
}

impl From<Vec<(Sign, Posting)>> for Lines {
    fn from(lines: Vec<(Sign, Posting)>) -> Self {
        let mut all = Self::default();
        all.amend(lines);
        all
    }
}

impl<const N: usize> From<[(Sign, Posting); N]> for Lines {
    fn from(lines: [(Sign, Posting); N]) -> Self {
        Vec::from(lines).into()
    }
}

impl FromIterator<(Sign, Posting)> for Lines {
    fn from_iter<I: IntoIterator<Item = (Sign, Posting)>>(lines: I) -> Self {
        lines.into_iter().collect::<Vec<_>>().into()
    }
}

impl IntoIterator for Lines {
    type Item = (Sign, Posting);
    type IntoIter = Box<dyn Iterator<Item = Self::Item> + Send>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.pieces.into_iter().flat_map(|piece| match piece {
            Piece::Entries(postings) => postings.into_iter().map(|posting| (Sign::Entry, posting)).collect(),
            Piece::Amendment(lines) => lines,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ItemKey, Kind, Timestamp};

    #[test]
    fn pieces_are_one_list_to_whoever_reads_them() {
        let posting =
            |name: &str| Posting::new(Kind::Prompt, Timestamp::MIN, name.into(), ItemKey::of("prompt", name));
        let mut lines = Lines::default();
        lines.enter(vec![posting("a"), posting("b")]);
        lines.enter(Vec::new());
        let mut more = Lines::from([(Sign::Reversal, posting("a")), (Sign::Entry, posting("c"))]);
        more.enter(vec![posting("d")]);
        lines.append(more);
        let told: Vec<_> = lines.iter().map(|(sign, posting)| (sign, posting.session.as_str())).collect();
        let entry = Sign::Entry;
        assert_eq!(told, [(entry, "a"), (entry, "b"), (Sign::Reversal, "a"), (entry, "c"), (entry, "d")]);
        assert_eq!(lines.len(), told.len());
        let read: Vec<(Sign, Posting)> =
            lines.iter().map(|(sign, posting)| (sign, posting.clone())).collect();
        assert_eq!(lines.into_iter().collect::<Vec<_>>(), read);
        assert!(Lines::default().is_empty());
    }
}
