//! Why a bulk run ends before its work is done. What is wrong with one customer is no such error, but that customer's problem.

use std::io;
use std::path::PathBuf;

use super::{Format, Place};
use microseg_model::RunError;

/// What ends a run. No variant holds a value of a history.
#[derive(Debug, thiserror::Error)]
pub enum BulkError {
    /// A file or folder cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Standard input cannot be read.
    #[error("standard input: {0}")]
    StandardInput(io::Error),
    /// What goes through a pipe can be read once only, and not from its end.
    #[error("standard input: {0}")]
    Pipe(&'static str),
    /// The answers cannot be written; [`io::ErrorKind::BrokenPipe`] when nobody reads any more.
    #[error("the answers cannot be written: {0}")]
    Write(io::Error),
    /// A pattern that is none.
    #[error("{pattern}: {source}")]
    Pattern {
        /// As it was given.
        pattern: String,
        /// What is wrong with it.
        source: glob::PatternError,
    },
    /// A pattern that no file matches.
    #[error("{0}: no file matches")]
    NoMatch(String),
    /// A file is no Parquet, or a broken one.
    #[error("{input}: {source}")]
    Parquet {
        /// The file.
        input: String,
        /// What the reader says.
        source: parquet::errors::ParquetError,
    },
    /// A column's values cannot be brought into the form that is read.
    #[error("{input}: the column {column}: {source}")]
    Cast {
        /// The file.
        input: String,
        /// The column's name.
        column: String,
        /// What the conversion says.
        source: arrow_schema::ArrowError,
    },
    /// A table lacks a column.
    #[error("{input}: no column is named {column}; the columns are: {}", columns.join(", "))]
    NoColumn {
        /// The file.
        input: String,
        /// The name that was looked for; two where either would do.
        column: String,
        /// The names that there are.
        columns: Vec<String>,
    },
    /// Which of several columns of one name is meant cannot be told.
    #[error("{input}: several columns are named {column}")]
    SeveralColumns {
        /// The file.
        input: String,
        /// Their name.
        column: String,
    },
    /// A column of a type that cannot hold what it is for.
    #[error("{input}: the column {column} is of the type {found}, expected {expected}")]
    ColumnType {
        /// The file.
        input: String,
        /// The column's name.
        column: String,
        /// Its Arrow type.
        found: String,
        /// The types that would do.
        expected: String,
    },
    /// A customer's rows do not stand together.
    #[error(
        "{input}: {place}: this customer had rows before, and others stand between: sort the tables by {column} first"
    )]
    NotTogether {
        /// The file.
        input: String,
        /// Where the customer came again.
        place: Place,
        /// The column of customers.
        column: String,
    },
    /// One customer's rows, or one record, on standard input are too many to be held.
    #[error(
        "standard input: the rows of one customer are more than {0} bytes, the limit max_held_bytes"
    )]
    TooMuchHeld(usize),
    /// The network does not run.
    #[error("the network: {0}")]
    Network(#[from] RunError),
    /// An output of the model would hide another column.
    #[error("the model's output {0} has the name of a column of the answers: write NDJSON instead")]
    OutputName(String),
    /// The folder holds parts of another run.
    #[error(
        "{}: the parts here are of another run: {differences}; choose another folder, or empty this one",
        folder.display()
    )]
    OtherRun {
        /// The folder.
        folder: PathBuf,
        /// What differs.
        differences: String,
    },
    /// A folder with things in it, and no plan.
    #[error("{}: the folder is not empty, and has no plan of a run before", .0.display())]
    NotEmpty(PathBuf),
    /// Two finished parts have a customer in common.
    #[error(
        "{}: a customer of this part is in another part too: sort the tables by customer, and begin in another folder",
        .0.display()
    )]
    NotTogetherInParts(PathBuf),
    /// Another process writes the same part.
    #[error("{}: another process writes this part", .0.display())]
    Busy(PathBuf),
    /// A thread ended without saying why.
    #[error("a thread has ended unexpectedly")]
    Thread,
    /// Somebody wants the run to end.
    #[error("interrupted: what is finished stays, and the same command goes on from there")]
    Interrupted,
}

impl BulkError {
    /// For `map_err` on what a file or folder answers.
    pub(super) fn file(path: &std::path::Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }

    /// For a format that must be read from its end.
    pub(super) fn pipe(format: Format) -> Option<Self> {
        (format == Format::Parquet).then_some(Self::Pipe("Parquet can be read from files only"))
    }
}
