//! How far each followed transcript has been read, and what could not be read.

use async_trait::async_trait;
use model::Timestamp;

use crate::{Error, Result};

/// The largest [`FileCursor::context`], in bytes.
pub const MAX_CONTEXT_BYTES: usize = 64 * 1024;
/// Longer texts that are only shown to people (errors, reasons, places) are cut to this, in bytes.
pub const MAX_TEXT_BYTES: usize = 1024;
/// How many kinds of rejection (source and reason) are told apart; more are counted as [`OTHER_REASON`].
pub const MAX_REJECTION_KINDS: u32 = 1_000;
/// The reason under which rejections are counted once there are [`MAX_REJECTION_KINDS`].
pub const OTHER_REASON: &str = "other reasons";

/// Where reading a followed file continues, and how to notice that it is no longer the same file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCursor {
    /// The file; each path has one cursor.
    pub path: String,
    /// What the platform knows the file by whatever its name, such as device and inode. Compared, never read.
    pub identity: String,
    /// Size when last looked at, in bytes.
    pub size: u64,
    /// Modification time when last looked at.
    pub modified_at: Timestamp,
    /// Bytes read so far; always the end of a line.
    pub offset: u64,
    /// xxh3 of the last bytes (at most 4,096) before the offset: a rewritten file has others there.
    pub tail_hash: i64,
    /// Lines read so far, skipped ones included.
    pub lines_read: u64,
    /// Lines that could not be understood.
    pub lines_skipped: u64,
    /// Why reading failed last time; cut to [`MAX_TEXT_BYTES`]. `None` when it did not.
    pub last_error: Option<String>,
    /// The ledger's boundary once it held what was read: a ledger that ends before it does not hold all of it.
    pub boundary: Timestamp,
    /// What the reader needs to go on from the offset, in its own JSON; at most [`MAX_CONTEXT_BYTES`].
    pub context: String,
}

/// What of a cursor tells whether its file has changed. There may be thousands of files of which few have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileMark {
    /// As [`FileCursor::path`].
    pub path: String,
    /// As [`FileCursor::identity`].
    pub identity: String,
    /// As [`FileCursor::size`].
    pub size: u64,
    /// As [`FileCursor::modified_at`].
    pub modified_at: Timestamp,
    /// As [`FileCursor::offset`].
    pub offset: u64,
    /// Whether reading failed last time.
    pub failed: bool,
    /// As [`FileCursor::boundary`].
    pub boundary: Timestamp,
}

impl FileCursor {
    /// What tells whether its file has changed.
    pub fn into_mark(self) -> FileMark {
        let Self { path, identity, size, modified_at, offset, last_error, boundary, .. } = self;
        FileMark { path, identity, size, modified_at, offset, failed: last_error.is_some(), boundary }
    }

    pub(crate) fn check_size(&self) -> Result<()> {
        if self.context.len() <= MAX_CONTEXT_BYTES {
            return Ok(());
        }
        Err(Error::TooLarge {
            what: format!("the reading context of {}", self.path),
            size: self.context.len() as u64,
            limit: MAX_CONTEXT_BYTES as u64,
        })
    }
}

/// Some records or lines of one source that were refused for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Where they came from, such as `transcripts` or `otlp`.
    pub source: String,
    /// Why, in words that do not vary from line to line.
    pub reason: String,
    /// One of the places, such as a path and line number.
    pub place: String,
    /// How many.
    pub count: u64,
    /// When they were met.
    pub at: Timestamp,
}

/// All rejections of one source for one reason. A line that is read again is counted again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectionSummary {
    /// Where they came from.
    pub source: String,
    /// Why they were refused.
    pub reason: String,
    /// The place of the newest, as a sample.
    pub place: String,
    /// How many there were.
    pub count: u64,
    /// When the first was met.
    pub first_at: Timestamp,
    /// When the newest was met.
    pub last_at: Timestamp,
}

/// Where reading positions and counts of rejections are kept.
#[async_trait]
pub trait Files: Send + Sync {
    /// Every cursor, by path.
    async fn file_cursors(&self) -> Result<Vec<FileCursor>>;

    /// Of every cursor what tells whether its file has changed, in any order.
    async fn file_marks(&self) -> Result<Vec<FileMark>>;

    /// The cursors of these paths, by path; those without one are left out.
    async fn file_cursors_of(&self, paths: &[String]) -> Result<Vec<FileCursor>>;

    /// Saves cursors, all or none; one that has the same path is replaced, and of several with the same
    /// path the last counts.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for a context above [`MAX_CONTEXT_BYTES`].
    async fn save_file_cursors(&self, cursors: &[FileCursor]) -> Result<()>;

    /// Forgets the cursors of these paths, all or none; unknown paths change nothing.
    async fn forget_file_cursors(&self, paths: &[String]) -> Result<()>;

    /// Adds to the counts of rejections, all or none.
    async fn count_rejections(&self, rejections: &[Rejection]) -> Result<()>;

    /// What has been rejected so far, most frequent first.
    async fn rejections(&self) -> Result<Vec<RejectionSummary>>;
}

/// The text, cut to [`MAX_TEXT_BYTES`] at a character's edge.
pub(crate) fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_TEXT_BYTES)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(cut("short"), "short");
        let text = format!("x{}", "é".repeat(MAX_TEXT_BYTES));
        assert_eq!(cut(&text).len(), MAX_TEXT_BYTES - 1);
    }
}
