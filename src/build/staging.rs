//! Staging of a bundle: a folder written beside its place, checked there, and moved when it is complete.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Files beside their place; dropped before [`Stage::commit`], they are removed.
#[derive(Debug)]
pub(super) struct Stage {
    /// Where the files are.
    folder: PathBuf,
    /// Where they are moved to.
    place: PathBuf,
}

impl Stage {
    /// An empty folder beside `<models>/<name>/<version>`.
    pub(super) fn open(place: &Path) -> io::Result<Self> {
        let (Some(parent), Some(version)) = (place.parent(), place.file_name()) else {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "no folder for a bundle",
            ));
        };
        fs::create_dir_all(parent)?;
        let folder = parent.join(format!(
            ".{}.new-{}",
            version.to_string_lossy(),
            std::process::id()
        ));
        let old = aside(place);
        if old.exists() {
            if place.exists() {
                fs::remove_dir_all(&old)?;
            } else {
                fs::rename(&old, place)?;
            }
        }
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir(&folder)?;
        Ok(Self {
            folder,
            place: place.to_owned(),
        })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes a file, and the folder that its name may begin with, and waits until both are on the disk.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.folder.join(name);
        let parent = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(parent)?;
        let mut file = File::create(&path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        File::open(parent)?.sync_all()
    }

    /// Copies all files from the place, with those of its subfolders.
    pub(super) fn copy_place(&self) -> io::Result<()> {
        copy(&self.place, &self.folder)
    }

    /// Moves the folder to its place; the bundle that was there is moved aside first, and removed last.
    ///
    /// A crash between the two moves leaves both beside the place: [`Stage::open`] then puts the old one back.
    pub(super) fn commit(self) -> io::Result<()> {
        File::open(&self.folder)?.sync_all()?;
        let old = aside(&self.place);
        if self.place.exists() {
            fs::rename(&self.place, &old)?;
        }
        if let Err(error) = fs::rename(&self.folder, &self.place) {
            if old.exists() {
                fs::rename(&old, &self.place)?;
            }
            return Err(error);
        }
        if let Some(parent) = self.place.parent() {
            File::open(parent)?.sync_all()?;
        }
        // The new bundle is in its place; what cannot be removed now is removed by the next build.
        let _ = fs::remove_dir_all(&old);
        Ok(())
    }
}

fn copy(from: &Path, into: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, copied) = (entry.path(), into.join(entry.file_name()));
        if path.is_dir() {
            fs::create_dir(&copied)?;
            copy(&path, &copied)?;
        } else {
            fs::copy(&path, &copied)?;
            File::open(&copied)?.sync_all()?;
        }
    }
    File::open(into)?.sync_all()
}

/// The place of the bundle that is being replaced, until it is removed.
fn aside(place: &Path) -> PathBuf {
    let version = place.file_name().unwrap_or_default().to_string_lossy();
    place.with_file_name(format!(".{version}.old"))
}

impl Drop for Stage {
    fn drop(&mut self) {
        // After `commit` there is nothing left to remove.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
