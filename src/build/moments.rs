//! Means and standard deviations of a stream of numbers.

use microseg_space::Spread;

/// Sums from which mean and standard deviation follow; each number is counted from the first one seen, so that the
/// squares lose nothing to a large mean.
#[derive(Debug, Clone)]
pub(super) struct Moments {
    count: f64,
    origin: Vec<f64>,
    sums: Vec<f64>,
    squares: Vec<f64>,
}

impl Moments {
    pub(super) fn new(length: usize) -> Self {
        Self {
            count: 0.0,
            origin: vec![0.0; length],
            sums: vec![0.0; length],
            squares: vec![0.0; length],
        }
    }

    pub(super) fn add(&mut self, values: impl Iterator<Item = f64> + Clone) {
        if self.count == 0.0 {
            self.origin = values.clone().collect();
        }
        self.count += 1.0;
        let sums = self.sums.iter_mut().zip(&mut self.squares);
        for ((value, origin), (sum, square)) in values.zip(&self.origin).zip(sums) {
            let difference = value - origin;
            *sum += difference;
            *square += difference * difference;
        }
    }

    pub(super) fn spread(&self) -> Spread {
        let count = self.count.max(1.0);
        let numbers = self.origin.iter().zip(self.sums.iter().zip(&self.squares));
        let (mean, deviation) = numbers
            .map(|(origin, (sum, square))| {
                let shift = sum / count;
                (
                    origin + shift,
                    (square / count - shift * shift).max(0.0).sqrt(),
                )
            })
            .unzip();
        Spread { mean, deviation }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_mean_costs_no_precision() {
        let mut moments = Moments::new(1);
        for value in [1e9 + 1.0, 1e9 + 2.0, 1e9 + 3.0] {
            moments.add(std::iter::once(value));
        }
        let spread = moments.spread();
        assert!((spread.mean[0] - (1e9 + 2.0)).abs() < 1e-6);
        assert!((spread.deviation[0] - (2.0_f64 / 3.0).sqrt()).abs() < 1e-9);
    }
}
