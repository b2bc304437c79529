//! Histories of models whose steps are events, and of models that read more than shares of periods.

#![expect(
    clippy::needless_pass_by_value,
    reason = "documents stand in the call as `json!`"
)]

use std::fmt::Write;
use std::sync::Arc;

use ndarray::{Array2, array};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Encoder, History, InputDeclaration};
use microseg_history::{
    Cell, DeclaredValues, Field, HistoryError, HistorySettings, JsonReader, Limits, Taxonomy,
    TransactionFields,
};

pub(super) const CLASSES: &str = "class,title,group,mcc,source\ngroceries,Groceries,food,5411,\n\
    rent,Rent,home,6513,\nvets,Vets,home,0742,\nsalary,Salary,income,,\n";

pub(super) fn encoder(step: &str, window: Value, inputs: Value) -> Encoder {
    encoder_of_classes(CLASSES, step, window, inputs)
}

/// As [`encoder`], of another taxonomy.
pub(super) fn encoder_of_classes(
    classes: &str,
    step: &str,
    window: Value,
    inputs: Value,
) -> Encoder {
    let taxonomy = Arc::new(Taxonomy::from_csv(classes).unwrap());
    let classes: Vec<String> = taxonomy
        .classes()
        .iter()
        .map(|class| class.id.clone())
        .collect();
    let fields = json!({"balance": {"type": "number"}, "channel": {"type": "category"}});
    let declaration = InputDeclaration::new(
        serde_json::from_value(json!({"step": step, "window": window})).unwrap(),
        serde_json::from_value(fields).unwrap(),
        serde_json::from_value(inputs).unwrap(),
        &classes,
    );
    Encoder::with_inputs(taxonomy, declaration.unwrap(), Limits::default())
}

fn events(numbers: Value, categories: Value) -> Encoder {
    let inputs = json!({"numbers": numbers, "categories": categories});
    encoder("event", json!({"events": 512}), inputs)
}

/// Reads a document by both readers, which must agree.
fn read(encoder: &Encoder, document: &Value) -> Result<History, HistoryError> {
    let bytes = serde_json::to_vec(document).unwrap();
    let found = encoder.read(&bytes);
    assert_eq!(found, encoder.read_by(&JsonReader, &bytes));
    found
}

fn numbers(encoder: &Encoder, transactions: Value) -> Array2<f32> {
    let found = read(encoder, &json!({"transactions": transactions})).unwrap();
    found.inputs().numbers
}

fn refusal(encoder: &Encoder, transactions: Value) -> (String, String) {
    let document = json!({"unknown_class": "skip", "transactions": transactions});
    match read(encoder, &document) {
        Err(HistoryError::Invalid { pointer, detail }) => (pointer, detail),
        other => panic!("{other:?}"),
    }
}

#[test]
fn events_follow_in_time_with_their_numbers() {
    let encoder = events(
        json!([{"of": "amount"}, {"of": "days_since_previous", "missing": -1}, {"of": "hour"},
            {"of": "weekday"}, {"of": "day_of_month"}, {"of": "month"},
            {"of": "field", "field": "balance", "transforms": [{"divide": 10}], "missing": 7}]),
        json!([]),
    );
    let found = numbers(
        &encoder,
        json!([
            {"timestamp": "2019-03-03T18:00:00Z", "amount": 900, "class": "salary", "balance": 25},
            {"timestamp": "2019-03-02T06:00:00Z", "amount": -12.5, "mcc": 5411, "balance": null},
            {"timestamp": "2019-03-04T06:00:00Z", "amount": 0}
        ]),
    );
    // 2019-03-02 was a Saturday.
    assert_eq!(
        found,
        array![
            [-12.5, -1.0, 6.0, 5.0, 2.0, 3.0, 7.0],
            [900.0, 1.5, 18.0, 6.0, 3.0, 3.0, 2.5],
            [0.0, 0.5, 6.0, 0.0, 4.0, 3.0, 7.0]
        ]
    );
}

#[test]
fn clocks_are_those_of_the_zone() {
    let encoder = events(
        json!([{"of": "hour"}, {"of": "weekday"}, {"of": "day_of_month"}, {"of": "month"},
            {"of": "month", "as": "cosine"}, {"of": "days_since_previous"}]),
        json!([]),
    );
    let document = json!({"time_zone": "America/New_York", "transactions": [
        {"timestamp": "2020-01-01T04:30:00Z", "amount": -1},
        {"timestamp": "2020-01-01T00:00:00", "amount": -1}]});
    let found = read(&encoder, &document).unwrap();
    let expected = array![
        [23.0, 1.0, 31.0, 12.0, 0.866_025_4, 0.0],
        [0.0, 2.0, 1.0, 1.0, 1.0, 0.5 / 24.0]
    ];
    for (found, expected) in found.inputs().numbers.iter().zip(&expected) {
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
    // The zone may come after the transactions.
    let bytes = br#"{"transactions": [{"timestamp": "2020-01-01T04:30:00Z", "amount": -1},
        {"timestamp": "2020-01-01T00:00:00", "amount": -1}], "time_zone": "America/New_York"}"#;
    assert_eq!(encoder.read(bytes).unwrap(), found);
    let months: Vec<String> = found
        .totals
        .periods()
        .map(|(month, _)| month.to_string())
        .collect();
    assert_eq!(months, ["2019-12", "2020-01"]);
    assert_eq!(found.steps_of_periods(), [1, 2]);
}

#[test]
fn ties_are_put_in_order_by_id_class_mcc_amount_and_fields() {
    let encoder = events(
        json!([{"of": "amount"}, {"of": "field", "field": "balance"}]),
        json!([]),
    );
    let tie = |amount: i32, members: Value| {
        let mut transaction = json!({"timestamp": "2019-03-01", "amount": amount});
        for (name, value) in members.as_object().unwrap() {
            transaction[name] = value.clone();
        }
        transaction
    };
    let ordered = [
        // Without an id first, and of those without a class first.
        tie(-9, json!({})),
        tie(-7, json!({"mcc": 1})),
        tie(-8, json!({"mcc": 2})),
        tie(-6, json!({"class": "groceries"})),
        tie(-5, json!({"class": "groceries", "mcc": 742})),
        tie(-5, json!({"class": "groceries", "mcc": 742, "balance": 1})),
        tie(
            -5,
            json!({"class": "groceries", "mcc": 742, "balance": 1, "channel": "a"}),
        ),
        tie(-5, json!({"class": "groceries", "mcc": 742, "balance": 2})),
        tie(-4, json!({"class": "groceries", "mcc": 742})),
        tie(-10, json!({"class": "rent"})),
        tie(-3, json!({"id": "B"})),
        tie(-2, json!({"id": "a"})),
        tie(-1, json!({"id": "b", "class": "groceries"})),
    ];
    let amounts: Vec<f32> = vec![
        -9., -7., -8., -6., -5., -5., -5., -5., -4., -10., -3., -2., -1.,
    ];
    let balances: Vec<f32> = vec![0., 0., 0., 0., 0., 1., 1., 2., 0., 0., 0., 0., 0.];
    for turn in 0..ordered.len() {
        let mut listed = ordered.to_vec();
        listed.rotate_left(turn);
        if turn % 2 == 1 {
            listed.reverse();
        }
        let found = numbers(&encoder, json!(listed));
        assert_eq!(found.column(0).to_vec(), amounts, "{turn}");
        assert_eq!(found.column(1).to_vec(), balances, "{turn}");
    }
}

#[test]
fn codes_are_found_or_stand_for_unknown_and_missing_values() {
    let encoder = events(
        json!([]),
        json!([
            {"of": "class", "vocabulary": {"groceries": 1, "salary": 2}, "padding": 0, "unknown": 8, "missing": 9},
            {"of": "mcc", "vocabulary": {"5411": 1, "0742": 2}, "padding": 0, "unknown": 8, "missing": 9},
            {"of": "sign", "vocabulary": {"out": 1, "in": 2}, "padding": 0, "unknown": 8, "missing": 9},
            {"of": "field", "field": "channel", "vocabulary": {"web": 1, "7": 2}, "padding": 0, "unknown": 8, "missing": 9}
        ]),
    );
    let document = json!({"unknown_class": "skip", "transactions": [
        {"timestamp": "2019-03-01", "amount": -1, "mcc": 5411, "channel": "web"},
        {"timestamp": "2019-03-02", "amount": -1, "mcc": "5411", "channel": 7},
        {"timestamp": "2019-03-03", "amount": -1, "mcc": 5411.0, "channel": "7"},
        {"timestamp": "2019-03-04", "amount": 2, "class": "salary", "channel": "atm"},
        {"timestamp": "2019-03-05", "amount": 0, "mcc": 742, "channel": null},
        {"timestamp": "2019-03-06", "amount": 2, "class": "moon", "mcc": "0742", "channel": ""},
        {"timestamp": "2019-03-07", "amount": 2, "class": "groceries", "mcc": 9999},
        {"timestamp": "2019-03-08", "amount": 2, "mcc": 9999},
        {"timestamp": "2019-03-09", "amount": 2, "class": null, "mcc": ""}]});
    let found = read(&encoder, &document).unwrap();
    assert_eq!(
        found.inputs().categories,
        array![
            [1, 1, 1, 1],
            [1, 1, 1, 2],
            [1, 1, 1, 2],
            [2, 9, 2, 8],
            [8, 2, 8, 9],
            [8, 2, 2, 8],
            [1, 8, 2, 9],
            [8, 8, 2, 9],
            [9, 9, 2, 9]
        ]
    );
    assert_eq!(found.inputs().numbers.dim(), (9, 0));
}

#[test]
fn value_without_a_code_is_refused_at_its_place() {
    const UNKNOWN: &str = "the model has no code for this value";
    const MISSING: &str = "the model needs a value here";
    let strict = |category: Value| {
        let mut category = category;
        for (member, value) in [
            ("padding", json!(0)),
            ("unknown", json!("error")),
            ("missing", json!("error")),
        ] {
            category[member] = value;
        }
        events(json!([{"of": "amount"}]), json!([category]))
    };
    let class = json!({"of": "class", "vocabulary": {"rent": 1}});
    let mcc = json!({"of": "mcc", "vocabulary": {"6513": 1}});
    let sign = json!({"of": "sign", "vocabulary": {"out": 1}});
    let channel = json!({"of": "field", "field": "channel", "vocabulary": {"web": 1}});
    for (category, members, member, detail) in [
        (&class, json!({"class": "vets"}), "class", UNKNOWN),
        (&class, json!({"mcc": 742}), "mcc", UNKNOWN),
        (&class, json!({"class": "moon"}), "class", UNKNOWN),
        (&class, json!({}), "class", MISSING),
        (&mcc, json!({"mcc": 742, "class": "rent"}), "mcc", UNKNOWN),
        (&mcc, json!({"class": "rent"}), "mcc", MISSING),
        (&sign, json!({"amount": 5}), "amount", UNKNOWN),
        (&channel, json!({"channel": "secret"}), "channel", UNKNOWN),
        (&channel, json!({}), "channel", MISSING),
    ] {
        let good = json!({"timestamp": "2019-03-05", "amount": -1, "mcc": 6513, "channel": "web"});
        let mut bad = json!({"timestamp": "2019-03-02", "amount": -1});
        for (name, value) in members.as_object().unwrap() {
            bad[name] = value.clone();
        }
        // A second one, which comes first in time, is not named: the first one of the list is.
        let mut earlier = bad.clone();
        earlier["timestamp"] = json!("2019-03-01");
        let found = refusal(&strict(category.clone()), json!([good, bad, earlier]));
        let expected = (format!("/transactions/1/{member}"), detail.to_owned());
        assert_eq!(found, expected, "{category} {members}");
    }
}

#[test]
fn field_of_another_type_is_refused_at_its_place_without_the_value() {
    let encoder = events(json!([{"of": "field", "field": "balance"}]), json!([]));
    for (member, value, detail) in [
        ("balance", json!("1234.5"), "expected a finite number"),
        ("balance", json!(true), "expected a finite number"),
        ("balance", json!([1]), "expected a finite number"),
        ("channel", json!(1.5), "expected text, or a whole number"),
        ("channel", json!({}), "expected text, or a whole number"),
        (
            "balance",
            json!(1e39),
            "the number is too large for the model's network",
        ),
    ] {
        let mut bad = json!({"timestamp": "2019-03-01", "amount": -1});
        bad[member] = value;
        let good = json!({"timestamp": "2019-03-01", "amount": -1, "other": [{}]});
        let found = refusal(&encoder, json!([good, bad]));
        let expected = (format!("/transactions/1/{member}"), detail.to_owned());
        assert_eq!(found, expected);
    }
}

#[test]
fn window_has_the_last_events_of_the_last_days_before_its_end() {
    let transactions = json!([
        {"timestamp": "2019-03-01T12:00:00Z", "amount": -1},
        {"timestamp": "2019-03-02T12:00:00Z", "amount": -2},
        {"timestamp": "2019-03-03T12:00:00Z", "amount": -3},
        {"timestamp": "2019-03-04T12:00:00Z", "amount": -4}
    ]);
    let amounts = |window: Value, as_of: Value| -> Vec<f32> {
        let encoder = encoder("event", window, json!({"numbers": [{"of": "amount"}]}));
        let document = json!({"as_of": as_of, "transactions": transactions.clone()});
        let found = read(&encoder, &document).unwrap();
        let out = u64::try_from(4 - found.inputs().steps()).unwrap();
        assert_eq!(
            (found.quality.transactions, found.quality.out_of_window),
            (4, out)
        );
        found.inputs().numbers.column(0).to_vec()
    };
    assert_eq!(amounts(json!({"events": 2}), json!(null)), [-3.0, -4.0]);
    assert_eq!(
        amounts(json!({"events": 9}), json!(null)),
        [-1.0, -2.0, -3.0, -4.0]
    );
    // The end is not a part of the window, and neither is what lies a whole window before it.
    let end = json!("2019-03-04T12:00:00Z");
    assert_eq!(amounts(json!({"events": 2}), end.clone()), [-2.0, -3.0]);
    assert_eq!(amounts(json!({"days": 2}), end.clone()), [-3.0]);
    assert_eq!(
        amounts(json!({"days": 2}), json!("2019-03-04T12:00:01Z")),
        [-3.0, -4.0]
    );
    // Without an end it is the newest event, which is a part of the window.
    assert_eq!(amounts(json!({"days": 2}), json!(null)), [-3.0, -4.0]);
    assert_eq!(
        amounts(json!({"days": 3, "events": 1}), json!(null)),
        [-4.0]
    );
    assert_eq!(
        amounts(json!({"days": 1, "events": 3}), json!(null)),
        [-4.0]
    );
}

#[test]
fn long_history_keeps_the_same_events_as_a_short_one() {
    let inputs = json!({"numbers": [{"of": "amount"}]});
    let encoder = encoder("event", json!({"events": 3}), inputs);
    let mut text = String::from(r#"{"transactions": ["#);
    for number in 0..5_000 {
        // Days of 28, in an order that goes up and down.
        let place = (number * 7_919) % 5_000;
        let (year, month, day) = (1900 + place / 336, place / 28 % 12 + 1, place % 28 + 1);
        let comma = if number > 0 { "," } else { "" };
        write!(
            text,
            r#"{comma}{{"timestamp": "{year}-{month:02}-{day:02}", "amount": -{place}}}"#
        )
        .unwrap();
    }
    text.push_str("]}");
    let found = encoder.read(text.as_bytes()).unwrap();
    assert_eq!(
        found.inputs().numbers,
        array![[-4_997.0], [-4_998.0], [-4_999.0]]
    );
    assert_eq!(found.quality.transactions, 5_000);
    assert_eq!(found.quality.out_of_window, 4_997);
}

#[test]
fn history_of_events_needs_an_event_and_no_spending() {
    let encoder = events(json!([{"of": "amount"}]), json!([]));
    let income = json!([{"timestamp": "2019-03-01", "amount": 5, "class": "salary"}]);
    let found = read(&encoder, &json!({"transactions": income})).unwrap();
    assert!(found.totals.is_empty());
    assert_eq!(found.quality.income, 1);
    let stored = found.totals.to_json(encoder.taxonomy()).unwrap();
    assert_eq!(encoder.restore(&stored).unwrap(), found.totals);
    let none = read(
        &encoder,
        &json!({"as_of": "2019-03-01", "transactions": income}),
    );
    let expected = "/transactions: no transaction inside the window: nothing to score";
    assert_eq!(none.unwrap_err().to_string(), expected);
}

#[test]
fn months_of_events_have_the_spending_and_the_steps_up_to_their_ends() {
    let encoder = events(json!([{"of": "amount"}]), json!([]));
    let document = json!({"transactions": [
        {"timestamp": "2019-05-31T23:59:59Z", "amount": -4, "class": "rent"},
        {"timestamp": "2019-03-31T23:59:59Z", "amount": -2.5, "class": "rent"},
        {"timestamp": "2019-03-01", "amount": 9, "class": "salary"}]});
    let found = read(&encoder, &document).unwrap();
    let months: Vec<(String, f64, u64)> = found
        .totals
        .periods()
        .map(|(month, sum)| (month.to_string(), sum.spending, sum.transactions))
        .collect();
    let expected = [
        ("2019-03", 2.5, 1),
        ("2019-04", 0.0, 0),
        ("2019-05", 4.0, 1),
    ];
    assert_eq!(
        months,
        expected.map(|(month, spent, count)| (month.to_owned(), spent, count))
    );
    assert_eq!(found.steps_of_periods(), [2, 2, 3]);
}

#[test]
fn numbers_of_periods_are_those_of_their_transactions() {
    let inputs = json!({"numbers": [{"of": "share"}, {"of": "spending"}, {"of": "count"}, {"of": "presence"},
        {"of": "total_spending"}, {"of": "income"}, {"of": "transactions"}, {"of": "active_days"},
        {"of": "month"}, {"of": "month", "as": "sine"}]});
    let encoder = encoder("month", json!(3), inputs);
    let found = numbers(
        &encoder,
        json!([
            {"timestamp": "2019-01-01", "amount": -99, "class": "vets"},
            {"timestamp": "2019-02-01T08:00:00Z", "amount": -30, "class": "groceries"},
            {"timestamp": "2019-02-01T09:00:00Z", "amount": 20, "class": "groceries"},
            {"timestamp": "2019-02-03", "amount": -30, "class": "rent"},
            {"timestamp": "2019-02-03", "amount": 900.5, "class": "salary"},
            {"timestamp": "2019-02-04", "amount": -1},
            {"timestamp": "2019-04-30", "amount": 5, "class": "rent"}
        ]),
    );
    let february = [
        0.25, 0.75, 0.0, 10.0, 30.0, 0.0, 2.0, 1.0, 0.0, 1.0, 1.0, 0.0, 40.0, 900.5, 5.0, 3.0, 2.0,
        0.5,
    ];
    let mut march = [0.0; 18];
    (march[16], march[17]) = (3.0, 0.866_025_4);
    let mut april = [0.0; 18];
    // A refund alone is no spending, and counts as a transaction of its class.
    (april[7], april[10], april[14], april[15]) = (1.0, 1.0, 1.0, 1.0);
    (april[16], april[17]) = (4.0, 1.0);
    for (found, expected) in found.rows().into_iter().zip([february, march, april]) {
        for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
            assert!(
                (found - expected).abs() < 1e-6,
                "{place}: {found} {expected}"
            );
        }
    }
}

#[test]
fn statistics_of_a_field_are_missing_where_no_transaction_has_it() {
    let of = |of: &str| json!({"of": of, "field": "balance", "missing": -7});
    let inputs = json!({"numbers": [of("last"), of("mean"), of("min"), of("max"), of("sum")]});
    let encoder = encoder("week", json!(5), inputs);
    let found = numbers(
        &encoder,
        json!([
            {"timestamp": "2019-03-10T23:00:00Z", "amount": -1, "class": "rent", "id": "b", "balance": 2},
            {"timestamp": "2019-03-10T23:00:00Z", "amount": -1, "class": "rent", "id": "c"},
            {"timestamp": "2019-03-10T23:00:00Z", "amount": -1, "class": "rent", "id": "a", "balance": 9},
            {"timestamp": "2019-03-04", "amount": -1, "balance": -5},
            {"timestamp": "2019-03-11", "amount": -1, "balance": null}
        ]),
    );
    assert_eq!(found, array![[2.0, 2.0, -5.0, 9.0, 6.0], [-7.0; 5]]);
}

#[test]
fn active_days_end_at_the_midnight_of_the_zone() {
    let inputs = json!({"numbers": [{"of": "active_days"}]});
    let encoder = encoder("year", json!(1), inputs);
    let document = |zone: &str| {
        json!({"time_zone": zone, "transactions": [
        {"timestamp": "2019-03-02T04:30:00Z", "amount": -1, "class": "rent"},
        {"timestamp": "2019-03-02T06:00:00Z", "amount": -1, "class": "rent"}]})
    };
    let days = |zone| read(&encoder, &document(zone)).unwrap().inputs().numbers[[0, 0]];
    assert_eq!(days("UTC").to_bits(), 1_f32.to_bits());
    assert_eq!(days("America/New_York").to_bits(), 2_f32.to_bits());
}

#[test]
fn shares_are_the_same_whether_declared_or_of_schema_2() {
    let taxonomy = Arc::new(Taxonomy::from_csv(CLASSES).unwrap());
    let schema_2 = Encoder::new(taxonomy, crate::PeriodKind::Month, 3, Limits::default());
    let with_more = encoder(
        "month",
        json!(3),
        json!({"numbers": [{"of": "share"}, {"of": "transactions"}]}),
    );
    let document = json!({"transactions": [
        {"timestamp": "2019-02-01", "amount": -33.1, "class": "groceries"},
        {"timestamp": "2019-02-01", "amount": -0.7, "class": "rent"},
        {"timestamp": "2019-04-01", "amount": -12.9, "class": "vets"}]});
    let shares = read(&schema_2, &document).unwrap();
    assert_eq!(shares.inputs().numbers, shares.totals.profile().shares());
    assert_eq!(shares.inputs().categories.dim(), (3, 0));
    assert_eq!(shares.steps_of_periods(), [1, 2, 3]);
    let more = read(&with_more, &document).unwrap();
    let of_more = more.inputs().numbers;
    assert_eq!(
        of_more.select(ndarray::Axis(1), &[0, 1, 2]),
        shares.inputs().numbers
    );
    assert_eq!((more.totals, more.quality), (shares.totals, shares.quality));
}

#[test]
fn rows_of_tables_give_the_inputs_of_the_same_json() {
    let encoder = events(
        json!([{"of": "amount"}, {"of": "field", "field": "balance"}]),
        json!([{"of": "mcc", "vocabulary": {"742": 3}, "padding": 0, "unknown": 1, "missing": "error"},
            {"of": "field", "field": "channel", "vocabulary": {"web": 5}, "padding": 0, "unknown": 1, "missing": 2}]),
    );
    let settings = HistorySettings::default();
    let mut tally = encoder.tally(&settings);
    let mut add = |mcc: Cell<'_>, balance: Option<Cell<'_>>, channel: Cell<'_>| {
        let mut fields = TransactionFields::default();
        for (field, cell) in [
            (Field::Timestamp, Cell::Text("2019-03-01")),
            (Field::Amount, Cell::Integer(-3)),
            (Field::Mcc, mcc),
        ] {
            fields.read_cell(field, cell, tally.context()).unwrap();
        }
        let declared = tally.declared_fields();
        let mut values = DeclaredValues::missing(declared);
        let place = |name| declared.place_of(name).unwrap();
        if let Some(balance) = balance {
            values
                .read_cell(declared, place("balance"), balance)
                .unwrap();
        }
        values
            .read_cell(declared, place("channel"), channel)
            .unwrap();
        tally.add_with_details(fields, None, values).unwrap();
    };
    add(
        Cell::Text("0742"),
        Some(Cell::Text("2.5")),
        Cell::Text("web"),
    );
    add(Cell::Number(5411.0), None, Cell::Text("NULL"));
    let document = json!({"transactions": [
        {"timestamp": "2019-03-01", "amount": -3, "mcc": 742, "balance": 2.5, "channel": "web"},
        {"timestamp": "2019-03-01", "amount": -3, "mcc": 5411}]});
    assert_eq!(tally.finish(None), read(&encoder, &document));
}

fn transaction() -> impl Strategy<Value = Value> {
    let class = prop_oneof![
        Just(json!(null)),
        Just(json!("rent")),
        Just(json!("salary"))
    ];
    let code = prop_oneof![
        Just(json!(null)),
        Just(json!(5411)),
        Just(json!("0742")),
        Just(json!(1))
    ];
    let balance = prop_oneof![
        Just(json!(null)),
        (-3..3_i32).prop_map(|number| json!(f64::from(number) / 7.0))
    ];
    let channel = prop_oneof![Just(json!(null)), Just(json!("web")), Just(json!("x"))];
    let id = prop_oneof![Just(json!(null)), Just(json!("a")), Just(json!("b"))];
    (1..4_u8, 0..3_i32, class, code, balance, channel, id).prop_map(
        |(day, amount, class, mcc, balance, channel, id)| {
            json!({"timestamp": format!("2019-03-0{day}"), "amount": f64::from(amount) * -0.1, "class": class,
                "mcc": mcc, "balance": balance, "channel": channel, "id": id})
        },
    )
}

proptest! {
    #[test]
    fn order_in_which_transactions_are_listed_changes_nothing(
        (listed, shuffled) in prop::collection::vec(transaction(), 1..12)
            .prop_flat_map(|listed| (Just(listed.clone()), Just(listed).prop_shuffle())),
    ) {
        let of_field = |of: &str| json!({"of": of, "field": "balance"});
        let of_events = encoder(
            "event",
            json!({"events": 6}),
            json!({"numbers": [{"of": "amount"}, {"of": "days_since_previous"}, of_field("field")],
                "categories": [
                    {"of": "class", "vocabulary": {"rent": 1, "salary": 4}, "padding": 0, "unknown": 2, "missing": 3},
                    {"of": "mcc", "vocabulary": {"5411": 1, "742": 4}, "padding": 0, "unknown": 2, "missing": 3},
                    {"of": "field", "field": "channel", "vocabulary": {"web": 1}, "padding": 0, "unknown": 2, "missing": 3}]}),
        );
        let of_periods = encoder(
            "day",
            json!(3),
            json!({"numbers": [{"of": "share"}, {"of": "count"}, {"of": "income"}, {"of": "active_days"},
                of_field("last"), of_field("mean"), of_field("sum")]}),
        );
        for encoder in [of_events, of_periods] {
            let of = |transactions: &[Value]| {
                let document = json!({"transactions": transactions});
                encoder.read(&serde_json::to_vec(&document).unwrap())
            };
            prop_assert_eq!(of(&listed), of(&shuffled));
        }
    }
}
