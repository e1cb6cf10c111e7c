//! The secret half of an API key: made once, shown once, then known only by its keyed hash.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::secrets::{SECRET_BYTES, fill_random};
use crate::{KeyKind, Result, ServerSecret};

/// Name of the server secret that keys the hashes of API keys.
pub(crate) const HASH_SECRET: &str = "key-hash";

/// Random bytes in a key, before encoding.
const RANDOM_BYTES: usize = 32;
/// Their length in unpadded base64url.
const RANDOM_CHARS: usize = 43;
/// How many characters of the end of a key a hint shows.
const HINT_TAIL_CHARS: usize = 4;
/// The block size of SHA-256 in bytes.
const SHA256_BLOCK_BYTES: usize = 64;

/// What is stored of a key: HMAC-SHA-256 over its text.
pub(crate) type KeyHash = [u8; 32];

/// The key a client presents, in plain text. It exists from its creation until it has been shown to the
/// person who asked for it, and it prints only through [`PlainKey::expose`].
pub struct PlainKey(String);

impl PlainKey {
    /// A new key: the prefix of its kind and 256 random bits.
    pub(crate) fn random(kind: KeyKind) -> Result<Self> {
        let mut bytes = [0; RANDOM_BYTES];
        fill_random(&mut bytes)?;
        Ok(Self(format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// The plain text, for the one time it is shown.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What lists show instead: the prefix and the last four characters.
    pub(crate) fn hint(&self, kind: KeyKind) -> String {
        // Keys are ASCII, so bytes are characters here.
        let tail = self.0.get(self.0.len().saturating_sub(HINT_TAIL_CHARS)..).unwrap_or_default();
        format!("{}...{tail}", kind.prefix())
    }
}

impl fmt::Debug for PlainKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PlainKey(***)")
    }
}

/// Whether the text has the shape of a key of ours. What has not is refused before any hashing or look-up,
/// so that strangers' requests cost nothing.
pub(crate) fn has_key_shape(presented: &str) -> bool {
    KeyKind::ALL.iter().any(|kind| {
        presented.strip_prefix(kind.prefix()).is_some_and(|random| {
            random.len() == RANDOM_CHARS
                && random.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        })
    })
}

/// The hash under which a key is kept and looked up. Keyed, so that a stolen table of hashes alone
/// confirms no guess; not slow, because 256 random bits cannot be guessed.
pub(crate) fn keyed_hash(secret: &ServerSecret, presented: &str) -> KeyHash {
    // HMAC pads a shorter key with zeros to the block size, so padding it here changes nothing and makes
    // the construction infallible.
    let mut block = [0; SHA256_BLOCK_BYTES];
    block[..SECRET_BYTES].copy_from_slice(secret.expose());
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(presented.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_hmac_sha_256() {
        // Computed with Python: hmac.new(bytes(range(32)), b"pw-ingest-example", "sha256").hexdigest()
        let secret = ServerSecret::from_bytes(std::array::from_fn(|index| index as u8));
        let hex: String =
            keyed_hash(&secret, "pw-ingest-example").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "e15d807a5e220820acb7fd0654e6b2803af0afeba14b2c378534a9261563a6ca");
    }

    #[test]
    fn keys_have_their_prefix_and_never_repeat() {
        for kind in KeyKind::ALL {
            let (first, second) = (PlainKey::random(kind).unwrap(), PlainKey::random(kind).unwrap());
            assert!(first.expose().starts_with(kind.prefix()));
            assert_ne!(first.expose(), second.expose());
            assert!(has_key_shape(first.expose()), "{}", first.expose());
        }
    }

    #[test]
    fn a_key_prints_as_stars_and_its_hint_shows_the_ends() {
        let key = PlainKey("pw-viewer-0123456789".to_owned());
        assert_eq!(format!("{key:?}"), "PlainKey(***)");
        assert_eq!(key.hint(KeyKind::Viewer), "pw-viewer-...6789");
    }

    #[test]
    fn other_texts_do_not_have_the_shape_of_a_key() {
        let key = PlainKey::random(KeyKind::Admin).unwrap();
        for text in ["", "pw-ingest-", "bearer", &key.expose()[1..], &format!("{}a", key.expose())] {
            assert!(!has_key_shape(text), "{text}");
        }
        assert!(!has_key_shape(&format!("pw-ingest-{}", "é".repeat(RANDOM_CHARS / 2))));
        assert!(!has_key_shape(&format!("pw-ingest-{}", " ".repeat(RANDOM_CHARS))));
    }
}
