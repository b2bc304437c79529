//! Bookings of one customer, in the order in which they are drawn and in the order of time.

use super::transaction::{Label, SimulatedTransaction};

/// One customer's bookings, in the order in which they are drawn.
#[derive(Debug)]
pub(super) struct Bookings<'p> {
    transactions: Vec<SimulatedTransaction<'p>>,
    /// Nothing is booked from this second on.
    end: i64,
    offset_hours: i8,
}

impl<'p> Bookings<'p> {
    pub(super) fn until(end: i64, offset_hours: i8) -> Self {
        Self {
            transactions: Vec::with_capacity(2048),
            end,
            offset_hours,
        }
    }

    /// Books a signed amount; one after the end of the history is left out.
    pub(super) fn book(&mut self, second: i64, cents: i64, label: Label<'p>) {
        if second < self.end {
            let offset_hours = self.offset_hours;
            self.transactions.push(SimulatedTransaction {
                second,
                offset_hours,
                cents,
                label,
            });
        }
    }

    /// All bookings, in the order of time.
    pub(super) fn in_order(mut self) -> Vec<SimulatedTransaction<'p>> {
        self.transactions
            .sort_by_key(|transaction| transaction.second);
        self.transactions
    }
}

/// An amount above zero in whole cents, at least one.
pub(super) fn cents(amount: f64) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "amounts of a household, far below 1e15"
    )]
    let cents = (amount * 100.0).round() as i64;
    cents.max(1)
}
