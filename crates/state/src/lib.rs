//! What Pitwall remembers beside the ledger: API keys, how far transcripts have been read, and the
//! server's own secrets.
//!
//! [`State`] is the port; callers hold an `Arc<dyn State>`, or only the part they need
//! ([`Keys`], [`Files`], [`Secrets`]). [`SqliteState`] keeps it in one file that several processes may use
//! at once. Nothing here reads a clock: whoever calls says what time it is.

mod error;
mod files;
mod key_secret;
mod keys;
mod last_use;
mod secrets;
mod sqlite;

pub use error::Error;
pub use files::{
    FileCursor, FileMark, Files, MAX_CONTEXT_BYTES, MAX_REJECTION_KINDS, MAX_TEXT_BYTES, OTHER_REASON,
    Rejection, RejectionSummary,
};
pub use key_secret::PlainKey;
pub use keys::{
    Authentication, CreatedKey, Key, KeyAction, KeyEvent, KeyId, KeyKind, KeyPresence, Keys, MAX_NAME_CHARS,
    NewKey,
};
pub use secrets::{SECRET_BYTES, Secrets, ServerSecret};
pub use sqlite::{FORMAT_VERSION, SqliteState};

/// The result of asking the state plane anything.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The whole state plane, as one object. Every adapter passes the same conformance suite.
///
/// Any call can fail with the storage errors of [`Error`] ([`Error::DiskFull`], [`Error::ReadOnly`],
/// [`Error::Busy`], [`Error::Damaged`], [`Error::Storage`]); a call that fails has changed nothing.
pub trait State: Keys + Files + Secrets {}

impl<T: Keys + Files + Secrets> State for T {}
