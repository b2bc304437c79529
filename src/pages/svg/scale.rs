//! Scale of an axis: numbers to coordinates, and round numbers for its ticks.

/// A linear scale.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    from: f64,
    to: f64,
    start: f64,
    end: f64,
}

impl Scale {
    /// The scale on which the numbers fill the span from `start` to `end`, with a margin on both sides.
    pub(crate) fn around(numbers: impl IntoIterator<Item = f64>, start: f64, end: f64) -> Self {
        let (mut from, mut to) = (f64::INFINITY, f64::NEG_INFINITY);
        for number in numbers.into_iter().filter(|number| number.is_finite()) {
            (from, to) = (from.min(number), to.max(number));
        }
        if from > to {
            (from, to) = (0.0, 1.0);
        }
        // One number alone is in the middle.
        let margin = match (to - from) * 0.04 {
            margin if margin > 0.0 => margin,
            _ => from.abs().max(1.0) * 0.05,
        };
        Self::of(from - margin, to + margin, start, end)
    }

    /// The scale on which `from` is at `start` and `to` at `end`.
    pub(crate) fn of(from: f64, to: f64, start: f64, end: f64) -> Self {
        Self {
            from,
            to,
            start,
            end,
        }
    }

    pub(crate) fn at(&self, number: f64) -> f64 {
        let part = (number - self.from) / (self.to - self.from);
        self.start + part * (self.end - self.start)
    }

    /// Round numbers in the scale, about `count` of them.
    pub(crate) fn ticks(&self, count: u32) -> Vec<f64> {
        let span = self.to - self.from;
        let rough = span / f64::from(count.max(1));
        if !(rough > 0.0 && rough.is_finite()) {
            return Vec::new();
        }
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0]
            .into_iter()
            .map(|step| step * power)
            .find(|step| *step >= rough)
            .unwrap_or(rough);
        let first = (self.from / step).ceil();
        (0..=2 * count)
            .map(|index| (first + f64::from(index)) * step)
            .take_while(|tick| *tick <= self.to)
            // Without the sign of a zero.
            .map(|tick| tick + 0.0)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within() {
        let scale = Scale::of(0.23, 0.81, 0.0, 100.0);
        let ticks: Vec<String> = scale
            .ticks(4)
            .iter()
            .map(|tick| format!("{tick:.1}"))
            .collect();
        assert_eq!(ticks, ["0.4", "0.6", "0.8"]);
        assert!(Scale::of(1.0, 1.0, 0.0, 1.0).ticks(4).is_empty());
    }

    #[test]
    fn one_number_is_in_the_middle_and_none_is_no_fault() {
        assert!((Scale::around([0.5], 0.0, 10.0).at(0.5) - 5.0).abs() < 1e-9);
        assert!(Scale::around([], 0.0, 10.0).at(0.5).is_finite());
    }
}
