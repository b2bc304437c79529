//! Histories to send.

use serde_json::{Value, json};

/// One transaction of a class.
pub(crate) fn spent(timestamp: &str, amount: f64, class: &str) -> Value {
    json!({"timestamp": timestamp, "amount": amount, "class": class})
}

/// A history of some transactions.
pub(crate) fn history(transactions: &[Value]) -> Value {
    json!({"customer_id": "c-1", "transactions": transactions})
}

/// A history of `count` card payments, spread over six years and two dozen MCCs.
pub(crate) fn large(count: usize) -> String {
    const CODES: [u16; 24] = [
        5411, 5812, 5541, 4111, 5912, 5942, 7832, 5732, 5651, 5211, 4814, 4900, 8011, 7011, 4511,
        5995, 5945, 7230, 7997, 8398, 5813, 5661, 5712, 6300,
    ];
    let transactions: Vec<String> = (0..count)
        .map(|number| {
            let (year, month, day) = (2015 + number % 6, 1 + number / 6 % 12, 1 + number / 72 % 28);
            let code = CODES[number % CODES.len()];
            let cents = 100 + number * 37 % 9_000;
            let (whole, cents) = (cents / 100, cents % 100);
            format!(
                r#"{{"timestamp":"{year}-{month:02}-{day:02}T12:00:00Z","amount":-{whole}.{cents:02},"mcc":{code}}}"#
            )
        })
        .collect();
    format!(
        r#"{{"customer_id":"c-large","transactions":[{}]}}"#,
        transactions.join(",")
    )
}

/// The history in `examples/`.
pub(crate) fn example() -> Value {
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/history.json"
    ))
    .unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A customer's history with what is asked of its explanation.
pub(crate) fn asking(mut history: Value, options: Value) -> Value {
    history["explain"] = options;
    history
}
