//! Uniform sample of a stream of unknown length, in bounded memory.

use rand::RngExt as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;

/// At most `capacity` of the items that were offered, each with the same chance (algorithm R, Vitter 1985).
#[derive(Debug)]
pub(super) struct Sample<T> {
    capacity: usize,
    offered: u64,
    random: ChaCha8Rng,
    items: Vec<T>,
}

impl<T> Sample<T> {
    pub(super) fn new(capacity: usize, random: ChaCha8Rng) -> Self {
        Self {
            capacity: capacity.max(1),
            offered: 0,
            random,
            items: Vec::new(),
        }
    }

    /// Offers one item, which is made only if it is taken.
    pub(super) fn offer(&mut self, item: impl FnOnce() -> T) {
        self.offered += 1;
        if self.items.len() < self.capacity {
            self.items.push(item());
            return;
        }
        let place = self.random.random_range(0..self.offered);
        if let Some(kept) = usize::try_from(place)
            .ok()
            .and_then(|place| self.items.get_mut(place))
        {
            *kept = item();
        }
    }

    /// Takes the sample in random order, so that its beginning is a uniform sample too; an empty one is left.
    pub(super) fn take(&mut self) -> Vec<T> {
        self.items.shuffle(&mut self.random);
        std::mem::take(&mut self.items)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;

    #[test]
    fn items_of_a_stream_have_equal_chances() {
        let mut taken = [0_u32; 20];
        let mut first = [0_u32; 20];
        for seed in 0..4_000 {
            let mut sample = Sample::new(5, ChaCha8Rng::seed_from_u64(seed));
            (0..20_usize).for_each(|item| sample.offer(|| item));
            let items = sample.take();
            assert_eq!(items.len(), 5);
            first[items[0]] += 1;
            for item in items {
                taken[item] += 1;
            }
        }
        // 200 each are expected, with a standard deviation of 14.
        assert!(
            first.iter().all(|count| (130..270).contains(count)),
            "{first:?}"
        );
        // 1,000 each are expected, with a standard deviation of 27.
        assert!(
            taken.iter().all(|count| (860..1_140).contains(count)),
            "{taken:?}"
        );
    }
}
