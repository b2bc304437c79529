//! Notation of amounts in a table.

/// The mark between the whole part of an amount and its fraction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DecimalMark {
    /// `1234.50`.
    #[default]
    Point,
    /// `1234,50`.
    Comma,
}

impl DecimalMark {
    /// The character.
    #[must_use]
    pub fn character(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }
}

/// Which direction of money has a minus.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AmountSign {
    /// Money out is negative, as in histories.
    #[default]
    OutNegative,
    /// Money out is written without a minus, as card issuers and aggregators do.
    OutPositive,
}

/// How a table writes amounts. Whatever it is, currency signs and codes, blanks, parentheses or a minus at the end (both: a
/// minus), `DR` (money out) and `CR` (money in) are understood.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AmountNotation {
    /// The mark before the fraction.
    pub decimal: DecimalMark,
    /// The character between thousands; blanks and apostrophes may always stand there.
    pub thousands: Option<char>,
    /// Which direction of money has a minus.
    pub sign: AmountSign,
}
