//! Adjusted Rand index: the agreement of two partitions of the same items, beyond chance.

use std::collections::BTreeMap;

/// 1 for the same partition, around 0 for unrelated ones (Hubert & Arabie, "Comparing partitions", 1985).
pub(super) fn adjusted_rand_index(one: &[usize], other: &[usize]) -> f64 {
    let mut both = BTreeMap::new();
    let (mut rows, mut columns) = (BTreeMap::new(), BTreeMap::new());
    for (&row, &column) in one.iter().zip(other) {
        *both.entry((row, column)).or_insert(0_u32) += 1;
        *rows.entry(row).or_insert(0_u32) += 1;
        *columns.entry(column).or_insert(0_u32) += 1;
    }
    let pairs = |count: u32| f64::from(count) * (f64::from(count) - 1.0) / 2.0;
    let together: f64 = both.values().copied().map(pairs).sum();
    let in_rows: f64 = rows.values().copied().map(pairs).sum();
    let in_columns: f64 = columns.values().copied().map(pairs).sum();
    let all = pairs(u32::try_from(one.len()).unwrap_or(u32::MAX));
    let by_chance = if all > 0.0 {
        in_rows * in_columns / all
    } else {
        0.0
    };
    let most = f64::midpoint(in_rows, in_columns);
    if most > by_chance {
        (together - by_chance) / (most - by_chance)
    } else {
        // Both put everything together, or nothing: they agree.
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_of_small_partitions_is_that_of_scikit_learn() {
        assert!((adjusted_rand_index(&[0, 0, 1, 1], &[5, 5, 3, 3]) - 1.0).abs() < 1e-12);
        // scikit-learn: adjusted_rand_score([0, 0, 1, 2], [0, 0, 1, 1]) = 0.5714285714285714
        assert!((adjusted_rand_index(&[0, 0, 1, 2], &[0, 0, 1, 1]) - 4.0 / 7.0).abs() < 1e-12);
        // adjusted_rand_score([0, 0, 1, 1], [0, 1, 0, 1]) = -0.5
        assert!((adjusted_rand_index(&[0, 0, 1, 1], &[0, 1, 0, 1]) + 0.5).abs() < 1e-12);
        assert!((adjusted_rand_index(&[0, 0, 0], &[1, 1, 1]) - 1.0).abs() < 1e-12);
    }
}
