//! Digits of whole numbers, where a number stands for a name: a category, an identifier.

use super::cell::Cell;

/// The largest whole number up to which all whole numbers are binary numbers too.
const LARGEST: f64 = 9_007_199_254_740_992.0;

/// The digits of a binary number; `None` where it is not whole, or where its digits are not certain.
#[expect(clippy::cast_possible_truncation, reason = "whole, and at most 2^53")]
pub(crate) fn digits_of_number(number: f64) -> Option<String> {
    let is_whole = number.fract() == 0.0 && number.abs() <= LARGEST;
    is_whole.then(|| (number as i64).to_string())
}

/// The digits of a cell with a whole number, however its column holds it; `None` for any other cell.
pub(crate) fn digits_of_cell(cell: Cell<'_>) -> Option<String> {
    match cell {
        Cell::Integer(number) => Some(number.to_string()),
        Cell::Number(number) => digits_of_number(number),
        Cell::Decimal { number, scale } => digits_of_decimal(number, scale),
        Cell::Text(_) | Cell::Instant(_) | Cell::ClockTime(_) => None,
    }
}

fn digits_of_decimal(number: i128, scale: i8) -> Option<String> {
    let power = 10_i128.checked_pow(u32::from(scale.unsigned_abs()))?;
    let whole = if scale < 0 {
        number.checked_mul(power)?
    } else if number % power == 0 {
        number / power
    } else {
        return None;
    };
    Some(whole.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_of_any_column_have_the_same_digits() {
        let decimal = |number, scale| Cell::Decimal { number, scale };
        for cell in [
            Cell::Integer(70),
            Cell::Number(70.0),
            decimal(70, 0),
            decimal(7_000, 2),
            decimal(7, -1),
        ] {
            assert_eq!(digits_of_cell(cell).as_deref(), Some("70"), "{cell:?}");
        }
        assert_eq!(digits_of_cell(Cell::Number(-0.0)).as_deref(), Some("0"));
        for cell in [
            Cell::Number(70.5),
            Cell::Number(f64::INFINITY),
            Cell::Number(1e17),
            decimal(7_001, 2),
            decimal(i128::MAX, -1),
            decimal(1, 100),
            Cell::Instant(70),
            Cell::Text("70"),
        ] {
            assert_eq!(digits_of_cell(cell), None, "{cell:?}");
        }
    }
}
