//! Reader of JSON documents of bounded size: one in each line, or a single one.

use std::io::{self, BufRead, Read};

use microseg_problem::{Problem, ProblemKind};

/// One document, and its line.
#[derive(Debug)]
pub struct JsonDocument<'a> {
    /// The line, from 1.
    pub line: u64,
    /// The bytes, or the problem of a document beyond the limit.
    pub bytes: Result<&'a [u8], Problem>,
}

/// Reads one document after the other. A document is borrowed until the next call, so that one that is whole in the
/// reader's buffer is not copied.
#[derive(Debug)]
pub struct JsonDocuments<R> {
    reader: R,
    line: u64,
    whole: bool,
    limit: u64,
    /// Bytes of the reader's buffer that the last document borrows.
    borrowed: usize,
    /// A document that was not whole in the reader's buffer.
    copied: Vec<u8>,
}

/// Where the bytes of a document are.
enum DocumentBytes {
    Buffered { length: usize },
    Copied,
    TooLong,
}

impl<R: BufRead> JsonDocuments<R> {
    /// Reads one document in each line; a line of more than `limit` bytes is a problem. Blank lines are skipped.
    pub fn lines(reader: R, limit: u64) -> Self {
        Self {
            reader,
            line: 0,
            whole: false,
            limit,
            borrowed: 0,
            copied: Vec::new(),
        }
    }

    /// Reads a single document.
    pub fn whole(reader: R, limit: u64) -> Self {
        Self {
            whole: true,
            ..Self::lines(reader, limit)
        }
    }

    /// The next document; `None` after the last.
    ///
    /// # Errors
    /// The errors of the reader.
    pub fn next_document(&mut self) -> io::Result<Option<JsonDocument<'_>>> {
        let Some(found) = self.find()? else {
            return Ok(None);
        };
        let bytes = match found {
            DocumentBytes::Buffered { length } => {
                self.borrowed = length;
                Ok(&self.reader.fill_buf()?[..length])
            }
            DocumentBytes::Copied => Ok(self.copied.as_slice()),
            DocumentBytes::TooLong => Err(too_large(self.limit)),
        };
        let line = self.line;
        Ok(Some(JsonDocument { line, bytes }))
    }

    /// Finds the next document that is not blank.
    fn find(&mut self) -> io::Result<Option<DocumentBytes>> {
        self.reader.consume(std::mem::take(&mut self.borrowed));
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
                    (DocumentBytes::Buffered { length }, is_blank)
                }
                _ => {
                    let Some(line) = self.copy_line()? else {
                        return Ok(None);
                    };
                    let fits = matches!(line, DocumentBytes::Copied);
                    (line, fits && self.copied.trim_ascii().is_empty())
                }
            };
            if !is_blank {
                return Ok(Some(line));
            }
        }
    }

    /// Copies a line out of the reader; bytes beyond the limit are skipped.
    fn copy_line(&mut self) -> io::Result<Option<DocumentBytes>> {
        self.copied.clear();
        let mut limited = self.reader.by_ref().take(self.limit + 1);
        if limited.read_until(b'\n', &mut self.copied)? == 0 {
            return Ok(None);
        }
        if self.copied.len() as u64 <= self.limit {
            return Ok(Some(DocumentBytes::Copied));
        }
        if self.copied.last() != Some(&b'\n') {
            self.reader.skip_until(b'\n')?;
        }
        Ok(Some(DocumentBytes::TooLong))
    }

    /// Reads all bytes. An empty input is one document, which is invalid.
    fn find_whole(&mut self) -> io::Result<Option<DocumentBytes>> {
        if self.line == 1 {
            return Ok(None);
        }
        self.line = 1;
        let mut limited = self.reader.by_ref().take(self.limit + 1);
        limited.read_to_end(&mut self.copied)?;
        let fits = self.copied.len() as u64 <= self.limit;
        Ok(Some(if fits {
            DocumentBytes::Copied
        } else {
            DocumentBytes::TooLong
        }))
    }
}

/// The problem of a document or record of more than `limit` bytes.
pub(super) fn too_large(limit: u64) -> Problem {
    let detail = format!("more than {limit} bytes, the limit max_body_bytes");
    Problem::new(ProblemKind::BodyTooLarge, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_beyond_the_limit_is_a_problem_and_the_next_lines_are_read() {
        // The line's end counts: three bytes and a line feed are four.
        let text = b"abc\nabcd\nabc\n\nabcdefgh\nxyz";
        for buffer in [1, 3, 4, 5, 64] {
            let reader = io::BufReader::with_capacity(buffer, &text[..]);
            let mut documents = JsonDocuments::lines(reader, 4);
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
