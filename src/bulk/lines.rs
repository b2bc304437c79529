//! Histories as JSON text, one after the other; nothing is kept of those before.

use std::io::{self, BufRead, Read};

use crate::problem::{Problem, ProblemKind};

/// One history's bytes, and where they stand.
#[derive(Debug)]
pub struct Document {
    /// The line, from 1.
    pub line: u64,
    /// The bytes, or the problem with a history that is too large to be read.
    pub bytes: Result<Vec<u8>, Problem>,
}

/// Reads documents of bounded size: one a line, or a single one.
#[derive(Debug)]
pub struct Documents<R> {
    reader: R,
    line: u64,
    whole: bool,
    limit: u64,
}

impl<R: BufRead> Documents<R> {
    /// One document a line; a line of more than `limit` bytes is a problem. Blank lines separate nothing.
    pub fn lines(reader: R, limit: u64) -> Self {
        Self {
            reader,
            line: 0,
            whole: false,
            limit,
        }
    }

    /// One document altogether.
    pub fn whole(reader: R, limit: u64) -> Self {
        Self {
            whole: true,
            ..Self::lines(reader, limit)
        }
    }

    fn read(&mut self) -> io::Result<Option<Document>> {
        if self.whole && self.line == 1 {
            return Ok(None);
        }
        loop {
            let mut bytes = Vec::new();
            let mut limited = self.reader.by_ref().take(self.limit + 1);
            let read = if self.whole {
                limited.read_to_end(&mut bytes)?
            } else {
                limited.read_until(b'\n', &mut bytes)?
            };
            self.line += 1;
            // An empty document is one history too, and not a good one.
            if read == 0 && !self.whole {
                return Ok(None);
            }
            let line = self.line;
            if bytes.len() as u64 > self.limit {
                if !self.whole && bytes.last() != Some(&b'\n') {
                    self.reader.skip_until(b'\n')?;
                }
                let bytes = Err(too_large(self.limit));
                return Ok(Some(Document { line, bytes }));
            }
            if self.whole || !bytes.trim_ascii().is_empty() {
                let bytes = Ok(bytes);
                return Ok(Some(Document { line, bytes }));
            }
        }
    }
}

impl<R: BufRead> Iterator for Documents<R> {
    type Item = io::Result<Document>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

/// The problem with something of more than `limit` bytes.
pub(super) fn too_large(limit: u64) -> Problem {
    let detail = format!("more than {limit} bytes, the limit max_body_bytes");
    Problem::new(ProblemKind::BodyTooLarge, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_at_the_limit_is_read_and_one_beyond_costs_no_other_line() {
        // The line's end counts: three bytes and a line feed are four.
        let text = b"abc\nabcd\nabc\n\nabcdefgh\nxyz";
        let read: Vec<_> = Documents::lines(&text[..], 4)
            .map(|document| {
                let document = document.unwrap();
                (document.line, document.bytes.ok())
            })
            .collect();
        assert_eq!(
            read,
            [
                (1, Some(b"abc\n".to_vec())),
                (2, None),
                (3, Some(b"abc\n".to_vec())),
                (5, None),
                (6, Some(b"xyz".to_vec())),
            ]
        );
    }
}
