//! Tables that can be counted and may not mean what they say: signs, currencies, rows without a code.

use std::path::Path;

use serde_json::Value;

use test_support::bulk_command::{score, score_piped};
use test_support::command::{assert_failure, documents, errors, lines, succeeded};

fn scored(rows: &str, flags: &[&str]) -> Vec<Value> {
    let flags = [&["--format", "csv"], flags].concat();
    documents(&succeeded(&score_piped(rows.as_bytes(), &flags)))
}

#[test]
fn amounts_of_the_other_sign_are_warned_of() {
    let header = "customer_id,timestamp,amount,mcc\n";
    let plaid = format!(
        "{header}c-1,2019-03-01,120.00,5411\nc-1,2019-05-01,800.00,5812\nc-1,2019-07-01,-19.90,5651\n\
        c-2,2019-03-01,-120.00,5411\nc-2,2019-05-01,20.00,5411\n"
    );
    let answers = scored(&plaid, &[]);
    let warning = answers[0]["quality"]["warnings"][0].as_str().unwrap();
    assert!(warning.starts_with("2 of 3 amounts"), "{warning}");
    assert_eq!(
        answers[1]["quality"]["warnings"].as_array().unwrap().len(),
        0
    );

    // Without a single refund the probable reason is in the refusal.
    let all = format!("{header}c-1,2019-03-01,120.00,5411\n");
    let output = score_piped(all.as_bytes(), &["--format", "csv"]);
    assert_failure(&output, "money out is negative");
}

#[test]
fn second_currency_of_a_customer_is_refused_unless_the_flag_adds_it() {
    let table = "customer_id,timestamp,amount,mcc,currency\n\
        a,2019-03-01,-9000,5812,JPY\na,2019-03-02,-60,5411,EUR\n\
        b,2019-03-01,-9,5812,EUR\nb,2019-03-02,-6,5411,eur\nb,2019-03-03,-6,5411,\n";
    let output = score_piped(table.as_bytes(), &["--format", "csv"]);
    assert_eq!(output.status.code(), Some(1));
    let answers = documents(&lines(&output));
    let detail = answers[0]["detail"].as_str().unwrap();
    assert!(detail.starts_with("line 3: another currency"), "{detail}");
    assert_eq!(answers[1]["quality"]["used"], 3);

    let answers = scored(table, &["--mixed-currencies", "add"]);
    assert_eq!(answers[0]["trajectory"][0]["spending"], 9060.0);
    let warnings = answers[0]["quality"]["warnings"].to_string();
    assert!(warnings.contains("several currencies"), "{warnings}");

    // Another column.
    let other = table.replace("currency", "iso");
    assert_eq!(scored(&other, &[])[0]["trajectory"][0]["spending"], 9060.0);
    let named = score_piped(
        other.as_bytes(),
        &["--format", "csv", "--currency-column", "iso"],
    );
    assert_eq!(named.status.code(), Some(1));
}

#[test]
fn row_without_class_and_code_is_counted() {
    let table = "customer_id,timestamp,amount,class,mcc\n\
        a,2019-03-01,-12.50,,\na,2020-03-01,-12.50,,5812.0\na,2020-03-02,-2.50,NULL,NaN\n";
    let answers = scored(table, &[]);
    let quality = &answers[0]["quality"];
    assert_eq!(
        (&quality["used"], &quality["unclassified"]),
        (&1.into(), &2.into())
    );
    let warning = quality["warnings"][0].as_str().unwrap();
    assert!(warning.starts_with("2 of 3 transactions"), "{warning}");
}

#[test]
fn times_without_an_offset_and_periods_are_those_of_the_zone() {
    let table = "customer_id,timestamp,amount,mcc\n\
        c-1,2019-12-31T23:30:00-05:00,-10,5812\nc-1,2020-01-01T00:30:00+01:00,-20,5411\n\
        c-1,2019-12-31 23:59:59.5,-40,5411\nc-1,2020-02-29,-5,5812\n";
    let spending = |flags: &[&str]| -> Vec<(Value, Value)> {
        let answers = scored(table, flags);
        let periods = answers[0]["trajectory"].as_array().unwrap();
        let pair = |period: &Value| (period["period"].clone(), period["spending"].clone());
        periods.iter().map(pair).collect()
    };
    let expected = |of_2019: f64, of_2020: f64| {
        vec![
            ("2019".into(), of_2019.into()),
            ("2020".into(), of_2020.into()),
        ]
    };
    assert_eq!(spending(&[]), expected(60.0, 15.0));
    let new_york = ["--time-zone", "America/New_York"];
    assert_eq!(spending(&new_york), expected(70.0, 5.0));
    assert_eq!(
        spending(&["--time-zone", "Europe/Berlin"]),
        expected(40.0, 35.0)
    );

    let answer = &scored(table, &new_york)[0];
    assert_eq!(answer["time_zone"], "America/New_York");
    assert!(
        scored(table, &["--time-zone", "UTC"])[0]
            .get("time_zone")
            .is_none()
    );

    // The window ends at the midnight of the zone.
    let ended = [&new_york[..], &["--as-of", "2020-01-01"]].concat();
    let quality = scored(table, &ended)[0]["quality"].clone();
    assert_eq!(
        (&quality["used"], &quality["out_of_window"]),
        (&3.into(), &1.into())
    );

    let unknown = score(Path::new("t.csv"), &["--time-zone", "Moon/Tycho"]);
    assert_eq!(unknown.status.code(), Some(2), "{}", errors(&unknown));
    let of_histories = score(Path::new("examples/history.json"), &new_york);
    assert_failure(&of_histories, "`time_zone`");
}
