//! What only the source of a record can read in it.

use model::Record;

/// How to read what records keep under their sender's own names. The program fills it in, since only the
/// source's module spells those names.
#[derive(Clone, Copy, Debug)]
pub struct Meaning {
    /// The number that the client gave an event; it counts from zero in each of its processes.
    pub sequence: fn(&Record) -> Option<i64>,
    /// The id of the subagent that did what the record tells of; `None` for the conversation itself.
    pub subagent: fn(&Record) -> Option<&str>,
}

impl Meaning {
    /// Of records that keep nothing of the kind.
    pub const NONE: Self = Self { sequence: |_| None, subagent: |_| None };
}
