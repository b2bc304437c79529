//! Numerals of a language: three significant digits, whole per cents, and the decimal mark.

use super::document::NumbersDocument;
use super::error::CatalogueError;
use super::template::{Placeholder, Template, check_text};

/// How many significant digits a number has.
const DIGITS: usize = 3;

/// How many it may have to show a difference; the network's 32-bit numbers have no more.
const MOST_DIGITS: usize = 9;

/// From here on a number has an exponent.
const LARGE: f64 = 1e9;

/// Below this a number has an exponent.
const SMALL: f64 = 1e-6;

/// Closer to 1 than this, a share differs from it only by the order of a sum.
const ROUNDING: f64 = 1e-9;

/// How a language writes numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Numerals {
    decimal_mark: char,
    percent: Template,
    under_1_percent: String,
    over_99_percent: String,
}

impl Numerals {
    pub(super) fn parse(document: NumbersDocument) -> Result<Self, CatalogueError> {
        let fault = |member: &str| CatalogueError::text(format!("numbers.{member}"));
        let percent = Template::parse(&document.percent, &[Placeholder::Number]);
        check_text(&document.under_1_percent).map_err(fault("under_1_percent"))?;
        check_text(&document.over_99_percent).map_err(fault("over_99_percent"))?;
        Ok(Self {
            decimal_mark: decimal_mark(&document.decimal_mark)?,
            percent: percent.map_err(fault("percent"))?,
            under_1_percent: document.under_1_percent,
            over_99_percent: document.over_99_percent,
        })
    }

    /// A share of 0 to 1 in whole per cents: one above 0 is never 0 %, and one below 1 never 100 %.
    pub(super) fn share(&self, share: f64) -> String {
        let share = share.clamp(0.0, 1.0);
        if share > 0.0 && share < 0.01 {
            self.under_1_percent.clone()
        } else if share > 0.99 && share < 1.0 - ROUNDING {
            self.over_99_percent.clone()
        } else {
            let number = format!("{:.0}", 100.0 * share);
            self.percent.fill(&[(Placeholder::Number, &number)])
        }
    }

    /// Three significant digits of a number.
    pub(super) fn number(&self, number: f64) -> String {
        self.write(number, number.abs(), DIGITS)
    }

    /// Two numbers to the same place: three significant digits of the larger one, or as many as make them differ.
    ///
    /// `None` when they are equal in all significant digits.
    pub(super) fn pair(&self, one: f64, other: f64) -> Option<[String; 2]> {
        let size = one.abs().max(other.abs());
        (DIGITS..=MOST_DIGITS)
            .map(|digits| [one, other].map(|number| self.write(number, size, digits)))
            .find(|[one, other]| one != other)
    }

    /// The number to the place that the last of so many significant digits has in a number of this size.
    fn write(&self, number: f64, size: f64, digits: usize) -> String {
        let text = if size == 0.0 {
            "0".to_owned()
        } else if (SMALL..LARGE).contains(&size) {
            to_place(number, last_place(size, digits))
        } else {
            format!("{number:.*e}", digits.saturating_sub(1))
        };
        text.replace('.', self.decimal_mark.encode_utf8(&mut [0; 4]))
    }
}

fn decimal_mark(text: &str) -> Result<char, CatalogueError> {
    let fault = || {
        CatalogueError::member(
            "numbers.decimal_mark",
            "expected \".\", \",\" or another mark",
        )
    };
    // A digit or a sign would change the number.
    let allowed =
        |mark: &char| mark.is_ascii_punctuation() && !"+-".contains(*mark) || *mark == '٫';
    let mark = text.parse().map_err(|_| fault())?;
    Some(mark).filter(allowed).ok_or_else(fault)
}

/// The power of ten of the last of so many significant digits.
fn last_place(size: f64, digits: usize) -> i32 {
    // The exponent after rounding: three digits of 9.996 are 10.0.
    let rounded = format!("{size:.*e}", digits.saturating_sub(1));
    let exponent = rounded
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok());
    exponent.unwrap_or(0) + 1 - i32::try_from(digits).unwrap_or(i32::MAX)
}

fn to_place(number: f64, place: i32) -> String {
    let text = if let Ok(decimals) = usize::try_from(-place) {
        format!("{number:.decimals$}")
    } else {
        let unit = 10_f64.powi(place);
        format!("{:.0}", (number / unit).round() * unit)
    };
    // Rounding to zero keeps the sign.
    let is_zero = text.bytes().all(|byte| b"-0.".contains(&byte));
    text.trim_start_matches(|c| is_zero && c == '-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numerals(decimal_mark: &str) -> Result<Numerals, CatalogueError> {
        Numerals::parse(NumbersDocument {
            decimal_mark: decimal_mark.to_owned(),
            percent: "{number} %".to_owned(),
            under_1_percent: "less than 1 %".to_owned(),
            over_99_percent: "more than 99 %".to_owned(),
        })
    }

    #[test]
    fn share_is_not_rounded_to_0_or_100_per_cent() {
        let numerals = numerals(".").unwrap();
        for (share, text) in [
            (0.0, "0 %"),
            (1e-12, "less than 1 %"),
            (0.009_99, "less than 1 %"),
            (0.01, "1 %"),
            (0.125, "12 %"),
            (0.126, "13 %"),
            (0.99, "99 %"),
            (0.991, "more than 99 %"),
            (0.999_999_999_999, "100 %"),
            (1.0, "100 %"),
            (1.000_000_001, "100 %"),
        ] {
            assert_eq!(numerals.share(share), text, "{share}");
        }
    }

    #[test]
    fn number_has_three_significant_digits_and_the_languages_mark() {
        let (english, german) = (numerals(".").unwrap(), numerals(",").unwrap());
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (0.012_34, "0.0123"),
            (0.5, "0.500"),
            (9.996, "10.0"),
            (-1.005_1, "-1.01"),
            (123.4, "123"),
            (12_345.0, "12300"),
            (999_600_000.0, "1000000000"),
            (0.000_001_234, "0.00000123"),
            (1.234e-7, "1.23e-7"),
            (1.234e12, "1.23e12"),
        ] {
            assert_eq!(english.number(number), text);
            assert_eq!(german.number(number), text.replace('.', ","));
        }
    }

    #[test]
    fn pair_of_close_numbers_has_the_digits_that_differ() {
        let numerals = numerals(".").unwrap();
        let pair = |one, other| numerals.pair(one, other);
        let texts = |one: &str, other: &str| Some([one.to_owned(), other.to_owned()]);
        assert_eq!(pair(0.512, 0.53), texts("0.512", "0.530"));
        assert_eq!(pair(0.512_31, 0.512_33), texts("0.51231", "0.51233"));
        assert_eq!(pair(0.001, -0.000_001), texts("0.00100", "0.00000"));
        assert_eq!(pair(120_000.0, 120_040.0), texts("120000", "120040"));
        assert_eq!(pair(0.5, 0.5 + 1e-15), None);
        assert_eq!(pair(0.0, 0.0), None);
    }

    #[test]
    fn mark_that_would_change_the_number_is_refused() {
        for mark in [".", ",", "'", "٫"] {
            numerals(mark).unwrap();
        }
        for mark in ["", "..", "0", "-", "+", "e", " ", "\n"] {
            let message = numerals(mark).unwrap_err().to_string();
            assert!(message.starts_with("numbers.decimal_mark: "), "{message}");
        }
    }

    proptest! {
        #[test]
        fn number_is_right_to_half_of_its_last_place(number in prop::num::f64::NORMAL) {
            let text = numerals(".").unwrap().number(number);
            let read: f64 = text.parse().unwrap();
            prop_assert!((read - number).abs() <= 0.005_000_01 * number.abs(), "{number} {text}");
            prop_assert!(!(1e-6..1e9).contains(&number.abs()) || !text.contains('e'), "{text}");
        }
    }
}
