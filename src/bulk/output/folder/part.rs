//! Part of a folder: written under a temporary name, synced, and renamed when it is complete.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_schema::Schema;
use microseg_model::Model;

use super::durable::sync_folder;
use super::format::OutputFormat;
use super::summaries;
use crate::error::BulkError;
use crate::output::ndjson_lines::write_lines;
use crate::output::parquet_table::ParquetTableWriter;
use crate::score::{Answer, UnitSummary};

/// A part that is being written. Dropping it unfinished removes its file.
pub(super) struct OutputPart {
    number: u64,
    folder: PathBuf,
    temporary: PathBuf,
    path: PathBuf,
    /// Holds the lock until the temporary file has been renamed or removed: else this process could remove another one's.
    file: File,
    /// `None` before and after answers are written.
    writer: Option<PartWriter>,
    is_renamed: bool,
}

enum PartWriter {
    Lines(io::BufWriter<File>),
    Table(Box<ParquetTableWriter>),
}

/// The path of a finished part.
pub(super) fn path_of(folder: &Path, number: u64, to: OutputFormat) -> PathBuf {
    folder.join(format!("part-{number:06}.{}", to.extension()))
}

/// Removes a finished part.
pub(super) fn remove(folder: &Path, number: u64, to: OutputFormat) -> Result<(), BulkError> {
    let path = path_of(folder, number, to);
    fs::remove_file(&path).map_err(BulkError::output(&path))
}

/// Opens a part's temporary file and locks it; `None` when another process has it.
fn lock(temporary: &Path) -> io::Result<Option<File>> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(temporary)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    Ok(Some(file))
}

/// Whether the path still is this file's: the process that held the lock before may have renamed or removed it.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let file = file.metadata()?;
    match fs::metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (file.dev(), file.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

impl OutputPart {
    /// Begins a part; `None` when it exists.
    ///
    /// # Errors
    /// [`BulkError::Busy`] when another process is writing it.
    pub(super) fn begin(
        folder: &Path,
        number: u64,
        to: OutputFormat,
        schema: Option<&Arc<Schema>>,
        model: &Model,
    ) -> Result<Option<Self>, BulkError> {
        let path = path_of(folder, number, to);
        let temporary = folder.join(format!(".part-{number:06}.{}", to.extension()));
        let exists = || path.try_exists().map_err(BulkError::output(&path));
        if exists()? {
            return Ok(None);
        }
        let Some(file) = lock(&temporary).map_err(BulkError::output(&temporary))? else {
            return Err(BulkError::Busy(path));
        };
        // The process that held the lock before may have finished the part meanwhile.
        if exists()? {
            // The temporary file is then the part itself, or a new and empty file: no process writes it.
            let _ = fs::remove_file(&temporary);
            return Ok(None);
        }
        if !is_at(&file, &temporary).map_err(BulkError::output(&temporary))? {
            return Err(BulkError::Busy(path));
        }
        let mut part = Self {
            number,
            folder: folder.to_owned(),
            temporary,
            path,
            file,
            writer: None,
            is_renamed: false,
        };
        let writer = part.start(schema, model);
        part.writer = Some(writer.map_err(|source| part.file_error(source))?);
        Ok(Some(part))
    }

    /// What a killed run has left is overwritten.
    fn start(&self, schema: Option<&Arc<Schema>>, model: &Model) -> io::Result<PartWriter> {
        self.file.set_len(0)?;
        let file = self.file.try_clone()?;
        Ok(match schema {
            Some(schema) => PartWriter::Table(Box::new(ParquetTableWriter::new(
                file,
                schema.clone(),
                model.identity(),
            )?)),
            None => PartWriter::Lines(io::BufWriter::with_capacity(1 << 16, file)),
        })
    }

    /// Adds answers.
    pub(super) fn write(&mut self, answers: &[Answer]) -> Result<(), BulkError> {
        let written = match &mut self.writer {
            Some(PartWriter::Lines(file)) => write_lines(file, answers),
            Some(PartWriter::Table(table)) => table.write(answers).map_err(Into::into),
            None => Ok(()),
        };
        written.map_err(|source| self.file_error(source))
    }

    /// Completes the part and gives it its name.
    pub(super) fn finish(mut self, summary: &UnitSummary) -> Result<(), BulkError> {
        self.sync().map_err(|source| self.file_error(source))?;
        summaries::write(&self.folder, self.number, summary)?;
        self.rename().map_err(|source| self.file_error(source))
    }

    fn sync(&mut self) -> io::Result<()> {
        match self.writer.take() {
            Some(PartWriter::Lines(mut file)) => file.flush()?,
            Some(PartWriter::Table(table)) => table.finish()?,
            None => {}
        }
        self.file.sync_all()
    }

    fn rename(&mut self) -> io::Result<()> {
        fs::rename(&self.temporary, &self.path)?;
        self.is_renamed = true;
        sync_folder(&self.folder)
    }

    fn file_error(&self, source: io::Error) -> BulkError {
        BulkError::output(&self.path)(source)
    }
}

impl Drop for OutputPart {
    fn drop(&mut self) {
        if !self.is_renamed {
            // A file that cannot be removed is overwritten by the next run.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}
