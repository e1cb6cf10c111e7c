//! When keys were last used, gathered in memory so that a busy server writes it rarely and together.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::Timestamp;

use crate::KeyId;

/// How far the stored time may lag behind, in microseconds: one minute.
const WRITE_INTERVAL_MICROS: i64 = 60_000_000;
/// How many keys are followed at once; beyond it everything is written and forgotten.
const MAX_FOLLOWED_KEYS: usize = 10_000;

/// The last use of each key, and what of it has been handed out for writing.
#[derive(Debug, Default)]
pub(crate) struct LastUse {
    keys: Mutex<HashMap<KeyId, Use>>,
}

#[derive(Clone, Copy, Debug)]
struct Use {
    seen: Timestamp,
    /// What storage holds, as far as this process knows.
    written: Option<Timestamp>,
}

impl Use {
    fn is_unwritten(self) -> bool {
        self.written.is_none_or(|written| written < self.seen)
    }
}

/// Uses that shall be written now, in one transaction.
pub(crate) type Due = Vec<(KeyId, Timestamp)>;

impl LastUse {
    /// Notes a use. Returns what to write: usually nothing; when this key's stored time is a minute old or
    /// unknown, everything not yet written.
    pub(crate) fn note(&self, id: &KeyId, now: Timestamp) -> Due {
        let mut keys = self.lock();
        if let Some(known) = keys.get_mut(id) {
            known.seen = known.seen.max(now);
            if known.written.is_some_and(|written| now.micros_since(written) < WRITE_INTERVAL_MICROS) {
                return Due::new();
            }
        } else {
            keys.insert(id.clone(), Use { seen: now, written: None });
        }
        let due = take_unwritten(&mut keys);
        if keys.len() > MAX_FOLLOWED_KEYS {
            keys.clear();
        }
        due
    }

    /// Everything not yet written, for a last write before the end.
    pub(crate) fn drain(&self) -> Due {
        take_unwritten(&mut self.lock())
    }

    /// The write failed: these are due again with the key's next use.
    pub(crate) fn write_failed(&self, due: &Due) {
        let mut keys = self.lock();
        for (id, _) in due {
            if let Some(known) = keys.get_mut(id) {
                known.written = None;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<KeyId, Use>> {
        // A panic elsewhere cannot leave a half-made entry, so a poisoned lock is as good as any.
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn take_unwritten(keys: &mut HashMap<KeyId, Use>) -> Due {
    let mut due = Due::new();
    for (id, known) in keys.iter_mut().filter(|(_, known)| known.is_unwritten()) {
        known.written = Some(known.seen);
        due.push((id.clone(), known.seen));
    }
    due
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    #[test]
    fn a_key_in_constant_use_is_due_once_a_minute() {
        let (last_use, key) = (LastUse::default(), KeyId::new("key_a"));
        let written: Vec<i64> = (0..=180).filter(|at| !last_use.note(&key, second(*at)).is_empty()).collect();
        assert_eq!(written, [0, 60, 120, 180]);
    }

    #[test]
    fn one_write_takes_every_key_with_it() {
        let (last_use, first, second_key) = (LastUse::default(), KeyId::new("key_a"), KeyId::new("key_b"));
        assert_eq!(last_use.note(&first, second(0)), [(first.clone(), second(0))]);
        assert_eq!(last_use.note(&second_key, second(1)), [(second_key.clone(), second(1))]);
        assert!(last_use.note(&second_key, second(50)).is_empty());
        let mut due = last_use.note(&first, second(60));
        due.sort();
        assert_eq!(due, [(first, second(60)), (second_key.clone(), second(50))]);
        assert!(last_use.note(&second_key, second(70)).is_empty(), "written at 50 is fresh enough at 70");
    }

    #[test]
    fn the_end_takes_what_is_left_once() {
        let (last_use, key) = (LastUse::default(), KeyId::new("key_a"));
        last_use.note(&key, second(0));
        last_use.note(&key, second(30));
        assert_eq!(last_use.drain(), [(key, second(30))]);
        assert!(last_use.drain().is_empty());
    }

    #[test]
    fn a_failed_write_is_due_again() {
        let (last_use, key) = (LastUse::default(), KeyId::new("key_a"));
        let due = last_use.note(&key, second(0));
        last_use.write_failed(&due);
        assert_eq!(last_use.note(&key, second(1)), [(key, second(1))]);
    }

    #[test]
    fn a_clock_that_goes_back_writes_nothing() {
        let (last_use, key) = (LastUse::default(), KeyId::new("key_a"));
        last_use.note(&key, second(100));
        assert!(last_use.note(&key, second(10)).is_empty());
    }

    #[test]
    fn memory_stays_bounded() {
        let last_use = LastUse::default();
        for number in 0..=MAX_FOLLOWED_KEYS {
            let due = last_use.note(&KeyId::new(format!("key_{number}")), second(0));
            assert_eq!(due.len(), 1);
        }
        assert!(last_use.lock().is_empty());
    }
}
