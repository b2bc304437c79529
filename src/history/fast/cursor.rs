//! Cursor over the text of a document.

use serde::de::{Deserialize, DeserializeSeed};
use serde_json::value::RawValue;

use super::digits;
use crate::json;

/// A place in a text; each method gives `None` where the text is not plain.
pub(super) struct Cursor<'a> {
    text: &'a str,
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            rest: text.as_bytes(),
        }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// The text from here on.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Goes to the place of `rest`, which is the end of the text from there on.
    pub(super) fn go_to(&mut self, rest: &'a [u8]) {
        self.rest = rest;
    }

    /// Goes past so many bytes, if there are as many.
    #[inline]
    pub(super) fn skip(&mut self, bytes: usize) -> Option<()> {
        self.rest = self.rest.get(bytes..)?;
        Some(())
    }

    #[inline]
    pub(super) fn skip_space(&mut self) {
        // One comparison finds that there is none, as between the members of a compact document.
        while let [byte, rest @ ..] = self.rest
            && *byte <= b' '
            && matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
        {
            self.rest = rest;
        }
    }

    /// One byte, with space before and after it.
    #[inline]
    pub(super) fn take(&mut self, byte: u8) -> Option<()> {
        self.skip_space();
        self.passes(byte).then_some(())?;
        self.skip_space();
        Some(())
    }

    /// Goes past a byte, if it is the next one.
    #[inline]
    pub(super) fn passes(&mut self, byte: u8) -> bool {
        match self.rest {
            [next, rest @ ..] if *next == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Goes past some text, if it is the next one.
    #[inline]
    pub(super) fn passes_text<const LENGTH: usize>(&mut self, text: &[u8; LENGTH]) -> bool {
        match self.rest.split_first_chunk() {
            Some((next, rest)) if next == text => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// After an element: whether `close` follows, and not a comma.
    #[inline]
    pub(super) fn ends(&mut self, close: u8) -> Option<bool> {
        self.skip_space();
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        self.skip_space();
        match byte {
            b',' => Some(false),
            byte if byte == close => Some(true),
            _ => None,
        }
    }

    /// A string without escapes.
    pub(super) fn string(&mut self) -> Option<&'a str> {
        self.passes(b'"').then_some(())?;
        let ends = |&byte: &u8| byte == b'"' || byte == b'\\' || byte < b' ';
        let length = self.rest.iter().position(ends)?;
        let begin = self.text.len() - self.rest.len();
        let string = self.text.get(begin..begin + length)?;
        self.rest = self.rest.get(length..)?;
        self.passes(b'"').then_some(string)
    }

    /// Any value, read by `serde_json`.
    pub(super) fn value<T: Deserialize<'a>>(&mut self) -> Option<T> {
        let begin = self.text.len() - self.rest.len();
        let mut values = serde_json::Deserializer::from_str(self.text.get(begin..)?).into_iter();
        let value = values.next()?.ok()?;
        self.rest = self.rest.get(values.byte_offset()..)?;
        Some(value)
    }

    /// As [`Cursor::value`], by a seed.
    pub(super) fn value_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Option<T::Value> {
        let value: &RawValue = self.value()?;
        json::parse(value.get(), seed).ok()
    }

    /// The digits that follow, put behind a number, and how many there are; beyond twenty the number is meaningless.
    #[inline]
    pub(super) fn digits(&mut self, number: u64) -> (u64, usize) {
        const POWERS: [u64; 8] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];
        if let Some((more, count)) = digits::leading_digits(self.rest)
            && let (Some(power), Some(rest)) = (POWERS.get(count), self.rest.get(count..))
        {
            self.rest = rest;
            return (number.wrapping_mul(*power).wrapping_add(more), count);
        }
        self.digits_one_by_one(number)
    }

    fn digits_one_by_one(&mut self, number: u64) -> (u64, usize) {
        let begin = self.rest.len();
        let mut number = number;
        while let [digit @ b'0'..=b'9', rest @ ..] = self.rest {
            number = number
                .wrapping_mul(10)
                .wrapping_add(u64::from(digit - b'0'));
            self.rest = rest;
        }
        (number, begin - self.rest.len())
    }
}

/// Keeps the first value of a member; `None` for a second one.
pub(super) fn once<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.replace(value).is_none().then_some(())
}
