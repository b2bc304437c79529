//! Free pages of the database's file, given back to the disk in steps.
//!
//! A page at the end of the file is moved into a free one, and the file becomes shorter. What is moved leaves no copy: its
//! old place is cut off.

use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::error::{StoreError, while_doing};

/// The free pages that stay in the file, to be used again: 4 MiB.
const KEPT: i64 = 1024;

/// The most pages of one step, 32 MiB: no one else writes meanwhile.
const STEP: i64 = 8192;

/// The mode in which pages can be given back. A file of version 0.1 gets it by a `VACUUM` (`docs/records.md`).
const INCREMENTAL: i64 = 2;

/// Makes the file shorter, if it has many free pages; `true` if it did. The next checkpoint cuts the file.
pub(super) async fn give_back(connection: &mut SqliteConnection) -> Result<bool, StoreError> {
    let failed = while_doing("giving free pages back");
    let query = "SELECT (SELECT auto_vacuum FROM pragma_auto_vacuum), \
                 (SELECT freelist_count FROM pragma_freelist_count), \
                 (SELECT user_version FROM pragma_user_version)";
    let found: Result<(i64, i64, i64), _> = sqlx::query_as(query).fetch_one(&mut *connection).await;
    let (mode, free, shortenings) = found.map_err(&failed)?;
    let pages = (free - KEPT).min(STEP);
    if mode != INCREMENTAL || pages <= 0 {
        return Ok(false);
    }
    // The version counts: it tells other servers that the file was not cut (`files`).
    let next = (shortenings + 1) & i64::from(i32::MAX);
    let step = format!(
        "BEGIN IMMEDIATE; PRAGMA incremental_vacuum({pages}); PRAGMA user_version = {next}; COMMIT"
    );
    let done = sqlx::raw_sql(AssertSqlSafe(step))
        .execute(&mut *connection)
        .await;
    if let Err(error) = done {
        // It fails when nothing was begun.
        let _ = sqlx::raw_sql("ROLLBACK").execute(connection).await;
        return Err(failed(error));
    }
    Ok(true)
}
