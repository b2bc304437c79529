//! Answers as lines of JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::score::Answer;
use microseg_history::Identifier;
use microseg_problem::Problem;

/// A problem, and whose it is where a table told.
#[derive(Serialize)]
struct Refusal<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<&'a Identifier>,
    #[serde(flatten)]
    problem: &'a Problem,
}

/// Writes a line for each answer.
pub(crate) fn write_lines(mut stream: impl Write, answers: &[Answer]) -> io::Result<()> {
    for answer in answers {
        match answer {
            Ok(scoring) => serde_json::to_writer(&mut stream, scoring)?,
            Err(refused) => serde_json::to_writer(
                &mut stream,
                &Refusal {
                    customer_id: refused.customer_id.as_ref(),
                    problem: &refused.problem,
                },
            )?,
        }
        stream.write_all(b"\n")?;
    }
    Ok(())
}
