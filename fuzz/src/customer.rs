//! Properties of every history that was read, and of every one that was refused.

use std::sync::{Arc, LazyLock};

use microseg::encoding::{Encoder, History, PeriodKind};
use microseg::history::{HistoryError, Limits, Taxonomy};

use super::json::{Json, is_well_formed};
use super::server::TRANSACTIONS;

/// The encoder of the reference model, and one with short periods; more transactions than this are refused.
pub(crate) static ENCODERS: LazyLock<[Encoder; 2]> = LazyLock::new(|| {
    let table = include_str!("../../models/spending-personality/1/taxonomy.csv");
    let taxonomy = Taxonomy::from_csv(table).map(Arc::new);
    let taxonomy = taxonomy.unwrap_or_else(|error| panic!("the reference taxonomy: {error}"));
    let limits = Limits {
        transactions: TRANSACTIONS,
    };
    [
        Encoder::new(taxonomy.clone(), PeriodKind::Year, 6, limits),
        Encoder::new(taxonomy, PeriodKind::Month, 24, limits),
    ]
});

/// Reads a body in two notations: what is read, and what is refused, depends on what it says and not on how.
pub(crate) fn read<T: PartialEq + std::fmt::Debug>(
    body: &[u8],
    read: impl Fn(&[u8]) -> Result<T, HistoryError>,
) -> Option<(Json, T)> {
    let found = read(body);
    match &found {
        Ok(_) => assert!(is_well_formed(body), "malformed JSON was read"),
        Err(error) => check_words(error),
    }
    if matches!(found, Err(HistoryError::NotUtf8 { .. })) {
        assert!(std::str::from_utf8(body).is_err());
        return None;
    }
    // Strings and numbers that cannot be held may stand where nobody looks: such a document has one notation only.
    let json = Json::read(body)?;
    match &found {
        Err(HistoryError::Malformed { detail, .. }) => panic!("JSON is refused as none: {detail}"),
        Err(HistoryError::Invalid { pointer, .. }) => {
            assert!(json.has(pointer), "there is nothing at `{pointer}`");
        }
        _ => {}
    }
    let again = read(json.written_otherwise().as_bytes());
    assert_eq!(found, again, "in another notation it says something else");
    found.ok().map(|found| (json, found))
}

/// Holds a history against the document that it was read from.
pub(crate) fn check(json: &Json, history: &History, encoder: &Encoder) {
    let transactions: usize = json
        .members("transactions")
        .map(|transactions| transactions.elements().len())
        .sum();
    let quality = &history.quality;
    assert_eq!(quality.transactions, transactions as u64);
    assert_eq!(
        quality.used + quality.income + quality.unclassified + quality.out_of_window,
        quality.transactions,
        "every transaction is accounted for"
    );
    assert!(quality.netted <= quality.used);
    assert!(!history.totals.is_empty());
    for row in history.totals.profile().shares().rows() {
        let sum: f32 = row.sum();
        assert!(row.iter().all(|share| (0.0..=1.0).contains(share)));
        assert!(sum == 0.0 || (sum - 1.0).abs() < 1e-4, "shares of {sum}");
    }

    let reversed = encoder.read(json.reversed().written_otherwise().as_bytes());
    match reversed {
        Ok(reversed) => {
            assert_eq!(reversed.totals, history.totals, "order must not matter");
            assert_eq!(reversed.customer_id, history.customer_id);
        }
        Err(error) => panic!("refused backwards: {error}"),
    }
}

/// No message is as long as a body, or repeats what only a body can say.
fn check_words(error: &HistoryError) {
    match error {
        HistoryError::NotUtf8 { .. } => {}
        HistoryError::Malformed {
            detail,
            line,
            column,
            ..
        } => {
            assert!(*line > 0, "line {line}, column {column}");
            check_sentence(detail);
        }
        HistoryError::Invalid { detail, .. } => check_sentence(detail),
    }
}

/// One line of plain words.
pub(crate) fn check_sentence(text: &str) {
    let is_plain = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    assert!(
        text.len() < 300 && text.bytes().all(is_plain),
        "a message says `{text}`"
    );
}
