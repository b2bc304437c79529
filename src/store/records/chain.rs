//! Appending to the chain.

use super::database::RecordTransaction;
use super::entry::{Entry, Unsealed};
use super::seal::seal;
use crate::error::StoreError;

/// Seals a document and appends it to the chain; returns the sealed bytes.
pub(crate) async fn append_entry<T: RecordTransaction + ?Sized>(
    transaction: &mut T,
    unsealed: &Unsealed<'_>,
) -> Result<Vec<u8>, StoreError> {
    // Read inside the transaction: another process may have added to the chain.
    let head = transaction.head().await?;
    let sealed = seal(unsealed.document, &head.sha256);
    let entry = Entry {
        sequence: head.sequence.saturating_add(1),
        previous_sha256: &head.sha256,
        document_sha256: &sealed.document_sha256,
        record_sha256: &sealed.record_sha256,
        document: &sealed.document,
        unsealed,
    };
    transaction.insert(&entry).await?;
    Ok(sealed.document)
}
