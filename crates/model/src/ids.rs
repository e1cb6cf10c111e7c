//! Identifiers, each its own type so that they cannot be mixed up.

use std::fmt;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::Text;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Text);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<Text>) -> Self {
                Self(text.into())
            }

            /// The text of the id.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    };
}

text_id! {
    /// A Claude Code session id (a UUID). Telemetry without one is filed under `installation:<id>`
    /// (see [`SessionId::of_installation`]). What came in for an organization of its own is filed apart from
    /// everybody else's (see [`SessionId::within`]).
    SessionId
}
text_id! {
    /// An organization's id; the empty text is "none told".
    OrganizationId
}

const INSTALLATION_PREFIX: &str = "installation:";

impl SessionId {
    /// Stands between a tenant and the id that the client gave. No id that comes from outside has it
    /// ([`SessionId::of_client`]).
    pub const TENANT_MARK: char = '\u{1f}';

    /// An id as a client told it, which is never taken for one of some tenant's.
    pub fn of_client(told: &str) -> Self {
        if told.contains(Self::TENANT_MARK) {
            Self(told.replace(Self::TENANT_MARK, "").into())
        } else {
            Self(told.into())
        }
    }

    /// Where telemetry goes that was sent with session ids switched off: one account per installation.
    pub fn of_installation(installation: &str) -> Self {
        Self::of_client(&format!("{INSTALLATION_PREFIX}{installation}"))
    }

    /// The same session, filed under a tenant: an organization whose data is kept apart. Two tenants that
    /// tell of the same id have a session each. Without a tenant (the empty id) nothing changes.
    pub fn within(self, tenant: &OrganizationId) -> Self {
        if tenant.0.is_empty() {
            self
        } else {
            Self(format!("{tenant}{}{}", Self::TENANT_MARK, self.0).into())
        }
    }

    /// The tenant that the session is filed under; empty for none.
    pub fn tenant(&self) -> &str {
        self.0.split_once(Self::TENANT_MARK).map_or("", |(tenant, _)| tenant)
    }

    /// The id that the client gave, without the tenant: what people know the session by.
    pub fn told(&self) -> &str {
        self.0.split_once(Self::TENANT_MARK).map_or(&self.0, |(_, told)| told)
    }

    /// Whether this stands for an installation whose telemetry carries no session ids.
    pub fn is_installation(&self) -> bool {
        self.told().starts_with(INSTALLATION_PREFIX)
    }
}

/// The identity of a [`crate::Record`]: equal for a retry, a second import, or the same data over another
/// protocol. 128 bits of xxh3 over the parts that identify what was observed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey(u128);

impl RecordKey {
    /// Hashes the identifying parts, in order; parts are kept apart, so `["a", "b"]` is not `["ab"]`.
    pub fn of(parts: &[&[u8]]) -> Self {
        // Hashed in one piece: the state for hashing piece by piece is larger than most keys.
        let length: usize = parts.iter().map(|part| size_of::<u64>() + part.len()).sum();
        let mut bytes = Vec::with_capacity(length);
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(part);
        }
        Self(xxh3_128(&bytes))
    }

    /// The raw bits.
    pub const fn as_u128(self) -> u128 {
        self.0
    }

    /// The key with these [`bits`](RecordKey::as_u128), as they were kept.
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }
}

impl fmt::Display for RecordKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", self.0)
    }
}

impl fmt::Debug for RecordKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RecordKey({self})")
    }
}

impl Serialize for RecordKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RecordKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        u128::from_str_radix(&text, 16).map(Self).map_err(serde::de::Error::custom)
    }
}

/// The identity of the thing a posting counts (a request, a tool call, a prompt): a 64-bit hash.
///
/// Never zero, so that zero can stand for "none" in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ItemKey(i64);

impl ItemKey {
    /// Hashes a name, within a namespace such as `request` or `message`.
    pub fn of(namespace: &str, name: &str) -> Self {
        let mut bytes = Vec::with_capacity(namespace.len() + name.len() + 1);
        bytes.extend_from_slice(namespace.as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(name.as_bytes());
        let hash = xxh3_64(&bytes) as i64;
        Self(if hash == 0 { 1 } else { hash })
    }

    /// Reads a stored value back; `None` for zero.
    pub const fn from_stored(value: i64) -> Option<Self> {
        if value == 0 { None } else { Some(Self(value)) }
    }

    /// The value as stored; never zero.
    pub const fn as_i64(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_record_key_are_kept_apart() {
        assert_ne!(RecordKey::of(&[b"ab", b"c"]), RecordKey::of(&[b"a", b"bc"]));
        assert_eq!(RecordKey::of(&[b"ab"]), RecordKey::of(&[b"ab"]));
    }

    #[test]
    fn keys_never_change() {
        // They are in the files that people have.
        let key = |parts: &[&[u8]]| RecordKey::of(parts).to_string();
        let mut hasher = xxhash_rust::xxh3::Xxh3Default::new();
        for part in [b"transcript".as_slice(), b"0b1c", b"request", &[7; 300]] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        assert_eq!(
            key(&[b"transcript", b"0b1c", b"request", &[7; 300]]),
            format!("{:032x}", hasher.digest128())
        );
        assert_eq!(key(&[]), "99aa06d3014798d86001c324468d497f");
    }

    #[test]
    fn a_session_is_filed_under_its_tenant() {
        let session = SessionId::new("1b2c");
        assert_eq!((session.tenant(), session.told()), ("", "1b2c"));
        assert_eq!(session.clone().within(&"".into()), session);
        let within = session.clone().within(&"acme".into());
        assert_ne!(within, session);
        assert_eq!((within.tenant(), within.told()), ("acme", "1b2c"));
        assert!(SessionId::of_installation("i-1").within(&"acme".into()).is_installation());
    }

    #[test]
    fn nobody_can_name_a_session_of_another_tenant() {
        let theirs = SessionId::new("1b2c").within(&"acme".into());
        for told in [theirs.as_str(), "acme\u{1f}\u{1f}1b2c"] {
            assert_eq!(SessionId::of_client(told).tenant(), "");
            assert_eq!(SessionId::of_installation(told).tenant(), "");
        }
    }

    #[test]
    fn a_record_key_survives_serialisation() {
        let key = RecordKey::of(&[b"x"]);
        let text = serde_json::to_string(&key).unwrap();
        assert_eq!(serde_json::from_str::<RecordKey>(&text).unwrap(), key);
    }
}
