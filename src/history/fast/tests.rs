//! The fast reader against the reference: what it reads, both read the same.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;

use super::read_plain;
use crate::amount::Amount;
use crate::declared::{DeclaredFields, FieldKind};
use crate::details::Details;
use crate::document::{DocumentRequest, DocumentSeed, ParsedDocument};
use crate::json::parse;
use crate::limits::Limits;
use crate::settings::HistorySettings;
use crate::sink::TransactionSink;
use crate::taxonomy::Taxonomy;
use crate::transaction::ParsedTransaction;
use crate::written_time::WrittenTime;

fn taxonomy() -> Taxonomy {
    const TABLE: &str = "class,title,group,mcc,a,source\n\
        rent,Rent,home,6513,,\n\
        pubs,Caf\u{e9},food,5811-5814,,\n\
        salary,Salary,income,,,\n";
    Taxonomy::from_csv(TABLE).unwrap()
}

type Document<T> = ParsedDocument<Vec<T>, Value>;

/// Everything that was read, in a form that can be compared.
fn content<T: PartialEq + std::fmt::Debug>(
    document: Document<T>,
) -> impl PartialEq + std::fmt::Debug {
    (
        document.customer_id,
        document.settings,
        document.sink,
        document.sink_times,
        document.extension,
        document.warnings,
        document.encountered,
    )
}

/// Whether the fast reader read it; if so, the reference read the same. With details it is read too, if all declared
/// fields in it are plain.
fn agrees(text: &str) -> bool {
    agrees_with_details(text);
    agrees_in::<ParsedTransaction>(text, None)
}

/// As [`agrees`], for transactions with the details that `FIELDS` asks for.
fn agrees_with_details(text: &str) -> bool {
    let fields = DeclaredFields::new(FIELDS).unwrap();
    agrees_in::<(ParsedTransaction, Details)>(text, Some(&fields))
}

const FIELDS: [(&str, FieldKind); 2] = [
    ("balance", FieldKind::Number),
    ("note", FieldKind::Category),
];

fn agrees_in<T: PartialEq + std::fmt::Debug>(text: &str, details: Option<&DeclaredFields>) -> bool
where
    Vec<T>: TransactionSink,
{
    let taxonomy = taxonomy();
    let request = DocumentRequest {
        taxonomy: &taxonomy,
        limits: Limits { transactions: 12 },
        extension: Some("explain"),
        details,
        new_sink: &|_| Vec::<T>::new(),
    };
    let settings = HistorySettings::default();
    let seed = DocumentSeed::new(&request, &settings, false);
    let Some(plain) = read_plain(text, seed) else {
        return false;
    };
    let reference: Document<T> =
        parse(text, seed).unwrap_or_else(|error| panic!("{error} in {text}"));
    assert_eq!(content(plain), content(reference), "{text}");
    true
}

/// Members of a transaction that the fast reader reads, in JSON.
const PLAIN: [(&str, &[&str]); 7] = [
    (
        "timestamp",
        &[
            r#""2019-03-01T10:00:00Z""#,
            r#""2019-12-31""#,
            r#""2019-12-31T23:30:00-01:00""#,
            r#""2019-03-01T10:00:00.125Z""#,
            r#""2020-02-29T23:59:59+02:00""#,
            r#""2019-03-01 10:00:18""#,
            r#""2019-03-01T10:00+0200""#,
        ],
    ),
    (
        "amount",
        &[
            "-12.50",
            "3",
            "-0",
            "0.125",
            "-999999999999.99",
            "100.000",
            "-0.00001",
        ],
    ),
    ("class", &[r#""rent""#, r#""pubs""#, r#""salary""#, "null"]),
    (
        "mcc",
        &[
            "5812",
            r#""5812""#,
            "6513",
            "0",
            "742",
            r#""0742""#,
            r#""742""#,
            "null",
            "9999",
        ],
    ),
    ("id", &[r#""t-77""#, "null", "\"\u{17d}ofie \u{1f600}\""]),
    (
        "currency",
        &[
            r#""CZK""#,
            r#""eur""#,
            "1",
            "-2.5e3",
            r#"{"a":[null,"x\n"]}"#,
            "true",
        ],
    ),
    (
        "balance",
        &[
            "-12.50",
            "3",
            "null",
            "0.1e2",
            "-0",
            "123456789012345678901234567890",
        ],
    ),
];

/// Members that are odd, wrong, or no JSON at all.
const ODD: [(&str, &[&str]); 8] = [
    (
        "timestamp",
        &[
            "12",
            r#""2019-02-30""#,
            r#""1899-01-01""#,
            r#""2019-3-1""#,
            r#""2019-03-01T24:00:00Z""#,
            r#""1900-01-01T00:00:00+00:01""#,
            r#""2200-12-31T23:59:59-00:01""#,
            r#""2019-03-01T10:00:00+24:00""#,
            r#""2019-03-01T10:00:00.12Z""#,
            r#""2019-03-01T10:00:00+1:00""#,
            r#""2019-03-31 02:30:00""#,
            r#""2019-03-01 10:00:00 +01""#,
            r#""2019-06-30T23:59:60Z""#,
            "null",
            r#""2019-03-0\u0031""#,
        ],
    ),
    (
        "amount",
        &[
            "1e2",
            "1E+2",
            "-",
            "01",
            "00",
            "1.",
            ".5",
            "+1",
            "1000000000000.01",
            "-1e999",
            "NaN",
            r#""5""#,
            "0.1000000000000000055511",
            "1234567890123456789",
            "null",
            "true",
            "1_0",
        ],
    ),
    (
        "class",
        &[r#""unknown""#, r#""pu\u0062s""#, r#""re\nt""#, "7", r#""""#],
    ),
    (
        "mcc",
        &[
            "10000",
            "0742",
            "00",
            "-1",
            "5812.0",
            "5e3",
            r#""58a2""#,
            r#""581""#,
            r#""5812.0""#,
            r#""NaN""#,
            r#""""#,
            "true",
            "nul",
            "nulll",
        ],
    ),
    (
        "id",
        &[
            r#""""#,
            "7",
            "\"\u{7f}\"",
            "\"\u{85}\"",
            "\"a\u{1}b\"",
            r#""\ud800""#,
        ],
    ),
    (
        "note",
        &[
            "1",
            "[[[{}]]]",
            r#""x\u0041""#,
            "[1",
            "nul",
            "01",
            "1e",
            "\"\u{1}\"",
            "{]",
        ],
    ),
    ("balance", &["true", r#""5""#, "1e999", "01", "[1]", "-"]),
    ("\\u0061mount", &["-5"]),
];

fn space() -> impl Strategy<Value = &'static str> {
    select(vec!["", "", "", " ", "\n", "\r\n\t "])
}

fn member(
    table: &'static [(&'static str, &'static [&'static str])],
) -> impl Strategy<Value = (String, String)> {
    select(table).prop_flat_map(|(name, values)| {
        select(values).prop_map(move |value| (name.to_owned(), value.to_owned()))
    })
}

fn object(members: Vec<(String, String)>, spaces: &[&str]) -> String {
    let mut spaces = spaces.iter().cycle();
    let mut space = move || *spaces.next().unwrap_or(&"");
    let members: Vec<String> = members
        .into_iter()
        .map(|(name, value)| {
            format!(
                "{}\"{name}\"{}:{}{value}{}",
                space(),
                space(),
                space(),
                space()
            )
        })
        .collect();
    format!("{{{}}}", members.join(","))
}

/// A transaction that has what it needs, and now and then something odd.
fn transaction(odd: bool) -> impl Strategy<Value = String> {
    let value = |member: usize| {
        select(PLAIN[member].1)
            .prop_map(move |value| (PLAIN[member].0.to_owned(), value.to_owned()))
    };
    let others = if odd {
        prop::collection::vec(prop_oneof![3 => member(&PLAIN), 1 => member(&ODD)], 0..2).boxed()
    } else {
        Just(Vec::new()).boxed()
    };
    let wanted = (value(0), value(1), value(3), prop::option::of(value(4)));
    (wanted, others, prop::collection::vec(space(), 1..9)).prop_map(
        |((timestamp, amount, mcc, id), others, spaces)| {
            let mut members = vec![amount, timestamp];
            members.extend(id);
            members.extend(others);
            if mcc.1 == "null" {
                members.push(("class".to_owned(), "\"rent\"".to_owned()));
            }
            members.push(mcc);
            object(members, &spaces)
        },
    )
}

fn document(odd: bool) -> impl Strategy<Value = String> {
    let outer = select(vec![
        ("customer_id", r#""c-1""#),
        ("as_of", r#""2020-01-01""#),
        ("unknown_class", r#""skip""#),
        ("explain", r#"{"samples": 7, "target": ["a"]}"#),
        ("customer_id", "null"),
        ("time_zone", r#""America/New_York""#),
        ("time_zone", "null"),
        ("currency", r#""CZK""#),
        ("mixed_currencies", r#""add""#),
    ]);
    let odd_outer = select(vec![
        ("customer_id", "7"),
        ("as_of", r#""later""#),
        ("unknown_class", r#""ignore""#),
        ("explain", "[]"),
        ("transactions", "[]"),
        ("currency", "[1]"),
        ("time_zone", r#""Moon/Tycho""#),
        ("mixed_currencies", r#""skip""#),
        ("note", r#""CZK""#),
        ("customer_id", r#""c-\u0031""#),
    ]);
    let outer = if odd {
        prop::collection::vec(prop_oneof![3 => outer, 1 => odd_outer], 0..3).boxed()
    } else {
        prop::collection::vec(outer, 0..2).boxed()
    };
    let transactions = prop::collection::vec(transaction(odd), 0..14);
    (
        outer,
        transactions,
        any::<Index>(),
        prop::collection::vec(space(), 1..9),
    )
        .prop_map(|(outer, transactions, place, spaces)| {
            let mut members: Vec<(String, String)> = outer
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            let place = place.index(members.len() + 1);
            members.insert(
                place,
                (
                    "transactions".to_owned(),
                    format!("[{}]", transactions.join(", ")),
                ),
            );
            object(members, &spaces)
        })
}

/// A transaction in a usual layout, or nearly.
fn usual_transaction(is_spaced: bool) -> impl Strategy<Value = String> {
    let values = |member: usize| {
        let odd = ODD.iter().find(|(name, _)| *name == PLAIN[member].0);
        let odd = odd.map_or(PLAIN[member].1, |(_, values)| values);
        prop_oneof![4 => Just(PLAIN[member].1[0]), 3 => select(PLAIN[member].1), 1 => select(odd)]
    };
    let labels = prop_oneof![
        4 => values(3).prop_map(|mcc| vec![("mcc", mcc)]),
        3 => values(2).prop_map(|class| vec![("class", class)]),
        1 => (values(3), values(2)).prop_map(|(mcc, class)| vec![("mcc", mcc), ("class", class)]),
        1 => values(3).prop_map(|mcc| vec![("mcc", mcc), ("mcc", "5812")]),
        1 => Just(Vec::new()),
    ];
    let ends = ["}", "}", "}", " }"];
    (values(0), values(1), labels, select(ends.to_vec())).prop_map(
        move |(timestamp, amount, labels, end)| {
            let space = if is_spaced { " " } else { "" };
            let members = [("timestamp", timestamp), ("amount", amount)];
            let members: Vec<String> = members
                .into_iter()
                .chain(labels)
                .map(|(name, value)| format!(r#""{name}":{space}{value}"#))
                .collect();
            format!("{{{}{end}", members.join(&format!(",{space}")))
        },
    )
}

/// A document in a usual layout, where now and then a transaction has another one.
fn usual_document() -> impl Strategy<Value = String> {
    any::<bool>().prop_flat_map(|is_spaced| {
        let usual = usual_transaction(is_spaced);
        let other = prop_oneof![usual_transaction(!is_spaced), transaction(true)];
        let transactions = prop::collection::vec(prop_oneof![9 => usual, 1 => other], 0..12);
        transactions.prop_map(move |transactions| {
            let between = if is_spaced { ", " } else { "," };
            format!(
                r#"{{"customer_id":"c-1","transactions":[{}]}}"#,
                transactions.join(between)
            )
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn plain_document_is_read_as_by_the_reference(text in document(true)) {
        agrees(&text);
    }

    #[test]
    fn document_in_a_usual_layout_is_read_as_by_the_reference(text in usual_document()) {
        agrees(&text);
    }

    #[test]
    fn damaged_document_is_read_as_by_the_reference_or_not_at_all(
        text in prop_oneof![document(false), usual_document()],
        damage in prop::collection::vec((any::<Index>(), 0..3_u8, select(b"\"\\{}[]:,.-+0159eEnul \t\n\x01\x7fZT".to_vec())), 1..4),
    ) {
        let mut bytes = text.into_bytes();
        for (place, kind, byte) in damage {
            let place = place.index(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
            match kind {
                0 => bytes[place] = byte,
                1 => bytes.insert(place, byte),
                _ => { bytes.remove(place); }
            }
        }
        if let Ok(text) = String::from_utf8(bytes) {
            agrees(&text);
        }
    }
}

proptest! {
    #[test]
    fn moments_from_digits_are_those_of_the_parser(
        year in 1890_u16..2210, month in 0_u8..14, day in 0_u8..33,
        clock in (0_u8..25, 0_u8..61, 0_u8..61),
        zone in select(vec!["", "Z", ".007Z", ".125Z", "+00:00", "-00:30", "+23:59", "-23:59", "+24:00", "+05:60", "z", ".1Z"]),
    ) {
        let (hour, minute, second) = clock;
        let time = if zone.is_empty() { String::new() } else { format!("T{hour:02}:{minute:02}:{second:02}{zone}") };
        let text = format!("{year}-{month:02}-{day:02}{time}");
        if let Some(time) = WrittenTime::of_digits(text.as_bytes()) {
            prop_assert_eq!(Some(time), WrittenTime::of_any_form(text.as_bytes()).ok(), "{}", text);
        }
    }

    #[test]
    fn amounts_from_digits_are_those_of_the_number(text in "-?(0|[1-9][0-9]{0,12})(\\.[0-9]{1,14})?") {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let number = text.replace(['-', '.'], "").parse().unwrap_or(0);
        let plain = Amount::of_digits(text.starts_with('-'), number, digits, decimals);
        if let Some(plain) = plain {
            prop_assert_eq!(Ok(plain), Amount::parse(text.parse().unwrap()), "{}", text);
        }
    }
}

#[test]
fn plain_values_are_read_without_the_reference() {
    for (name, values) in PLAIN {
        for value in values {
            let others = [
                ("timestamp", r#""2019-03-01""#),
                ("amount", "-1"),
                ("mcc", "5812"),
            ];
            let mut members: Vec<(String, String)> = others
                .into_iter()
                .filter(|(other, _)| *other != name)
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            members.push((name.to_owned(), (*value).to_owned()));
            if name == "mcc" {
                members.push(("class".to_owned(), r#""rent""#.to_owned()));
            }
            for spaces in [&[""], &[" \n"]] {
                let transaction = object(members.clone(), spaces);
                let text = format!(
                    r#" {{"transactions" : [{transaction},{transaction}],"customer_id":"c"}} "#
                );
                assert!(agrees(&text), "{text}");
            }
        }
    }
    assert!(agrees(r#"{"transactions":[]}"#));
}

#[test]
fn plain_values_of_declared_fields_are_read_without_the_reference() {
    for members in [
        r#""balance":-12.5"#,
        r#""balance":null,"note":"web""#,
        r#""note":7, "balance": 1e3"#,
        r#""note":null,"id":"t-1","other":[true]"#,
        r#""note":7.0,"id":null,"class":"salary""#,
    ] {
        let text =
            format!(r#"{{"transactions":[{{"timestamp":"2019-03-01","amount":-1,{members}}}]}}"#);
        assert!(agrees_with_details(&text), "{text}");
    }
    for members in [
        r#""balance":"5""#,
        r#""note":true"#,
        r#""note":"a","note":"b""#,
        r#""balance":1,"balance":null"#,
    ] {
        let text =
            format!(r#"{{"transactions":[{{"timestamp":"2019-03-01","amount":-1,{members}}}]}}"#);
        assert!(!agrees_with_details(&text), "{text}");
    }
}

#[test]
fn other_documents_are_left_to_the_reference() {
    for text in [
        "",
        "{}",
        "[]",
        "null",
        r#"{"transactions":[{}]}"#,
        r#"{"transactions":[]}x"#,
        r#"{"transactions":[],}"#,
    ] {
        assert!(!agrees(text), "{text}");
    }
}
