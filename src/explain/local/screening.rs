//! Screening: the choice of the parts with a coefficient of their own, when there are too many for all to have one.

use super::customer::{Customer, Divided, DividedFields};
use super::effects::strongest_first;
use super::events;
use super::local_method::LocalMethod;
use super::neighbourhood::Neighbourhood;
use crate::baseline::BaselineKind;
use crate::error::ExplainError;
use crate::level::Level;
use crate::part::{Part, Place};
use crate::stability::by_size;
use crate::target::Reader;
use microseg_timing::Timing;

/// The most classes or periods with coefficients of their own: the solve costs the cube of their number.
const MOST_PARTS: usize = 256;

/// Up to this many cells need no screening.
const MOST_CELLS: usize = 64;

/// Beyond that, the cells of this many classes have coefficients of their own: those with the strongest effects.
const STRONGEST_CLASSES: usize = 10;

/// And of this many periods.
const STRONGEST_PERIODS: usize = 6;

/// Divides a history for a local method. `numbers` are the targets' numbers for the customer.
pub(super) async fn neighbourhood<'a>(
    customer: &'a Customer<'a>,
    (level, method): (Level, &dyn LocalMethod),
    reader: &'a Reader<'a>,
    numbers: &[f64],
    timing: &mut Timing,
) -> Result<Neighbourhood<'a>, ExplainError> {
    let around = |divided| Neighbourhood {
        divided,
        reader,
        pruned: None,
    };
    match (level, customer) {
        (Level::Event, Customer::OfTransactions(customer)) => {
            return events::neighbourhood(customer, method, reader, numbers, timing).await;
        }
        (Level::Field, Customer::OfTransactions(customer)) => {
            let scales = method.baseline().kind == BaselineKind::Own;
            return Ok(around(Divided::Fields(DividedFields::new(
                customer, scales,
            ))));
        }
        _ => {}
    }
    let whole = customer.divide(level, |_| true);
    let most = match level {
        Level::Class | Level::Period | Level::Field => MOST_PARTS,
        Level::Cell | Level::Event => MOST_CELLS,
    };
    if whole.parts().len() <= most {
        return Ok(around(whole));
    }
    if level != Level::Cell {
        let kept = largest(whole.parts());
        return Ok(around(
            customer.divide(level, |place| kept.contains(&place)),
        ));
    }
    let mut strongest = Vec::new();
    for (level, count) in [
        (Level::Class, STRONGEST_CLASSES),
        (Level::Period, STRONGEST_PERIODS),
    ] {
        let around = around(customer.divide(level, |_| true));
        let without = around.one_at_a_time(0.0, timing).await?;
        let order = strongest_first(&without, numbers).into_iter().take(count);
        strongest.extend(order.map(|part| around.parts()[part].place));
    }
    Ok(around(customer.divide(Level::Cell, |place| {
        let class = place.class().map(Place::Class);
        let period = place.period().map(Place::Period);
        [class, period]
            .iter()
            .flatten()
            .all(|place| strongest.contains(place))
    })))
}

/// The parts with the most spending, or transactions.
fn largest(parts: &[Part]) -> Vec<Place> {
    let weights: Vec<f64> = parts.iter().map(|part| part.weight).collect();
    let order = by_size(&weights).into_iter().take(MOST_PARTS);
    order.map(|part| parts[part].place).collect()
}
