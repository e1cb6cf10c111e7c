//! Things that wait for another source to tell of them, with nothing but the time to choose by.

use std::collections::VecDeque;

use model::Timestamp;

/// What waits, by its place in some list; oldest first.
#[derive(Default)]
pub(super) struct Waiting(VecDeque<(Timestamp, usize)>);

impl Waiting {
    /// Lets one more wait.
    pub(super) fn push(&mut self, at: Timestamp, place: usize) {
        let after = self.0.partition_point(|earlier| *earlier < (at, place));
        self.0.insert(after, (at, place));
    }

    /// The one that is nearest to an instant, of two as near the older; it waits no longer. Where sources
    /// tell of equally many this pairs all of them; where one began late or stopped early, its things are
    /// paired with those of the same time.
    pub(super) fn take_nearest(&mut self, at: Timestamp) -> Option<usize> {
        let later = self.0.partition_point(|(earlier, _)| *earlier < at);
        let distance =
            |index: usize| self.0.get(index).map(|(other, _)| other.micros_since(at).unsigned_abs());
        let nearest = match (later.checked_sub(1), distance(later)) {
            (Some(earlier), Some(ahead)) if distance(earlier).is_some_and(|behind| behind <= ahead) => {
                earlier
            }
            (Some(earlier), None) => earlier,
            _ => later,
        };
        self.0.remove(nearest).map(|(_, place)| place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(seconds: &[i64]) -> Waiting {
        let mut waiting = Waiting::default();
        for (place, second) in seconds.iter().enumerate() {
            waiting.push(Timestamp::from_seconds(*second), place);
        }
        waiting
    }

    fn taken(waiting: &mut Waiting, seconds: &[i64]) -> Vec<Option<usize>> {
        seconds.iter().map(|second| waiting.take_nearest(Timestamp::from_seconds(*second))).collect()
    }

    #[test]
    fn the_nearest_is_taken_whichever_side_it_is_on() {
        assert_eq!(taken(&mut waiting(&[10, 20, 30]), &[19]), [Some(1)]);
        assert_eq!(taken(&mut waiting(&[10, 20, 30]), &[21]), [Some(1)]);
        assert_eq!(taken(&mut waiting(&[10, 20, 30]), &[20]), [Some(1)]);
        assert_eq!(taken(&mut waiting(&[10, 20]), &[15]), [Some(0)], "of two as near the older");
        assert_eq!(taken(&mut waiting(&[10, 20]), &[0]), [Some(0)]);
        assert_eq!(taken(&mut waiting(&[10, 20]), &[99]), [Some(1)]);
    }

    #[test]
    fn each_is_taken_once() {
        assert_eq!(taken(&mut waiting(&[30, 10, 20]), &[9, 9, 9, 9]), [Some(1), Some(2), Some(0), None]);
    }

    #[test]
    fn the_extremes_do_not_overflow() {
        let mut extremes = Waiting::default();
        extremes.push(Timestamp::MIN, 0);
        extremes.push(Timestamp::MAX, 1);
        assert_eq!(extremes.take_nearest(Timestamp::MAX), Some(1));
        assert_eq!(extremes.take_nearest(Timestamp::MAX), Some(0));
    }
}
