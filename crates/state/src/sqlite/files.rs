//! Reading positions and counts of rejections in SQLite.

use async_trait::async_trait;
use model::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection as _, Row as _, SqliteConnection};

use super::{BEGIN_WRITE, NOT_DURABLE, SqliteState, from_stored, to_stored};
use crate::files::cut;
use crate::{
    Error, FileCursor, FileMark, Files, MAX_REJECTION_KINDS, OTHER_REASON, Rejection, RejectionSummary,
    Result,
};

macro_rules! select_cursors {
    () => {
        "select path, identity, size, modified_at, read_offset, tail_hash, lines_read, lines_skipped, last_error,
                boundary, context
         from file_cursors"
    };
}

/// Path, identity, size, modification time, offset, whether reading failed (0 or 1), boundary.
type StoredMark = (String, String, i64, i64, i64, i64, i64);

#[async_trait]
impl Files for SqliteState {
    async fn file_cursors(&self) -> Result<Vec<FileCursor>> {
        sqlx::query(concat!(select_cursors!(), " order by path"))
            .fetch_all(&self.reader)
            .await?
            .iter()
            .map(cursor_from_row)
            .collect()
    }

    async fn file_marks(&self) -> Result<Vec<FileMark>> {
        // One text for all of them: a row each would take ten times as long to hand over.
        let marks: String = sqlx::query_scalar(
            "select json_group_array(json_array(path, identity, size, modified_at, read_offset, last_error is not null,
                                                boundary))
             from file_cursors",
        )
        .fetch_one(&self.reader)
        .await?;
        let marks: Vec<StoredMark> =
            serde_json::from_str(&marks).map_err(|error| Error::unexpected("file_cursors", error))?;
        marks.into_iter().map(mark).collect()
    }

    async fn file_cursors_of(&self, paths: &[String]) -> Result<Vec<FileCursor>> {
        sqlx::query(concat!(
            select_cursors!(),
            " where path in (select value from json_each(?1)) order by path"
        ))
        .bind(serde_json::Value::from(paths).to_string())
        .fetch_all(&self.reader)
        .await?
        .iter()
        .map(cursor_from_row)
        .collect()
    }

    async fn save_file_cursors(&self, cursors: &[FileCursor]) -> Result<()> {
        cursors.iter().try_for_each(FileCursor::check_size)?;
        let mut connection = self.writer.acquire().await?;
        // What a power cut takes is read again, which adds nothing; a command would wait for two writes to the disk.
        sqlx::query(NOT_DURABLE).execute(&mut *connection).await?;
        let mut transaction = connection.begin_with(BEGIN_WRITE).await?;
        for cursor in cursors {
            save_cursor(&mut transaction, cursor).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn forget_file_cursors(&self, paths: &[String]) -> Result<()> {
        let mut transaction = self.writer.begin_with(BEGIN_WRITE).await?;
        for path in paths {
            sqlx::query("delete from file_cursors where path = ?1")
                .bind(path)
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn count_rejections(&self, rejections: &[Rejection]) -> Result<()> {
        let mut transaction = self.writer.begin_with(BEGIN_WRITE).await?;
        for rejection in rejections.iter().filter(|rejection| rejection.count > 0) {
            let reason = cut(&rejection.reason);
            if !add_to_rejection(&mut transaction, rejection, reason).await? {
                let reason =
                    if has_room_for_rejection(&mut transaction).await? { reason } else { OTHER_REASON };
                insert_rejection(&mut transaction, rejection, reason).await?;
            }
        }
        Ok(transaction.commit().await?)
    }

    async fn rejections(&self) -> Result<Vec<RejectionSummary>> {
        sqlx::query(
            "select source, reason, place, count, first_at, last_at
             from rejections order by count desc, source, reason",
        )
        .fetch_all(&self.reader)
        .await?
        .iter()
        .map(rejection_from_row)
        .collect()
    }
}

async fn save_cursor(connection: &mut SqliteConnection, cursor: &FileCursor) -> Result<()> {
    sqlx::query(
        "insert or replace into file_cursors
             (path, identity, size, modified_at, read_offset, tail_hash, lines_read, lines_skipped, last_error,
              boundary, context)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )
    .bind(&cursor.path)
    .bind(&cursor.identity)
    .bind(to_stored(cursor.size))
    .bind(cursor.modified_at.as_micros())
    .bind(to_stored(cursor.offset))
    .bind(cursor.tail_hash)
    .bind(to_stored(cursor.lines_read))
    .bind(to_stored(cursor.lines_skipped))
    .bind(cursor.last_error.as_deref().map(cut))
    .bind(cursor.boundary.as_micros())
    .bind(&cursor.context)
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds to the row of this source and reason; `false` if there is none.
async fn add_to_rejection(
    connection: &mut SqliteConnection,
    rejection: &Rejection,
    reason: &str,
) -> Result<bool> {
    let updated = sqlx::query(
        "update rejections set count = count + ?3, place = ?4, first_at = min(first_at, ?5), last_at = max(last_at, ?5)
         where source = ?1 and reason = ?2",
    )
    .bind(cut(&rejection.source))
    .bind(reason)
    .bind(to_stored(rejection.count))
    .bind(cut(&rejection.place))
    .bind(rejection.at.as_micros())
    .execute(connection)
    .await?;
    Ok(updated.rows_affected() > 0)
}

async fn has_room_for_rejection(connection: &mut SqliteConnection) -> Result<bool> {
    let kinds: u32 = sqlx::query_scalar("select count(*) from rejections").fetch_one(connection).await?;
    Ok(kinds < MAX_REJECTION_KINDS)
}

/// Makes the row of this source and reason, or adds to it: `OTHER_REASON` may have one already.
async fn insert_rejection(
    connection: &mut SqliteConnection,
    rejection: &Rejection,
    reason: &str,
) -> Result<()> {
    if reason == OTHER_REASON && add_to_rejection(connection, rejection, reason).await? {
        return Ok(());
    }
    sqlx::query(
        "insert into rejections (source, reason, place, count, first_at, last_at) values (?1, ?2, ?4, ?3, ?5, ?5)",
    )
    .bind(cut(&rejection.source))
    .bind(reason)
    .bind(to_stored(rejection.count))
    .bind(cut(&rejection.place))
    .bind(rejection.at.as_micros())
    .execute(connection)
    .await?;
    Ok(())
}

fn cursor_from_row(row: &SqliteRow) -> Result<FileCursor> {
    Ok(FileCursor {
        path: row.try_get("path")?,
        identity: row.try_get("identity")?,
        size: count(row, "size")?,
        modified_at: Timestamp::from_micros(row.try_get("modified_at")?),
        offset: count(row, "read_offset")?,
        tail_hash: row.try_get("tail_hash")?,
        lines_read: count(row, "lines_read")?,
        lines_skipped: count(row, "lines_skipped")?,
        last_error: row.try_get("last_error")?,
        boundary: Timestamp::from_micros(row.try_get("boundary")?),
        context: row.try_get("context")?,
    })
}

fn mark(stored: StoredMark) -> Result<FileMark> {
    let (path, identity, size, modified_at, offset, failed, boundary) = stored;
    Ok(FileMark {
        path,
        identity,
        size: from_stored("size", size)?,
        modified_at: Timestamp::from_micros(modified_at),
        offset: from_stored("read_offset", offset)?,
        failed: failed != 0,
        boundary: Timestamp::from_micros(boundary),
    })
}

fn rejection_from_row(row: &SqliteRow) -> Result<RejectionSummary> {
    Ok(RejectionSummary {
        source: row.try_get("source")?,
        reason: row.try_get("reason")?,
        place: row.try_get("place")?,
        count: count(row, "count")?,
        first_at: Timestamp::from_micros(row.try_get("first_at")?),
        last_at: Timestamp::from_micros(row.try_get("last_at")?),
    })
}

fn count(row: &SqliteRow, column: &str) -> Result<u64> {
    from_stored(column, row.try_get(column)?)
}
