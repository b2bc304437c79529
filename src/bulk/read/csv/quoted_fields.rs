//! Quoted fields that may have swallowed rows: those that are never closed, and those of several lines that text follows.

use memchr::{memchr, memchr_iter};

/// A quoted field in which other rows may have been lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QuoteFault {
    /// The text ends inside of it.
    NeverClosed,
    /// It has line ends in it, and text follows on its closing quote, which most likely opens another field.
    TextBehind,
}

/// The fault of a record, and the line feeds before the field's opening quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FaultyQuote {
    pub(crate) fault: QuoteFault,
    pub(crate) line_feeds: u64,
}

/// Follows the quotes of a text block by block, by the rules of [`super::Quotes`].
#[derive(Debug)]
pub(super) struct QuotedFields {
    delimiter: u8,
    inside: bool,
    /// The byte before the next block; a line feed at the beginning of the text.
    before: u8,
    /// Line feeds before the opening quote of the last field.
    opened: u64,
    /// Whether the last field has line feeds in it.
    has_feeds: bool,
    /// Whether the byte before has closed a field.
    closed_before: bool,
    /// The first field of the record that text follows on.
    text_behind: Option<u64>,
}

impl QuotedFields {
    /// At the beginning of a record.
    pub(super) fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            inside: false,
            before: b'\n',
            opened: 0,
            has_feeds: false,
            closed_before: false,
            text_behind: None,
        }
    }

    /// Reads the next bytes, before which there were so many line feeds.
    pub(super) fn pass(&mut self, block: &[u8], line_feeds: u64) {
        let Some((&first, &last)) = block.first().zip(block.last()) else {
            return;
        };
        if self.closed_before {
            self.check_behind(first, None, line_feeds);
        }
        // Where the last field was opened and closed, if it was in this block.
        let (mut opened_at, mut closed_at) = (None, None);
        for at in memchr_iter(b'"', block) {
            if self.inside {
                self.inside = false;
                closed_at = Some(at);
                let begin = opened_at.unwrap_or(0);
                self.has_feeds = self.has_feeds || memchr(b'\n', &block[begin..at]).is_some();
                if let Some(&next) = block.get(at + 1) {
                    let opened = opened_at.map(|at| &block[..at]);
                    self.check_behind(next, opened, line_feeds);
                }
                continue;
            }
            let (before, doubled) = match at.checked_sub(1) {
                Some(before) => (block[before], closed_at == Some(before)),
                None => (self.before, self.closed_before),
            };
            if doubled {
                self.inside = true;
            } else if before == self.delimiter || before == b'\n' || before == b'\r' {
                self.inside = true;
                self.has_feeds = false;
                opened_at = Some(at);
            }
        }
        if let Some(at) = opened_at {
            self.opened = line_feeds + feeds(&block[..at]);
        }
        if self.inside {
            let begin = opened_at.unwrap_or(0);
            self.has_feeds = self.has_feeds || memchr(b'\n', &block[begin..]).is_some();
        }
        self.before = last;
        self.closed_before = closed_at == Some(block.len() - 1);
    }

    /// Looks at the byte behind a closing quote; `opened` is what is before the opening one, if that is in this block.
    fn check_behind(&mut self, next: u8, opened: Option<&[u8]>, line_feeds: u64) {
        let ends_field = next == self.delimiter || matches!(next, b'\r' | b'\n' | b'"');
        if self.has_feeds && !ends_field && self.text_behind.is_none() {
            self.text_behind = Some(match opened {
                Some(before) => line_feeds + feeds(before),
                None => self.opened,
            });
        }
    }

    /// The fault of the record that ends here, at the end of the text or not.
    pub(super) fn end_record(&mut self, is_at_end: bool) -> Option<FaultyQuote> {
        let text_behind = self.text_behind.take();
        let faulty = |fault, line_feeds| FaultyQuote { fault, line_feeds };
        if self.inside && is_at_end {
            return Some(faulty(QuoteFault::NeverClosed, self.opened));
        }
        text_behind.map(|opened| faulty(QuoteFault::TextBehind, opened))
    }
}

fn feeds(text: &[u8]) -> u64 {
    memchr_iter(b'\n', text).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Option<(QuoteFault, u64)> {
        let text = text.as_bytes();
        let mut found = None;
        // The blocks make no difference.
        for size in 1..=text.len() {
            let mut quotes = QuotedFields::new(b',');
            let mut line_feeds = 0;
            for block in text.chunks(size) {
                quotes.pass(block, line_feeds);
                line_feeds += feeds(block);
            }
            let fault = quotes.end_record(true);
            let fault = fault.map(|faulty| (faulty.fault, faulty.line_feeds));
            assert_eq!(*found.get_or_insert(fault), fault, "blocks of {size}");
        }
        found.flatten()
    }

    #[test]
    fn open_quote_is_found_with_its_line() {
        let never = |line_feeds| Some((QuoteFault::NeverClosed, line_feeds));
        assert_eq!(fault("a,\"b"), never(0));
        assert_eq!(fault("a,b\n\nc,\"d\ne,f\n"), never(2));
        assert_eq!(fault("a,\"b\"\nc,\"d\"\"\ne"), never(1));
        assert_eq!(fault("\"\"\"\n"), never(0));
    }

    #[test]
    fn text_behind_a_quoted_field_of_several_lines_is_found() {
        let behind = |line_feeds| Some((QuoteFault::TextBehind, line_feeds));
        assert_eq!(fault("a,\"b\nc,\"d\"\n"), behind(0));
        assert_eq!(fault("a,b\nc,\"d\ne,\"\"\nf,\"g\"\n"), behind(1));
    }

    #[test]
    fn other_fields_have_no_fault() {
        for text in [
            "a,b\n",
            "a,\"b\nc\"\n",
            "a,\"b\n\"\"c\"\"\n\",d\n",
            "a,\"b\r\n\"\r\nc,12\" pizza\n",
            "a,\"b\"c\n",
            "a,O\"Neil \"x\" y\n",
            "\"\",\"\n\"",
        ] {
            assert_eq!(fault(text), None, "{text}");
        }
    }
}
