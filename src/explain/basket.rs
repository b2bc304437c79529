//! Baskets: what the share of a period's spending that is taken away is spent on instead.
//!
//! In each period with spending a coalition S keeps the shares x of what it has, and the share that is left, `1 - Σ_S x`, is spent
//! as the basket μ is: `x_k [k in S] + (1 - Σ_S x) μ_k`. Every input is then a mix of two profiles that customers have, and the
//! empty coalition spends as the basket does.

use crate::baseline::{Baseline, BaselineKind};
use microseg_encoding::Totals;
use microseg_model::Model;

/// The population's mean basket, whose shares sum to 1; `None` where the bundle has none, or the network reads more than shares.
pub(crate) fn of_population(model: &Model) -> Option<Vec<f64>> {
    let shares = &model.manifest().space.population().shares;
    let is_read = model.reads_shares_alone();
    normalized(&shares.mean).filter(|_| is_read)
}

/// The mean basket of a micro-segment, whose shares sum to 1; `None` where the bundle has none.
pub(crate) fn of_segment(model: &Model, state: &[f32]) -> Option<Vec<f64>> {
    let segments = model.manifest().space.segments();
    let id = segments.locate(state).id;
    let segment = segments.leaves().find(|leaf| leaf.id == id)?;
    let shares = segment.shares.as_deref();
    shares
        .and_then(normalized)
        .filter(|_| model.reads_shares_alone())
}

/// Whether the bundle has what a baseline needs.
pub(crate) fn is_known(kind: BaselineKind, model: &Model) -> bool {
    match kind {
        BaselineKind::Absence | BaselineKind::Own | BaselineKind::Earlier => true,
        BaselineKind::Population => of_population(model).is_some(),
        BaselineKind::Segment => {
            let mut leaves = model.manifest().space.segments().leaves();
            let has_basket =
                |shares: &Option<Vec<f64>>| shares.as_deref().and_then(normalized).is_some();
            model.reads_shares_alone() && leaves.all(|leaf| has_basket(&leaf.shares))
        }
    }
}

/// What removed spending of one customer becomes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Replacement {
    pub(crate) baseline: Baseline,
    /// The shares that it is spent on; `None` where it is just gone.
    pub(crate) basket: Option<Vec<f64>>,
}

impl Replacement {
    /// That of a baseline for a customer whose last state is given.
    pub(crate) fn new(kind: BaselineKind, model: &Model, state: &[f32]) -> Self {
        let basket = match kind {
            BaselineKind::Absence | BaselineKind::Own | BaselineKind::Earlier => None,
            BaselineKind::Population => of_population(model),
            BaselineKind::Segment => of_segment(model, state),
        };
        let baseline = match (kind, &basket) {
            (BaselineKind::Population, Some(_)) => Baseline::POPULATION,
            (BaselineKind::Segment, Some(_)) => Baseline::SEGMENT,
            _ => Baseline::ABSENCE,
        };
        Self { baseline, basket }
    }
}

/// What a customer spent before the period of a place, as the mean of the shares of periods with spending: those of the year
/// before, or all where nothing was spent in that year; `None` where nothing was spent before.
pub(crate) fn before(totals: &Totals, place: usize) -> Option<Vec<f64>> {
    let spending = totals.spending();
    let mean = |first: usize| {
        let mut sums = vec![0.0; spending.ncols()];
        for row in spending.rows().into_iter().take(place).skip(first) {
            let total = row.sum();
            if total > 0.0 {
                let shares = sums.iter_mut().zip(row);
                shares.for_each(|(sum, amount)| *sum += amount / total);
            }
        }
        normalized(&sums)
    };
    mean(place.saturating_sub(totals.periods_of_a_year())).or_else(|| mean(0))
}

fn normalized(mean: &[f64]) -> Option<Vec<f64>> {
    // A share below 0 would be spending that no customer has.
    let shares = mean.iter().map(|share| share.max(0.0));
    let sum: f64 = shares.clone().sum();
    (sum > 0.0 && sum.is_finite()).then(|| shares.map(|share| share / sum).collect())
}

#[cfg(test)]
mod tests {
    use super::normalized;

    #[test]
    fn basket_sums_to_one_although_periods_without_spending_lower_the_means() {
        assert_eq!(normalized(&[0.25, 0.25, 0.0]).unwrap(), [0.5, 0.5, 0.0]);
        assert_eq!(normalized(&[0.0, 0.0]), None);
    }
}
