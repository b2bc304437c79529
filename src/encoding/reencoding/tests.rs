//! Histories that are encoded again have the bits of histories of nothing else.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::events_tests::encoder_of_classes;
use crate::inputs::ENCODED;
use crate::{Encoder, History, Inputs, Reencoder};

const CLASSES: &str = "class,title,group,mcc,source\ngroceries,Groceries,food,5411,\n\
    rent,Rent,home,6513,\nsalary,Salary,income,,\n";

fn encoder(step: &str, window: &Value, inputs: Value) -> Encoder {
    encoder_of_classes(CLASSES, step, window.clone(), inputs)
}

fn of_events(window: &Value) -> Encoder {
    let inputs = json!({
        "numbers": [
            {"of": "amount", "transforms": ["signed_log1p"]},
            {"of": "days_since_previous", "transforms": ["log1p"], "missing": -1},
            {"of": "hour", "as": "sine"},
            {"of": "field", "field": "balance", "missing": 7},
        ],
        "categories": [
            {"of": "class", "vocabulary": {"rent": 1, "salary": 4}, "padding": 5, "unknown": 2, "missing": 3},
            {"of": "mcc", "vocabulary": {"5411": 1}, "padding": 6, "unknown": 2, "missing": 3},
            {"of": "sign", "vocabulary": {"out": 1, "in": 2}, "padding": 0, "unknown": 3, "missing": 3},
            {"of": "field", "field": "channel", "vocabulary": {"web": 1}, "padding": 0, "unknown": 2, "missing": 3},
        ],
    });
    encoder("event", window, inputs)
}

fn of_periods() -> Encoder {
    let of_field = |of: &str| json!({"of": of, "field": "balance", "missing": -9});
    let inputs = json!({"numbers": [
        {"of": "share"}, {"of": "spending", "transforms": ["log1p"]}, {"of": "count"}, {"of": "income"},
        {"of": "transactions"}, {"of": "active_days"}, {"of": "total_spending"}, {"of": "month", "as": "cosine"},
        of_field("last"), of_field("mean"), of_field("max"), of_field("sum"),
    ]});
    encoder("day", &json!(4), inputs)
}

fn read(encoder: &Encoder, document: &Value) -> Option<History> {
    let bytes = serde_json::to_vec(document).unwrap();
    encoder.read_to_explain(&bytes).ok()
}

/// The canonical document, and which of its transactions are left.
fn reduced(canonical: &Value, is_left: &[bool]) -> Value {
    let mut reduced = canonical.clone();
    let all = canonical["transactions"].as_array().unwrap().iter();
    let left = all.zip(is_left).filter(|(_, left)| **left);
    reduced["transactions"] = left.map(|(transaction, _)| transaction.clone()).collect();
    reduced
}

fn bits(inputs: &Inputs) -> (Vec<u32>, Vec<i64>) {
    let numbers = inputs.numbers.iter().map(|number| number.to_bits());
    (
        numbers.collect(),
        inputs.categories.iter().copied().collect(),
    )
}

fn transaction() -> impl Strategy<Value = Value> {
    let class = prop_oneof![
        Just(json!(null)),
        Just(json!("rent")),
        Just(json!("moon")),
        Just(json!("salary"))
    ];
    let code = prop_oneof![Just(json!(null)), Just(json!(5411)), Just(json!(1))];
    let balance = prop_oneof![
        Just(json!(null)),
        (-3..3_i32).prop_map(|number| json!(f64::from(number) / 7.0))
    ];
    let channel = prop_oneof![Just(json!(null)), Just(json!("web")), Just(json!("x"))];
    let id = prop_oneof![Just(json!(null)), Just(json!("a")), Just(json!("b"))];
    (1..9_u8, 0..24_u8, -300..60_i32, class, code, balance, channel, id).prop_map(
        |(day, hour, amount, class, mcc, balance, channel, id)| {
            json!({"timestamp": format!("2019-03-0{day}T{hour:02}:00:00Z"), "amount": f64::from(amount) * 0.07,
                "class": class, "mcc": mcc, "balance": balance, "channel": channel, "id": id})
        },
    )
}

/// Histories with a choice of their transactions.
fn history() -> impl Strategy<Value = (Value, Vec<bool>)> {
    let transactions = prop::collection::vec((transaction(), any::<bool>()), 1..14);
    let as_of = prop_oneof![
        Just(json!(null)),
        Just(json!("2019-03-07")),
        Just(json!("2019-03-20"))
    ];
    let zone = prop_oneof![Just(json!(null)), Just(json!("America/New_York"))];
    (transactions, as_of, zone).prop_map(|(transactions, as_of, zone)| {
        let (transactions, left): (Vec<Value>, Vec<bool>) = transactions.into_iter().unzip();
        let document = json!({"transactions": transactions, "as_of": as_of, "time_zone": zone,
            "unknown_class": "skip"});
        (document, left)
    })
}

proptest! {
    #[test]
    fn history_without_some_transactions_is_encoded_as_one_of_nothing_else((document, left) in history()) {
        let windows = [json!({"events": 5}), json!({"days": 3}), json!({"events": 100, "days": 300})];
        let encoders = windows.iter().map(of_events).chain([of_periods()]);
        for encoder in encoders {
            let Some(history) = read(&encoder, &document) else { continue };
            let canonical: Value = serde_json::from_slice(&history.to_json(&encoder).unwrap()).unwrap();
            let reencoder = encoder.reencoder(&history).unwrap();
            let count = canonical["transactions"].as_array().unwrap().len();
            prop_assert_eq!(reencoder.transactions(&history).len(), count);
            let whole = reencoder.inputs(&vec![1.0; count]).unwrap();
            prop_assert_eq!(bits(&whole), bits(&history.inputs()));

            let left = &left[..count];
            let factors: Vec<f64> = left.iter().map(|&left| f64::from(u8::from(left))).collect();
            let again = reencoder.inputs(&factors).unwrap();
            let Some(alone) = read(&encoder, &reduced(&canonical, left)) else { continue };
            // Periods stay, as they do in scoring where something is left in the first and the last one.
            let has_periods = encoder.declaration().step().period().is_some();
            if has_periods && alone.totals.span() != history.totals.span() {
                prop_assert_eq!(again.steps(), whole.steps());
                continue;
            }
            prop_assert_eq!(bits(&again), bits(&alone.inputs()));
        }
    }

    #[test]
    fn field_that_is_missing_or_scaled_is_encoded_as_that_of_a_history_that_has_it_so((document, _) in history()) {
        let encoder = of_events(&json!({"events": 5}));
        let Some(history) = read(&encoder, &document) else { return Ok(()) };
        let canonical: Value = serde_json::from_slice(&history.to_json(&encoder).unwrap()).unwrap();
        let reencoder = encoder.reencoder(&history).unwrap();
        let Reencoder::Events(events) = &reencoder else { panic!("steps are events") };
        let count = canonical["transactions"].as_array().unwrap().len();
        let steps = events.steps(&vec![1.0; count]);
        let fields = encoder.declaration().number_fields();
        let of = |name: &str, factor: f64| {
            let factors: Vec<f64> = fields.iter().map(|field| if field.name == name { factor } else { 1.0 }).collect();
            bits(&events.inputs_of_fields(&steps, &fields, &factors).unwrap())
        };
        prop_assert_eq!(of("balance", 1.0), bits(&history.inputs()));

        let mut changed = canonical.clone();
        for transaction in changed["transactions"].as_array_mut().unwrap() {
            transaction.as_object_mut().unwrap().remove("balance");
        }
        prop_assert_eq!(of("balance", 0.0), bits(&read(&encoder, &changed).unwrap().inputs()));

        let gaps = of("days_since_previous", 0.0);
        let missing = (-1.0_f32).to_bits();
        prop_assert!(gaps.0.iter().skip(1).step_by(4).all(|&gap| gap == missing));
        let hours = of("hour", 0.0);
        prop_assert!(hours.0.iter().skip(2).step_by(4).all(|&hour| hour == 0));

        let mut doubled = canonical;
        for transaction in doubled["transactions"].as_array_mut().unwrap() {
            transaction["amount"] = (transaction["amount"].as_f64().unwrap() * 2.0).into();
        }
        let expected = read(&encoder, &doubled).unwrap().inputs();
        // Events of one time would be in another order.
        let has_ties = doubled["transactions"].as_array().unwrap().windows(2)
            .any(|pair| pair[0]["timestamp"] == pair[1]["timestamp"]);
        if !has_ties {
            prop_assert_eq!(of("amount", 2.0), bits(&expected));
        }
    }

    #[test]
    fn canonical_form_is_read_as_the_history_that_it_came_from((document, _) in history()) {
        for encoder in [of_events(&json!({"events": 5, "days": 4})), of_periods()] {
            let Some(history) = read(&encoder, &document) else { continue };
            let stored = history.to_json(&encoder).unwrap();
            let restored = encoder.restore_history(&stored).unwrap();
            prop_assert_eq!(bits(&restored.inputs()), bits(&history.inputs()));
            prop_assert_eq!(&restored.totals, &history.totals);
            prop_assert_eq!(restored.to_json(&encoder).unwrap(), stored);
            prop_assert_eq!(restored.digest(&encoder).unwrap(), history.digest(&encoder).unwrap());
        }
    }
}

#[test]
fn history_without_any_transaction_is_one_step_of_padding_or_periods_without_any() {
    let document = json!({"transactions": [
        {"timestamp": "2019-03-01", "amount": -3, "class": "rent", "balance": 2},
        {"timestamp": "2019-03-03", "amount": -5, "class": "rent", "balance": 4}]});
    let events = of_events(&json!({"events": 5}));
    let history = read(&events, &document).unwrap();
    let inputs = |encoder: &Encoder, history: &History| {
        let reencoder = encoder.reencoder(history).unwrap();
        reencoder.inputs(&[0.0, 0.0]).unwrap()
    };
    let padding = inputs(&events, &history);
    assert_eq!(padding.numbers, ndarray::array![[0.0, 0.0, 0.0, 0.0]]);
    assert_eq!(padding.categories, ndarray::array![[5, 6, 0, 0]]);
    let periods = of_periods();
    let history = read(&periods, &document).unwrap();
    let nothing = inputs(&periods, &history);
    // Two classes with three numbers each, four more, and the month of March.
    assert_eq!(nothing.numbers.nrows(), 3);
    for row in nothing.numbers.rows() {
        let row = row.to_vec();
        assert_eq!(row[..10], [0.0; 10]);
        assert_eq!(row[11..], [-9.0; 4]);
    }
}

#[test]
fn history_that_is_explained_is_encoded_once_and_has_the_inputs_of_its_scoring() {
    let transactions = (1..=9).map(|day| {
        json!({"timestamp": format!("2019-03-0{day}"), "amount": -3 * day, "class": "rent", "balance": day})
    });
    let document = json!({"transactions": transactions.collect::<Vec<_>>()});
    let bytes = serde_json::to_vec(&document).unwrap();
    for window in [
        json!({"events": 9}),
        json!({"events": 4}),
        json!({"days": 2}),
        json!("all"),
    ] {
        let encoder = of_events(&window);
        let scored = encoder.read(&bytes).unwrap();
        let before = ENCODED.get();
        let history = read(&encoder, &document).unwrap();
        let reencoder = encoder.reencoder(&history).unwrap();
        let whole = reencoder.inputs(&[1.0; 9]).unwrap();
        assert_eq!(ENCODED.get() - before, 9, "{window}");
        assert_eq!(bits(&history.inputs()), bits(&scored.inputs()), "{window}");
        assert_eq!(bits(&whole), bits(&scored.inputs()), "{window}");
    }
}

#[test]
fn amounts_are_scaled_before_they_are_encoded() {
    let document = |amount: f64| {
        json!({"transactions": [
            {"timestamp": "2019-03-01", "amount": amount, "class": "rent"},
            {"timestamp": "2019-03-03", "amount": -5, "class": "groceries"},
            {"timestamp": "2019-03-03", "amount": 700, "class": "salary"}]})
    };
    for encoder in [of_events(&json!({"events": 5})), of_periods()] {
        let history = read(&encoder, &document(-16.0)).unwrap();
        let reencoder = encoder.reencoder(&history).unwrap();
        let scaled = reencoder.inputs(&[1.5, 1.0, 1.0]).unwrap();
        let expected = read(&encoder, &document(-24.0)).unwrap();
        assert_eq!(scaled, expected.inputs());
    }
}
