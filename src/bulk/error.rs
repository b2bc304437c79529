//! Errors that end a bulk run. An invalid history does not end a run: it is answered with a problem.

use std::io;
use std::path::PathBuf;

use microseg_model::RunError;

use crate::content::Content;
use crate::position::Position;

/// An error that ends a run. No variant holds a value of a history.
#[derive(Debug, thiserror::Error)]
pub enum BulkError {
    /// An input cannot be read.
    #[error("{}: {source}: {}", path.display(), advice_on_reading(source))]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The folder of parts, or a file in it, cannot be written or read.
    #[error(
        "{}: {source}: finished parts stay; {}, the same command goes on from there; what came from standard input must be \
        given again as a whole, with another folder",
        path.display(),
        condition_of_writing(source)
    )]
    Output {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The plan of a folder of parts, or the summary of a part, is missing or not as a run writes it.
    #[error("{}: missing, or not as a run writes it: choose another folder, or empty this one", .0.display())]
    Damaged(PathBuf),
    /// Standard input cannot be read.
    #[error("standard input: {0}")]
    StandardInput(io::Error),
    /// Standard input does not allow what was asked: it can be read once only, and not from its end.
    #[error("standard input: {0}")]
    Pipe(&'static str),
    /// The answers cannot be written; [`io::ErrorKind::BrokenPipe`] when the reader has closed the stream.
    #[error("the answers cannot be written: {0}")]
    Write(io::Error),
    /// A pattern of files that is invalid.
    #[error("{pattern}: {source}")]
    Pattern {
        /// The pattern as it was given.
        pattern: String,
        /// The error in the pattern.
        source: glob::PatternError,
    },
    /// A pattern that no file matches.
    #[error("{0}: no file matches")]
    NoMatch(String),
    /// A file is not what was expected by its name.
    #[error("{input}: the content is {content}")]
    Content {
        /// The file.
        input: String,
        /// What it is instead.
        content: Content,
    },
    /// A pipe or a device is named as a file.
    #[error("{}: not a regular file: give it to standard input, with - in its place", .0.display())]
    NotAFile(PathBuf),
    /// A folder whose files are not those of one table.
    #[error(
        "{folder}: a folder without files, or not with those of one format alone: give a pattern in quotes, such as \
        '{folder}/*.parquet' or '{folder}/**/*.parquet'",
        folder = .0.display()
    )]
    Folder(PathBuf),
    /// A file was written, cut or replaced while it was read.
    #[error("{}: changed while it was read: nothing of it counts as scored; run again when it is complete", .0.display())]
    InputChanged(PathBuf),
    /// The header of a table has a quote that is never closed.
    #[error("{input}: line {line}: a quote opens a field of the header here and is never closed")]
    OpenQuoteInHeader {
        /// The file.
        input: String,
        /// The line of the quote, from 1.
        line: u64,
    },
    /// A file is not valid Parquet.
    #[error("{input}: {source}")]
    Parquet {
        /// The file.
        input: String,
        /// The reader's error.
        source: parquet::errors::ParquetError,
    },
    /// A column's values cannot be converted to the type that is read.
    #[error("{input}: the column {column}: {source}")]
    Cast {
        /// The file.
        input: String,
        /// The column's name.
        column: String,
        /// The error of the conversion.
        source: arrow_schema::ArrowError,
    },
    /// A table lacks a column.
    #[error(
        "{input}: no column is named {column}; the columns are: {}",
        listed(columns)
    )]
    NoColumn {
        /// The file.
        input: String,
        /// The name that was looked for; two names where either is enough.
        column: String,
        /// The names of the table's columns.
        columns: Vec<String>,
    },
    /// A column is given for a field that the model does not declare.
    #[error(
        "the model declares no field {field}; those that it declares: {}",
        listed_or_none(declared)
    )]
    NoSuchField {
        /// The field.
        field: String,
        /// The names of those that it declares.
        declared: Vec<String>,
    },
    /// Several columns have the name of a column that is read.
    #[error("{input}: several columns are named {column}")]
    SeveralColumns {
        /// The file.
        input: String,
        /// Their name.
        column: String,
    },
    /// A column has a type that is not read.
    #[error("{input}: the column {column} is of the type {found}, expected {expected}")]
    ColumnType {
        /// The file.
        input: String,
        /// The column's name.
        column: String,
        /// Its Arrow type.
        found: String,
        /// The types that are read.
        expected: String,
    },
    /// A customer's rows do not stand together.
    #[error(
        "{input}: {position}: this customer had rows before, and others stand between: sort the tables by {column} first"
    )]
    NotTogether {
        /// The file.
        input: String,
        /// Where the customer's rows begin again.
        position: Position,
        /// The column of customers.
        column: String,
    },
    /// One customer's rows, or one record, on standard input are larger than what is held in memory.
    #[error(
        "standard input: the rows of one customer are more than {0} bytes, the limit max_held_bytes; a quote \
        that is never closed has the same effect"
    )]
    TooMuchHeld(usize),
    /// The network failed.
    #[error("the network: {0}")]
    Network(#[from] RunError),
    /// An output of the model has the name of another column of the answers.
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
        /// The differences between the two plans.
        differences: String,
    },
    /// The folder has files, but no plan.
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
    /// A thread panicked or could not be started.
    #[error("a thread has ended unexpectedly")]
    Thread,
    /// The run was asked to end early.
    #[error("interrupted: what is finished stays, and the same command goes on from there")]
    Interrupted,
}

impl BulkError {
    /// For `map_err` on the errors of an input.
    pub(crate) fn file(path: &std::path::Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }

    /// For `map_err` on the errors of the folder of parts and the files in it.
    pub(crate) fn output(path: &std::path::Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Output { path, source }
    }
}

/// What to do when an input cannot be read.
fn advice_on_reading(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => {
            "see that the name is right, from the folder where the command runs"
        }
        io::ErrorKind::PermissionDenied => "let the user that runs the command read it",
        _ => "see that the file can be read to its end, for example with `cksum`, then run again",
    }
}

/// When a folder can be written again.
fn condition_of_writing(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "when there is space again",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "when the user that runs the command may write there"
        }
        _ => "when the folder can be written again",
    }
}

fn listed_or_none(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        listed(names)
    }
}

/// Names in a message: the first few, and the begin of each.
fn listed(columns: &[String]) -> String {
    const NAMES: usize = 40;
    const CHARACTERS: usize = 60;
    let shown = |character: char| {
        if character.is_control() {
            char::REPLACEMENT_CHARACTER
        } else {
            character
        }
    };
    let names = columns.iter().take(NAMES);
    let mut names: Vec<String> = names
        .map(|name| name.chars().take(CHARACTERS).map(shown).collect())
        .collect();
    if columns.len() > NAMES {
        names.push(format!("and {} more", columns.len() - NAMES));
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_of_a_file_says_what_to_do() {
        let path = std::path::Path::new("t.csv");
        let read = |kind: io::ErrorKind| BulkError::file(path)(kind.into()).to_string();
        assert!(read(io::ErrorKind::NotFound).contains("see that the name is right"));
        assert!(read(io::ErrorKind::PermissionDenied).contains("let the user"));
        assert!(read(io::ErrorKind::Other).contains("run again"));
        let write = |kind: io::ErrorKind| BulkError::output(path)(kind.into()).to_string();
        for (kind, condition) in [
            (io::ErrorKind::StorageFull, "when there is space again"),
            (io::ErrorKind::ReadOnlyFilesystem, "may write there"),
            (io::ErrorKind::Other, "when the folder can be written again"),
        ] {
            let text = write(kind);
            assert!(
                text.starts_with("t.csv: ") && text.contains(condition),
                "{text}"
            );
        }
    }
}
