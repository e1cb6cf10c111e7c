//! From what the ledger says to what it should say.

use std::collections::BTreeMap;

use model::{Posting, Sign};

/// The lines that turn `posted` into `settled`: reversals of what no longer holds, then entries of what
/// is new. Empty when both amount to the same; order and repetition of equal postings do not matter.
pub fn amend(posted: &[Posting], settled: Vec<Posting>) -> Vec<(Sign, Posting)> {
    let mut balance: BTreeMap<Posting, i64> = BTreeMap::new();
    for posting in settled {
        *balance.entry(posting).or_default() += 1;
    }
    for posting in posted {
        if let Some(count) = balance.get_mut(posting) {
            *count -= 1;
        } else {
            balance.insert(posting.clone(), -1);
        }
    }
    let mut reversals = Vec::new();
    let mut entries = Vec::new();
    for (posting, count) in balance {
        let times = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
        let (sign, lines) =
            if count < 0 { (Sign::Reversal, &mut reversals) } else { (Sign::Entry, &mut entries) };
        lines.extend(std::iter::repeat_n((sign, posting), times));
    }
    reversals.append(&mut entries);
    reversals
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
        assert_eq!(amend(&[posting(1), posting(2)], vec![posting(2), posting(1)]), vec![]);
        assert_eq!(
            amend(&[posting(1), posting(2)], vec![posting(2), posting(3), posting(3)]),
            vec![(Sign::Reversal, posting(1)), (Sign::Entry, posting(3)), (Sign::Entry, posting(3))]
        );
        assert_eq!(amend(&[posting(1), posting(1)], vec![posting(1)]), vec![(Sign::Reversal, posting(1))]);
    }
}
