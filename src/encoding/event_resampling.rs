//! Resamples of a history of events: as often as wanted, each of its calendar months comes a random number of times.
//!
//! Events depend on those before them, so whole months are drawn (a block bootstrap, Künsch 1989): a month comes w times in a row
//! with the probability `exp(-1) / w!`, and each of its steps is what the network read of it in the history, the days since the
//! event before included.

use std::ops::Range;

use ndarray::{Array2, Axis};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use sha2::{Digest, Sha256};

use super::declaration::Plan;
use super::encoder::Encoder;
use super::history::History;
use super::inputs::Inputs;
use super::resampling::times;
use microseg_history::HistoryError;

/// How often a resample without any event is drawn again; of two months one of seven is.
const MOST_DRAWS: usize = 64;

/// Resamples that were drawn, and are made when they are asked for.
#[derive(Debug)]
pub struct EventResamples {
    own: Inputs,
    /// The steps of each month that has some.
    months: Vec<Range<usize>>,
    /// For each resample, how often each month comes.
    drawn: Vec<Vec<usize>>,
    /// The most steps of the window.
    most: usize,
}

impl Encoder {
    /// Draws so many resamples of a history of events. What is drawn follows from what the network reads of the history, and from
    /// `salt`.
    ///
    /// # Errors
    /// [`HistoryError::Invalid`] at `member`, the member of the document that asks for them, when the history goes on from a state,
    /// so that not all of its events are here, or when all are of one month.
    pub fn event_resamples(
        &self,
        history: &History,
        (member, count): (&'static str, usize),
        salt: &str,
    ) -> Result<EventResamples, HistoryError> {
        let fault = |detail: &str| HistoryError::Invalid {
            pointer: format!("/{member}"),
            detail: detail.to_owned(),
        };
        if history.checkpoint().is_some() {
            return Err(fault(
                "expected a history without a token, whose transactions are all here",
            ));
        }
        let own = history.inputs();
        let mut begin = 0;
        let months = history.steps_of_periods().into_iter().map(|end| {
            let month = begin..end;
            begin = end;
            month
        });
        let months: Vec<Range<usize>> = months.filter(|month| !month.is_empty()).collect();
        if months.len() < 2 {
            return Err(fault(
                "expected events of at least two months: months are drawn, and one alone says nothing",
            ));
        }
        let mut generator = ChaCha8Rng::from_seed(seed(&own, salt));
        let drawn = (0..count).map(|_| draw(&mut generator, months.len()));
        Ok(EventResamples {
            drawn: drawn.collect(),
            own,
            months,
            most: self.most_events(),
        })
    }

    fn most_events(&self) -> usize {
        match self.declaration().plan() {
            Plan::Events { window, .. } => window.events.unwrap_or(usize::MAX),
            Plan::Periods { .. } => usize::MAX,
        }
    }
}

impl EventResamples {
    /// How many bytes all of them take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let steps: usize = self.drawn.iter().map(|drawn| self.steps(drawn)).sum();
        let numbers = self.own.numbers.ncols() * size_of::<f32>();
        steps * (numbers + self.own.categories.ncols() * size_of::<i64>())
    }

    /// How many steps the history has.
    #[must_use]
    pub fn own_steps(&self) -> usize {
        self.own.steps()
    }

    /// What the network reads of each.
    #[must_use]
    pub fn inputs(&self) -> Vec<Inputs> {
        let of_one = |drawn: &Vec<usize>| Inputs {
            numbers: self.rows(&self.own.numbers, drawn),
            categories: self.rows(&self.own.categories, drawn),
        };
        let inputs = self.drawn.iter().map(of_one);
        inputs.map(|inputs| inputs.last(self.most)).collect()
    }

    fn steps(&self, drawn: &[usize]) -> usize {
        let months = self.months.iter().zip(drawn);
        let steps: usize = months.map(|(month, times)| month.len() * times).sum();
        steps.min(self.most)
    }

    /// The rows of the months, each as often as it comes.
    fn rows<T: Clone>(&self, rows: &Array2<T>, drawn: &[usize]) -> Array2<T> {
        let months = self.months.iter().zip(drawn);
        let places =
            months.flat_map(|(month, &times)| std::iter::repeat_n(month.clone(), times).flatten());
        rows.select(Axis(0), &places.collect::<Vec<_>>())
    }
}

/// How often each month comes; not all of them never.
fn draw(generator: &mut ChaCha8Rng, months: usize) -> Vec<usize> {
    for _ in 0..MOST_DRAWS {
        let drawn: Vec<usize> = (0..months).map(|_| times(generator.next_u64())).collect();
        if drawn.iter().any(|&times| times > 0) {
            return drawn;
        }
    }
    vec![1; months]
}

fn seed(own: &Inputs, salt: &str) -> [u8; 32] {
    let mut digest = Sha256::new();
    for number in &own.numbers {
        digest.update(number.to_bits().to_le_bytes());
    }
    for code in &own.categories {
        digest.update(code.to_le_bytes());
    }
    digest.update(salt);
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resamples(drawn: Vec<Vec<usize>>, most: usize) -> EventResamples {
        EventResamples {
            own: Inputs {
                numbers: ndarray::array![[0.0], [1.0], [2.0], [3.0]],
                categories: ndarray::array![[10], [11], [12], [13]],
            },
            months: vec![0..1, 1..3, 3..4],
            drawn,
            most,
        }
    }

    #[test]
    fn month_comes_as_often_as_it_was_drawn_and_the_window_keeps_the_last_steps() {
        let of = |most| {
            let resamples = resamples(vec![vec![0, 2, 1], vec![1, 0, 0]], most);
            let inputs = resamples.inputs();
            // Two numbers of 4 and 8 bytes a step.
            let steps: usize = inputs.iter().map(Inputs::steps).sum();
            assert_eq!(resamples.bytes(), 12 * steps);
            let codes = |inputs: &Inputs| inputs.categories.iter().copied().collect::<Vec<i64>>();
            inputs.iter().map(codes).collect::<Vec<_>>()
        };
        assert_eq!(of(usize::MAX), [vec![11, 12, 11, 12, 13], vec![10]]);
        assert_eq!(of(3), [vec![11, 12, 13], vec![10]]);
    }

    #[test]
    fn drawn_months_come_once_on_average_and_never_all_zero_times() {
        let mut generator = ChaCha8Rng::seed_from_u64(3);
        let drawn: Vec<Vec<usize>> = (0..4_000).map(|_| draw(&mut generator, 12)).collect();
        let sum: usize = drawn.iter().flatten().sum();
        let mean = f64::from(u32::try_from(sum).unwrap()) / 48_000.0;
        assert!((mean - 1.0).abs() < 0.03, "{mean}");
        let two = (0..500).map(|_| draw(&mut generator, 2));
        assert!(
            two.into_iter()
                .all(|drawn| drawn.iter().any(|&times| times > 0))
        );
    }
}
