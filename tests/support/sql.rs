//! SQL on a test's database, beside the store that owns it.

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Decode, Type};
use tempfile::TempDir;

use crate::cluster::connect;
use crate::store::TestStore;
use crate::wait::TIME_LIMIT;

/// Finds bytes in the columns that may hold anything of a customer.
const CONTAINS: &str = "SELECT EXISTS (SELECT 1 FROM contents WHERE position($1 IN document) > 0 \
     OR position($1 IN input) > 0 OR convert_to(customer_id, 'UTF8') = $1) \
     OR EXISTS (SELECT 1 FROM customer_contents WHERE position($1 IN scoring) > 0 \
     OR convert_to(customer_id, 'UTF8') = $1) \
     OR EXISTS (SELECT 1 FROM job_contents WHERE position($1 IN request) > 0 \
     OR convert_to(customer_id, 'UTF8') = $1)";

impl TestStore {
    /// Runs one statement, in which `?` stands for the parameter; the number of rows that it changed.
    pub async fn execute(&self, statement: &str, parameter: Option<&[u8]>) -> u64 {
        match self {
            Self::Sqlite(folder) => {
                let mut connection = open_sqlite(folder).await;
                let mut query = sqlx::query(AssertSqlSafe(statement.to_owned()));
                if let Some(parameter) = parameter {
                    query = query.bind(parameter.to_vec());
                }
                let done = query.execute(&mut connection).await.unwrap();
                // An open reader keeps erased bytes in the journal.
                connection.close().await.unwrap();
                done.rows_affected()
            }
            Self::Postgres(url) => {
                let mut connection = connect(url).await;
                // Switches off the triggers that keep records from being changed.
                let free = "SET session_replication_role = replica";
                sqlx::query(free).execute(&mut connection).await.unwrap();
                let mut query = sqlx::query(AssertSqlSafe(statement.replace('?', "$1")));
                if let Some(parameter) = parameter {
                    query = query.bind(parameter.to_vec());
                }
                let done = query.execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
                done.rows_affected()
            }
        }
    }

    /// Runs one statement with a parameter; it must change one row.
    pub async fn change(&self, statement: &str, parameter: &[u8]) {
        let changed = self.execute(statement, Some(parameter)).await;
        assert_eq!(changed, 1, "{statement}");
    }

    /// The value of a query that gives one.
    pub async fn value<T>(&self, query: &'static str) -> T
    where
        T: for<'row> Decode<'row, sqlx::Sqlite> + Type<sqlx::Sqlite>,
        T: for<'row> Decode<'row, sqlx::Postgres> + Type<sqlx::Postgres>,
        T: Send + Unpin,
    {
        match self {
            Self::Sqlite(folder) => {
                let mut connection = open_sqlite(folder).await;
                let value = sqlx::query_scalar(query).fetch_one(&mut connection).await;
                connection.close().await.unwrap();
                value.unwrap()
            }
            Self::Postgres(url) => {
                let mut connection = connect(url).await;
                let value = sqlx::query_scalar(query).fetch_one(&mut connection).await;
                connection.close().await.unwrap();
                value.unwrap()
            }
        }
    }

    /// The number of rows of a table.
    pub async fn count(&self, query: &'static str) -> i64 {
        self.value(query).await
    }

    /// Whether text is in any file of SQLite, or in any table of PostgreSQL that holds customers' data.
    pub async fn contains(&self, text: &str) -> bool {
        let Self::Postgres(url) = self else {
            return !self.files_with(text).is_empty();
        };
        let mut connection = connect(url).await;
        let query = sqlx::query_scalar(CONTAINS).bind(text.as_bytes());
        let contains = query.fetch_one(&mut connection).await;
        connection.close().await.unwrap();
        contains.unwrap()
    }
}

async fn open_sqlite(folder: &TempDir) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("records.db"))
        .foreign_keys(false)
        .busy_timeout(TIME_LIMIT);
    options.connect().await.unwrap()
}
