//! Income classes that the simulation books.

use super::error::SimulationError;
use microseg_history::Taxonomy;

/// The places of the income classes in the taxonomy's list of them.
#[derive(Debug)]
pub(super) struct IncomeClasses {
    pub(super) salary: usize,
    pub(super) pension: usize,
    pub(super) benefits: usize,
    pub(super) interest: usize,
    pub(super) rental: usize,
    pub(super) gifts: usize,
}

impl IncomeClasses {
    pub(super) fn of(taxonomy: &Taxonomy) -> Result<Self, SimulationError> {
        let place = |name: &str| {
            let classes = taxonomy.income_classes();
            classes
                .iter()
                .position(|class| class.id == name)
                .ok_or_else(|| SimulationError::Row {
                    table: "taxonomy.csv",
                    row: name.to_owned(),
                    reason: "the simulation books this income class",
                })
        };
        Ok(Self {
            salary: place("salary")?,
            pension: place("pension")?,
            benefits: place("benefits")?,
            interest: place("interest-and-dividends")?,
            rental: place("rental-income")?,
            gifts: place("gifts-received")?,
        })
    }
}
