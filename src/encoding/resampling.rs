//! Resamples of a history: as often as wanted, each of its own transactions counts a random number of times.
//!
//! A transaction counts w times with the probability `exp(-1) / w!` (the Poisson bootstrap, Oza & Russell 2001), which needs no list
//! of them: weights are drawn while the document is read, a few resamples in each pass over it.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};

use super::encoder::Encoder;
use super::history::History;
use super::inputs::Inputs;
use super::ledger::Ledger;
use microseg_history::{
    DefaultReader, HistoryError, HistoryReader, ParsedTransaction, TimeSettings, TransactionSink,
};

/// How many resamples are made in one pass: their sums are in memory together.
const AT_ONCE: usize = 8;

/// Up to so many times a transaction counts: more have a probability of 1e-16.
const MOST_TIMES: usize = 17;

/// Adds each transaction to several ledgers, to each a random number of times.
struct Resampled {
    ledgers: Vec<Ledger>,
    generator: ChaCha8Rng,
}

impl TransactionSink for Resampled {
    fn add(&mut self, transaction: ParsedTransaction) {
        for ledger in &mut self.ledgers {
            for _ in 0..times(self.generator.next_u64()) {
                ledger.add(transaction);
            }
        }
    }
}

/// A number with the Poisson distribution of mean 1, from 64 random bits.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit exactly")]
pub(super) fn times(bits: u64) -> usize {
    let point = (bits >> 11) as f64 / (1_u64 << 53) as f64;
    let mut probability = (-1.0_f64).exp();
    let mut below = probability;
    let mut times = 0;
    while point >= below && times < MOST_TIMES {
        times += 1;
        probability /= f64::from(u32::try_from(times).unwrap_or(u32::MAX));
        below += probability;
    }
    times
}

impl Encoder {
    /// What the network reads of so many resamples of a document that was read as `history`, each over the same periods. What is
    /// drawn follows from the history's digest and from `salt`, and from the order of the transactions.
    ///
    /// # Errors
    /// [`HistoryError::Invalid`] at `member`, the member of the document that asks for them, when the network reads more than
    /// shares, or when the history goes on from a state: then not all of its transactions are here.
    pub fn resamples(
        &self,
        bytes: &[u8],
        history: &History,
        (member, count): (&'static str, usize),
        salt: &str,
    ) -> Result<Vec<Inputs>, HistoryError> {
        let fault = |detail: &str| HistoryError::Invalid {
            pointer: format!("/{member}"),
            detail: detail.to_owned(),
        };
        if !self.declaration().is_shares_alone() {
            return Err(fault(
                "expected no such member: the model reads other numbers of periods than shares",
            ));
        }
        let (first, periods) = (
            history.totals.first_period(),
            history.totals.periods().len(),
        );
        let periods = i32::try_from(periods).unwrap_or(i32::MAX);
        let digest = history.totals.digest(self.taxonomy());
        let mut inputs = Vec::with_capacity(count);
        for pass in 0..count.div_ceil(AT_ONCE) {
            let ledgers = AT_ONCE.min(count - inputs.len());
            let new_sink = |times: &TimeSettings| Resampled {
                ledgers: (0..ledgers).map(|_| self.ledger(times)).collect(),
                generator: ChaCha8Rng::from_seed(seed(&digest, salt, pass)),
            };
            let request = self.request(Some(member), None, &new_sink);
            let document = DefaultReader::default().read::<_, IgnoredAny>(bytes, &request)?;
            if document.state_token.is_some() {
                return Err(fault(
                    "expected a history without a token, whose transactions are all here",
                ));
            }
            let sinks = document.sink.ledgers.iter();
            inputs.extend(sinks.map(|ledger| ledger.totals_of(first, periods).profile().into()));
        }
        Ok(inputs)
    }
}

fn seed(digest: &str, salt: &str, pass: usize) -> [u8; 32] {
    Sha256::digest(format!("{digest}\n{salt}\n{pass}\n")).into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::PeriodKind;
    use microseg_history::{Limits, Taxonomy};

    #[test]
    fn number_of_times_has_the_mean_and_the_variance_of_one() {
        let mut generator = ChaCha8Rng::seed_from_u64(3);
        let drawn = (0..20_000).map(|_| times(generator.next_u64()));
        let drawn: Vec<f64> = drawn
            .map(|times| f64::from(u8::try_from(times).unwrap()))
            .collect();
        let mean = drawn.iter().sum::<f64>() / 20_000.0;
        let squares = drawn
            .iter()
            .map(|times| (times - mean).powi(2))
            .sum::<f64>();
        assert!((mean - 1.0).abs() < 0.03, "{mean}");
        assert!((squares / 20_000.0 - 1.0).abs() < 0.05);
        assert_eq!(times(0), 0);
        assert!(times(u64::MAX) <= MOST_TIMES);
    }

    #[test]
    fn resamples_vary_around_the_history_and_are_the_same_every_time() {
        let table =
            "class,title,group,mcc,a,source\nrent,Rent,home,6513,,\nfood,Food,food,5411,,\n";
        let taxonomy = Arc::new(Taxonomy::from_csv(table).unwrap());
        let encoder = Encoder::new(taxonomy, PeriodKind::Month, 3, Limits::default());
        let transaction = |day: usize| {
            let class = if day.is_multiple_of(4) {
                "rent"
            } else {
                "food"
            };
            format!(
                r#"{{"timestamp": "2020-{:02}-{:02}", "amount": -1, "class": "{class}"}}"#,
                1 + day % 2,
                1 + day % 28
            )
        };
        let transactions: Vec<String> = (0..200).map(transaction).collect();
        let text = format!(
            r#"{{"n": 20, "transactions": [{}]}}"#,
            transactions.join(",")
        );
        let history = encoder.read(text.as_bytes()).unwrap();
        let read = |salt| {
            encoder
                .resamples(text.as_bytes(), &history, ("n", 20), salt)
                .unwrap()
        };
        let found = read("salt");
        assert_eq!(found.len(), 20);
        assert_eq!(found, read("salt"));
        assert_ne!(found, read("pepper"));
        let own = history.inputs().numbers;
        let share = |inputs: &Inputs| inputs.numbers[(0, 0)];
        assert!(found.iter().all(|inputs| inputs.numbers.dim() == own.dim()));
        let shares: Vec<f32> = found.iter().map(share).collect();
        assert!(shares.iter().any(|share| *share < own[(0, 0)]));
        assert!(shares.iter().any(|share| *share > own[(0, 0)]));
        assert!(
            shares
                .iter()
                .all(|share| (share - own[(0, 0)]).abs() < 0.25)
        );
    }
}
