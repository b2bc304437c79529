//! Distances between points, and the nearest of several.

/// The square of the Euclidean distance between two points of equal length.
pub fn square_distance<'a>(
    from: impl IntoIterator<Item = &'a f64>,
    to: impl IntoIterator<Item = &'a f64>,
) -> f64 {
    let pairs = from.into_iter().zip(to);
    pairs.map(|(a, b)| (a - b).powi(2)).sum()
}

/// The Euclidean distance between two points of equal length.
pub fn distance<'a>(
    from: impl IntoIterator<Item = &'a f64>,
    to: impl IntoIterator<Item = &'a f64>,
) -> f64 {
    square_distance(from, to).sqrt()
}

/// The index of the smallest number, the first of several; 0 when there is none.
pub fn nearest(distances: impl IntoIterator<Item = f64>) -> usize {
    let numbered = distances.into_iter().enumerate();
    numbered
        .min_by(|(_, a), (_, b)| a.total_cmp(b))
        .map_or(0, |(index, _)| index)
}
