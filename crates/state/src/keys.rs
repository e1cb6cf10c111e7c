//! API keys: who may send telemetry, look at the dashboard, or read the Analytics API.

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use model::{OrganizationId, Timestamp};
use uuid::Builder;

use crate::secrets::fill_random;
use crate::{Error, PlainKey, Result};

/// The longest name of a key or organization, in characters.
pub const MAX_NAME_CHARS: usize = 100;

/// What a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// The Analytics API, and everything a viewer may see.
    Admin,
    /// Sending telemetry.
    Ingest,
    /// The dashboard and its API.
    Viewer,
}

impl KeyKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Ingest, Self::Viewer];

    /// The name of the kind: `admin`, `ingest` or `viewer`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Ingest => "ingest",
            Self::Viewer => "viewer",
        }
    }

    /// What every key of this kind begins with. Admin keys look like Anthropic's, because clients of the
    /// Claude Code Analytics API may check the prefix before they send anything.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Admin => "sk-ant-admin01-",
            Self::Ingest => "pw-ingest-",
            Self::Viewer => "pw-viewer-",
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for KeyKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| Error::UnknownKind(text.to_owned()))
    }
}

/// The public name of a key: `key_` and 32 hexadecimal digits that sort by creation time. Not a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(String);

impl KeyId {
    /// Takes the text as it is; an id that no key has is found out by asking for it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A new id (a version 7 UUID) for a key created at this instant.
    pub(crate) fn at(now: Timestamp) -> Result<Self> {
        let mut random = [0; 10];
        fill_random(&mut random)?;
        // Only instants before 1970 are negative; they sort first.
        let millis = u64::try_from(now.as_millis()).unwrap_or(0);
        let uuid = Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        Ok(Self(format!("key_{}", uuid.simple())))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A key to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// What it shall open.
    pub kind: KeyKind,
    /// What people call it, such as the team or machine that uses it; 1 to [`MAX_NAME_CHARS`] characters.
    pub name: String,
    /// Whose data it belongs to; `None`, or an empty id, for an installation without organizations.
    pub organization: Option<OrganizationId>,
    /// From when on it is refused; `None` for never.
    pub expires_at: Option<Timestamp>,
}

impl NewKey {
    /// The same, with blanks around names gone and an empty organization as none, or what is wrong with it.
    pub(crate) fn checked(self, now: Timestamp) -> Result<Self> {
        let organization = match self.organization.as_ref().map(|organization| organization.as_str().trim()) {
            None | Some("") => None,
            Some(id) => Some(OrganizationId::new(checked_name("organization", id)?)),
        };
        if self.expires_at.is_some_and(|expires_at| expires_at <= now) {
            return Err(Error::InvalidKey { field: "expiry", problem: "lies in the past".to_owned() });
        }
        Ok(Self { name: checked_name("name", self.name.trim())?, organization, ..self })
    }
}

fn checked_name(field: &'static str, name: &str) -> Result<String> {
    let problem = if name.is_empty() {
        "is empty".to_owned()
    } else if name.chars().count() > MAX_NAME_CHARS {
        format!("is longer than {MAX_NAME_CHARS} characters")
    } else if name.chars().any(char::is_control) {
        "contains control characters".to_owned()
    } else {
        return Ok(name.to_owned());
    };
    Err(Error::InvalidKey { field, problem })
}

/// What is known of a key. Its secret is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its public name.
    pub id: KeyId,
    /// What it opens.
    pub kind: KeyKind,
    /// What people call it.
    pub name: String,
    /// Whose data it belongs to, if organizations are told apart.
    pub organization: Option<OrganizationId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused by its age.
    pub expires_at: Option<Timestamp>,
    /// When somebody revoked it.
    pub revoked_at: Option<Timestamp>,
    /// When it was last seen in use, to the minute or so (see [`Keys::touch_key`]).
    pub last_used_at: Option<Timestamp>,
    /// Enough of the secret to recognise it by: its prefix and last four characters.
    pub hint: String,
}

impl Key {
    /// Whether the key is neither revoked nor expired at this instant.
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|expires_at| now < expires_at)
    }

    /// What presenting this key's secret amounts to at this instant.
    pub(crate) fn authentication(self, now: Timestamp) -> Authentication {
        if self.is_usable(now) {
            Authentication::Valid(self)
        } else if self.revoked_at.is_some() {
            Authentication::Revoked(self)
        } else {
            Authentication::Expired(self)
        }
    }
}

/// A key just made, with the secret that will never be seen again.
#[derive(Debug)]
pub struct CreatedKey {
    /// What is kept of it.
    pub key: Key,
    /// What the client presents; show it once.
    pub secret: PlainKey,
}

/// Whose secret was presented, and whether it still opens anything. Which kind of key a request needs is
/// the caller's question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// A usable key.
    Valid(Key),
    /// No key of this installation.
    Unknown,
    /// A key that was revoked (and may have expired as well).
    Revoked(Key),
    /// A key past its expiry.
    Expired(Key),
}

/// What has become of the keys of some kinds, all together.
///
/// Told apart because they call for different things on a listener that is open without keys: once an
/// operator has made a key, access that comes back by the mere passing of time would be a surprise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPresence {
    /// None was ever made.
    Never,
    /// There were some, but all are revoked or expired.
    Lapsed,
    /// At least one is usable.
    Usable,
}

/// What happened to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAction {
    /// It was made.
    Created,
    /// It was revoked.
    Revoked,
    /// It was used for the first time.
    FirstUsed,
    /// It was past its expiry; noted when somebody presents it then, with the instant of the expiry.
    Expired,
}

impl KeyAction {
    const ALL: [Self; 4] = [Self::Created, Self::Revoked, Self::FirstUsed, Self::Expired];

    /// The name of the action: `created`, `revoked`, `first_used` or `expired`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Revoked => "revoked",
            Self::FirstUsed => "first_used",
            Self::Expired => "expired",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == text)
    }
}

impl fmt::Display for KeyAction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// One line of the audit log. Lines are only ever added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEvent {
    /// The line's number; grows with every line.
    pub number: i64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub action: KeyAction,
    /// To which key.
    pub key_id: KeyId,
    /// The key's kind.
    pub kind: KeyKind,
    /// The key's name.
    pub name: String,
    /// The key's organization.
    pub organization: Option<OrganizationId>,
}

/// Where keys are kept. A secret is stored only as a hash keyed with a server secret.
#[async_trait]
pub trait Keys: Send + Sync {
    /// Makes a key; the only time its secret is seen.
    ///
    /// Among the usable keys of one kind and organization a name is unique, so that usage reported under a
    /// key's name means one key; once the key is revoked or expired the name is free again, so that a key
    /// can be replaced under its name.
    ///
    /// # Errors
    /// [`Error::InvalidKey`] for an unfit name or an expiry in the past, [`Error::NameTaken`].
    async fn create_key(&self, new: NewKey, now: Timestamp) -> Result<CreatedKey>;

    /// Every key ever made, oldest first.
    async fn list_keys(&self) -> Result<Vec<Key>>;

    /// Ends a key for good and returns it. One that was revoked before stays as it is.
    ///
    /// # Errors
    /// [`Error::KeyNotFound`].
    async fn revoke_key(&self, id: &KeyId, now: Timestamp) -> Result<Key>;

    /// Whose secret this is. Sees at once what other processes create and revoke.
    async fn authenticate(&self, presented: &str, now: Timestamp) -> Result<Authentication>;

    /// What has become of the keys of these kinds.
    async fn key_presence(&self, kinds: &[KeyKind], now: Timestamp) -> Result<KeyPresence>;

    /// Whether a usable key of these kinds exists.
    async fn any_key(&self, kinds: &[KeyKind], now: Timestamp) -> Result<bool> {
        Ok(self.key_presence(kinds, now).await? == KeyPresence::Usable)
    }

    /// Notes that a key is in use. Cheap enough for every request: what is stored lags up to a minute
    /// behind, and many keys are written together. An unknown id changes nothing.
    async fn touch_key(&self, id: &KeyId, now: Timestamp) -> Result<()>;

    /// The newest lines of the audit log, newest first, at most `limit`.
    async fn audit(&self, limit: u32) -> Result<Vec<KeyEvent>>;
}
