//! Amounts as people and banks write them: `1.234,50 €`, `(12.50)`, `USD 7`, `12.50-`, `9.99 CR`.

use microseg_history::Cell;

use super::notation::{AmountNotation, AmountSign, DecimalMark};

const EXPECTED: &str = "expected an amount such as -12.50";

/// Signs of currencies that are no letters.
const CURRENCY_SIGNS: &str = "$£€¥₹₽₺₩₪₴฿";

/// Names of currencies that are neither a sign nor a code of three letters.
const CURRENCY_NAMES: [&str; 6] = ["kr", "zł", "kč", "ft", "lei", "fr"];

/// More digits than an amount can have.
const MOST_DIGITS: usize = 30;

/// A mark that names the direction of the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    /// `DR`.
    Out,
    /// `CR`.
    In,
}

/// An amount as it is written: its size, and what says its direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Written<'a> {
    size: Cell<'a>,
    is_negative: bool,
    direction: Option<Direction>,
}

impl<'a> Written<'a> {
    /// A cell that is no text.
    pub(super) fn of_number(cell: Cell<'a>) -> Self {
        let (size, is_negative) = match cell {
            Cell::Number(number) => (Cell::Number(number.abs()), number < 0.0),
            Cell::Integer(number) => (Cell::Integer(number.saturating_abs()), number < 0),
            Cell::Decimal { number, scale } => {
                let size = number.saturating_abs();
                (
                    Cell::Decimal {
                        number: size,
                        scale,
                    },
                    number < 0,
                )
            }
            other => (other, false),
        };
        Self {
            size,
            is_negative,
            direction: None,
        }
    }

    /// A text.
    ///
    /// # Errors
    /// With what was expected, and the options that may help.
    pub(super) fn read(text: &str, notation: AmountNotation) -> Result<Self, &'static str> {
        let (number, direction) = without_words(text.trim())?;
        let (number, is_negative) = without_sign(&number);
        Ok(Self {
            size: decimal(number, notation)?,
            is_negative,
            direction,
        })
    }

    /// The amount with the sign that histories have.
    pub(super) fn signed(self, sign: AmountSign) -> Cell<'a> {
        let is_out = match (self.direction, sign) {
            (Some(direction), _) => direction == Direction::Out,
            (None, AmountSign::OutNegative) => self.is_negative,
            (None, AmountSign::OutPositive) => !self.is_negative,
        };
        if is_out {
            negated(self.size)
        } else {
            self.size
        }
    }

    /// The size; `None` where it is zero.
    pub(super) fn size(self) -> Option<Cell<'a>> {
        let is_zero = match self.size {
            Cell::Number(number) => number == 0.0,
            Cell::Integer(number) | Cell::Decimal { number, .. } => number == 0,
            _ => false,
        };
        (!is_zero).then_some(self.size)
    }
}

/// The cell with the other sign.
pub(super) fn negated(cell: Cell<'_>) -> Cell<'_> {
    match cell {
        Cell::Number(number) => Cell::Number(-number),
        Cell::Integer(number) => Cell::Integer(number.saturating_neg()),
        Cell::Decimal { number, scale } => Cell::Decimal {
            number: number.saturating_neg(),
            scale,
        },
        other => other,
    }
}

/// The text without currencies and marks of a direction, with one blank for each run of blanks and apostrophes.
fn without_words(text: &str) -> Result<(String, Option<Direction>), &'static str> {
    let mut number = String::new();
    let mut direction = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character.is_alphabetic() {
            let mut word = String::from(character);
            while let Some(next) = characters.next_if(|next| next.is_alphabetic()) {
                word.push(next);
            }
            // An abbreviation may end with a point.
            let is_abbreviation = characters.next_if_eq(&'.').is_some();
            if let Some(found) = direction_of(&word) {
                if direction.replace(found).is_some() {
                    return Err(EXPECTED);
                }
            } else if !is_currency(&word, is_abbreviation) {
                return Err(EXPECTED);
            }
        } else if character.is_whitespace() || matches!(character, '\'' | '’') {
            if !number.ends_with(' ') {
                number.push(' ');
            }
        } else if !CURRENCY_SIGNS.contains(character) {
            number.push(match character {
                '\u{2212}' | '\u{2013}' => '-',
                other => other,
            });
        }
    }
    Ok((number, direction))
}

fn direction_of(word: &str) -> Option<Direction> {
    match word {
        "DR" | "Dr" | "dr" => Some(Direction::Out),
        "CR" | "Cr" | "cr" => Some(Direction::In),
        _ => None,
    }
}

fn is_currency(word: &str, is_abbreviation: bool) -> bool {
    let is_code = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let word = word.to_lowercase();
    (is_code && !is_abbreviation) || CURRENCY_NAMES.contains(&word.as_str())
}

/// The digits and separators between the signs, and whether a sign or parentheses make the amount negative.
fn without_sign(number: &str) -> (&str, bool) {
    let number = number.trim();
    let inner = number
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    let is_in_parentheses = inner.is_some();
    let number = inner.unwrap_or(number).trim();
    let (number, has_minus) = if let Some(rest) = number.strip_prefix(['-', '+']) {
        (rest, number.starts_with('-'))
    } else if let Some(rest) = number.strip_suffix(['-', '+']) {
        (rest, number.ends_with('-'))
    } else {
        (number, false)
    };
    (number.trim(), is_in_parentheses || has_minus)
}

/// An unsigned decimal with separators.
fn decimal(written: &str, notation: AmountNotation) -> Result<Cell<'static>, &'static str> {
    check_separators(written, notation)?;
    let (whole, fraction) = match written.split_once(notation.decimal.character()) {
        Some((whole, fraction)) => (whole, fraction),
        None => (written, ""),
    };
    let is_separator = |character| character == ' ' || Some(character) == notation.thousands;
    let groups: Vec<&str> = whole.split(is_separator).collect();
    let (Some((first, others)), true) = (groups.split_first(), is_digits(fraction)) else {
        return Err(EXPECTED);
    };
    let are_groups = match others.split_last() {
        None => is_digits(first),
        // 12,34,567 is written in India.
        Some((last, between)) => {
            let is_group = |group: &&str| is_digits(group) && matches!(group.len(), 2 | 3);
            let is_first = is_digits(first) && matches!(first.len(), 1..=3);
            is_first && between.iter().all(is_group) && is_digits(last) && last.len() == 3
        }
    };
    let digits = groups.concat() + fraction;
    if !are_groups || digits.is_empty() || digits.len() > MOST_DIGITS {
        return Err(EXPECTED);
    }
    Ok(Cell::Decimal {
        number: digits.parse().map_err(|_| EXPECTED)?,
        scale: i8::try_from(fraction.len()).map_err(|_| EXPECTED)?,
    })
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Refuses the mark that is neither the decimal mark nor the separator of thousands, and says what it may be.
fn check_separators(written: &str, notation: AmountNotation) -> Result<(), &'static str> {
    let decimal = notation.decimal.character();
    let is_comma = notation.decimal == DecimalMark::Point;
    let other = if is_comma { ',' } else { '.' };
    let Some(last) = written
        .rfind(other)
        .filter(|_| notation.thousands != Some(other))
    else {
        return Ok(());
    };
    let before_three = is_digits(&written[last + 1..]) && written.len() - last == 4;
    Err(match (written.rfind(decimal), is_comma) {
        (Some(place), true) if last < place => "a comma between thousands: --thousands ,",
        (Some(place), false) if last < place => "a point between thousands: --thousands .",
        (Some(_), true) => "a comma before the fraction: --decimal , --thousands .",
        (Some(_), false) => "a point before the fraction: --decimal . --thousands ,",
        (None, true) if before_three => "a comma before three digits: --thousands , or --decimal ,",
        (None, false) if before_three => {
            "a point before three digits: --thousands . or --decimal ."
        }
        (None, true) => "a comma before the fraction: --decimal ,",
        (None, false) => "a point before the fraction: --decimal .",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The amount in hundredths.
    fn read(text: &str, notation: AmountNotation) -> Result<i128, &'static str> {
        match notation.signed(Cell::Text(text))? {
            Cell::Decimal { number, scale } => {
                Ok(number * 10_i128.pow(u32::try_from(2 - scale).unwrap()))
            }
            other => panic!("{text}: {other:?}"),
        }
    }

    fn notation(decimal: DecimalMark, thousands: Option<char>) -> AmountNotation {
        AmountNotation {
            decimal,
            thousands,
            ..AmountNotation::default()
        }
    }

    #[test]
    fn amounts_of_banks_are_read() {
        let usual = AmountNotation::default();
        for (text, hundredths) in [
            ("$12.50", 1250),
            ("-$12.50", -1250),
            ("$-12.50", -1250),
            ("(12.50)", -1250),
            ("(€ 12.50)", -1250),
            ("12.50-", -1250),
            ("−12.50", -1250),
            ("12.50 EUR", 1250),
            ("EUR -12.50", -1250),
            ("kr. 12", 1200),
            ("12.50 DR", -1250),
            ("12.50CR", 1250),
            ("-12.50 Cr.", 1250),
            ("1 234.50 zł", 123_450),
            ("1'234'567.5 CHF", 123_456_750),
            ("\u{a0}1\u{202f}234 \u{a0}", 123_400),
        ] {
            assert_eq!(read(text, usual), Ok(hundredths), "{text}");
        }
        let comma = notation(DecimalMark::Comma, Some('.'));
        assert_eq!(read("-1.234,50", comma), Ok(-123_450));
        assert_eq!(read("12", comma), Ok(1200));
        let indian = notation(DecimalMark::Point, Some(','));
        assert_eq!(read("₹12,34,567.5", indian), Ok(123_456_750));
    }

    #[test]
    fn money_out_without_a_minus_is_turned() {
        let turned = AmountNotation {
            sign: AmountSign::OutPositive,
            ..AmountNotation::default()
        };
        for (text, hundredths) in [("12.50", -1250), ("-3", 300), ("(3)", 300), ("3 DR", -300)] {
            assert_eq!(read(text, turned), Ok(hundredths), "{text}");
        }
        assert_eq!(turned.signed(Cell::Number(1.5)), Ok(Cell::Number(-1.5)));
        assert_eq!(turned.signed(Cell::Integer(-7)), Ok(Cell::Integer(7)));
    }

    #[test]
    fn plain_numbers_stay_texts() {
        let usual = AmountNotation::default();
        for text in ["-12.50", "1e3", "+7", ""] {
            assert_eq!(usual.signed(Cell::Text(text)), Ok(Cell::Text(text)));
        }
    }

    #[test]
    fn other_separators_are_named_with_the_options_that_help() {
        let usual = AmountNotation::default();
        let comma = notation(DecimalMark::Comma, None);
        for (text, notation, part) in [
            ("1,234.50", usual, "--thousands ,"),
            ("1.234,50", usual, "--decimal , --thousands ."),
            ("12,50", usual, "--decimal ,"),
            ("1,234", usual, "--thousands , or --decimal ,"),
            ("1.234,50", comma, "--thousands ."),
            ("12.5", comma, "--decimal ."),
            ("1,234.50", comma, "--decimal . --thousands ,"),
        ] {
            let fault = read(text, notation).unwrap_err();
            assert!(fault.ends_with(part), "{text}: {fault}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        let grouped = notation(DecimalMark::Point, Some(','));
        for text in [
            "twelve",
            "12 DR CR",
            "1,2",
            "12,3456",
            "1,,234",
            ",123",
            "-",
            "()",
            "(--5)",
            "$1.2.3",
            "5 5",
            "12.5 pieces",
            "1 2345",
            "1234,567",
            "€",
            "0x10",
        ] {
            assert_eq!(read(text, grouped), Err(EXPECTED), "{text}");
        }
        let long = "9".repeat(MOST_DIGITS + 1) + " EUR";
        assert_eq!(read(&long, grouped), Err(EXPECTED));
    }
}
