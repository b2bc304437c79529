//! Exact sum of binary numbers (J. R. Shewchuk, 1997): no digit is lost, and the order of the numbers does not matter.

/// The sum, rounded at the end; not finite where it is beyond the range of 64 bits.
pub(super) fn exact_sum(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut parts: Vec<f64> = Vec::new();
    for number in sorted {
        let mut number = number;
        let mut kept = 0;
        for place in 0..parts.len() {
            let (larger, smaller) = if number.abs() < parts[place].abs() {
                (parts[place], number)
            } else {
                (number, parts[place])
            };
            let sum = larger + smaller;
            let rest = smaller - (sum - larger);
            if rest != 0.0 {
                parts[kept] = rest;
                kept += 1;
            }
            number = sum;
        }
        parts.truncate(kept);
        parts.push(number);
    }
    // From the smallest part to the largest one.
    parts.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_that_cancel_leave_the_small_ones() {
        assert_eq!(
            exact_sum(&[1e100, 1.0, -1e100, 2.0]).to_bits(),
            3_f64.to_bits()
        );
        assert_eq!(exact_sum(&[0.1; 10]).to_bits(), 1_f64.to_bits());
        assert!(!exact_sum(&[f64::MAX, f64::MAX]).is_finite());
    }
}
