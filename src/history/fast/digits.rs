//! Numbers from decimal digits, eight bytes at a time and so without a branch for each digit.

use crate::digit_pattern::{BEYOND_NINE, HIGHEST};

/// `0` in every byte.
const ZEROS: u64 = u64::from_le_bytes(*b"00000000");

/// The number at the beginning of a text, and how many digits it has: 0..=7. `None` when there are more, or when the
/// text is shorter than eight bytes.
#[inline]
pub(super) fn leading_digits(text: &[u8]) -> Option<(u64, usize)> {
    let values = u64::from_le_bytes(*text.first_chunk()?) ^ ZEROS;
    let count = others(values).trailing_zeros() / 8;
    (count <= 7).then(|| (number(values, count), count as usize))
}

/// The highest bit of each byte that is no digit's value. Beyond the first such byte it may be wrong, if that is no
/// ASCII: a sum may run over.
#[inline]
fn others(values: u64) -> u64 {
    (values.wrapping_add(u64::from_le_bytes([BEYOND_NINE; 8])) | values) & HIGHEST
}

/// The number that the first values make, `count` of them: 0..=7.
#[inline]
fn number(values: u64, count: u32) -> u64 {
    // The digits move to the end of the word and zeros come before them; in two steps, since there may be none.
    let values = values << (56 - 8 * count) << 8;
    let pairs = (values * 10 + (values >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    (fours * 10_000 + (fours >> 32)) & 0xffff_ffff
}

/// A number at the beginning of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decimal {
    /// Its digits, as if there were no point.
    pub(super) number: u64,
    /// How many digits it has.
    pub(super) digits: usize,
    /// How many of them come after the point.
    pub(super) decimals: usize,
    /// How many bytes it takes, the point included.
    pub(super) length: usize,
}

/// The number at the beginning of a text, as JSON writes it, without sign and exponent. `None` when it takes more than
/// seven bytes, or when the text is shorter than eight bytes.
#[inline]
pub(super) fn leading_decimal(text: &[u8]) -> Option<Decimal> {
    const POINT: u64 = (b'.' ^ b'0') as u64;
    let values = u64::from_le_bytes(*text.first_chunk()?) ^ ZEROS;
    let others = others(values);
    let whole = others.trailing_zeros() / 8;
    let begins_with_zero = values.trailing_zeros() >= 8;
    if whole == 0 || whole > 7 || (begins_with_zero && whole > 1) {
        return None;
    }
    // Seven bytes at most: what is moved out is at most 56 bits.
    let behind = values >> (8 * whole);
    if behind & 0xff != POINT {
        let (whole, number) = (whole as usize, number(values, whole));
        return Some(Decimal {
            number,
            digits: whole,
            decimals: 0,
            length: whole,
        });
    }
    // A point makes no sum run over: the next byte that is no digit is found rightly.
    let length = (others & (others - 1)).trailing_zeros() / 8;
    if length > 7 || length == whole + 1 {
        return None;
    }
    let before = values & !(u64::MAX << (8 * whole));
    let without_point = before | (behind >> 8 << (8 * whole));
    Some(Decimal {
        number: number(without_point, length - 1),
        digits: length as usize - 1,
        decimals: (length - whole) as usize - 1,
        length: length as usize,
    })
}

/// The number that four digits make.
#[inline]
pub(super) fn four_digits(text: [u8; 4]) -> Option<u16> {
    let mut word = *b"0000\0\0\0\0";
    word[..4].copy_from_slice(&text);
    let values = u64::from_le_bytes(word) ^ 0x3030_3030;
    let are_digits = others(values).trailing_zeros() >= 32;
    are_digits.then(|| u16::try_from(number(values, 4)).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn leading_digits_are_those_found_one_by_one(text in "[0-9/:.\u{80}-\u{ff}]{0,10}", more in ".{0,9}") {
            let text = format!("{text}{more}");
            let one_by_one: String = text.chars().take_while(char::is_ascii_digit).collect();
            let expected = (text.len() >= 8 && one_by_one.len() < 8)
                .then(|| (one_by_one.parse().unwrap_or(0), one_by_one.len()));
            prop_assert_eq!(leading_digits(text.as_bytes()), expected);
        }

        #[test]
        fn leading_decimal_is_the_number_that_json_reads(text in "[0-9]{0,4}[.0-9/:e\u{80}-\u{ff}]{0,6}[,}]", more in ".{0,9}") {
            let text = format!("{text}{more}");
            let length = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
            let mut written = &text[..length];
            if let Some((second_point, _)) = written.match_indices('.').nth(1) {
                written = &written[..second_point];
            }
            let is_number = serde_json::from_str::<f64>(written).is_ok();
            let expected = (is_number && written.len() < 8 && text.len() >= 8).then(|| Decimal {
                number: written.replace('.', "").parse().unwrap(),
                digits: written.replace('.', "").len(),
                decimals: written.split_once('.').map_or(0, |(_, decimals)| decimals.len()),
                length: written.len(),
            });
            prop_assert_eq!(leading_decimal(text.as_bytes()), expected);
        }

        #[test]
        fn four_digits_are_their_number(text in "[0-9/:\\-]{4}") {
            let text: [u8; 4] = text.into_bytes().try_into().unwrap();
            let are_digits = text.iter().all(u8::is_ascii_digit);
            let expected = are_digits.then(|| std::str::from_utf8(&text).unwrap().parse().unwrap());
            prop_assert_eq!(four_digits(text), expected);
        }
    }
}
