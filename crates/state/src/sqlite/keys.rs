//! Keys in SQLite.

use async_trait::async_trait;
use model::{OrganizationId, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};
use subtle::ConstantTimeEq as _;

use super::{BEGIN_WRITE, SqliteState};
use crate::key_secret::{has_key_shape, keyed_hash};
use crate::last_use::Due;
use crate::{
    Authentication, CreatedKey, Error, Key, KeyAction, KeyEvent, KeyId, KeyKind, KeyPresence, Keys, NewKey,
    PlainKey, Result,
};

#[async_trait]
impl Keys for SqliteState {
    async fn create_key(&self, new: NewKey, now: Timestamp) -> Result<CreatedKey> {
        let new = new.checked(now)?;
        let secret = PlainKey::random(new.kind)?;
        let hash = keyed_hash(self.key_hash_secret().await?, secret.expose());
        let key = Key {
            id: KeyId::at(now)?,
            kind: new.kind,
            name: new.name,
            organization: new.organization,
            created_at: now,
            expires_at: new.expires_at,
            revoked_at: None,
            last_used_at: None,
            hint: secret.hint(new.kind),
        };
        let mut transaction = self.writer.begin_with(BEGIN_WRITE).await?;
        refuse_taken_name(&mut transaction, &key, now).await?;
        insert_key(&mut transaction, &key, &hash).await?;
        add_event(&mut transaction, &key.id, KeyAction::Created, now).await?;
        transaction.commit().await?;
        Ok(CreatedKey { key, secret })
    }

    async fn list_keys(&self) -> Result<Vec<Key>> {
        sqlx::query(
            "select id, kind, name, organization, created_at, expires_at, revoked_at, last_used_at, hint
             from keys order by created_at, id",
        )
        .fetch_all(&self.reader)
        .await?
        .iter()
        .map(key_from_row)
        .collect()
    }

    async fn revoke_key(&self, id: &KeyId, now: Timestamp) -> Result<Key> {
        let mut transaction = self.writer.begin_with(BEGIN_WRITE).await?;
        let revoked = sqlx::query("update keys set revoked_at = ?2 where id = ?1 and revoked_at is null")
            .bind(id.as_str())
            .bind(now.as_micros())
            .execute(&mut *transaction)
            .await?;
        if revoked.rows_affected() > 0 {
            add_event(&mut transaction, id, KeyAction::Revoked, now).await?;
        }
        let row = sqlx::query(
            "select id, kind, name, organization, created_at, expires_at, revoked_at, last_used_at, hint
             from keys where id = ?1",
        )
        .bind(id.as_str())
        .fetch_optional(&mut *transaction)
        .await?;
        transaction.commit().await?;
        key_from_row(&row.ok_or_else(|| Error::KeyNotFound(id.clone()))?)
    }

    async fn authenticate(&self, presented: &str, now: Timestamp) -> Result<Authentication> {
        if !has_key_shape(presented) {
            return Ok(Authentication::Unknown);
        }
        let hash = keyed_hash(self.key_hash_secret().await?, presented);
        let row = sqlx::query(
            "select id, kind, name, organization, created_at, expires_at, revoked_at, last_used_at, hint, hash
             from keys where hash = ?1",
        )
        .bind(hash.as_slice())
        .fetch_optional(&self.reader)
        .await?;
        let Some(row) = row else { return Ok(Authentication::Unknown) };
        // The index compares byte by byte, but only keyed hashes, of which a stranger controls nothing.
        // What decides is this comparison, in constant time.
        let stored: &[u8] = row.try_get("hash")?;
        if !bool::from(stored.ct_eq(&hash)) {
            return Ok(Authentication::Unknown);
        }
        let outcome = key_from_row(&row)?.authentication(now);
        if let Authentication::Expired(key) = &outcome
            && let Err(error) = self.note_expiry(key).await
        {
            // The key is refused all the same.
            tracing::warn!(%error, key.id = %key.id, "failed to note a key's expiry");
        }
        Ok(outcome)
    }

    async fn key_presence(&self, kinds: &[KeyKind], now: Timestamp) -> Result<KeyPresence> {
        let rows = sqlx::query(
            "select kind, max(revoked_at is null and (expires_at is null or expires_at > ?1)) as is_usable
             from keys group by kind",
        )
        .bind(now.as_micros())
        .fetch_all(&self.reader)
        .await?;
        let mut presence = KeyPresence::Never;
        for row in &rows {
            if !kinds.contains(&kind_from_row(row)?) {
                continue;
            }
            if row.try_get::<bool, _>("is_usable")? {
                return Ok(KeyPresence::Usable);
            }
            presence = KeyPresence::Lapsed;
        }
        Ok(presence)
    }

    async fn touch_key(&self, id: &KeyId, now: Timestamp) -> Result<()> {
        self.write_last_uses(self.last_use.note(id, now)).await
    }

    async fn audit(&self, limit: u32) -> Result<Vec<KeyEvent>> {
        sqlx::query(
            "select number, at, action, key_id, kind, name, organization
             from key_events order by number desc limit ?1",
        )
        .bind(limit)
        .fetch_all(&self.reader)
        .await?
        .iter()
        .map(event_from_row)
        .collect()
    }
}

impl SqliteState {
    /// Adds the audit line of a key's expiry, once. Whoever goes on presenting the key only makes it read.
    async fn note_expiry(&self, key: &Key) -> Result<()> {
        let Some(expired_at) = key.expires_at else { return Ok(()) };
        let mut reader = self.reader.acquire().await?;
        if has_event(&mut reader, &key.id, KeyAction::Expired).await? {
            return Ok(());
        }
        drop(reader);
        let mut transaction = self.writer.begin_with(BEGIN_WRITE).await?;
        if !has_event(&mut transaction, &key.id, KeyAction::Expired).await? {
            add_event(&mut transaction, &key.id, KeyAction::Expired, expired_at).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Writes uses of keys in one transaction, and an audit line for each first one.
    pub(super) async fn write_last_uses(&self, due: Due) -> Result<()> {
        if due.is_empty() {
            return Ok(());
        }
        let written = self.try_write_last_uses(&due).await;
        if written.is_err() {
            self.last_use.write_failed(&due);
        }
        written
    }

    async fn try_write_last_uses(&self, due: &Due) -> Result<()> {
        let mut transaction = self.writer.begin_with(BEGIN_WRITE).await?;
        for (id, at) in due {
            let first =
                sqlx::query("update keys set last_used_at = ?2 where id = ?1 and last_used_at is null")
                    .bind(id.as_str())
                    .bind(at.as_micros())
                    .execute(&mut *transaction)
                    .await?;
            if first.rows_affected() > 0 {
                add_event(&mut transaction, id, KeyAction::FirstUsed, *at).await?;
                continue;
            }
            sqlx::query("update keys set last_used_at = ?2 where id = ?1 and last_used_at < ?2")
                .bind(id.as_str())
                .bind(at.as_micros())
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

async fn refuse_taken_name(connection: &mut SqliteConnection, key: &Key, now: Timestamp) -> Result<()> {
    let holder: Option<String> = sqlx::query_scalar(
        "select id from keys
         where kind = ?1 and name = ?2 and organization is ?3
           and revoked_at is null and (expires_at is null or expires_at > ?4)",
    )
    .bind(key.kind.as_str())
    .bind(&key.name)
    .bind(key.organization.as_ref().map(OrganizationId::as_str))
    .bind(now.as_micros())
    .fetch_optional(connection)
    .await?;
    match holder {
        None => Ok(()),
        Some(id) => Err(Error::NameTaken { kind: key.kind, name: key.name.clone(), id: KeyId::new(id) }),
    }
}

async fn insert_key(connection: &mut SqliteConnection, key: &Key, hash: &[u8]) -> Result<()> {
    sqlx::query(
        "insert into keys (id, kind, name, organization, created_at, expires_at, hint, hash)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )
    .bind(key.id.as_str())
    .bind(key.kind.as_str())
    .bind(&key.name)
    .bind(key.organization.as_ref().map(OrganizationId::as_str))
    .bind(key.created_at.as_micros())
    .bind(key.expires_at.map(Timestamp::as_micros))
    .bind(&key.hint)
    .bind(hash)
    .execute(connection)
    .await?;
    Ok(())
}

async fn has_event(connection: &mut SqliteConnection, id: &KeyId, action: KeyAction) -> Result<bool> {
    let query = "select exists (select 1 from key_events where key_id = ?1 and action = ?2)";
    Ok(sqlx::query_scalar(query).bind(id.as_str()).bind(action.as_str()).fetch_one(connection).await?)
}

async fn add_event(
    connection: &mut SqliteConnection,
    id: &KeyId,
    action: KeyAction,
    at: Timestamp,
) -> Result<()> {
    sqlx::query(
        "insert into key_events (at, action, key_id, kind, name, organization)
         select ?3, ?2, id, kind, name, organization from keys where id = ?1",
    )
    .bind(id.as_str())
    .bind(action.as_str())
    .bind(at.as_micros())
    .execute(connection)
    .await?;
    Ok(())
}

fn key_from_row(row: &SqliteRow) -> Result<Key> {
    Ok(Key {
        id: KeyId::new(row.try_get::<String, _>("id")?),
        kind: kind_from_row(row)?,
        name: row.try_get("name")?,
        organization: organization_from_row(row)?,
        created_at: Timestamp::from_micros(row.try_get("created_at")?),
        expires_at: optional_instant(row, "expires_at")?,
        revoked_at: optional_instant(row, "revoked_at")?,
        last_used_at: optional_instant(row, "last_used_at")?,
        hint: row.try_get("hint")?,
    })
}

fn event_from_row(row: &SqliteRow) -> Result<KeyEvent> {
    let action: &str = row.try_get("action")?;
    Ok(KeyEvent {
        number: row.try_get("number")?,
        at: Timestamp::from_micros(row.try_get("at")?),
        action: KeyAction::parse(action).ok_or_else(|| Error::unexpected("action", action))?,
        key_id: KeyId::new(row.try_get::<String, _>("key_id")?),
        kind: kind_from_row(row)?,
        name: row.try_get("name")?,
        organization: organization_from_row(row)?,
    })
}

fn kind_from_row(row: &SqliteRow) -> Result<KeyKind> {
    let kind: &str = row.try_get("kind")?;
    kind.parse().map_err(|_| Error::unexpected("kind of key", kind))
}

fn organization_from_row(row: &SqliteRow) -> Result<Option<OrganizationId>> {
    Ok(row.try_get::<Option<String>, _>("organization")?.map(OrganizationId::new))
}

fn optional_instant(row: &SqliteRow, column: &str) -> Result<Option<Timestamp>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp::from_micros))
}
