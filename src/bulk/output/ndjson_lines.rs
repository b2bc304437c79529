//! Answers as NDJSON: a line for each customer.

use std::io::{self, Write};

use microseg_history::Identifier;
use microseg_problem::Problem;
use serde::Serialize;

use crate::score::Answer;

/// A problem, and the customer where a table names it.
#[derive(Serialize)]
struct RefusalLine<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<&'a Identifier>,
    #[serde(flatten)]
    problem: &'a Problem,
}

/// Writes a line for each answer.
pub(super) fn write_lines(mut stream: impl Write, answers: &[Answer]) -> io::Result<()> {
    for answer in answers {
        match answer {
            Ok(scoring) => serde_json::to_writer(&mut stream, scoring)?,
            Err(refused) => serde_json::to_writer(
                &mut stream,
                &RefusalLine {
                    customer_id: refused.customer_id.as_ref(),
                    problem: &refused.problem,
                },
            )?,
        }
        stream.write_all(b"\n")?;
    }
    Ok(())
}
