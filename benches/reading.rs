//! Reading a history, beside the floor: the same parser reading the same bytes into nothing.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench that cannot go on has failed"
)]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use microseg::history::{Encoder, Limits, PeriodKind, Taxonomy};
use serde::de::IgnoredAny;

const TAXONOMY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/models/spending-personality/1/taxonomy.csv"
);

/// Payments as a bank exports them: six years, in cents, two in nine without a card and thus with a class of their own.
fn history(transactions: usize) -> String {
    const CODES: [u16; 24] = [
        5411, 5812, 5541, 4111, 5912, 5942, 7832, 5732, 5651, 5211, 4814, 4900, 8011, 7011, 4511,
        5995, 5945, 7230, 7997, 8398, 5813, 5661, 5712, 6300,
    ];
    const CLASSES: [&str; 4] = ["rent", "energy-and-water", "loan-repayments", "charities"];
    let payments: Vec<String> = (0..transactions)
        .map(|number| {
            let day = number * 2_190 / transactions.max(1);
            let (year, month, date) = (2015 + day / 365, 1 + day % 365 / 31, 1 + day % 28);
            let code = CODES[number * 7 % CODES.len()];
            let cents = 100 + number * 7_919 % 9_000;
            // Which ones is not to be foreseen, as it is not for a processor that reads a real history.
            let label = match number.wrapping_mul(2_654_435_761) >> 7 & 0xff {
                place @ 0..57 => format!(r#""class":"{}""#, CLASSES[place % CLASSES.len()]),
                _ => format!(r#""mcc":{code}"#),
            };
            format!(
                r#"{{"timestamp":"{year}-{month:02}-{date:02}T10:{:02}:00Z","amount":-{}.{:02},{label}}}"#,
                number % 60,
                cents / 100,
                cents % 100,
            )
        })
        .collect();
    format!(
        r#"{{"customer_id":"c-1029","transactions":[{}]}}"#,
        payments.join(",")
    )
}

fn reading(criterion: &mut Criterion) {
    let taxonomy = std::fs::read_to_string(Path::new(TAXONOMY)).unwrap();
    let taxonomy = Arc::new(Taxonomy::from_csv(&taxonomy).unwrap());
    let encoder = Encoder::new(taxonomy, PeriodKind::Year, 6, Limits::default());
    let mut group = criterion.benchmark_group("reading");
    for transactions in [200, 2_000, 20_000] {
        let text = history(transactions);
        group.throughput(Throughput::Bytes(text.len() as u64));
        let floor = BenchmarkId::new("floor", transactions);
        group.bench_with_input(floor, &text, |bencher, text| {
            bencher.iter(|| serde_json::from_slice::<IgnoredAny>(black_box(text.as_bytes())));
        });
        let history = BenchmarkId::new("history", transactions);
        group.bench_with_input(history, &text, |bencher, text| {
            bencher.iter(|| encoder.read(black_box(text.as_bytes())).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, reading);
criterion_main!(benches);
