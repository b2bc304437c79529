//! Random draws that are the same in every version: computed here from the words of a counter-based generator.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// The generator of one explanation. Streams of one seed are independent of each other.
pub(crate) struct Generator(ChaCha8Rng);

/// The purpose of a stream of draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    /// The perturbations.
    Perturbations = 0,
    /// The halves of the stability's repeats.
    Halves = 1,
}

impl Generator {
    pub(super) fn new(seed: u64, stream: Stream) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream as u64);
        Self(generator)
    }

    /// A number from 0 to `bound - 1`: the high half of a 64-bit product.
    #[expect(clippy::cast_possible_truncation, reason = "less than the bound")]
    pub(super) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.0.next_u64()) * bound as u128) >> 64) as usize
    }

    /// A number above 0 and up to 1, a multiple of 2^-53.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit exactly")]
    pub(super) fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// Two independent standard normal numbers (Box & Muller 1958).
    pub(super) fn normals(&mut self) -> [f64; 2] {
        let radius = libm::sqrt(-2.0 * libm::log(self.uniform()));
        let angle = std::f64::consts::TAU * self.uniform();
        [radius * libm::cos(angle), radius * libm::sin(angle)]
    }

    /// Puts items into random order (Fisher & Yates).
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for place in (1..items.len()).rev() {
            items.swap(place, self.below(place + 1));
        }
    }

    /// Brings `count` of the items, any of them alike, to the front.
    pub(super) fn choose<T>(&mut self, items: &mut [T], count: usize) {
        for place in 0..count {
            items.swap(place, place + self.below(items.len() - place));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seed_and_stream_decide_the_draws() {
        let mut generator = Generator::new(7, Stream::Perturbations);
        let drawn: Vec<usize> = (0..6).map(|_| generator.below(100)).collect();
        assert_eq!(drawn, DRAWN);
        let mut other = Generator::new(7, Stream::Halves);
        let drawn: Vec<usize> = (0..6).map(|_| other.below(100)).collect();
        assert_ne!(drawn, DRAWN);
    }

    const DRAWN: [usize; 6] = [15, 16, 70, 72, 60, 35];

    #[test]
    fn normal_numbers_have_mean_zero_and_deviation_one() {
        let mut generator = Generator::new(1, Stream::Perturbations);
        let numbers: Vec<f64> = (0..10_000).flat_map(|_| generator.normals()).collect();
        let mean = numbers.iter().sum::<f64>() / 20_000.0;
        let square = numbers.iter().map(|number| number * number).sum::<f64>() / 20_000.0;
        assert!(
            mean.abs() < 0.03 && (square - 1.0).abs() < 0.04,
            "{mean} {square}"
        );
    }
}
