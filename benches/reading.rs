//! Reading of a history by the reader of the service, beside the reference, another parser, and the floor.
//!
//! - `floor`: `serde_json` reads the same bytes into nothing.
//! - `fast`: [`Encoder::read`], which is the reader in `src/history/fast`.
//! - `serde_json`: the reference reader, [`JsonReader`].
//! - `sonic_rs`: the reference's seeds, deserialised by `sonic-rs`.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench that cannot go on has failed"
)]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use microseg_encoding::{Encoder, PeriodKind};
use microseg_history::{
    DocumentSeed, HistoryError, HistoryReader, JsonReader, Limits, ParsedDocument, Taxonomy,
    TransactionSink,
};
use serde::de::{DeserializeOwned, DeserializeSeed, IgnoredAny};

const TAXONOMY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../models/spending-personality/1/taxonomy.csv"
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
            // Without a pattern that a processor could predict, as in a real history.
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

/// The reference's seeds on the parser of `sonic-rs`; errors have no place.
struct SonicReader;

impl HistoryReader for SonicReader {
    fn read_once<S: TransactionSink, E: DeserializeOwned>(
        &self,
        text: &str,
        seed: DocumentSeed<'_, S, E>,
    ) -> Result<ParsedDocument<S, E>, HistoryError> {
        let mut deserializer = sonic_rs::Deserializer::from_str(text);
        seed.deserialize(&mut deserializer)
            .map_err(|error| HistoryError::Invalid {
                pointer: String::new(),
                detail: error.to_string(),
            })
    }
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
        let fast = BenchmarkId::new("fast", transactions);
        group.bench_with_input(fast, &text, |bencher, text| {
            bencher.iter(|| encoder.read(black_box(text.as_bytes())).unwrap());
        });
        let reference = BenchmarkId::new("serde_json", transactions);
        group.bench_with_input(reference, &text, |bencher, text| {
            let read = || encoder.read_by(&JsonReader, black_box(text.as_bytes()));
            bencher.iter(|| read().unwrap());
        });
        let sonic = BenchmarkId::new("sonic_rs", transactions);
        group.bench_with_input(sonic, &text, |bencher, text| {
            let read = || encoder.read_by(&SonicReader, black_box(text.as_bytes()));
            bencher.iter(|| read().unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, reading);
criterion_main!(benches);
