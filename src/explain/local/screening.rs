//! Screening: the choice of the parts with a coefficient of their own, when there are too many for all to have one.

use ndarray::ArrayView2;

use super::neighbourhood::Neighbourhood;
use crate::division::{Division, Part, Place};
use crate::level::Level;
use crate::stability::by_size;
use crate::target::Reader;
use microseg_model::{Model, RunError};
use microseg_timing::Timing;

/// The most classes or periods with coefficients of their own: the solve costs the cube of their number.
const MOST_PARTS: usize = 256;

/// Up to this many cells need no screening.
const MOST_CELLS: usize = 64;

/// Beyond that, the cells of this many classes have coefficients of their own: those with the strongest effects.
const STRONGEST_CLASSES: usize = 10;

/// And of this many periods.
const STRONGEST_PERIODS: usize = 6;

/// Divides totals `[T, K]` for a local method. `customer` holds the targets' numbers for the customer.
pub(super) async fn neighbourhood<'a>(
    model: &'a Model,
    spending: ArrayView2<'a, f64>,
    level: Level,
    reader: &'a Reader<'a>,
    customer: &[f64],
    timing: &mut Timing,
) -> Result<Neighbourhood<'a>, RunError> {
    let around = |division| Neighbourhood {
        model,
        spending,
        division,
        reader,
    };
    let whole = Division::whole(spending, level);
    let most = match level {
        Level::Class | Level::Period => MOST_PARTS,
        Level::Cell => MOST_CELLS,
    };
    if whole.parts().len() <= most {
        return Ok(around(whole));
    }
    if level != Level::Cell {
        let kept = largest(whole.parts());
        return Ok(around(Division::new(spending, level, |place| {
            kept.contains(&place)
        })));
    }
    let mut strongest = Vec::new();
    for (level, count) in [
        (Level::Class, STRONGEST_CLASSES),
        (Level::Period, STRONGEST_PERIODS),
    ] {
        let around = around(Division::whole(spending, level));
        let numbers = around.one_at_a_time(0.0, timing).await?;
        let order = by_size(&effects(&numbers, customer))
            .into_iter()
            .take(count);
        strongest.extend(order.map(|part| around.division.parts()[part].place));
    }
    Ok(around(Division::new(spending, Level::Cell, |place| {
        let class = place.class().map(Place::Class);
        let period = place.period().map(Place::Period);
        [class, period]
            .iter()
            .flatten()
            .all(|place| strongest.contains(place))
    })))
}

/// The parts with the most spending.
fn largest(parts: &[Part]) -> Vec<Place> {
    let shares: Vec<f64> = parts.iter().map(|part| part.share).collect();
    let order = by_size(&shares).into_iter().take(MOST_PARTS);
    order.map(|part| parts[part].place).collect()
}

/// How much the targets change when each part alone is taken away: each target in units of the largest of its changes.
fn effects(numbers: &[f64], customer: &[f64]) -> Vec<f64> {
    let change = |row: &[f64], target: usize| (row[target] - customer[target]).abs();
    let largest: Vec<f64> = (0..customer.len())
        .map(|target| {
            let changes = numbers
                .chunks(customer.len())
                .map(|row| change(row, target));
            changes.fold(f64::MIN_POSITIVE, f64::max)
        })
        .collect();
    let effect = |row: &[f64]| -> f64 {
        let relative = (0..row.len()).map(|target| change(row, target) / largest[target]);
        relative.map(|change| change * change).sum()
    };
    numbers.chunks(customer.len()).map(effect).collect()
}
