//! Tokens that open cards and nothing else.
//!
//! A token names a viewer or admin key and proves, by a signature of this server, that it was made for it. It
//! is good as long as the key is, so revoking the key ends the cards made with it. Nothing is stored, and
//! the key's own secret cannot be told from it.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use state::{Key, KeyId, KeyKind};
use subtle::ConstantTimeEq as _;

use crate::app::App;
use crate::auth::AuthError;

/// What every token begins with.
const PREFIX: &str = "pww-";
/// Keeps signatures of tokens apart from anything else that the same secret might sign.
const PURPOSE: &[u8] = b"pitwall widget token";
/// Bytes of the signature that a token carries.
const SIGNATURE_BYTES: usize = 20;
/// The block size of SHA-256 in bytes.
const SHA256_BLOCK_BYTES: usize = 64;
/// Longer texts are no tokens.
const MAX_CHARS: usize = 256;

/// The secret that signs tokens for cards, the same on every node. It does not print.
#[derive(Clone)]
pub struct WidgetSecret([u8; 32]);

impl WidgetSecret {
    /// Takes 256 random bits.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The token of a key.
    pub(super) fn token_for(&self, key: &KeyId) -> String {
        format!("{PREFIX}{key}-{}", self.signature(key.as_str()))
    }

    /// The key that a token was made for; `None` when it was not made here.
    fn key_of(&self, token: &str) -> Option<KeyId> {
        let (key, signature) = token.strip_prefix(PREFIX)?.rsplit_once('-')?;
        let is_ours: bool = self.signature(key).as_bytes().ct_eq(signature.as_bytes()).into();
        (is_ours && token.len() <= MAX_CHARS).then(|| KeyId::new(key))
    }

    fn signature(&self, key: &str) -> String {
        // HMAC pads a shorter key with zeros to the block size, so padding it here changes nothing and
        // makes the construction infallible.
        let mut block = [0; SHA256_BLOCK_BYTES];
        block[..self.0.len()].copy_from_slice(&self.0);
        let mut mac: Hmac<Sha256> = Hmac::new(&block.into());
        mac.update(PURPOSE);
        mac.update(key.as_bytes());
        let signature = mac.finalize().into_bytes();
        signature.iter().take(SIGNATURE_BYTES).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for WidgetSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WidgetSecret(***)")
    }
}

/// The key that a token opens cards for now: the token was made here, and the viewer or admin key that it was
/// made for is still usable.
pub(super) async fn key_of(app: &App, token: &str) -> Result<Key, AuthError> {
    let id = app.widget_secret.key_of(token).ok_or(AuthError::Unknown)?;
    let keys = app.keys.list_keys().await.map_err(AuthError::Unavailable)?;
    let key = keys.into_iter().find(|key| key.id == id).ok_or(AuthError::Unknown)?;
    let may_view = matches!(key.kind, KeyKind::Viewer | KeyKind::Admin);
    match key {
        key if !may_view => Err(AuthError::WrongKind { needed: "a viewer or admin key", sent: key.kind }),
        key if key.is_usable(app.clock.now()) => Ok(key),
        key if key.revoked_at.is_some() => Err(AuthError::Revoked),
        _ => Err(AuthError::Expired),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_key_and_no_other() {
        let secret = WidgetSecret::new([7; 32]);
        let token = secret.token_for(&KeyId::new("key_0a"));
        assert_eq!(secret.key_of(&token), Some(KeyId::new("key_0a")));
        assert_eq!(secret.key_of(&token.replace("key_0a", "key_0b")), None);
        assert_eq!(WidgetSecret::new([8; 32]).key_of(&token), None);
        for other in ["", "pww-", "pww-key_0a-", "key_0a"] {
            assert_eq!(secret.key_of(other), None, "{other}");
        }
    }

    #[test]
    fn the_secret_does_not_print() {
        assert_eq!(format!("{:?}", WidgetSecret::new([7; 32])), "WidgetSecret(***)");
    }
}
