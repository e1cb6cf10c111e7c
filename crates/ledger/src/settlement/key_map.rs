//! Maps by record key. A key is a hash already, so hashing it again would only cost time.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use model::RecordKey;

pub(super) type KeyMap<T> = HashMap<RecordKey, T, BuildHasherDefault<KeyHasher>>;

/// Takes the lower half of a key as its hash.
#[derive(Default)]
pub(super) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u128(&mut self, key: u128) {
        self.0 = key as u64;
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
}
