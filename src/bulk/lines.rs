//! Histories as JSON text, one after the other; nothing is kept of those before.

use std::io::{self, BufRead, Read};

use microseg_problem::{Problem, ProblemKind};

/// One history's bytes, and where they stand.
#[derive(Debug)]
pub struct Document<'a> {
    /// The line, from 1.
    pub line: u64,
    /// The bytes, or the problem with a history that is too large to be read.
    pub bytes: Result<&'a [u8], Problem>,
}

/// Reads documents of bounded size: one a line, or a single one. Each is lent until the next is asked for, so that
/// one that lies whole in the reader's buffer is not copied out of it.
#[derive(Debug)]
pub struct Documents<R> {
    reader: R,
    line: u64,
    whole: bool,
    limit: u64,
    /// Bytes of the reader's buffer that are lent.
    lent: usize,
    /// A document that was longer than what the reader had.
    gathered: Vec<u8>,
}

/// Where the bytes of a line are.
enum Line {
    Buffered { length: usize },
    Gathered,
    TooLong,
}

impl<R: BufRead> Documents<R> {
    /// One document a line; a line of more than `limit` bytes is a problem. Blank lines separate nothing.
    pub fn lines(reader: R, limit: u64) -> Self {
        Self {
            reader,
            line: 0,
            whole: false,
            limit,
            lent: 0,
            gathered: Vec::new(),
        }
    }

    /// One document altogether.
    pub fn whole(reader: R, limit: u64) -> Self {
        Self {
            whole: true,
            ..Self::lines(reader, limit)
        }
    }

    /// The next document; `None` after the last.
    ///
    /// # Errors
    /// What reading answers.
    pub fn next_document(&mut self) -> io::Result<Option<Document<'_>>> {
        let Some(found) = self.find()? else {
            return Ok(None);
        };
        let bytes = match found {
            Line::Buffered { length } => {
                self.lent = length;
                Ok(&self.reader.fill_buf()?[..length])
            }
            Line::Gathered => Ok(self.gathered.as_slice()),
            Line::TooLong => Err(too_large(self.limit)),
        };
        let line = self.line;
        Ok(Some(Document { line, bytes }))
    }

    /// Goes to the next document that is not blank.
    fn find(&mut self) -> io::Result<Option<Line>> {
        self.reader.consume(std::mem::take(&mut self.lent));
        if self.whole {
            return self.find_whole();
        }
        loop {
            let buffered = self.reader.fill_buf()?;
            let length = memchr::memchr(b'\n', buffered).map(|end| end + 1);
            self.line += 1;
            let (line, is_blank) = match length {
                Some(length) if length as u64 <= self.limit => {
                    let is_blank = buffered[..length].trim_ascii().is_empty();
                    if is_blank {
                        self.reader.consume(length);
                    }
                    (Line::Buffered { length }, is_blank)
                }
                _ => {
                    let Some(line) = self.gather()? else {
                        return Ok(None);
                    };
                    let fits = matches!(line, Line::Gathered);
                    (line, fits && self.gathered.trim_ascii().is_empty())
                }
            };
            if !is_blank {
                return Ok(Some(line));
            }
        }
    }

    /// Copies a line together; what is beyond the limit is let go.
    fn gather(&mut self) -> io::Result<Option<Line>> {
        self.gathered.clear();
        let mut limited = self.reader.by_ref().take(self.limit + 1);
        if limited.read_until(b'\n', &mut self.gathered)? == 0 {
            return Ok(None);
        }
        if self.gathered.len() as u64 <= self.limit {
            return Ok(Some(Line::Gathered));
        }
        if self.gathered.last() != Some(&b'\n') {
            self.reader.skip_until(b'\n')?;
        }
        Ok(Some(Line::TooLong))
    }

    /// An empty document is one history too, and not a good one.
    fn find_whole(&mut self) -> io::Result<Option<Line>> {
        if self.line == 1 {
            return Ok(None);
        }
        self.line = 1;
        let mut limited = self.reader.by_ref().take(self.limit + 1);
        limited.read_to_end(&mut self.gathered)?;
        let fits = self.gathered.len() as u64 <= self.limit;
        Ok(Some(if fits { Line::Gathered } else { Line::TooLong }))
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
        for buffer in [1, 3, 4, 5, 64] {
            let reader = io::BufReader::with_capacity(buffer, &text[..]);
            let mut documents = Documents::lines(reader, 4);
            let mut read = Vec::new();
            while let Some(document) = documents.next_document().unwrap() {
                read.push((document.line, document.bytes.ok().map(<[u8]>::to_vec)));
            }
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
}
