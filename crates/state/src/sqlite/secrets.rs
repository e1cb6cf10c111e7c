//! Server secrets in SQLite.

use async_trait::async_trait;

use super::SqliteState;
use crate::key_secret::HASH_SECRET;
use crate::{Error, Result, Secrets, ServerSecret};

#[async_trait]
impl Secrets for SqliteState {
    async fn secret(&self, name: &str) -> Result<ServerSecret> {
        if let Some(secret) = self.stored_secret(name).await? {
            return Ok(secret);
        }
        // Whoever writes first decides; everybody reads what was decided.
        sqlx::query("insert into secrets (name, secret) values (?1, ?2) on conflict (name) do nothing")
            .bind(name)
            .bind(ServerSecret::random()?.expose().as_slice())
            .execute(&self.writer)
            .await?;
        self.stored_secret(name).await?.ok_or_else(|| Error::unexpected("secret", "gone"))
    }
}

impl SqliteState {
    /// The secret that keys the hashes of API keys.
    pub(super) async fn key_hash_secret(&self) -> Result<&ServerSecret> {
        self.key_hash_secret.get_or_try_init(|| self.secret(HASH_SECRET)).await
    }

    async fn stored_secret(&self, name: &str) -> Result<Option<ServerSecret>> {
        let stored: Option<Vec<u8>> = sqlx::query_scalar("select secret from secrets where name = ?1")
            .bind(name)
            .fetch_optional(&self.reader)
            .await?;
        stored
            .map(|bytes| {
                let length = bytes.len();
                bytes
                    .try_into()
                    .map(ServerSecret::from_bytes)
                    .map_err(|_| Error::unexpected("secret length", length))
            })
            .transpose()
    }
}
