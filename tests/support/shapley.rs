//! Shapley values by their definition, to hold computed ones against.

/// The Shapley values of a game: the mean over all orders in which the parts can be added. `value` gives that of a set, whose
/// parts are the bits of its number.
pub fn shapley(parts: usize, value: impl Fn(usize) -> f64) -> Vec<f64> {
    let factorial = |n: usize| {
        (1..=u32::try_from(n).unwrap())
            .map(f64::from)
            .product::<f64>()
    };
    let of_part = |part: usize| {
        let others = (0..1_usize << parts).filter(|set| set >> part & 1 == 0);
        let terms = others.map(|set| {
            let size = set.count_ones() as usize;
            let weight = factorial(size) * factorial(parts - size - 1) / factorial(parts);
            weight * (value(set | 1 << part) - value(set))
        });
        terms.sum()
    };
    (0..parts).map(of_part).collect()
}
