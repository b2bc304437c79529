//! Part of a folder: written under a temporary name, synced, and renamed when it is complete.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_schema::Schema;
use microseg_model::Model;

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
    /// `None` once it is finished.
    writer: Option<PartWriter>,
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
    fs::remove_file(&path).map_err(BulkError::file(&path))
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
        let exists = || path.try_exists().map_err(BulkError::file(&path));
        if exists()? {
            return Ok(None);
        }
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&temporary)
            .map_err(BulkError::file(&temporary))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BulkError::Busy(path)),
            Err(TryLockError::Error(source)) => return Err(BulkError::file(&temporary)(source)),
        }
        // The process that held the lock before may have finished the part meanwhile.
        if exists()? {
            // The temporary file is then the part itself, or a new and empty file: no process writes it.
            let _ = fs::remove_file(&temporary);
            return Ok(None);
        }
        let mut part = Self {
            number,
            folder: folder.to_owned(),
            temporary,
            path,
            writer: None,
        };
        // What a killed run has left is overwritten.
        file.set_len(0).map_err(|source| part.file_error(source))?;
        part.writer = Some(match schema {
            Some(schema) => {
                let table = ParquetTableWriter::new(file, schema.clone(), model.identity());
                let table = table.map_err(|source| part.file_error(source.into()))?;
                PartWriter::Table(Box::new(table))
            }
            None => PartWriter::Lines(io::BufWriter::with_capacity(1 << 16, file)),
        });
        Ok(Some(part))
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
        let Some(writer) = self.writer.take() else {
            return Ok(());
        };
        self.put(writer, summary)
            .map_err(|source| self.file_error(source))
    }

    fn put(&self, writer: PartWriter, summary: &UnitSummary) -> io::Result<()> {
        let file = match writer {
            PartWriter::Lines(file) => file.into_inner().map_err(io::IntoInnerError::into_error)?,
            PartWriter::Table(table) => table.finish()?,
        };
        file.sync_all()?;
        summaries::write(&self.folder, self.number, summary)?;
        fs::rename(&self.temporary, &self.path)?;
        File::open(&self.folder)?.sync_all()
    }

    fn file_error(&self, source: io::Error) -> BulkError {
        BulkError::file(&self.path)(source)
    }
}

impl Drop for OutputPart {
    fn drop(&mut self) {
        if self.writer.take().is_some() {
            // A file that cannot be removed is overwritten by the next run.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}
