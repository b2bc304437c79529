//! Builders of histories.

use std::fs;

use serde_json::{Value, json};

use crate::command::ROOT;

/// A transaction of a class. A negative amount is spending.
pub fn transaction(timestamp: &str, amount: f64, class: &str) -> Value {
    json!({"timestamp": timestamp, "amount": amount, "class": class})
}

/// The history of customer `c-1`.
pub fn history(transactions: &[Value]) -> Value {
    json!({"customer_id": "c-1", "transactions": transactions})
}

/// A history of `count` card payments over six years and two dozen merchant category codes, as JSON.
pub fn card_payments(count: usize) -> String {
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

/// The history of `examples/history.json`.
pub fn example() -> Value {
    let text = fs::read_to_string(format!("{ROOT}/examples/history.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Customer `c-1` with two transactions and few samples: an explanation of it takes milliseconds.
pub fn small_history() -> Value {
    let transactions = [
        transaction("2018-03-01", -120.0, "restaurants"),
        transaction("2019-06-01", -300.0, "rent"),
    ];
    with_options(history(&transactions), json!({"samples": 32}))
}

/// A customer's history whose explanation takes as long as the limits allow: it occupies the thread of the jobs.
pub fn slow_history(customer_id: &str) -> Value {
    let options = json!({
        "method": "lime", "level": "cell", "target": "state", "samples": 8192, "fidelity_target": 1.0,
    });
    with_customer(customer_id, with_options(example(), options))
}

/// A history with options of its explanation.
pub fn with_options(mut history: Value, options: Value) -> Value {
    history["explain"] = options;
    history
}

/// A history under another customer's name.
pub fn with_customer(customer_id: &str, mut history: Value) -> Value {
    history["customer_id"] = customer_id.into();
    history
}
