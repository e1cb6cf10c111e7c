//! Reports on hand-made ledgers, with answers computed by hand.
