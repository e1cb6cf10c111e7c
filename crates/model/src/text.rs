//! Text that many records share.

/// Text that costs nothing to clone: names and ids stand in every record and posting of a session. Short text needs no
/// memory of its own.
pub type Text = ecow::EcoString;
