//! Shared statements of snapshots of the chain.

/// How many entries a snapshot reads at once.
pub(crate) const PAGE: i64 = 64;

/// The number of entries.
pub(crate) const COUNT: &str = "SELECT count(*) FROM entries";

/// The columns of an entry with its content.
macro_rules! entry {
    ($summary:literal) => {
        concat!(
            "SELECT sequence, kind, previous_sha256, document_sha256, record_sha256, id, created_at, \
             customer_bucket, ",
            $summary,
            ", customer_id, document, input_form, input FROM entries LEFT JOIN contents USING (sequence) "
        )
    };
}

/// The entry of an id that is a tenant's, with its content and its input. The tenant is lost with the
/// content: then it is an altered one for every tenant.
pub(crate) const ENTRY_OF_ID: &str = concat!(
    entry!("summary"),
    "WHERE id = $1 AND (tenant = $2 OR tenant IS NULL)"
);

/// The entry of a number, with its content.
pub(crate) const ENTRY_OF_NUMBER: &str = concat!(entry!("summary"), "WHERE sequence = $1");

/// The next entries with their content: from number `$1` on, `$2` of them.
pub(crate) const ENTRIES: &str = concat!(
    entry!("summary"),
    "WHERE sequence >= $1 ORDER BY sequence LIMIT $2"
);

/// The same of a database that only version 0.1 has opened. An audit migrates nothing.
pub(crate) const ENTRIES_OF_0_1: &str = concat!(
    entry!("NULL AS summary"),
    "WHERE sequence >= $1 ORDER BY sequence LIMIT $2"
);

/// The next numbers of explanations without a summary: after number `$1`, `$2` of them.
pub(crate) const UNSUMMARIZED: &str = "SELECT sequence FROM entries \
     WHERE summary IS NULL AND kind = 'explanation' AND id IS NOT NULL AND sequence > $1 \
     ORDER BY sequence LIMIT $2";

/// The lowest number of content without an entry.
pub(crate) const ORPHANED_CONTENT: &str = "SELECT min(sequence) FROM contents WHERE NOT EXISTS \
     (SELECT 1 FROM entries WHERE entries.sequence = contents.sequence)";
