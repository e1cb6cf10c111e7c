//! Paging without memory: everything that the next page needs is in the cursor.
//!
//! A cursor carries the state of the ledger that the first page was computed from, so every page of a run
//! shows that state, whatever arrives in between, after restarts and on other nodes that share the secret.
//! It is signed, since a changed one could ask for another organization's rows.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::civil::Date;
use model::{OrganizationId, Timestamp};
use report::claude_code_usage::RowKey;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// The layout of cursors written by this version.
const VERSION: u8 = 2;
const PREFIX: &str = "page_";
/// Longer ones are not looked at. A row's key has an e-mail address and a few short names.
const MAX_CHARS: usize = 8 * 1024;
const SIGNATURE_BYTES: usize = 32;
/// How long a run of pages may take. Reversed lines older than this may be folded away.
const LIFETIME_SECONDS: i64 = 7 * 24 * 60 * 60;
/// Keeps signatures of cursors apart from anything else that the same secret might sign.
const PURPOSE: &[u8] = b"pitwall paging cursor";
/// The block size of SHA-256 in bytes.
const SHA256_BLOCK_BYTES: usize = 64;

/// The secret that signs cursors, the same on every node. It does not print.
#[derive(Clone)]
pub struct CursorSecret([u8; 32]);

impl CursorSecret {
    /// Takes 256 random bits.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    fn mac(&self) -> Hmac<Sha256> {
        // HMAC pads a shorter key with zeros to the block size, so padding it here changes nothing and
        // makes the construction infallible.
        let mut block = [0; SHA256_BLOCK_BYTES];
        block[..self.0.len()].copy_from_slice(&self.0);
        let mut mac = Hmac::new(&block.into());
        mac.update(PURPOSE);
        mac
    }
}

impl fmt::Debug for CursorSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CursorSecret(***)")
    }
}

/// Where a run of pages stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    #[serde(rename = "v")]
    version: u8,
    /// The organization that the run's key belongs to.
    #[serde(rename = "o")]
    pub(crate) organization: OrganizationId,
    /// What is asked of the day, beside it: the path and filters.
    #[serde(rename = "q")]
    pub(crate) question: String,
    /// The day.
    #[serde(rename = "d")]
    pub(crate) day: Date,
    /// When the first page was asked for.
    #[serde(rename = "t")]
    started_at: Timestamp,
    /// The state of the ledger.
    #[serde(rename = "b")]
    pub(crate) as_of: Timestamp,
    /// Only what happened before this.
    #[serde(rename = "c")]
    pub(crate) before: Timestamp,
    /// The last row of the page before.
    #[serde(rename = "k")]
    pub(crate) last_key: Option<RowKey>,
}

/// Why a cursor is of no use. Each needs a new run from the first page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CursorError {
    #[error("is not a cursor of this server: start again without it")]
    Unreadable,
    #[error("is of another version of this server: start again without it")]
    Outdated,
    #[error("belongs to another organization's key: start again without it")]
    OtherOrganization,
    #[error("belongs to another day: repeat the one of the first page, or start again without it")]
    OtherDay,
    #[error("belongs to another question: repeat its parameters, or start again without it")]
    OtherQuestion,
    #[error("is older than seven days: start again without it")]
    Expired,
}

/// What a run of pages is about; a cursor is good for no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The organization that the key belongs to.
    pub(crate) organization: OrganizationId,
    /// What is asked of the day, beside it.
    pub(crate) question: String,
    /// The day.
    pub(crate) day: Date,
}

/// What every cursor of this server has, of whatever version.
#[derive(Deserialize)]
struct Versioned {
    #[serde(rename = "v")]
    version: u8,
}

impl Cursor {
    /// The start of a run.
    pub(crate) fn start(run: Run, now: Timestamp, as_of: Timestamp, before: Timestamp) -> Self {
        let Run { organization, question, day } = run;
        Self { version: VERSION, organization, question, day, started_at: now, as_of, before, last_key: None }
    }

    /// Reads a cursor that a client sends back.
    pub(crate) fn read(
        text: &str,
        secret: &CursorSecret,
        run: &Run,
        now: Timestamp,
    ) -> Result<Self, CursorError> {
        let cursor = Self::decode(text, secret)?;
        if cursor.organization != run.organization {
            return Err(CursorError::OtherOrganization);
        }
        if cursor.day != run.day {
            return Err(CursorError::OtherDay);
        }
        if cursor.question != run.question {
            return Err(CursorError::OtherQuestion);
        }
        if now > cursor.started_at.plus_seconds(LIFETIME_SECONDS) {
            return Err(CursorError::Expired);
        }
        Ok(cursor)
    }

    /// The cursor of the page that follows this row.
    pub(crate) fn after(&self, last_key: RowKey) -> Self {
        Self { last_key: Some(last_key), ..self.clone() }
    }

    /// The cursor as clients get it: `page_` and base64url of JSON and its signature.
    pub(crate) fn encode(&self, secret: &CursorSecret) -> Result<String, serde_json::Error> {
        let mut bytes = serde_json::to_vec(self)?;
        let mut mac = secret.mac();
        mac.update(&bytes);
        bytes.extend_from_slice(&mac.finalize().into_bytes());
        Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    fn decode(text: &str, secret: &CursorSecret) -> Result<Self, CursorError> {
        let json = signed_part(text, secret).ok_or(CursorError::Unreadable)?;
        match serde_json::from_slice::<Versioned>(&json) {
            Ok(Versioned { version: VERSION }) => {
                serde_json::from_slice(&json).map_err(|_| CursorError::Unreadable)
            }
            Ok(_) => Err(CursorError::Outdated),
            Err(_) => Err(CursorError::Unreadable),
        }
    }
}

/// What the cursor says, when this server signed it.
fn signed_part(text: &str, secret: &CursorSecret) -> Option<Vec<u8>> {
    let encoded = text.strip_prefix(PREFIX).filter(|_| text.len() <= MAX_CHARS)?;
    let mut bytes = URL_SAFE_NO_PAD.decode(encoded).ok()?;
    let signature = bytes.split_off(bytes.len().checked_sub(SIGNATURE_BYTES)?);
    let mut mac = secret.mac();
    mac.update(&bytes);
    mac.verify_slice(&signature).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const DAY: Date = date(2026, 11, 20);
    const NOW: Timestamp = Timestamp::from_seconds(1_795_200_000);

    fn secret() -> CursorSecret {
        CursorSecret::new([7; 32])
    }

    fn run() -> Run {
        Run { organization: "org".into(), question: "usage".into(), day: DAY }
    }

    fn cursor() -> Cursor {
        Cursor::start(run(), NOW, NOW, Timestamp::MAX).after(RowKey {
            actor_type: "user_actor".into(),
            actor_name: "søren@example.org".into(),
            customer_type: "api".into(),
            subscription_type: String::new(),
            terminal_type: "vscode".into(),
            is_remote: false,
        })
    }

    fn read(text: &str, now: Timestamp) -> Result<Cursor, CursorError> {
        Cursor::read(text, &secret(), &run(), now)
    }

    #[test]
    fn a_cursor_survives_the_journey() {
        let text = cursor().encode(&secret()).unwrap();
        assert!(text.starts_with("page_"));
        assert_eq!(read(&text, NOW), Ok(cursor()));
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let text = cursor().encode(&secret()).unwrap();
        for place in 0..text.len() {
            let other = if text.as_bytes()[place] == b'A' { "B" } else { "A" };
            let changed = format!("{}{other}{}", &text[..place], &text[place + 1..]);
            assert_eq!(read(&changed, NOW), Err(CursorError::Unreadable), "at {place}");
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        let theirs = "page_MjAyNS0wNS0xNFQwMDowMDowMFo=";
        for text in ["", "page_", "page", theirs, "page_AAAA", &"page_A".repeat(MAX_CHARS)] {
            assert_eq!(read(text, NOW), Err(CursorError::Unreadable), "{text:.40}");
        }
        let foreign = cursor().encode(&CursorSecret::new([8; 32])).unwrap();
        assert_eq!(read(&foreign, NOW), Err(CursorError::Unreadable));
    }

    #[test]
    fn a_cursor_of_another_version_is_outdated_whatever_else_it_says() {
        let newer = Cursor { version: VERSION + 1, ..cursor() };
        assert_eq!(read(&newer.encode(&secret()).unwrap(), NOW), Err(CursorError::Outdated));
        // As version 1 wrote it: without a question.
        let mut bytes = br#"{"v":1,"o":null,"d":"2026-11-20","t":0,"b":0,"c":0,"k":null}"#.to_vec();
        let mut mac = secret().mac();
        mac.update(&bytes);
        bytes.extend_from_slice(&mac.finalize().into_bytes());
        let older = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
        assert_eq!(read(&older, NOW), Err(CursorError::Outdated));
    }

    #[test]
    fn a_cursor_is_good_for_its_own_run_only() {
        let text = cursor().encode(&secret()).unwrap();
        let of = |run: Run| Cursor::read(&text, &secret(), &run, NOW).err();
        assert_eq!(of(run()), None);
        let organization = "other".into();
        assert_eq!(of(Run { organization, ..run() }), Some(CursorError::OtherOrganization));
        assert_eq!(of(Run { day: date(2026, 11, 21), ..run() }), Some(CursorError::OtherDay));
        let question = "usage of team search".into();
        assert_eq!(of(Run { question, ..run() }), Some(CursorError::OtherQuestion));
        assert!(read(&text, NOW.plus_seconds(LIFETIME_SECONDS)).is_ok());
        assert_eq!(read(&text, NOW.plus_seconds(LIFETIME_SECONDS + 1)), Err(CursorError::Expired));
    }
}
