//! Amounts of money: exact decimals, as the caller wrote them, and exact sums of them.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};

/// The largest amount, in either direction.
const MAX_AMOUNT: f64 = 1e12;

/// Amounts are counted in units of 10^-18: a hundred million of the largest fit into 127 bits.
const UNIT_DIGITS: i32 = 18;
const LARGEST: i128 = 1_000_000_000_000 * UNITS_PER_ONE;
const TOO_LARGE: &str = "expected an amount of at most 1e12 in size";
const UNITS_PER_ONE: i128 = 10_i128.pow(18);
const UNITS_PER_CENT: i128 = 10_i128.pow(16);

/// A signed amount, or a sum of them; 12.30 is 6.10 and 6.20 to the last bit, as it is not for binary fractions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(i128);

/// The powers of ten up to a unit.
const POWERS: [u64; 19] = {
    let mut powers = [1; 19];
    let mut power = 1;
    while power < powers.len() {
        powers[power] = powers[power - 1] * 10;
        power += 1;
    }
    powers
};

impl Amount {
    /// Decimals of so many digits, zeros included, are what the binary number next to them reads back as.
    const EXACT_DIGITS: usize = 15;

    /// A decimal of `digits` digits, `decimals` of them after the point; `None` when it is out of range, or has more
    /// digits than a binary number gives back.
    #[inline]
    #[must_use]
    pub fn of_digits(
        is_negative: bool,
        number: u64,
        digits: usize,
        decimals: usize,
    ) -> Option<Self> {
        if digits > Self::EXACT_DIGITS || decimals > digits {
            return None;
        }
        // Fewer than 10^15 times at most 10^18: it fits.
        let size = u128::from(number) * u128::from(POWERS[POWERS.len() - 1 - decimals]);
        let units = size.cast_signed();
        let units = if is_negative { -units } else { units };
        (size <= LARGEST.unsigned_abs()).then_some(Self(units))
    }

    /// `number` times 10^-`scale`, up to 1e12 in size; what lies below 10^-18 is cut off.
    ///
    /// # Errors
    /// With the sentence to answer when the amount is larger.
    pub fn from_decimal(number: i128, scale: i8) -> Result<Self, &'static str> {
        let shift = UNIT_DIGITS - i32::from(scale);
        let power = |digits: u32| match POWERS.get(digits as usize) {
            Some(&power) => Some(i128::from(power)),
            None => 10_i128.checked_pow(digits),
        };
        let units = match u32::try_from(shift) {
            Ok(shift) => power(shift).and_then(|power| number.checked_mul(power)),
            Err(_) => Some(power(shift.unsigned_abs()).map_or(0, |power| number / power)),
        };
        match units {
            Some(units) if units.unsigned_abs() <= LARGEST.unsigned_abs() => Ok(Self(units)),
            None if number == 0 => Ok(Self(0)),
            _ => Err(TOO_LARGE),
        }
    }

    /// The decimal number that reads back as `value`, up to 1e12 in size.
    ///
    /// # Errors
    /// With the sentence to answer when it is larger, or no number.
    pub fn parse(value: f64) -> Result<Self, &'static str> {
        if value.is_nan() || value.abs() > MAX_AMOUNT {
            return Err(TOO_LARGE);
        }
        let cents = (value * 100.0).round();
        #[expect(
            clippy::float_cmp,
            reason = "equal when, and only when, the amount has two decimals"
        )]
        let whole = cents / 100.0 == value;
        #[expect(clippy::cast_possible_truncation, reason = "whole, and at most 1e14")]
        let amount = if whole {
            cents as i128 * UNITS_PER_CENT
        } else {
            shortest_decimal(value)
        };
        Ok(Self(amount))
    }

    /// As so many units of 10^-18.
    pub(crate) fn units(self) -> i128 {
        self.0
    }

    /// From units of 10^-18.
    pub(crate) fn of_units(units: i128) -> Self {
        Self(units)
    }

    /// As so many hundredths; `None` where that is not exact.
    pub(crate) fn hundredths(self) -> Option<i128> {
        (self.0 % UNITS_PER_CENT == 0).then_some(self.0 / UNITS_PER_CENT)
    }

    /// From hundredths; `None` beyond the largest sum.
    pub(crate) fn of_hundredths(hundredths: i128) -> Option<Self> {
        hundredths.checked_mul(UNITS_PER_CENT).map(Self)
    }

    /// Adds; the order of additions does not matter.
    #[inline]
    pub fn add(&mut self, other: Self) {
        self.0 = self.0.saturating_add(other.0);
    }

    /// So many times the amount, to the nearest unit. A factor of 1 may change digits beyond those of a binary number.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a factor is a binary number, and so is its product; beyond 127 bits it saturates"
    )]
    pub fn scaled(self, factor: f64) -> Self {
        Self((self.0 as f64 * factor).round() as i128)
    }

    /// Whether this is money that came in, such as a refund.
    #[inline]
    #[must_use]
    pub fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// The binary number next to the decimal; money out is negative.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        if self.is_positive() {
            Self(self.0.saturating_neg()).spending()
        } else {
            0.0 - self.spending()
        }
    }

    /// Money that went out and did not come back, at least zero: the binary number next to the decimal.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "an estimate, which is checked; cents beyond 2^53 are rounded, as parsing would round them"
    )]
    pub fn spending(self) -> f64 {
        let units = self.0.saturating_neg().max(0);
        if units == 0 {
            return 0.0;
        }
        // Dividing 128 bits is slow: the quotient is estimated, and then shown to be the right one.
        let cents = (units as f64 / UNITS_PER_CENT as f64).round();
        // Beyond 64 bits this is another number, and the next line finds it unequal.
        if i128::from(cents as i64) * UNITS_PER_CENT == units {
            // Both are whole and the division rounds once: 12.3, and no 12.300000000000001.
            cents / 100.0
        } else if units % UNITS_PER_CENT == 0 {
            (units / UNITS_PER_CENT) as f64 / 100.0
        } else {
            let (whole, fraction) = (units / UNITS_PER_ONE, units % UNITS_PER_ONE);
            format!("{whole}.{fraction:018}").parse().unwrap_or(0.0)
        }
    }
}

/// The units of the shortest decimal that parses to `value`, which is what people and programs write.
fn shortest_decimal(value: f64) -> i128 {
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let decimals = digits
        .split_once('.')
        .map_or(0, |(_, fraction)| fraction.len());
    let digits: i128 = digits.replace('.', "").parse().unwrap_or(0);
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let shift = UNIT_DIGITS + exponent - i32::try_from(decimals).unwrap_or(0);
    match u32::try_from(shift) {
        Ok(shift) => 10_i128
            .checked_pow(shift)
            .map_or(0, |factor| digits.saturating_mul(factor)),
        // Below a unit there is nothing to count; 10^38 is the largest power that fits.
        Err(_) => 10_i128
            .checked_pow(shift.unsigned_abs())
            .map_or(0, |factor| digits / factor),
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = Amount;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("an amount as a number")
            }

            fn visit_f64<E: de::Error>(self, amount: f64) -> Result<Amount, E> {
                Amount::parse(amount).map_err(E::custom)
            }

            #[expect(
                clippy::cast_precision_loss,
                reason = "beyond 2^53 it is beyond the limit"
            )]
            fn visit_u64<E: de::Error>(self, amount: u64) -> Result<Amount, E> {
                self.visit_f64(amount as f64)
            }

            #[expect(
                clippy::cast_precision_loss,
                reason = "beyond 2^53 it is beyond the limit"
            )]
            fn visit_i64<E: de::Error>(self, amount: i64) -> Result<Amount, E> {
                self.visit_f64(amount as f64)
            }
        }
        deserializer.deserialize_f64(Number)
    }
}

impl JsonSchema for Amount {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "number", "minimum": -1e12, "maximum": 1e12})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(amounts: &[f64]) -> Amount {
        let mut sum = Amount::default();
        for &amount in amounts {
            sum.add(Amount::parse(amount).unwrap());
        }
        sum
    }

    #[test]
    fn sums_of_decimals_are_exact() {
        assert_eq!(sum(&[0.1, 0.2]), sum(&[0.3]));
        assert_eq!(
            sum(&[-6.10, -6.20]).spending().to_bits(),
            12.3_f64.to_bits()
        );
        assert_eq!(
            sum(&[-14_000.8, -832.01]).spending().to_bits(),
            14_832.81_f64.to_bits()
        );
        assert_eq!(
            sum(&[-38_764.194]).spending().to_bits(),
            38_764.194_f64.to_bits()
        );
        assert_eq!(
            sum(&[-655_871_079.525_4]).spending().to_bits(),
            655_871_079.525_4_f64.to_bits()
        );
        assert_eq!(sum(&[-0.001, -0.0002]), sum(&[-0.0012]));
        assert_eq!(sum(&[-1e12, 0.1, 1e12, -0.3]), sum(&[-0.2]));
        assert_eq!(
            sum(&[1.234_567_890_123_456_7e-5, -1e-22]).0,
            12_345_678_901_234
        );
    }

    #[test]
    fn number_of_an_amount_keeps_its_sign_and_zero_has_none() {
        for amount in [-12.3, 655_871_079.525_4, 1e12, -0.001, 0.0] {
            let number = Amount::parse(amount).unwrap().to_f64();
            assert_eq!(number.to_bits(), amount.to_bits());
        }
        assert_eq!(sum(&[-1.0, 1.0]).to_f64().to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn scaled_amount_is_its_product_with_the_factor() {
        assert_eq!(sum(&[-12.5]).scaled(1.5), sum(&[-18.75]));
        assert_eq!(sum(&[8.0]).scaled(0.0), Amount::default());
    }

    #[test]
    fn refunds_above_the_spending_give_zero_spending() {
        assert_eq!(sum(&[-3.0, 5.0]).spending().to_bits(), 0.0_f64.to_bits());
        assert_eq!(sum(&[-0.0]), Amount::default());
    }

    #[test]
    fn amounts_beyond_the_limit_are_refused() {
        assert!(Amount::parse(1e12).is_ok() && Amount::parse(-1e12).is_ok());
        for beyond in [
            1.000_001e12,
            -1e300,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
        ] {
            assert!(Amount::parse(beyond).is_err(), "{beyond}");
        }
    }

    #[test]
    fn amounts_below_the_unit_are_zero() {
        assert_eq!(sum(&[-5e-324, -1e-60]), Amount::default());
    }
}
