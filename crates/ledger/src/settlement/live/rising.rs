//! How what rises is packed: each as the difference to the one before, which takes a few bytes.

/// Numbers in rising order.
pub(super) mod numbers {
    use std::collections::BTreeSet;

    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(in super::super) fn serialize<N, S>(numbers: &BTreeSet<N>, serializer: S) -> Result<S::Ok, S::Error>
    where
        N: Copy + Into<u64>,
        S: Serializer,
    {
        let mut before = 0;
        serializer.collect_seq(numbers.iter().map(|number| {
            let number = (*number).into();
            number.wrapping_sub(std::mem::replace(&mut before, number))
        }))
    }

    pub(in super::super) fn deserialize<'de, N, D>(deserializer: D) -> Result<BTreeSet<N>, D::Error>
    where
        N: Ord + TryFrom<u64>,
        D: Deserializer<'de>,
    {
        let mut number = 0_u64;
        let differences = Vec::<u64>::deserialize(deserializer)?.into_iter();
        let numbers = differences.map(|difference| {
            number = number.wrapping_add(difference);
            N::try_from(number).map_err(|_| D::Error::custom("a number is too large"))
        });
        numbers.collect()
    }
}

/// Steps in the order of their instants.
pub(super) mod steps {
    use model::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::settlement::remainder::Step;

    pub(in super::super) fn serialize<'s, C, S>(steps: &'s C, serializer: S) -> Result<S::Ok, S::Error>
    where
        &'s C: IntoIterator<Item = &'s Step>,
        S: Serializer,
    {
        let mut before = 0;
        serializer.collect_seq(steps.into_iter().map(|(at, amount)| {
            let at = at.as_micros();
            (at.wrapping_sub(std::mem::replace(&mut before, at)), *amount)
        }))
    }

    pub(in super::super) fn deserialize<'de, C, D>(deserializer: D) -> Result<C, D::Error>
    where
        C: FromIterator<Step>,
        D: Deserializer<'de>,
    {
        let mut at = 0_i64;
        let steps = Vec::<(i64, i64)>::deserialize(deserializer)?.into_iter();
        Ok(steps
            .map(|(later, amount)| {
                at = at.wrapping_add(later);
                (Timestamp::from_micros(at), amount)
            })
            .collect())
    }
}
