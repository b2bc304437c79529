//! Declarations: which documents are accepted, what they count, and where the others are refused.

#![expect(
    clippy::needless_pass_by_value,
    reason = "documents stand in the call as `json!`"
)]

use serde_json::{Value, json};

use super::*;

fn classes() -> Vec<String> {
    vec!["groceries".to_owned(), "rent".to_owned()]
}

fn declare(document: Value) -> Result<InputDeclaration, String> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Documents {
        sequence: SequenceDocument,
        #[serde(default)]
        fields: FieldsDocument,
        inputs: InputsDocument,
    }
    let documents: Documents =
        serde_json::from_value(document).map_err(|error| error.to_string())?;
    InputDeclaration::new(
        documents.sequence,
        documents.fields,
        documents.inputs,
        &classes(),
    )
    .map_err(|error| error.to_string())
}

fn of_events() -> Value {
    json!({
        "sequence": {"step": "event", "window": {"events": 512, "days": 730}},
        "fields": {"balance": {"type": "number", "unit": "EUR"}, "channel": {"type": "category"}},
        "inputs": {
            "numbers": [
                {"of": "amount", "transforms": [{"clip": {"min": -10000, "max": 10000}}, "signed_log1p",
                    {"standardise": {"mean": -2.1, "deviation": 1.7}}]},
                {"of": "days_since_previous", "transforms": ["log1p"], "missing": 0.0},
                {"of": "weekday", "as": "sine"},
                {"of": "field", "field": "balance", "transforms": ["signed_log1p"], "missing": -1.0}
            ],
            "categories": [
                {"of": "class", "vocabulary": {"groceries": 1, "rent": 2}, "padding": 0, "unknown": 3, "missing": 4},
                {"of": "mcc", "vocabulary": {"5411": 1, "0742": 2}, "padding": 0, "unknown": "error", "missing": 0},
                {"of": "sign", "vocabulary": {"out": 1, "in": 2, "zero": 3}, "padding": 9, "unknown": 0, "missing": 0},
                {"of": "field", "field": "channel", "vocabulary": {"web": 1}, "padding": 0, "unknown": 0, "missing": 0}
            ]
        }
    })
}

fn of_periods(numbers: Value) -> Value {
    json!({
        "sequence": {"step": "week", "window": 12},
        "fields": {"balance": {"type": "number"}, "channel": {"type": "category"}},
        "inputs": {"numbers": numbers}
    })
}

/// The document with another value at a JSON Pointer.
fn with(pointer: &str, value: Value) -> Value {
    let mut document = of_events();
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Array(items) => items[member.parse::<usize>().unwrap()] = value,
        other => other[member] = value,
    }
    document
}

#[test]
fn events_have_a_name_for_each_input_and_the_largest_code_of_each_category() {
    let declaration = declare(of_events()).unwrap();
    assert_eq!(declaration.step(), Step::Event);
    let window = EventWindow {
        events: Some(512),
        days: Some(730),
    };
    assert_eq!(declaration.window(), Window::Events(window));
    let numbers = [
        "amount",
        "days_since_previous",
        "weekday.sine",
        "field.balance",
    ];
    assert_eq!(declaration.number_names(), numbers);
    assert_eq!(declaration.numbers(), 4);
    let categories = ["class", "mcc", "sign", "field.channel"];
    assert_eq!(declaration.category_names(), categories);
    assert_eq!(declaration.categories(), 4);
    assert_eq!(declaration.largest_codes(), [4, 2, 9, 1]);
    assert_eq!(declaration.padding_codes(), [0, 0, 9, 0]);
    assert!(!declaration.is_shares_alone());
}

#[test]
fn numbers_of_classes_count_once_for_each_class_and_repeated_ones_are_told_apart() {
    let numbers = json!([
        {"of": "share"},
        {"of": "last", "field": "balance"},
        {"of": "last", "field": "balance", "transforms": ["log1p"]},
        {"of": "month", "as": "cosine"}
    ]);
    let declaration = declare(of_periods(numbers)).unwrap();
    let names = [
        "share.groceries",
        "share.rent",
        "last.balance",
        "last.balance#2",
        "month.cosine",
    ];
    assert_eq!(declaration.number_names(), names);
    assert_eq!(declaration.window(), Window::Periods(12));
    assert_eq!(declaration.largest_codes(), [] as [i64; 0]);
}

#[test]
fn shares_alone_are_what_schema_2_reads() {
    let shares = InputDeclaration::shares(PeriodKind::Week, 12, &classes());
    assert!(shares.is_shares_alone());
    let mut document = of_periods(json!([{"of": "share"}]));
    document.as_object_mut().unwrap().remove("fields");
    assert_eq!(declare(document).unwrap(), shares);
    for other in [
        json!([{"of": "share", "transforms": ["sqrt"]}]),
        json!([{"of": "share"}, {"of": "income"}]),
        json!([{"of": "spending"}]),
    ] {
        assert!(!declare(of_periods(other)).unwrap().is_shares_alone());
    }
}

#[test]
fn class_is_read_by_periods_and_by_categories_of_class_or_mcc() {
    let reads = |document| declare(document).unwrap().reads_class();
    assert!(reads(of_periods(json!([{"of": "transactions"}]))));
    let categories = of_events()["inputs"]["categories"].clone();
    for (category, is_class) in [(0, true), (1, true), (2, false), (3, false)] {
        let alone = json!([categories[category]]);
        assert_eq!(reads(with("/inputs/categories", alone)), is_class);
    }
    assert!(!reads(with("/inputs/categories", json!([]))));
}

#[test]
fn documents_are_written_as_they_were_read() {
    let document = of_events();
    let declaration = declare(document.clone()).unwrap();
    let written = json!({
        "sequence": declaration.sequence_document(),
        "fields": declaration.fields_document(),
        "inputs": declaration.inputs_document(),
    });
    // Whole numbers are written as floating-point numbers, which are the same numbers.
    assert_eq!(declare(written.clone()).unwrap(), declaration);
    for pointer in [
        "/sequence",
        "/fields",
        "/inputs/categories",
        "/inputs/numbers/2",
    ] {
        assert_eq!(
            written.pointer(pointer),
            document.pointer(pointer),
            "{pointer}"
        );
    }
}

#[test]
fn fault_is_named_with_its_place() {
    for (document, message) in [
        (
            of_periods(json!([{"of": "share"}, {"of": "income"}, {"of": "hour"}])),
            "inputs.numbers[2]: `hour` is of events, and the step is week",
        ),
        (
            with("/inputs/numbers/1", json!({"of": "share"})),
            "inputs.numbers[1]: `share` is of periods, and the step is event",
        ),
        (
            of_periods(json!([{"of": "last"}])),
            "inputs.numbers[0]: `last` needs the name of a `field`",
        ),
        (
            of_periods(json!([{"of": "income", "field": "balance"}])),
            "inputs.numbers[0]: `income` has no `field`",
        ),
        (
            of_periods(json!([{"of": "income", "as": "sine"}])),
            "inputs.numbers[0]: `income` has no `as`",
        ),
        (
            of_periods(json!([{"of": "mean", "field": "age"}])),
            "inputs.numbers[0]: `fields` does not declare `age`",
        ),
        (
            of_periods(json!([{"of": "mean", "field": "channel"}])),
            "inputs.numbers[0]: the field `channel` is no number",
        ),
        (
            of_periods(json!([{"of": "income", "transforms": ["sqrt", {"divide": 0}]}])),
            "inputs.numbers[0].transforms[1]: `divide` needs another number than 0",
        ),
        (
            of_periods(json!([{"of": "income", "missing": 1e39}])),
            "inputs.numbers[0].missing: expected a finite number",
        ),
        (
            with("/inputs/categories/3/field", json!("balance")),
            "inputs.categories[3]: the field `balance` is no category",
        ),
        (
            with(
                "/inputs/categories/1/vocabulary",
                json!({"742": 1, "0742": 2}),
            ),
            "inputs.categories[1].vocabulary: `742` is the same MCC as another key",
        ),
        (
            with("/inputs/categories/1/vocabulary", json!({"54111": 1})),
            "inputs.categories[1].vocabulary: `54111` is no MCC of up to four digits",
        ),
        (
            with("/inputs/categories/2/vocabulary", json!({"minus": 1})),
            "inputs.categories[2].vocabulary: `minus` is no sign: `out`, `in` or `zero`",
        ),
        (
            with("/inputs/categories/0/unknown", json!(-1)),
            "inputs.categories[0].unknown: a code is a whole number from 0",
        ),
        (
            with("/inputs/categories/0/vocabulary", json!({"rent": -1})),
            "inputs.categories[0].vocabulary[\"rent\"]: a code is a whole number from 0",
        ),
        (
            with("/fields/amount", json!({"type": "number"})),
            "fields: `amount` is a member that every model knows: it is not declared",
        ),
        (
            with("/fields/channel", json!({"type": "category", "unit": "m"})),
            "fields[\"channel\"].unit: `unit` is of numbers, and the field is a category",
        ),
        (
            with("/inputs", json!({"numbers": []})),
            "inputs: expected at least one number or category",
        ),
        (
            with("/sequence", json!({"step": "event", "window": 6})),
            "sequence.window: the window of events is an object with `events`, `days` or both",
        ),
        (
            with("/sequence", json!({"step": "event", "window": {}})),
            "sequence.window: the window of events is an object with `events`, `days` or both",
        ),
        (
            with("/sequence/window", json!({"days": 36_501})),
            "sequence.window.days: expected a whole number from 1 to 36500",
        ),
        (
            with("/sequence/window", json!({"events": 0})),
            "sequence.window.events: expected a whole number from 1 to 100000",
        ),
    ] {
        assert_eq!(declare(document).unwrap_err(), message);
    }
}

#[test]
fn window_of_periods_has_a_range_and_categories_are_of_events() {
    let declare_with = |pointer: &str, value: Value| {
        let mut document = of_periods(json!([{"of": "share"}]));
        *document.pointer_mut(pointer).unwrap() = value;
        declare(document)
    };
    assert!(declare_with("/sequence/window", json!(1_200)).is_ok());
    for (window, message) in [
        (
            json!(0),
            "sequence.window: expected a whole number from 1 to 1200",
        ),
        (
            json!(1_201),
            "sequence.window: expected a whole number from 1 to 1200",
        ),
        (
            json!({"events": 5}),
            "sequence.window: the window of periods is a whole number of them",
        ),
    ] {
        let refused = declare_with("/sequence/window", window).unwrap_err();
        assert_eq!(refused, message);
    }
    let category = of_events()["inputs"]["categories"][2].clone();
    let inputs = json!({"numbers": [{"of": "share"}], "categories": [category]});
    assert_eq!(
        declare_with("/inputs", inputs).unwrap_err(),
        "inputs.categories: categories are of events, and the step is week"
    );
}

#[test]
fn sequence_of_too_many_numbers_is_refused() {
    let numbers = |count| vec![json!({"of": "income"}); count];
    let document = |count| {
        let mut document = of_periods(json!(numbers(count)));
        document["sequence"]["window"] = json!(1_024);
        document
    };
    assert!(declare(document(256)).is_ok());
    assert_eq!(
        declare(document(257)).unwrap_err(),
        "inputs: 263168 numbers a sequence, the window times the inputs of a step: at most 262144 are allowed"
    );
}

#[test]
fn member_that_is_not_known_or_comes_twice_is_refused() {
    for pointer in [
        "/sequence/stride",
        "/sequence/window/months",
        "/fields/channel/values",
        "/inputs/text",
        "/inputs/numbers/0/scale",
        "/inputs/categories/0/size",
    ] {
        let refused = declare(with(pointer, json!(1))).unwrap_err();
        assert!(refused.contains("unknown field"), "{pointer}: {refused}");
    }
    let twice = r#"{"of": "class", "vocabulary": {"a": 1, "a": 2}, "padding": 0, "unknown": 0, "missing": 0}"#;
    let refused = serde_json::from_str::<CategoryDocument>(twice).unwrap_err();
    assert!(refused.to_string().contains("comes twice"), "{refused}");
    let twice = r#"{"a": {"type": "number"}, "a": {"type": "category"}}"#;
    let refused = serde_json::from_str::<FieldsDocument>(twice).unwrap_err();
    assert!(refused.to_string().contains("comes twice"), "{refused}");
}
