//! Seasons: the distribution of a class's purchases over the months of the year.

use rand::Rng;
use rand_distr::Distribution;
use rand_distr::weighted::WeightedAliasIndex;

use super::error::SimulationError;

const TABLE: &str = "seasons.csv";

/// A shape of the year.
#[derive(Debug)]
pub(super) struct Season {
    pub(super) name: String,
    /// Each month against the average month; the mean is 1.
    factors: [f64; 12],
    months: WeightedAliasIndex<f64>,
}

impl Season {
    /// How this month, 0 to 11, compares with the average month.
    pub(super) fn factor(&self, month: usize) -> f64 {
        self.factors.get(month).copied().unwrap_or(1.0)
    }

    /// The month, 0 to 11, that a purchase falls into.
    pub(super) fn draw_month(&self, random: &mut impl Rng) -> usize {
        self.months.sample(random)
    }
}

/// Reads `season` and one weight for each month, at least zero.
pub(super) fn read_seasons(text: &str) -> Result<Vec<Season>, SimulationError> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader
        .deserialize()
        .map(|row| {
            let (name, weights): (String, [f64; 12]) = row.map_err(SimulationError::csv(TABLE))?;
            // The alias table refuses what is negative, not finite or zero in all months.
            match WeightedAliasIndex::new(weights.to_vec()) {
                Ok(months) => {
                    let mean = weights.iter().sum::<f64>() / 12.0;
                    let factors = weights.map(|weight| weight / mean);
                    Ok(Season {
                        name,
                        factors,
                        months,
                    })
                }
                Err(_) => Err(SimulationError::Row {
                    table: TABLE,
                    row: name,
                    reason: "weights are at least zero, and one is above",
                }),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "season,1,2,3,4,5,6,7,8,9,10,11,12\n";

    #[test]
    fn mean_of_the_factors_is_one() {
        let seasons = read_seasons(&format!("{HEADER}s,2,2,2,2,2,2,2,2,2,2,2,26\n")).unwrap();
        assert_eq!(seasons[0].name, "s");
        assert!((seasons[0].factor(0) - 0.5).abs() < 1e-12);
        assert!((seasons[0].factor(11) - 6.5).abs() < 1e-12);
    }

    #[test]
    fn season_without_positive_weight_is_refused() {
        for row in [
            "s,0,0,0,0,0,0,0,0,0,0,0,0\n",
            "s,-1,1,1,1,1,1,1,1,1,1,1,1\n",
            "s,NaN,1,1,1,1,1,1,1,1,1,1,1\n",
        ] {
            let error = read_seasons(&format!("{HEADER}{row}")).unwrap_err();
            assert!(error.to_string().starts_with("seasons.csv, s:"), "{error}");
        }
        assert!(matches!(
            read_seasons(&format!("{HEADER}s,x,1,1,1,1,1,1,1,1,1,1,1\n")),
            Err(SimulationError::Csv { .. })
        ));
    }
}
