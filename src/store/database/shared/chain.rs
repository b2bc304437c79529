//! Shared statements of snapshots of the chain. Each database reads their rows by its own rules.

/// How many entries a snapshot reads at once.
pub(crate) const PAGE: i64 = 64;

/// The number of entries.
pub(crate) const COUNT: &str = "SELECT count(*) FROM entries";

/// The next entries with their content: from number `$1` on, `$2` of them.
pub(crate) const ENTRIES: &str = "SELECT sequence, kind, previous_sha256, document_sha256, record_sha256, id, created_at, \
     customer_bucket, customer_id, document \
     FROM entries LEFT JOIN contents USING (sequence) \
     WHERE sequence >= $1 ORDER BY sequence LIMIT $2";

/// The lowest number of content without an entry.
pub(crate) const ORPHANED_CONTENT: &str = "SELECT min(sequence) FROM contents WHERE NOT EXISTS \
     (SELECT 1 FROM entries WHERE entries.sequence = contents.sequence)";
