//! The server's own secrets: random bytes made at first use and kept from then on.

use std::fmt;

use async_trait::async_trait;

use crate::{Error, Result};

/// The length of a server secret: 256 bits, the strength of the hash they key.
pub const SECRET_BYTES: usize = 32;

/// A random secret that only this installation knows. It does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerSecret([u8; SECRET_BYTES]);

impl ServerSecret {
    /// The bytes themselves: for keying a hash, never for showing.
    pub const fn expose(&self) -> &[u8; SECRET_BYTES] {
        &self.0
    }

    pub(crate) const fn from_bytes(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(bytes)
    }

    pub(crate) fn random() -> Result<Self> {
        let mut bytes = [0; SECRET_BYTES];
        fill_random(&mut bytes)?;
        Ok(Self(bytes))
    }
}

impl fmt::Debug for ServerSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ServerSecret(***)")
    }
}

/// Where the server's secrets are kept.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// The secret of this name; made at first use. Every process and every node gets the same one, also
    /// when several ask for it for the first time at once. Different names have unrelated secrets, so name
    /// one per purpose, such as `paging-cursor`.
    async fn secret(&self, name: &str) -> Result<ServerSecret>;
}

/// Fills the buffer from the operating system's random source.
pub(crate) fn fill_random(buffer: &mut [u8]) -> Result<()> {
    getrandom::fill(buffer).map_err(|error| Error::NoRandomness(Box::new(error)))
}
