//! Moments as milliseconds since 1970, as the store orders transactions.

use microseg_history::Moment;

const NANOSECONDS: i128 = 1_000_000;

/// Milliseconds since 1970, rounded towards the past.
pub(super) fn milliseconds(moment: Moment) -> i64 {
    i64::try_from(since_1970(moment).div_euclid(NANOSECONDS)).unwrap_or(i64::MAX)
}

/// Milliseconds since 1970, rounded towards the future: what was rounded towards the past to less is before the moment.
pub(super) fn milliseconds_up(moment: Moment) -> i64 {
    let is_whole = since_1970(moment).rem_euclid(NANOSECONDS) == 0;
    milliseconds(moment).saturating_add(i64::from(!is_whole))
}

fn since_1970(moment: Moment) -> i128 {
    const JANUARY_1970: i32 = 1970 * 12;
    moment.nanoseconds_since(Moment::start_of_month(JANUARY_1970))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moment_within_a_millisecond_is_between_both_roundings() {
        for (text, expected) in [
            ("1970-01-01T00:00:01.002Z", [1002, 1002]),
            ("1970-01-01T00:00:01.0020001Z", [1002, 1003]),
            ("1969-12-31T23:59:59.9999999Z", [-1, 0]),
            ("1969-12-31", [-86_400_000, -86_400_000]),
        ] {
            let moment = Moment::parse(text).unwrap();
            assert_eq!(
                [milliseconds(moment), milliseconds_up(moment)],
                expected,
                "{text}"
            );
        }
    }
}
