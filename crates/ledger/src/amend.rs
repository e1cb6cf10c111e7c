//! From what the ledger says to what it should say.

use model::{Posting, Sign};

/// The lines that turn `posted` into `settled`: reversals of what no longer holds, then entries of what
/// is new. Empty when both amount to the same; order and repetition of equal postings do not matter.
/// Quickest where both are sorted, as [`crate::settle`] returns them.
pub fn amend(posted: &[Posting], settled: &[Posting]) -> Vec<(Sign, Posting)> {
    let mut posted = in_order(posted).into_iter().peekable();
    let mut lines = Vec::new();
    let mut new = Vec::new();
    for posting in in_order(settled) {
        let mut kept = false;
        while let Some(order) = posted.peek().map(|old| (*old).cmp(posting)).filter(|order| order.is_le()) {
            let old = posted.next();
            kept = order.is_eq();
            if kept {
                break;
            }
            lines.extend(old.map(|gone| (Sign::Reversal, gone.clone())));
        }
        if !kept {
            new.push(posting);
        }
    }
    lines.extend(posted.map(|gone| (Sign::Reversal, gone.clone())));
    lines.extend(new.into_iter().map(|posting| (Sign::Entry, posting.clone())));
    lines
}

fn in_order(postings: &[Posting]) -> Vec<&Posting> {
    let mut ordered: Vec<&Posting> = postings.iter().collect();
    ordered.sort_unstable();
    ordered
}

#[cfg(test)]
mod tests {
    use model::{ItemKey, Kind, Timestamp};

    use super::*;

    fn posting(number: i64) -> Posting {
        Posting::new(Kind::Prompt, Timestamp::from_seconds(number), "s".into(), ItemKey::of("prompt", "p"))
    }

    #[test]
    fn only_differences_are_posted() {
        assert_eq!(amend(&[posting(1), posting(2)], &[posting(2), posting(1)]), vec![]);
        assert_eq!(
            amend(&[posting(1), posting(2)], &[posting(2), posting(3), posting(3)]),
            vec![(Sign::Reversal, posting(1)), (Sign::Entry, posting(3)), (Sign::Entry, posting(3))]
        );
        assert_eq!(amend(&[posting(1), posting(1)], &[posting(1)]), vec![(Sign::Reversal, posting(1))]);
    }
}
