//! Merchant category codes (ISO 18245), in the forms that programs write them in.

/// A merchant category code, 0 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mcc(u16);

impl Mcc {
    const MAX: u16 = 9_999;

    /// The code of one to four digits. Leading zeros may be missing, and `.0` may follow, as they do where a program took
    /// the codes for numbers.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = match text.split_once('.') {
            Some((digits, zeros)) if is_zeros(zeros) => digits,
            Some(_) => return None,
            None => text,
        };
        let is_code =
            (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_code.then(|| digits.parse().ok().map(Self))?
    }

    /// The code as a number.
    #[inline]
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }

    /// The code that is this number, if it is one.
    #[inline]
    pub(crate) fn of_whole_number<N>(code: N) -> Option<Self>
    where
        u16: TryFrom<N>,
    {
        let code = u16::try_from(code).ok()?;
        (code <= Self::MAX).then_some(Self(code))
    }

    pub(crate) fn of_number(number: f64) -> Option<Self> {
        let is_code = number.fract() == 0.0 && (0.0..=f64::from(Self::MAX)).contains(&number);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole, and from 0 to 9999"
        )]
        let code = number as u16;
        is_code.then_some(Self(code))
    }

    /// `number` times 10^-`scale`, where that is a whole number.
    pub(crate) fn of_decimal(number: i128, scale: i8) -> Option<Self> {
        let power = 10_i128.checked_pow(u32::from(scale.unsigned_abs()))?;
        let code = if scale >= 0 {
            (number % power == 0).then_some(number / power)
        } else {
            number.checked_mul(power)
        };
        Self::of_whole_number(code?)
    }
}

fn is_zeros(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'0')
}
