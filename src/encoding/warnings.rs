//! Warnings about histories that can be counted, but may not say what their sender means.

use super::quality::Quality;

/// One transaction in so many may have neither class nor MCC without a warning.
const MISSING_IN: u64 = 5;

/// What was counted beside [`Quality`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Suspicions {
    /// Transactions inside the window without class and MCC.
    pub(super) without_class: u64,
    /// Whether amounts of several currencies were added up.
    pub(super) several_currencies: bool,
}

/// A sentence for each thing that is not plausible.
pub(super) fn warnings(quality: &Quality, suspicions: Suspicions) -> Vec<String> {
    let mut warnings = Vec::new();
    let Quality { used, netted, .. } = quality;
    if netted * 2 > *used {
        warnings.push(format!(
            "{netted} of {used} amounts of spending classes are positive and were counted as refunds: money out is negative"
        ));
    }
    let without_class = suspicions.without_class;
    let in_window = used + quality.income + quality.unclassified;
    if without_class * MISSING_IN > in_window {
        warnings.push(format!(
            "{without_class} of {in_window} transactions have neither `class` nor `mcc` and were counted as unclassified"
        ));
    }
    if suspicions.several_currencies {
        warnings.push("amounts of several currencies were added up as they are".to_owned());
    }
    warnings
}

/// The probable reason why a history has no spending, to be put behind that fault; empty without one.
pub(super) fn reason_of_no_spending(quality: &Quality, suspicions: Suspicions) -> &'static str {
    let in_window = quality.used + quality.income + quality.unclassified;
    if quality.netted > 0 && quality.netted == quality.used {
        "; all amounts of spending classes are positive, and money out is negative"
    } else if in_window > 0 && suspicions.without_class == in_window {
        "; no transaction has a `class` or an `mcc`"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(used: u64, netted: u64, without_class: u64) -> usize {
        let quality = Quality {
            used,
            netted,
            unclassified: without_class,
            ..Quality::default()
        };
        let suspicions = Suspicions {
            without_class,
            several_currencies: false,
        };
        warnings(&quality, suspicions).len()
    }

    #[test]
    fn more_refunds_than_purchases_are_not_plausible() {
        assert_eq!(count(4, 2, 0), 0);
        assert_eq!(count(6, 4, 0), 1);
        assert_eq!(count(1, 0, 0), 0);
    }

    #[test]
    fn transactions_without_class_are_named_above_a_fifth() {
        assert_eq!(count(8, 0, 2), 0);
        assert_eq!(count(7, 0, 2), 1);
        assert_eq!(count(7, 7, 2), 2);
    }
}
