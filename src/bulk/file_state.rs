//! State of a file, by which a change while it is read is noticed.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::time::SystemTime;

/// What the file system says about a file. Equal states are the same content, as long as programs that write do not lie
/// to the file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileState {
    device: u64,
    inode: u64,
    /// In bytes.
    pub(crate) size: u64,
    /// When the content was changed; `None` where the file system does not keep it.
    pub(crate) modified: Option<SystemTime>,
    /// When the file system last noted a change, in seconds and nanoseconds: no program can set it back.
    changed: (i64, i64),
}

impl From<&Metadata> for FileState {
    fn from(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.len(),
            modified: metadata.modified().ok(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}
