//! Quote state of CSV text, found from the quotes alone: faster than parsing, since memchr skips all other bytes.

use memchr::memchr_iter;

/// The quote state of a CSV text, block by block, the same as the parser's.
///
/// A quote opens at the beginning of a field only; inside of an unquoted field it is an ordinary character. A quote
/// directly after a closing one opens again: two in a row are one quote in the field.
#[derive(Debug, Clone)]
pub(crate) struct Quotes {
    delimiter: u8,
    inside: bool,
    /// The byte before the next block; a line feed at the beginning of the text.
    before: u8,
    /// Whether the byte before has closed a field.
    closed_before: bool,
}

impl Quotes {
    /// The state at the beginning of a line; with `inside`, of a line that begins inside of a quoted field.
    pub(crate) fn at_line(delimiter: u8, inside: bool) -> Self {
        Self {
            delimiter,
            inside,
            before: b'\n',
            closed_before: false,
        }
    }

    /// Whether the next byte is between quotes.
    pub(crate) fn inside(&self) -> bool {
        self.inside
    }

    /// Reads the next bytes.
    pub(crate) fn pass(&mut self, block: &[u8]) {
        let Some(&last) = block.last() else {
            return;
        };
        let mut closed_at = None;
        for at in memchr_iter(b'"', block) {
            if self.inside {
                self.inside = false;
                closed_at = Some(at);
                continue;
            }
            let (before, doubled) = match at.checked_sub(1) {
                Some(before) => (block[before], closed_at == Some(before)),
                None => (self.before, self.closed_before),
            };
            let begins_field = before == self.delimiter || before == b'\n' || before == b'\r';
            self.inside = doubled || begins_field;
        }
        self.before = last;
        self.closed_before = closed_at == Some(block.len() - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(text: &str) -> bool {
        let mut quotes = Quotes::at_line(b',', false);
        // The blocks make no difference.
        for cut in 0..=text.len() {
            let mut cut_in_two = Quotes::at_line(b',', false);
            cut_in_two.pass(&text.as_bytes()[..cut]);
            cut_in_two.pass(&text.as_bytes()[cut..]);
            quotes = cut_in_two;
            let mut in_one = Quotes::at_line(b',', false);
            in_one.pass(text.as_bytes());
            assert_eq!(quotes.inside(), in_one.inside(), "{text} cut at {cut}");
        }
        quotes.inside()
    }

    #[test]
    fn quote_is_open_or_closed_as_the_parser_reads_it() {
        for open in ["\"", "a,\"b", "\"a\"\"", "a\r\n\"b\n", "\"a\",\"", "\"\"\""] {
            assert!(inside(open), "{open}");
        }
        for closed in [
            "",
            "\"\"",
            "\"a\"",
            "5\" pipe,",
            "a\"",
            "\"a\"\"b\"",
            "\"a\"b\"c",
            "\"\"\"\"",
            "a,\"\",",
        ] {
            assert!(!inside(closed), "{closed}");
        }
    }
}
