//! A part on its way to being there: written under another name, synced, and renamed.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_schema::Schema;

use super::{OutputFormat, marks};
use crate::BulkError;
use crate::score::{Answer, Done};
use crate::sink::{TableSink, write_lines};
use microseg_model::Model;

/// A part that is being written. Dropping it unfinished leaves nothing behind.
pub(super) struct Part {
    number: u64,
    folder: PathBuf,
    temporary: PathBuf,
    place: PathBuf,
    /// `None` once it is finished.
    sink: Option<Sink>,
}

enum Sink {
    Lines(io::BufWriter<File>),
    Table(Box<TableSink>),
}

/// Where a part will be.
pub(super) fn place(folder: &Path, number: u64, to: OutputFormat) -> PathBuf {
    folder.join(format!("part-{number:06}.{}", to.extension()))
}

impl Part {
    /// Begins a part; `None` when it is there.
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
        let place = place(folder, number, to);
        let temporary = folder.join(format!(".part-{number:06}.{}", to.extension()));
        let there = || place.try_exists().map_err(BulkError::file(&place));
        if there()? {
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
            Err(TryLockError::WouldBlock) => return Err(BulkError::Busy(place)),
            Err(TryLockError::Error(source)) => return Err(BulkError::file(&temporary)(source)),
        }
        // Who held the lock before may have finished meanwhile: then the file that is open here is the part.
        if there()? {
            // Then this is the part, or a new and empty file: in neither case somebody writes under this name.
            let _ = fs::remove_file(&temporary);
            return Ok(None);
        }
        let mut part = Self {
            number,
            folder: folder.to_owned(),
            temporary,
            place,
            sink: None,
        };
        // What a killed run has left is written over.
        file.set_len(0).map_err(|source| part.fault(source))?;
        part.sink = Some(match schema {
            Some(schema) => {
                let sink = TableSink::new(file, schema.clone(), model.identity());
                let sink = sink.map_err(|source| part.fault(source.into()))?;
                Sink::Table(Box::new(sink))
            }
            None => Sink::Lines(io::BufWriter::with_capacity(1 << 16, file)),
        });
        Ok(Some(part))
    }

    /// Adds answers.
    pub(super) fn write(&mut self, answers: &[Answer]) -> Result<(), BulkError> {
        let written = match &mut self.sink {
            Some(Sink::Lines(file)) => write_lines(file, answers),
            Some(Sink::Table(table)) => table.write(answers).map_err(Into::into),
            None => Ok(()),
        };
        written.map_err(|source| self.fault(source))
    }

    /// Puts it in its place; only now it is there.
    pub(super) fn finish(mut self, done: &Done) -> Result<(), BulkError> {
        let Some(sink) = self.sink.take() else {
            return Ok(());
        };
        self.put(sink, done).map_err(|source| self.fault(source))
    }

    fn put(&self, sink: Sink, done: &Done) -> io::Result<()> {
        let file = match sink {
            Sink::Lines(file) => file.into_inner().map_err(io::IntoInnerError::into_error)?,
            Sink::Table(table) => table.finish()?,
        };
        file.sync_all()?;
        marks::write(&self.folder, self.number, done)?;
        fs::rename(&self.temporary, &self.place)?;
        File::open(&self.folder)?.sync_all()
    }

    fn fault(&self, source: io::Error) -> BulkError {
        BulkError::file(&self.place)(source)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if self.sink.take().is_some() {
            // What cannot be removed is written over by the next run.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}
