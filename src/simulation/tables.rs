//! Embedded tables, read once and checked against each other.

use super::calendar::Calendar;
use super::error::SimulationError;
use super::habit::{Habit, read_habits};
use super::income_classes::IncomeClasses;
use super::life_stage::TRAITS;
use super::season::{Season, read_seasons};
use super::spending::{ClassSpending, read_spending};
use microseg_history::Taxonomy;

/// The taxonomy that simulated customers spend by: the reference model's, as text.
pub const REFERENCE_TAXONOMY: &str =
    include_str!("../../models/spending-personality/1/taxonomy.csv");

/// All that is known before the first customer is drawn.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) taxonomy: Taxonomy,
    /// One entry for each spending class, in the order of the taxonomy.
    pub(super) spending: Vec<ClassSpending>,
    pub(super) seasons: Vec<Season>,
    pub(super) habits: Vec<Habit>,
    pub(super) income: IncomeClasses,
    pub(super) calendar: Calendar,
}

impl Tables {
    pub(super) fn read() -> Result<Self, SimulationError> {
        let taxonomy = Taxonomy::from_csv(REFERENCE_TAXONOMY)?;
        if taxonomy.traits() != TRAITS {
            return Err(SimulationError::Traits {
                expected: TRAITS.join(", "),
            });
        }
        let seasons = read_seasons(include_str!("seasons.csv"))?;
        let spending = read_spending(include_str!("spending.csv"), &taxonomy, &seasons)?;
        let habits = read_habits(include_str!("habits.csv"), &taxonomy)?;
        let income = IncomeClasses::of(&taxonomy)?;
        Ok(Self {
            taxonomy,
            spending,
            seasons,
            habits,
            income,
            calendar: Calendar::new()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use microseg_history::Booking;

    #[test]
    fn embedded_tables_fit_together() {
        let tables = Tables::read().unwrap();
        assert_eq!(tables.taxonomy.classes().len(), 97);
        assert_eq!(tables.spending.len(), 97);
        assert_eq!(tables.habits.len(), 12);
        // With a class that all customers buy no history is empty.
        assert!(
            tables
                .spending
                .iter()
                .any(|class| class.reach.is_infinite())
        );
    }

    #[test]
    fn every_code_of_the_standard_and_of_the_card_schemes_has_a_class() {
        let taxonomy = Taxonomy::from_csv(REFERENCE_TAXONOMY).unwrap();
        let standard = include_str!("../../tests/data/iso18245-codes.txt");
        let codes: Vec<u16> = standard
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.parse().unwrap())
            .collect();
        assert_eq!(codes.len(), 280);
        // Airlines, car rental and lodging have private ranges; the rest are codes that schemes added.
        let schemes = [
            5262, 5552, 5815, 5816, 5817, 5818, 5977, 6513, 6538, 6540, 7800,
        ];
        for code in codes.into_iter().chain(3000..=3999).chain(schemes) {
            let booking = taxonomy.booking_of_mcc(code);
            assert!(matches!(booking, Some(Booking::Spending(_))), "{code:04}");
        }
    }

    #[test]
    fn coefficients_have_a_source_and_are_at_most_three() {
        let mut reader = csv::Reader::from_reader(REFERENCE_TAXONOMY.as_bytes());
        for row in reader.records() {
            let row = row.unwrap();
            let coefficients: Vec<&str> = row.iter().skip(4).take(5).collect();
            let cited = !row[9].is_empty();
            assert_eq!(
                coefficients.iter().any(|cell| !cell.is_empty()),
                cited,
                "{}",
                &row[0]
            );
            for cell in coefficients.into_iter().filter(|cell| !cell.is_empty()) {
                let size = cell.parse::<f64>().unwrap().abs();
                assert!((0.5..=3.0).contains(&size), "{}: {cell}", &row[0]);
            }
        }
    }
}
