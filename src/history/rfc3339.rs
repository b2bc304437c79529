//! Form of an RFC 3339 time, checked before it is parsed.

use std::borrow::Cow;
use std::ops::Range;

/// Where the parts of an RFC 3339 time lie. The parser of times accepts more than that: weeks, time zones, offsets of days.
pub(super) struct Rfc3339 {
    /// The digits of the second's fraction; empty without one.
    fraction: Range<usize>,
}

impl Rfc3339 {
    /// `2019-03-01`, or `2019-03-01T10:00:00`, a fraction, and `Z` or `+hh:mm`; `t`, a blank and `z` are accepted as well.
    pub(super) fn of(text: &[u8]) -> Option<Self> {
        let matches = |part: &[u8], pattern: &[u8]| {
            let fits = |(&byte, &form): (&u8, &u8)| {
                if form == b'9' {
                    byte.is_ascii_digit()
                } else {
                    byte == form
                }
            };
            part.len() == pattern.len() && part.iter().zip(pattern).all(fits)
        };
        let (date, time) = text.split_at_checked(10)?;
        if !matches(date, b"9999-99-99") {
            return None;
        }
        if time.is_empty() {
            return Some(Self { fraction: 0..0 });
        }
        let (separator, time) = time.split_first()?;
        let (clock, rest) = time.split_at_checked(8)?;
        if !b"Tt ".contains(separator) || !matches(clock, b"99:99:99") {
            return None;
        }
        let digits = match rest.split_first() {
            Some((b'.', fraction)) => fraction
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count(),
            _ => 0,
        };
        let start = text.len() - rest.len();
        let (fraction, offset) = match rest.first()? {
            b'.' if digits == 0 => return None,
            b'.' => (start + 1..start + 1 + digits, &rest[1 + digits..]),
            _ => (0..0, rest),
        };
        let is_utc = matches(offset, b"Z") || matches(offset, b"z");
        let is_numeric = matches(offset, b"+99:99") || matches(offset, b"-99:99");
        // An offset is a time of day: 23:59 at the most.
        let is_offset =
            is_numeric && &offset[1..3] <= b"23".as_slice() && &offset[4..6] <= b"59".as_slice();
        (is_utc || is_offset).then_some(Self { fraction })
    }

    /// RFC 3339 allows any number of digits; what lies below a nanosecond is cut off.
    pub(super) fn without_excess_digits(self, text: &str) -> Cow<'_, str> {
        let end = self.fraction.end;
        let kept = end.min(self.fraction.start + 9);
        if kept == end {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(format!("{}{}", &text[..kept], &text[end..]))
        }
    }
}
