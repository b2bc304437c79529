//! Beginnings of transactions, each with its own time limits.
//!
//! The limits are set in the transaction and not for the session: behind a pooler in transaction mode, as `PgBouncer` has
//! one, each transaction may run in another session of the database, which other programs use too. For the same reason
//! every statement with parameters runs in a transaction and has no name: it is sent in two steps, which must meet the
//! same session, and a name may be taken there already.

/// The limits of a transaction. A statement ends before its client stops waiting for it. A server that stops in the middle
/// of a transaction, as one that is paused does, blocks the others for a shorter time than they wait for a lock.
macro_rules! limits {
    () => {
        "SET LOCAL statement_timeout = '10s'; SET LOCAL lock_timeout = '8s'; \
         SET LOCAL idle_in_transaction_session_timeout = '5s'"
    };
}

/// Begins a transaction for one statement that reads.
pub(super) const READING: &str = concat!("BEGIN READ ONLY; ", limits!());

/// Begins a snapshot, whose queries may read all entries: no request waits for it.
pub(super) const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
    SET LOCAL statement_timeout = '1h'; SET LOCAL idle_in_transaction_session_timeout = '60s'";

/// Begins to write, and waits for the transaction of another writer. Later statements see what was committed before: the
/// chain's end as it is read stays its end. The lock is that of the table's number, so that stores in two schemas do not
/// wait for each other. The commit is on disk when it is acknowledged, whatever the default of the database.
pub(super) const WRITING: &str = concat!(
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; ",
    limits!(),
    "; SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'; \
     SELECT pg_advisory_xact_lock(1836016498, 'entries'::regclass::oid::integer)"
);

/// Begins to write beside others: what must not be written twice at once has a lock of its own.
pub(super) const BESIDE: &str = concat!(
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; ",
    limits!(),
    "; SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'"
);

/// Takes those of some locks that no other transaction has, and says which. They are those of a table's number, for the same
/// reason.
pub(super) const TRY_LOCKS: &str = "SELECT name FROM unnest($1::integer[]) AS asked (name) \
    WHERE pg_try_advisory_xact_lock('customers'::regclass::oid::integer, name)";

/// Waits for one of these locks.
pub(super) const LOCK: &str =
    "SELECT pg_advisory_xact_lock('customers'::regclass::oid::integer, $1)";

/// Begins to migrate the tables, one server after the other: another one may be opening the same new database.
pub(super) const MIGRATING: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; \
    SET LOCAL statement_timeout = '10min'; SET LOCAL lock_timeout = '8s'; \
    SET LOCAL idle_in_transaction_session_timeout = '5s'; \
    SELECT pg_advisory_xact_lock(hashtext('microseg migrations'))";
