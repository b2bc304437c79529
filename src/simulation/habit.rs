//! Habits: classes that the same people spend on, without a coefficient of a trait behind it.

use std::collections::HashSet;

use serde::Deserialize;

use super::error::SimulationError;
use super::life_stage::LifeStage;
use microseg_history::{Booking, ClassIndex, Taxonomy};

const TABLE: &str = "habits.csv";

/// A planted pattern of co-spending.
#[derive(Debug, Clone, PartialEq)]
pub struct Habit {
    /// The habit's name, such as `commuter`.
    pub name: String,
    /// The classes that it moves.
    pub loadings: Vec<Loading>,
    /// The fraction of people with the habit, by stage of life.
    prevalence: [f64; LifeStage::COUNT],
}

/// The effect of a habit on one class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loading {
    /// The class.
    pub class: ClassIndex,
    /// How strongly, -5 to 5: above zero more people spend more on it.
    pub loading: f64,
}

impl Habit {
    pub(super) fn prevalence(&self, stage: LifeStage) -> f64 {
        self.prevalence[stage as usize]
    }
}

#[derive(Deserialize)]
struct Row {
    habit: String,
    young: f64,
    middle: f64,
    senior: f64,
    classes: String,
}

/// Reads `habit,young,middle,senior,classes`, the last as `fuel=0.8 parking-and-tolls=1.6`.
pub(super) fn read_habits(text: &str, taxonomy: &Taxonomy) -> Result<Vec<Habit>, SimulationError> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut names = HashSet::new();
    reader
        .deserialize()
        .map(|row| {
            let row: Row = row.map_err(SimulationError::csv(TABLE))?;
            let name = row.habit.clone();
            let habit = habit(row, taxonomy).and_then(|habit| {
                let new = names.insert(habit.name.clone());
                new.then_some(habit).ok_or("another row has the same name")
            });
            habit.map_err(|reason| SimulationError::Row {
                table: TABLE,
                row: name,
                reason,
            })
        })
        .collect()
}

fn habit(row: Row, taxonomy: &Taxonomy) -> Result<Habit, &'static str> {
    let prevalence = [row.young, row.middle, row.senior];
    if !prevalence.iter().all(|part| (0.0..=0.9).contains(part)) {
        return Err("a prevalence is from 0 to 0.9");
    }
    let loadings = row
        .classes
        .split_ascii_whitespace()
        .map(|item| {
            let (class, loading) = item.split_once('=').ok_or("expected class=loading")?;
            let Some(Booking::Spending(class)) = taxonomy.booking_of_class(class) else {
                return Err("the taxonomy does not have one of the classes");
            };
            match loading.parse::<f64>() {
                Ok(loading) if (-5.0..=5.0).contains(&loading) => Ok(Loading { class, loading }),
                _ => Err("a loading is from -5 to 5"),
            }
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Habit {
        name: row.habit,
        loadings,
        prevalence,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "habit,young,middle,senior,classes\n";

    fn habits(rows: &str) -> Result<Vec<Habit>, SimulationError> {
        let taxonomy = Taxonomy::from_csv(
            "class,title,group,mcc,openness,source\nfuel,Fuel,t,,,\nrent,Rent,h,,,\npay,Pay,income,,,\n",
        );
        read_habits(&format!("{HEADER}{rows}"), &taxonomy?)
    }

    #[test]
    fn row_gives_loadings_and_prevalence() {
        let habits = habits("driver,0.2,0.4,0.1,fuel=0.8 rent=-2\n").unwrap();
        let loadings: Vec<f64> = habits[0].loadings.iter().map(|one| one.loading).collect();
        assert_eq!(loadings, [0.8, -2.0]);
        assert!(habits[0].prevalence(LifeStage::Middle) > habits[0].prevalence(LifeStage::Senior));
    }

    #[test]
    fn row_that_does_not_fit_is_named() {
        for (rows, part) in [
            ("a,0.2,0.4,1.1,fuel=1\n", "habits.csv, a: a prevalence"),
            ("a,0.2,0.4,0.1,boats=1\n", "habits.csv, a: the taxonomy"),
            ("a,0.2,0.4,0.1,pay=1\n", "habits.csv, a: the taxonomy"),
            ("a,0.2,0.4,0.1,fuel=9\n", "habits.csv, a: a loading"),
            ("a,0.2,0.4,0.1,fuel\n", "habits.csv, a: expected"),
            ("a,0,0,0,fuel=1\na,0,0,0,rent=1\n", "habits.csv, a: another"),
            ("a,many,0,0,fuel=1\n", "habits.csv: CSV"),
        ] {
            let message = habits(rows).unwrap_err().to_string();
            assert!(message.starts_with(part), "{message}");
        }
    }
}
