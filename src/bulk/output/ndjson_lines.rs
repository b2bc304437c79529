//! Answers as NDJSON: a line for each customer.

use std::io::{self, Write};

use crate::score::Answer;

/// Writes a line for each answer.
pub(super) fn write_lines(mut stream: impl Write, answers: &[Answer]) -> io::Result<()> {
    for answer in answers {
        match answer {
            Ok(scoring) => serde_json::to_writer(&mut stream, scoring)?,
            Err(refused) => serde_json::to_writer(&mut stream, refused)?,
        }
        stream.write_all(b"\n")?;
    }
    Ok(())
}
