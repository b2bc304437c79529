//! Life of a customer over the years: traits drift, habits start and stop.

use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};

use super::habit::Habit;
use super::life_stage::LifeStage;

/// The standard deviation of a trait's change in a year; traits are standard normal in the first year.
const TRAIT_STEP: f64 = 0.1;

/// The probability that a habit ends within a year. That of its start follows from its prevalence.
const HABIT_END: f64 = 0.12;

/// One calendar year of a life: the truth behind the bookings, which no model sees.
#[derive(Debug, Clone, PartialEq)]
pub struct LifeYear {
    /// The calendar year.
    pub year: i16,
    /// The customer's age in that year, 18 to 95.
    pub age: u8,
    /// The latent traits in the order of the taxonomy; standard normal over a population.
    pub traits: [f64; 5],
    /// Which of [`super::Population::habits`] the customer has.
    pub habits: Vec<bool>,
    /// The share of spending that each class of the taxonomy is given; sums to 1.
    pub shares: Vec<f64>,
    /// A year without spending: only income is booked in it.
    pub gap: bool,
}

/// The state of a life in one year.
#[derive(Debug, Clone)]
pub(super) struct Life {
    pub(super) age: u8,
    pub(super) traits: [f64; 5],
    pub(super) habits: Vec<bool>,
}

impl Life {
    /// Draws a life in the first year of the history.
    pub(super) fn draw(habits: &[Habit], random: &mut impl Rng) -> Self {
        let deviation: f64 = StandardNormal.sample(random);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to the ages of customers"
        )]
        let age = (46.0 + 16.0 * deviation).clamp(18.0, 88.0) as u8;
        let stage = LifeStage::of_age(age);
        let traits = std::array::from_fn(|_| StandardNormal.sample(random));
        let habits = habits
            .iter()
            .map(|habit| random.random::<f64>() < habit.prevalence(stage))
            .collect();
        Self {
            age,
            traits,
            habits,
        }
    }

    /// Moves the life to the next year.
    pub(super) fn advance(&mut self, habits: &[Habit], random: &mut impl Rng) {
        let stage = LifeStage::of_age(self.age);
        for (value, trend) in self.traits.iter_mut().zip(stage.trend()) {
            let step: f64 = StandardNormal.sample(random);
            *value += trend + TRAIT_STEP * step;
        }
        for (has, habit) in self.habits.iter_mut().zip(habits) {
            let prevalence = habit.prevalence(stage);
            // As many start as end, so that the prevalence holds.
            let start = HABIT_END * prevalence / (1.0 - prevalence);
            let draw: f64 = random.random();
            *has = if *has {
                draw >= HABIT_END
            } else {
                draw < start
            };
        }
        self.age = self.age.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::life_stage::TRAITS;
    use crate::tables::Tables;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    const LIVES: u32 = 4_000;

    fn fraction(count: u32) -> f64 {
        f64::from(count) / f64::from(LIVES)
    }

    #[test]
    fn traits_are_standard_normal_at_first_and_follow_the_stage_of_life() {
        let mut random = ChaCha8Rng::seed_from_u64(2);
        let (mut sum, mut squares, mut gained) = ([0.0; 5], [0.0; 5], [0.0; 5]);
        for _ in 0..LIVES {
            let mut life = Life::draw(&[], &mut random);
            for (number, value) in life.traits.iter().enumerate() {
                sum[number] += value;
                squares[number] += value * value;
            }
            let before = life.traits;
            life.age = 25;
            for _ in 0..5 {
                life.advance(&[], &mut random);
            }
            assert_eq!(life.age, 30);
            for (number, value) in life.traits.iter().enumerate() {
                gained[number] += value - before[number];
            }
        }
        for number in 0..5 {
            let mean = sum[number] / f64::from(LIVES);
            let variance = squares[number] / f64::from(LIVES) - mean * mean;
            assert!(mean.abs() < 0.06, "{}: {mean}", TRAITS[number]);
            assert!(
                (variance - 1.0).abs() < 0.1,
                "{}: {variance}",
                TRAITS[number]
            );
            let gain = gained[number] / f64::from(LIVES);
            let expected = 5.0 * LifeStage::Young.trend()[number];
            assert!(
                (gain - expected).abs() < 0.015,
                "{}: {gain}",
                TRAITS[number]
            );
        }
    }

    #[test]
    fn prevalence_of_habits_holds_while_they_start_and_end() {
        let tables = Tables::read().unwrap();
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let count = tables.habits.len();
        let (mut has, mut started, mut ended) = (vec![0; count], vec![0; count], vec![0; count]);
        for _ in 0..LIVES {
            let mut life = Life::draw(&tables.habits, &mut random);
            life.age = 40;
            // Long enough for the stage of life to replace the one that was drawn.
            for _ in 0..30 {
                life.age = 40;
                life.advance(&tables.habits, &mut random);
            }
            let before = life.habits.clone();
            life.advance(&tables.habits, &mut random);
            for number in 0..count {
                has[number] += u32::from(before[number]);
                started[number] += u32::from(!before[number] && life.habits[number]);
                ended[number] += u32::from(before[number] && !life.habits[number]);
            }
        }
        for (number, habit) in tables.habits.iter().enumerate() {
            let expected = habit.prevalence(LifeStage::Middle);
            let found = fraction(has[number]);
            assert!((found - expected).abs() < 0.03, "{}: {found}", habit.name);
            for changed in [started[number], ended[number]] {
                let rate = fraction(changed) / found;
                assert!((rate - HABIT_END).abs() < 0.06, "{}: {rate}", habit.name);
            }
        }
    }
}
