//! A Bloom filter: what was surely not added to it.

/// Bits for each thing held. With this and [`PROBES`], one in ten thousand that are not there is asked for in
/// vain.
const BITS_PER_THING: usize = 24;

/// Bits that are looked at for each thing.
const PROBES: u64 = 8;

/// Grows by layers, each twice as large as the one before.
#[derive(Debug)]
pub(crate) struct Bloom {
    layers: Vec<Layer>,
    /// Things that the first layer has room for.
    first: usize,
}

/// A filter with room for so many things.
#[derive(Debug)]
pub(crate) struct Layer {
    words: Vec<u64>,
    capacity: usize,
    held: usize,
}

impl Bloom {
    /// Holds nothing, and has room for so many things before it grows.
    pub(crate) const fn with_room_for(first: usize) -> Self {
        Self { layers: Vec::new(), first }
    }

    /// Whether it may hold a thing with the hash; surely when it does.
    pub(crate) fn may_hold(&self, hash: u64) -> bool {
        self.layers.iter().any(|layer| layer.may_hold(hash))
    }

    pub(crate) fn add(&mut self, hash: u64) {
        if self.may_hold(hash) {
            return;
        }
        if self.layers.last().is_none_or(Layer::is_full) {
            self.layers.push(Layer::for_things(self.first << self.layers.len()));
        }
        if let Some(layer) = self.layers.last_mut() {
            layer.add(hash);
        }
    }
}

impl Layer {
    pub(crate) fn for_things(capacity: usize) -> Self {
        Self { words: vec![0; (capacity * BITS_PER_THING).div_ceil(64)], capacity, held: 0 }
    }

    /// Whether it holds as many things as it has room for.
    pub(crate) const fn is_full(&self) -> bool {
        self.held >= self.capacity
    }

    /// Its bits.
    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    pub(crate) fn may_hold(&self, hash: u64) -> bool {
        places(hash, self.words.len())
            .all(|(word, bit)| self.words.get(word).is_some_and(|word| word & bit != 0))
    }

    pub(crate) fn add(&mut self, hash: u64) {
        for (word, bit) in places(hash, self.words.len()) {
            if let Some(word) = self.words.get_mut(word) {
                *word |= bit;
            }
        }
        self.held += 1;
    }
}

/// Of a filter with so many words: those to look at for a thing, and the bit in each.
pub(crate) fn places(hash: u64, words: usize) -> impl Iterator<Item = (usize, u64)> + use<> {
    let bits = words as u128 * 64;
    // What is hashed already is hashed again, so that near keys do not share bits.
    let first = mix(hash);
    let step = mix(first) | 1;
    (0..PROBES).map(move |probe| {
        let hash = first.wrapping_add(probe.wrapping_mul(step));
        let bit = (u128::from(hash) * bits) >> 64;
        ((bit / 64) as usize, 1 << (bit % 64))
    })
}

/// The finaliser of splitmix64.
const fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_found_and_hardly_anything_else() {
        const FIRST: usize = 10_000;
        let mut filter = Bloom::with_room_for(FIRST);
        let things = 3 * FIRST as u64;
        (0..things).for_each(|thing| filter.add(thing));
        assert_eq!(filter.layers.len(), 2, "it has grown");
        assert!((0..things).all(|thing| filter.may_hold(thing)));
        let wrong = (things..2 * things).filter(|thing| filter.may_hold(*thing)).count();
        assert!(wrong < 30, "{wrong} of {things}");
    }
}
