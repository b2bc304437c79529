//! Places in a cycle, such as hours of a day, as numbers.

use std::f64::consts::TAU;

use crate::declaration::{ClockPart, Form};

/// A place in a cycle of so many, counted from `first`, in a form.
fn place(form: Form, value: u8, first: u8, cycle: u8) -> f64 {
    let angle = || TAU * f64::from(value - first.min(value)) / f64::from(cycle);
    match form {
        Form::Number => f64::from(value),
        Form::Sine => angle().sin(),
        Form::Cosine => angle().cos(),
    }
}

/// A part of the clock and the calendar that a moment shows.
pub(super) fn of_clock(part: ClockPart, form: Form, shown: microseg_history::Moment) -> f64 {
    match part {
        ClockPart::Hour => place(form, shown.hour(), 0, 24),
        ClockPart::Weekday => place(form, shown.weekday(), 0, 7),
        ClockPart::DayOfMonth => place(form, shown.day_of_month(), 1, 31),
        ClockPart::Month => place(form, shown.month(), 1, 12),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cycle_begins_with_its_first_place() {
        for (value, first, cycle, sine, cosine) in [
            (0, 0, 24, 0.0, 1.0),
            (6, 0, 24, 1.0, 0.0),
            (1, 1, 12, 0.0, 1.0),
            (4, 1, 12, 1.0, 0.0),
            (7, 1, 12, 0.0, -1.0),
        ] {
            assert!((place(Form::Sine, value, first, cycle) - sine).abs() < 1e-12);
            assert!((place(Form::Cosine, value, first, cycle) - cosine).abs() < 1e-12);
            let number = place(Form::Number, value, first, cycle);
            assert!((number - f64::from(value)).abs() < 1e-12);
        }
    }
}
