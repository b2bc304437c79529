//! Check of a file's content before it is read: a file that is known to be something else is refused by its kind.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::content::Content;
use crate::error::BulkError;

/// The first bytes that are looked at.
const HEAD_BYTES: u64 = 4 << 10;

/// Refuses a file that is no text.
///
/// # Errors
/// [`BulkError`] with what it is instead.
pub fn require_text(path: &Path) -> Result<(), BulkError> {
    match found(path)? {
        Some(content) => Err(refused(path, content)),
        None => Ok(()),
    }
}

/// Refuses a file that is known to be no Parquet; what else it may be, its reader says.
///
/// # Errors
/// [`BulkError`] with what it is instead.
pub(crate) fn require_parquet(path: &Path) -> Result<(), BulkError> {
    match found(path)? {
        None | Some(Content::Parquet | Content::Binary) => Ok(()),
        Some(content) => Err(refused(path, content)),
    }
}

fn refused(path: &Path, content: Content) -> BulkError {
    BulkError::Content {
        input: path.display().to_string(),
        content,
    }
}

fn found(path: &Path) -> Result<Option<Content>, BulkError> {
    let head = head(path).map_err(BulkError::file(path))?;
    Ok(Content::of(&head))
}

fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD_BYTES).read_to_end(&mut head)?;
    Ok(head)
}
