//! Histogram: how many numbers fall into each of equally wide bins.

use crate::numbers::float;

#[derive(Debug, Clone)]
pub(crate) struct Histogram {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) bins: Vec<u64>,
    count: u64,
    sum: f64,
}

impl Histogram {
    pub(crate) fn new(from: f64, to: f64, bins: usize) -> Self {
        Self {
            from,
            to,
            bins: vec![0; bins],
            count: 0,
            sum: 0.0,
        }
    }

    /// Counts a number; one beyond the ends is in the bin at that end.
    pub(crate) fn add(&mut self, number: f64) {
        let part = (number - self.from) / (self.to - self.from);
        let edges = (1..self.bins.len()).map(|bin| float(bin) / float(self.bins.len()));
        let place = edges.take_while(|edge| part >= *edge).count();
        self.bins[place] += 1;
        self.count += 1;
        self.sum += number;
    }

    pub(crate) fn mean(&self) -> Option<f64> {
        let count = float(usize::try_from(self.count).unwrap_or(usize::MAX));
        (self.count > 0).then(|| self.sum / count)
    }

    /// The share of the numbers in each bin.
    pub(crate) fn shares(&self) -> impl Iterator<Item = f64> {
        let all = float(usize::try_from(self.count.max(1)).unwrap_or(usize::MAX));
        let count = |bin: &u64| float(usize::try_from(*bin).unwrap_or(usize::MAX));
        self.bins.iter().map(move |bin| count(bin) / all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_beyond_the_ends_are_in_the_bins_at_the_ends() {
        let mut histogram = Histogram::new(0.0, 1.0, 4);
        for number in [-5.0, 0.1, 0.25, 0.99, 1.0, 7.0] {
            histogram.add(number);
        }
        assert_eq!(histogram.bins, [2, 1, 0, 3]);
        assert!((histogram.shares().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}
