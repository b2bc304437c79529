//! Tables for models that declare fields: their columns, the column of ids, and what is refused in them.

#![expect(
    clippy::needless_pass_by_value,
    reason = "documents stand in the call as `json!`"
)]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::{Arc, OnceLock};

use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, BooleanArray, Decimal128Array, DictionaryArray, Float32Array, Float64Array,
    Int16Array, Int64Array, NullArray, RecordBatch, StringArray,
};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use test_support::bulk_command::{score, score_piped};
use test_support::command::{assert_failure, documents, errors, lines, succeeded};
use test_support::described_model::DescribedModel;
use test_support::tables::{csv, expected, rows, write, write_batch};

/// A transaction as JSON has it; its customer is the member `customer`.
fn transaction(customer: &str, timestamp: &str, amount: f64, others: Value) -> Value {
    let mut transaction = json!({"customer": customer, "timestamp": timestamp, "amount": amount});
    let others = others.as_object().unwrap().clone();
    transaction.as_object_mut().unwrap().extend(others);
    transaction
}

/// Ties that only ids decide, and values of all kinds: known, unknown and missing ones, and such with space around them.
fn transactions() -> Vec<Value> {
    let at = "2021-03-01T09:00:00Z";
    vec![
        transaction(
            "ties",
            at,
            -20.5,
            json!({"id": "b", "mcc": 5411, "channel": "web"}),
        ),
        transaction(
            "ties",
            at,
            -3.0,
            json!({"id": "a", "mcc": 5812, "channel": "card", "balance": 120.25}),
        ),
        transaction("ties", at, -7.25, json!({"id": "B", "mcc": 6011})),
        transaction(
            "ties",
            at,
            -9.0,
            json!({"id": " z", "mcc": 6011, "balance": 7.0}),
        ),
        transaction("ties", at, -1.0, json!({"mcc": 5411, "channel": "card"})),
        transaction(
            "values",
            "2021-03-02",
            -2.0,
            json!({"mcc": 742, "channel": "web ", "balance": -55.5}),
        ),
        transaction(
            "values",
            "2021-03-04",
            -2.5,
            json!({"mcc": 5411, "channel": "branch", "balance": 0.1}),
        ),
        transaction(
            "values",
            "2021-03-05",
            -2.5,
            json!({"mcc": 5411, "channel": "7", "balance": 1e30}),
        ),
        transaction(
            "values",
            "2021-03-06",
            12.5,
            json!({"class": "salary", "channel": "web"}),
        ),
        transaction("one", "2021-03-06", -1.0, json!({"mcc": 5411})),
    ]
}

/// The customers of the transactions, which are adjacent, as NDJSON.
fn ndjson(transactions: &[Value]) -> String {
    let customers = transactions.chunk_by(|one, other| one["customer"] == other["customer"]);
    let lines = customers.map(|transactions| {
        json!({"customer_id": transactions[0]["customer"], "transactions": transactions})
            .to_string()
    });
    lines.collect::<Vec<_>>().join("\n")
}

const COLUMNS: [&str; 8] = [
    "customer",
    "id",
    "balance",
    "timestamp",
    "amount",
    "class",
    "mcc",
    "channel",
];

fn csv_table(transactions: &[Value], columns: &[&str]) -> String {
    let mut lines = vec![columns.join(",")];
    for transaction in transactions {
        let cells = columns.iter().map(|&name| match &transaction[name] {
            Value::Null => String::new(),
            Value::String(text) => format!("\"{text}\""),
            value => value.to_string(),
        });
        lines.push(cells.collect::<Vec<_>>().join(","));
    }
    lines.join("\n") + "\n"
}

fn texts(transactions: &[Value], name: &str) -> ArrayRef {
    let texts = transactions.iter().map(|each| each[name].as_str());
    Arc::new(texts.collect::<StringArray>())
}

fn numbers(transactions: &[Value], name: &str) -> ArrayRef {
    let numbers = transactions.iter().map(|each| each[name].as_f64());
    Arc::new(numbers.collect::<Float64Array>())
}

/// Writes a table with some columns in place of those that the transactions have, or beside them.
fn write_parquet(path: &Path, transactions: &[Value], others: &[(&str, ArrayRef)]) -> PathBuf {
    let mut columns: Vec<(&str, ArrayRef)> = COLUMNS
        .into_iter()
        .filter(|name| others.iter().all(|(other, _)| other != name))
        .map(|name| match name {
            "balance" | "amount" => (name, numbers(transactions, name)),
            "mcc" => {
                let codes = transactions.iter().map(|each| each["mcc"].as_i64());
                let codes = codes.map(|code| code.map(|code| i16::try_from(code).unwrap()));
                (name, Arc::new(codes.collect::<Int16Array>()) as ArrayRef)
            }
            name => (name, texts(transactions, name)),
        })
        .collect();
    columns.extend(others.iter().cloned());
    let columns = columns
        .into_iter()
        .map(|(name, values)| (name, values, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    write_batch(path, &batch, 4);
    path.to_owned()
}

fn build(name: &str, change: impl FnOnce(&mut Value)) -> DescribedModel {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    DescribedModel::build(&folder, "event-lstm-2", change)
}

/// A model, which all tests share, and a folder for the tables of one.
struct Case {
    model: &'static DescribedModel,
    folder: TempDir,
}

impl Case {
    /// A number in a column of channels is the category of its digits.
    fn new() -> Self {
        static MODEL: OnceLock<DescribedModel> = OnceLock::new();
        Self::of(MODEL.get_or_init(|| {
            build("declared-fields", |description| {
                description["inputs"]["categories"][2]["vocabulary"]["7"] = json!(1);
            })
        }))
    }

    /// A channel and a known code are needed.
    fn strict() -> Self {
        static MODEL: OnceLock<DescribedModel> = OnceLock::new();
        Self::of(MODEL.get_or_init(|| {
            build("declared-fields-strict", |description| {
                let categories = &mut description["inputs"]["categories"];
                categories[0]["unknown"] = json!("error");
                categories[2]["missing"] = json!("error");
            })
        }))
    }

    /// Neither the class nor the code is read.
    fn without_class() -> Self {
        static MODEL: OnceLock<DescribedModel> = OnceLock::new();
        Self::of(MODEL.get_or_init(|| {
            build("declared-fields-without-class", |description| {
                let categories = &mut description["inputs"]["categories"];
                categories[0] = categories[1].clone();
            })
        }))
    }

    fn of(model: &'static DescribedModel) -> Self {
        Self {
            model,
            folder: tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `microseg score` of a table, or of histories.
    fn score(&self, file: &Path, flags: &[&str]) -> Output {
        let models = self.model.models();
        let usual = ["--customer-column", "customer", "--models"];
        score(
            file,
            &[&usual[..], &[models.to_str().unwrap()], flags].concat(),
        )
    }

    fn score_csv(&self, text: &str, flags: &[&str]) -> Output {
        self.score(&write(self.folder.path(), "t.csv", text), flags)
    }

    /// The lines of answers for the same transactions in JSON.
    fn expected(&self, transactions: &[Value]) -> Vec<String> {
        let file = write(self.folder.path(), "t.ndjson", ndjson(transactions));
        succeeded(&self.score(&file, &[]))
    }
}

#[test]
fn json_csv_and_parquet_give_the_same_bytes() {
    let case = Case::new();
    let transactions = transactions();
    let expected = case.expected(&transactions);
    assert_eq!(expected.len(), 3);
    let table = csv_table(&transactions, &COLUMNS);
    for part_bytes in ["10", "1000000"] {
        let scored = case.score_csv(&table, &["--part-bytes", part_bytes]);
        assert_eq!(succeeded(&scored), expected, "CSV by {part_bytes}");
        let parquet = write_parquet(&case.path("t.parquet"), &transactions, &[]);
        let scored = case.score(&parquet, &["--part-bytes", part_bytes]);
        assert_eq!(succeeded(&scored), expected, "Parquet by {part_bytes}");
        assert!(!errors(&scored).contains("no table"), "{}", errors(&scored));
    }
    let models = case.model.models();
    let flags = [
        "--format",
        "csv",
        "--customer-column",
        "customer",
        "--models",
    ];
    let flags = [&flags[..], &[models.to_str().unwrap()]].concat();
    assert_eq!(succeeded(&score_piped(table.as_bytes(), &flags)), expected);

    // Every column counts.
    for without in ["id", "balance", "channel"] {
        let columns: Vec<&str> = COLUMNS
            .into_iter()
            .filter(|&name| name != without)
            .collect();
        let scored = succeeded(&case.score_csv(&csv_table(&transactions, &columns), &[]));
        assert_ne!(scored, expected, "without {without}");
        let mut listed = transactions.clone();
        for transaction in &mut listed {
            transaction.as_object_mut().unwrap().remove(without);
        }
        assert_eq!(scored, case.expected(&listed), "without {without}");
    }
}

#[test]
fn ids_decide_the_order_of_rows_of_one_time() {
    let case = Case::new();
    let transactions = transactions();
    let expected = case.expected(&transactions);
    let mut backwards = transactions.clone();
    backwards[..5].reverse();
    let table = csv_table(&backwards, &COLUMNS);
    assert_eq!(succeeded(&case.score_csv(&table, &[])), expected);
    let renamed = table.replacen(",id,", ",reference,", 1);
    assert_ne!(succeeded(&case.score_csv(&renamed, &[])), expected);
    let scored = case.score_csv(&renamed, &["--id-column", "reference"]);
    assert_eq!(succeeded(&scored), expected);

    // Numbers as ids are the texts of their digits: 10 comes before 9.
    let mut numbered = transactions[..3].to_vec();
    for (transaction, id) in numbered.iter_mut().zip(["9", "10", "11"]) {
        transaction["id"] = json!(id);
    }
    let expected = case.expected(&numbered);
    let decimal = Decimal128Array::from(vec![900, 1000, 1100]);
    let columns: [ArrayRef; 4] = [
        Arc::new(Int64Array::from(vec![9, 10, 11])),
        Arc::new(Float64Array::from(vec![9.0, 10.0, 11.0])),
        Arc::new(Float32Array::from(vec![9.0, 10.0, 11.0])),
        Arc::new(decimal.with_precision_and_scale(20, 2).unwrap()),
    ];
    for ids in columns {
        let kind = ids.data_type().clone();
        let table = write_parquet(&case.path("t.parquet"), &numbered, &[("id", ids)]);
        assert_eq!(succeeded(&case.score(&table, &[])), expected, "{kind}");
    }
}

#[test]
fn column_of_every_type_is_read_as_json() {
    let case = Case::new();
    let row = |channel: Value, balance: Value| {
        let others = json!({"mcc": 5411, "channel": channel, "balance": balance});
        transaction("c", "2021-03-01", -1.0, others)
    };
    let listed = [
        row(json!(7), json!(12.5)),
        row(json!(null), json!(null)),
        row(json!(8), json!(-3)),
    ];
    let expected = case.expected(&listed);
    let decimal = |values: Vec<Option<i128>>, scale| -> ArrayRef {
        let values = Decimal128Array::from(values);
        Arc::new(values.with_precision_and_scale(20, scale).unwrap())
    };
    let dictionary: DictionaryArray<Int8Type> =
        vec![Some("7"), None, Some("8")].into_iter().collect();
    let columns: [(&str, ArrayRef); 12] = [
        (
            "channel",
            Arc::new(StringArray::from(vec![Some("7"), Some("NULL"), Some("8")])),
        ),
        ("channel", Arc::new(dictionary)),
        (
            "channel",
            Arc::new(Int64Array::from(vec![Some(7), None, Some(8)])),
        ),
        (
            "channel",
            Arc::new(Float64Array::from(vec![7.0, f64::NAN, 8.0])),
        ),
        (
            "channel",
            Arc::new(Float32Array::from(vec![Some(7.0), None, Some(8.0)])),
        ),
        ("channel", decimal(vec![Some(7), None, Some(8)], 0)),
        ("channel", decimal(vec![Some(700), None, Some(800)], 2)),
        (
            "balance",
            Arc::new(StringArray::from(vec![" 12.5", "", "-3"])),
        ),
        (
            "balance",
            Arc::new(Float32Array::from(vec![Some(12.5), None, Some(-3.0)])),
        ),
        ("balance", decimal(vec![Some(1250), None, Some(-300)], 2)),
        (
            "balance",
            Arc::new(Float64Array::from(vec![12.5, f64::NAN, -3.0])),
        ),
        // The usual types of both.
        ("unused", Arc::new(NullArray::new(3))),
    ];
    let listed = [
        row(json!("7"), json!(12.5)),
        row(json!(null), json!(null)),
        row(json!("8"), json!(-3)),
    ];
    for (name, values) in columns {
        let kind = values.data_type().clone();
        let table = write_parquet(&case.path("t.parquet"), &listed, &[(name, values)]);
        assert_eq!(
            succeeded(&case.score(&table, &[])),
            expected,
            "{name} of {kind}"
        );
    }
    let flags: ArrayRef = Arc::new(BooleanArray::from(vec![true, false, true]));
    for name in ["channel", "balance", "id"] {
        let table = write_parquet(&case.path("t.parquet"), &listed, &[(name, flags.clone())]);
        let refused = case.score(&table, &[]);
        assert_failure(
            &refused,
            &format!("the column {name} is of the type Boolean"),
        );
    }
    // A column without any value is one that has them missing.
    let nulls = Arc::new(NullArray::new(3)) as ArrayRef;
    let columns = ["channel", "balance", "id"].map(|name| (name, nulls.clone()));
    let table = write_parquet(&case.path("t.parquet"), &listed, &columns);
    let without = [
        row(json!(null), json!(null)),
        row(json!(null), json!(null)),
        row(json!(null), json!(null)),
    ];
    assert_eq!(succeeded(&case.score(&table, &[])), case.expected(&without));
}

#[test]
fn wrong_cell_becomes_its_customers_problem_with_row_and_column() {
    let case = Case::new();
    let cases = [
        ("much,web,1", "the field balance: expected a finite number"),
        ("inf,web,1", "the field balance: expected a finite number"),
        ("1e999,web,1", "the field balance: expected a finite number"),
        ("1,web,\"a\nb\"", "the id: expected an identifier"),
    ];
    for (cells, expected) in cases {
        let table = format!(
            "customer,timestamp,amount,mcc,balance,channel,id\na,2021-03-01,-1,5411,1,web,1\n\
            b,2021-03-01,-1,5411,1,web,1\nb,2021-03-02,-1,5411,{cells}\nc,2021-03-01,-1,5411,1,web,1\n"
        );
        let output = case.score_csv(&table, &[]);
        assert_eq!(output.status.code(), Some(1));
        let answers = documents(&lines(&output));
        assert_eq!(answers.len(), 3, "{cells}");
        assert_eq!(answers[1]["customer_id"], "b");
        assert_eq!(answers[1]["status"], 422);
        let detail = answers[1]["detail"].as_str().unwrap();
        assert!(
            detail.starts_with(&format!("line 4: {expected}")),
            "{detail}"
        );
        assert!(!detail.contains("much"), "{detail}");
        let printed = errors(&output);
        assert!(printed.contains("line 4: the "), "{printed}");
    }

    let listed = transactions();
    let channels: Vec<Option<f64>> = (0..listed.len())
        .map(|row| (row == 6).then_some(7.5))
        .collect();
    let channels: ArrayRef = Arc::new(Float64Array::from(channels));
    let table = write_parquet(&case.path("t.parquet"), &listed, &[("channel", channels)]);
    let answers = documents(&lines(&case.score(&table, &[])));
    let problems: Vec<&Value> = answers
        .iter()
        .filter(|answer| answer["status"] == 422)
        .collect();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0]["customer_id"], "values");
    let expected = "row 7: the field channel: expected text, or a whole number";
    assert_eq!(problems[0]["detail"], expected);

    let mut table = csv_table(&listed, &COLUMNS).into_bytes();
    let at = table.windows(6).position(|text| text == b"branch").unwrap();
    table[at] = 0xff;
    let file = write(case.folder.path(), "t.csv", table);
    let answers = documents(&lines(&case.score(&file, &[])));
    assert_eq!(
        answers[1]["detail"],
        "line 8: the field channel is not UTF-8"
    );
}

#[test]
fn value_that_the_network_cannot_read_is_refused_with_its_row() {
    let case = Case::strict();
    // The row before has two lines, and there is a blank one.
    let head = "customer,timestamp,amount,mcc,balance,channel,note\na,2021-03-01,-1,5411,1,web,x\n\
        b,2021-03-02,-1,5411,1,web,\"x\ny\"\n\nb,2021-03-01,-1,5411,1,web,x\n";
    for (row, expected) in [
        (
            "b,2021-03-01,-1,5411,1,,x",
            "line 7: the field channel: the model needs a value here",
        ),
        (
            "b,2021-03-01,-1,9999,1,web,x",
            "line 7: the MCC: the model has no code for this value",
        ),
    ] {
        let output = case.score_csv(&format!("{head}{row}\nc,2021-03-01,-1,5411,1,web,x\n"), &[]);
        let answers = documents(&lines(&output));
        assert_eq!(answers[1]["detail"], expected);
        assert!(errors(&output).contains(expected), "{}", errors(&output));
        assert_eq!(
            (&answers[0]["status"], &answers[2]["status"]),
            (&Value::Null, &Value::Null)
        );
    }
    // A fault of the whole history has the row where the customer begins.
    let output = case.score_csv(
        &format!("{head}c,2021-03-01,-1,5411,1,web,x\n"),
        &["--as-of", "2021-03-02"],
    );
    let answers = documents(&lines(&output));
    assert_eq!(answers.len(), 3);
    let output = case.score_csv(head, &["--as-of", "2021-01-01"]);
    let detail = documents(&lines(&output))[1]["detail"].clone();
    let detail = detail.as_str().unwrap();
    assert!(
        detail.starts_with("line 3: /transactions: no transaction"),
        "{detail}"
    );
}

#[test]
fn flag_names_the_column_of_a_field() {
    let case = Case::new();
    let transactions = transactions();
    let expected = case.expected(&transactions);
    let table = csv_table(&transactions, &COLUMNS);
    let table = table
        .replacen(",balance,", ",saldo=EUR,", 1)
        .replacen(",channel\n", ",Kanal\n", 1);
    let flags = [
        "--field-column",
        "balance=saldo=EUR",
        "--field-column",
        "channel=Kanal",
    ];
    let scored = case.score_csv(&table, &flags);
    assert_eq!(succeeded(&scored), expected);
    assert!(!errors(&scored).contains("no table"), "{}", errors(&scored));
    let others = [
        ("saldo=EUR", numbers(&transactions, "balance")),
        ("Kanal", texts(&transactions, "channel")),
    ];
    let mut parquet = transactions.clone();
    for transaction in &mut parquet {
        transaction["balance"] = json!(-1);
        transaction["channel"] = json!("card");
    }
    let parquet = write_parquet(&case.path("t.parquet"), &parquet, &others);
    assert_eq!(succeeded(&case.score(&parquet, &flags)), expected);

    let refused = case.score_csv(&table, &["--field-column", "saldo=balance"]);
    assert_failure(
        &refused,
        "the model declares no field saldo; those that it declares: balance, channel",
    );
    let refused = case.score_csv(
        &table,
        &["--field-column", "balance=a", "--field-column", "balance=b"],
    );
    assert_failure(&refused, "balance is given two columns");
    let refused = case.score(&case.path("t.ndjson"), &flags);
    assert_failure(
        &refused,
        "--field-column is for tables: a transaction in JSON has the member `balance`",
    );
    let wrong = case.score_csv(&table, &["--field-column", "balance"]);
    assert_eq!(wrong.status.code(), Some(2), "{}", errors(&wrong));
    let twice = table.replacen("Kanal\n", "saldo=EUR\n", 1);
    assert_failure(
        &case.score_csv(&twice, &flags),
        "several columns are named saldo=EUR",
    );
}

#[test]
fn field_whose_column_no_table_has_is_missing_and_named_once() {
    let case = Case::new();
    let transactions = transactions();
    let without: Vec<&str> = COLUMNS
        .into_iter()
        .filter(|&name| name != "balance")
        .collect();
    let table = csv_table(&transactions, &without);
    let said =
        "microseg: no table has the column balance: this field of the model is missing in all rows";
    let times = |output: &Output| errors(output).matches("no table has").count();

    let output = case.score_csv(&table, &["--part-bytes", "10"]);
    succeeded(&output);
    assert!(errors(&output).contains(said), "{}", errors(&output));
    assert_eq!(times(&output), 1);
    let renamed = case.score_csv(&table, &["--field-column", "balance=saldo"]);
    assert!(
        errors(&renamed).contains("the column saldo"),
        "{}",
        errors(&renamed)
    );

    // From standard input, whose columns are known later than those of files.
    let models = case.model.models();
    let flags = [
        "--customer-column",
        "customer",
        "--models",
        models.to_str().unwrap(),
    ];
    let piped = score_piped(
        table.as_bytes(),
        &[&["--format", "csv"], &flags[..]].concat(),
    );
    assert_eq!((lines(&piped), times(&piped)), (lines(&output), 1));

    // Nothing is said where one of the tables has it, or where there is no table.
    let other = transaction(
        "other",
        "2021-01-01",
        -1.0,
        json!({"mcc": 5411, "balance": 2}),
    );
    let other = write(case.folder.path(), "u.csv", csv_table(&[other], &COLUMNS));
    let both = case.score_csv(&table, &[other.to_str().unwrap()]);
    assert_eq!((succeeded(&both).len(), times(&both)), (4, 0));
    let histories = write(case.folder.path(), "t.ndjson", ndjson(&transactions));
    assert_eq!(times(&case.score(&histories, &[])), 0);

    // Where the model needs a value, every customer is refused.
    let case = Case::strict();
    let table = "customer,timestamp,amount,mcc,balance\na,2021-03-01,-1,5411,1\n";
    let output = case.score_csv(table, &[]);
    let answers = documents(&lines(&output));
    assert_eq!(
        answers[0]["detail"],
        "line 2: the field channel: the model needs a value here"
    );
    assert_eq!(times(&output), 1);
}

#[test]
fn class_and_code_may_be_left_out_where_the_model_reads_neither() {
    let columns = [
        "customer",
        "timestamp",
        "amount",
        "balance",
        "channel",
        "id",
    ];
    let transactions = transactions();
    let table = csv_table(&transactions, &columns);
    let refused = Case::new().score_csv(&table, &[]);
    assert_failure(&refused, "no column is named class or mcc");
    let case = Case::without_class();
    let mut listed = transactions.clone();
    for transaction in &mut listed {
        let members = transaction.as_object_mut().unwrap();
        members.retain(|name, _| columns.contains(&name.as_str()));
    }
    let scored = succeeded(&case.score_csv(&table, &[]));
    assert_eq!(scored, case.expected(&listed));
    assert!(
        scored[0].contains("have neither `class` nor `mcc`"),
        "{}",
        scored[0]
    );
}

#[test]
fn plan_of_a_folder_names_the_columns_of_declared_fields() {
    let case = Case::new();
    let table = csv_table(&transactions(), &COLUMNS);
    let out = case.path("out");
    let to = ["--out", out.to_str().unwrap()];
    succeeded(&case.score_csv(&table, &to));
    let plan = |out: &Path| -> Value {
        serde_json::from_slice(&fs::read(out.join("_plan.json")).unwrap()).unwrap()
    };
    let written = plan(&out);
    assert_eq!(
        written["declared_columns"],
        json!({"balance": "balance", "channel": "channel"})
    );
    assert_eq!(written["id_column"], "id");
    succeeded(&case.score(&case.path("t.csv"), &to));
    let other = case.score(
        &case.path("t.csv"),
        &[&to[..], &["--field-column", "balance=amount"]].concat(),
    );
    assert_failure(&other, "declared_columns was {\"balance\":\"balance\"");
    let other = case.score(
        &case.path("t.csv"),
        &[&to[..], &["--id-column", "mcc"]].concat(),
    );
    assert_failure(&other, "id_column was \"id\", and is \"mcc\"");

    // That of a model without them has nothing new.
    let out = case.path("of-shares");
    let shares = write(case.folder.path(), "s.csv", csv(&rows()[..200]));
    succeeded(&score(&shares, &["--out", out.to_str().unwrap()]));
    let written = plan(&out);
    let names: Vec<&str> = written
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let of_version_0_1 = [
        "amount_column",
        "as_of",
        "class_column",
        "customer_column",
        "delimiter",
        "inputs",
        "max_body_bytes",
        "max_transactions",
        "mcc_column",
        "model",
        "part_bytes",
        "timestamp_column",
        "to",
        "unknown_class",
    ];
    assert_eq!(names, of_version_0_1);
}

#[test]
fn model_of_shares_does_not_look_at_ids_and_other_fields() {
    let folder = tempdir().unwrap();
    let text = String::from_utf8(csv(rows())).unwrap();
    let mut table = String::new();
    for (number, line) in text.lines().enumerate() {
        let more = if number == 0 {
            "id,balance"
        } else {
            "\"\u{1}\",much"
        };
        writeln!(table, "{line},{more}").unwrap();
    }
    let table = write(folder.path(), "t.csv", table);
    let scored = score(&table, &[]);
    assert_eq!(succeeded(&scored), expected());
    assert!(!errors(&scored).contains("no table"));
    let refused = score(&table, &["--field-column", "balance=balance"]);
    assert_failure(
        &refused,
        "the model declares no field balance; those that it declares: none",
    );
}
