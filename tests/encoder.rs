//! Properties of the encoder for every history.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use microseg::encoding::{Encoder, History, PeriodKind};
use microseg::history::{Limits, Taxonomy};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

const CLASSES: [&str; 5] = ["rent", "restaurants", "groceries", "books", "salary"];

fn encoder(period: PeriodKind) -> Encoder {
    let text = "class,title,group,mcc,source\nrent,Rent,home,,\nrestaurants,Restaurants,food,5812,\n\
                groceries,Groceries,food,5411,\nbooks,Books,leisure,5942,\nsalary,Salary,income,,\n";
    Encoder::new(
        Arc::new(Taxonomy::from_csv(text).unwrap()),
        period,
        6,
        Limits::default(),
    )
}

/// A booking: year, month, day, cents, class.
type Booking = (i32, u32, u32, i64, &'static str);

fn booking() -> impl Strategy<Value = Booking> {
    (
        2013..=2020,
        1_u32..=12,
        1_u32..=28,
        -500_000_i64..=100_000,
        select(&CLASSES[..]),
    )
}

/// Bookings, one of which is spending in the last period.
fn bookings() -> impl Strategy<Value = Vec<Booking>> {
    prop::collection::vec(booking(), 0..60).prop_map(|mut bookings| {
        bookings.push((2020, 12, 28, -10_000_000, "rent"));
        bookings
    })
}

fn period() -> impl Strategy<Value = PeriodKind> {
    select(vec![
        PeriodKind::Year,
        PeriodKind::Quarter,
        PeriodKind::Month,
    ])
}

/// An amount of cents as a decimal.
fn decimal(cents: i64) -> String {
    format!(
        "{}{}.{:02}",
        if cents < 0 { "-" } else { "" },
        cents.abs() / 100,
        cents.abs() % 100
    )
}

fn read(period: PeriodKind, bookings: &[Booking], write: impl Fn(i64) -> String) -> History {
    let transactions: Vec<String> = bookings
        .iter()
        .map(|&(year, month, day, cents, class)| {
            let amount = write(cents);
            format!(r#"{{"timestamp":"{year}-{month:02}-{day:02}","amount":{amount},"class":"{class}"}}"#)
        })
        .collect();
    let document = format!(r#"{{"transactions":[{}]}}"#, transactions.join(","));
    encoder(period).read(document.as_bytes()).unwrap()
}

proptest! {
    #[test]
    fn shares_of_a_period_sum_to_one_or_are_zero(period in period(), bookings in bookings()) {
        let history = read(period, &bookings, decimal);
        for row in history.totals.profile().shares().rows() {
            let sum: f32 = row.sum();
            prop_assert!((sum - 1.0).abs() < 1e-5 || row.iter().all(|&share| share == 0.0), "{}", sum);
            prop_assert!(row.iter().all(|share| (0.0..=1.0).contains(share)));
        }
    }

    #[test]
    fn order_of_transactions_changes_nothing(
        period in period(),
        (ordered, shuffled) in bookings().prop_flat_map(|bookings| (Just(bookings.clone()), Just(bookings).prop_shuffle())),
    ) {
        prop_assert_eq!(read(period, &ordered, decimal), read(period, &shuffled, decimal));
    }

    #[test]
    fn splitting_a_transaction_changes_no_total(
        period in period(),
        bookings in bookings(),
        place in any::<prop::sample::Index>(),
        part in 0.0..1.0_f64,
    ) {
        let whole = read(period, &bookings, decimal);
        let mut split = bookings.clone();
        let (year, month, day, cents, class) = split.swap_remove(place.index(bookings.len()));
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a part of some cents")]
        let first = (cents as f64 * part) as i64;
        split.extend([(year, month, day, first, class), (year, month, day, cents - first, class)]);
        let split = read(period, &split, decimal);
        prop_assert_eq!(whole.totals.spending(), split.totals.spending());
        let taxonomy = encoder(period).taxonomy().clone();
        prop_assert_eq!(whole.totals.digest(&taxonomy), split.totals.digest(&taxonomy));
    }

    #[test]
    fn scaling_all_amounts_changes_no_share(period in period(), bookings in bookings(), factor in 1_i64..1_000) {
        let plain = read(period, &bookings, decimal).totals.profile();
        // The same money in thousandths of a unit, and as many times over as the factor says.
        for scaled in [
            read(period, &bookings, |cents| decimal(cents * factor)),
            read(period, &bookings, |cents| format!("{cents}e-5")),
        ] {
            for (one, other) in plain.shares().iter().zip(scaled.totals.profile().shares()) {
                prop_assert!((one - other).abs() <= f32::EPSILON, "{} {}", one, other);
            }
        }
    }

    #[test]
    fn every_transaction_is_counted_once(period in period(), bookings in bookings()) {
        let quality = read(period, &bookings, decimal).quality;
        prop_assert_eq!(quality.transactions, bookings.len() as u64);
        prop_assert_eq!(
            quality.transactions,
            quality.used + quality.income + quality.unclassified + quality.out_of_window
        );
    }

    #[test]
    fn as_of_before_or_after_the_transactions_gives_the_same_history(period in period(), bookings in bookings()) {
        let transactions: Vec<_> = bookings
            .iter()
            .map(|&(year, month, day, cents, class)| {
                json!({"timestamp": format!("{year}-{month:02}-{day:02}"), "amount": cents, "class": class})
            })
            .collect();
        let transactions = serde_json::Value::from(transactions);
        let before = format!(r#"{{"as_of":"2021-02-03","transactions":{transactions}}}"#);
        let behind = format!(r#"{{"transactions":{transactions},"as_of":"2021-02-03"}}"#);
        prop_assert_eq!(
            encoder(period).read(before.as_bytes()).unwrap(),
            encoder(period).read(behind.as_bytes()).unwrap()
        );
    }

    #[test]
    fn any_bytes_give_a_history_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = encoder(PeriodKind::Year).read(&bytes);
    }
}
