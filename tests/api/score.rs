//! `POST /v1/score` with one history.

use serde_json::{Value, json};

use test_support::client::problem;
use test_support::histories::{card_payments, example, history, transaction};
use test_support::shared_server::shared_server;

#[tokio::test]
async fn scoring_has_features_traits_trajectory_and_quality() {
    let server = shared_server();
    let scoring = server.ask("/v1/score", &example(), 200).await;

    assert_eq!(scoring["customer_id"], example()["customer_id"]);
    assert_eq!(scoring["model"]["name"], "spending-personality");
    assert_eq!(scoring["model"]["sha256"].as_str().unwrap().len(), 64);
    let trajectory = scoring["trajectory"].as_array().unwrap();
    let periods: Vec<&str> = trajectory
        .iter()
        .map(|step| step["period"].as_str().unwrap())
        .collect();
    assert_eq!(periods, ["2015", "2016", "2017", "2018", "2019", "2020"]);
    let last = trajectory.last().unwrap();
    assert_eq!(scoring["features"]["state"], last["state"]);
    assert_eq!(scoring["traits"], last["traits"]);
    for name in [
        "openness",
        "conscientiousness",
        "extraversion",
        "agreeableness",
        "neuroticism",
    ] {
        let degree = scoring["traits"][name].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&degree), "{name} {degree}");
    }
    let quality = &scoring["quality"];
    let count = |member: &str| quality[member].as_u64().unwrap();
    assert_eq!(
        count("transactions"),
        example()["transactions"].as_array().unwrap().len() as u64
    );
    assert_eq!(
        count("transactions"),
        count("used") + count("income") + count("unclassified") + count("out_of_window")
    );
    let transactions: u64 = trajectory
        .iter()
        .map(|step| step["transactions"].as_u64().unwrap())
        .sum();
    assert_eq!(transactions, count("used"));
}

#[tokio::test]
async fn histories_of_every_size_are_scored() {
    let server = shared_server();
    for count in [1, 2_000, 200_000] {
        let response = server.post("/v1/score", card_payments(count)).await;
        assert_eq!(response.status(), 200);
        let scoring: Value = response.json().await.unwrap();
        assert_eq!(scoring["quality"]["used"], count);
    }
    let empty = problem(
        server.post("/v1/score", r#"{"transactions": []}"#).await,
        422,
    )
    .await;
    assert_eq!(empty["errors"][0]["pointer"], "/transactions");
}

#[tokio::test]
async fn window_ends_at_as_of_or_the_newest_transaction() {
    let server = shared_server();
    let transactions: Vec<Value> = (2012..=2020)
        .map(|year| transaction(&format!("{year}-05-01"), -10.0, "rent"))
        .collect();
    let mut document = history(&transactions);
    let periods = |scoring: &Value| -> Vec<String> {
        let steps = scoring["trajectory"].as_array().unwrap();
        steps
            .iter()
            .map(|step| step["period"].as_str().unwrap().to_owned())
            .collect()
    };

    let newest = server.ask("/v1/score", &document, 200).await;
    assert_eq!(
        periods(&newest),
        ["2015", "2016", "2017", "2018", "2019", "2020"]
    );
    assert_eq!(newest["quality"]["out_of_window"], 3);

    document["as_of"] = json!("2014-01-01T00:00:00Z");
    let early = server.ask("/v1/score", &document, 200).await;
    assert_eq!(periods(&early), ["2012", "2013"]);
    assert_eq!(early["quality"]["out_of_window"], 7);

    // With a later `as_of`, the periods without transactions are part of the trajectory.
    document["as_of"] = json!("2022-06-01");
    let late = server.ask("/v1/score", &document, 200).await;
    assert_eq!(
        periods(&late),
        ["2017", "2018", "2019", "2020", "2021", "2022"]
    );
    assert_eq!(late["trajectory"][5]["spending"], 0.0);

    document["as_of"] = json!("2012-01-01");
    let before = problem(server.post("/v1/score", document.to_string()).await, 422).await;
    assert_eq!(before["errors"][0]["pointer"], "/transactions");
}

#[tokio::test]
async fn refunds_are_netted_and_every_transaction_is_counted() {
    let server = shared_server();
    let document = json!({"transactions": [
        transaction("2020-01-01", -100.0, "rent"),
        transaction("2020-02-01", 30.0, "rent"),
        transaction("2020-02-01", 500.0, "restaurants"),
        transaction("2020-03-01", 2_000.0, "salary"),
        {"timestamp": "2020-04-01", "amount": -5.0, "mcc": 9999},
        {"timestamp": "2020-04-01", "amount": -20.0, "mcc": "5411"},
    ]});
    let scoring = server.ask("/v1/score", &document, 200).await;
    assert_eq!(scoring["trajectory"][0]["spending"], 90.0);
    let expected = json!({
        "transactions": 6, "used": 4, "netted": 2, "income": 1, "unclassified": 1, "out_of_window": 0, "warnings": [],
    });
    assert_eq!(scoring["quality"], expected);
    assert_eq!(scoring["customer_id"], Value::Null);
}

#[tokio::test]
async fn unknown_class_is_refused_with_its_pointer_unless_skipped() {
    let server = shared_server();
    let mut document = history(&[
        transaction("2020-01-01", -1.0, "rent"),
        transaction("2020-01-02", -1.0, "moon-travel"),
    ]);
    let refused = problem(server.post("/v1/score", document.to_string()).await, 422).await;
    assert_eq!(refused["errors"][0]["pointer"], "/transactions/1/class");
    assert!(
        !refused.to_string().contains("moon"),
        "the refused value is not repeated: {refused}"
    );

    document["unknown_class"] = json!("skip");
    let scoring = server.ask("/v1/score", &document, 200).await;
    assert_eq!(scoring["quality"]["unclassified"], 1);
}

#[tokio::test]
async fn unknown_member_gives_a_warning_with_its_name() {
    let server = shared_server();
    let mut document = history(&[transaction("2020-01-01", -1.0, "rent")]);
    document["as_off"] = json!("2021-01-01");
    let scoring = server.ask("/v1/score", &document, 200).await;
    assert!(
        scoring["quality"]["warnings"][0]
            .as_str()
            .unwrap()
            .contains("as_off")
    );
}

#[tokio::test]
async fn member_time_zone_decides_where_periods_end_and_is_in_the_answer() {
    let server = shared_server();
    let mut document = history(&[
        transaction("2020-01-01T04:30:00Z", -1.0, "rent"),
        transaction("2019-12-31 23:30:00", -2.0, "rent"),
        transaction("2020-01-01", -4.0, "rent"),
    ]);
    document["as_of"] = json!("2021-01-01");
    let spending = |scoring: &Value| -> Vec<Value> {
        let trajectory = scoring["trajectory"].as_array().unwrap();
        trajectory
            .iter()
            .map(|period| period["spending"].clone())
            .collect()
    };
    let in_utc = server.ask("/v1/score", &document, 200).await;
    assert_eq!(spending(&in_utc), [2.0, 5.0]);
    assert!(in_utc.get("time_zone").is_none());

    // Before the transactions or behind them.
    let zone = r#""time_zone": "America/New_York""#;
    let text = document.to_string();
    for text in [
        format!("{{{zone},{}", &text[1..]),
        format!("{},{zone}}}", &text[..text.len() - 1]),
    ] {
        let scoring = server.post("/v1/score", text.clone()).await;
        let scoring: Value = scoring.json().await.unwrap();
        assert_eq!(spending(&scoring), [3.0, 4.0], "{text}");
        assert_eq!(scoring["time_zone"], "America/New_York");
    }
    document["time_zone"] = json!("UTC");
    assert_eq!(server.ask("/v1/score", &document, 200).await, in_utc);
}

#[tokio::test]
async fn second_currency_is_refused_with_its_pointer_unless_it_is_added() {
    let server = shared_server();
    let booking = |currency: Value, class: &str| {
        let mut booking = transaction("2020-01-01", -9.0, class);
        booking["currency"] = currency;
        booking
    };
    let mut document = history(&[
        booking(json!("JPY"), "rent"),
        booking(json!(null), "rent"),
        booking(json!("EUR"), "restaurants"),
    ]);
    let refused = problem(server.post("/v1/score", document.to_string()).await, 422).await;
    assert_eq!(refused["errors"][0]["pointer"], "/transactions/2");
    assert!(!refused.to_string().contains("EUR"), "{refused}");

    document["mixed_currencies"] = json!("add");
    let scoring = server.ask("/v1/score", &document, 200).await;
    let warnings = scoring["quality"]["warnings"].to_string();
    assert!(warnings.contains("several currencies"), "{warnings}");

    // That of the whole history counts too, behind the transactions as well.
    let whole = r#"{"transactions": [{"timestamp": "2020-01-01", "amount": -1, "class": "rent", "currency": "eur"}],
        "currency": "CZK"}"#;
    let refused = problem(server.post("/v1/score", whole.to_owned()).await, 422).await;
    assert_eq!(refused["errors"][0]["pointer"], "/transactions/0");
    let same = whole.replace("CZK", "EUR");
    assert_eq!(server.post("/v1/score", same).await.status(), 200);
}

#[tokio::test]
async fn amounts_of_the_other_sign_are_warned_of() {
    let server = shared_server();
    let document = history(&[
        transaction("2020-01-01", 1.0, "rent"),
        transaction("2020-02-01", 1.0, "rent"),
        transaction("2020-03-01", -9.0, "restaurants"),
    ]);
    let scoring = server.ask("/v1/score", &document, 200).await;
    let warning = scoring["quality"]["warnings"][0].as_str().unwrap();
    assert!(warning.starts_with("2 of 3 amounts"), "{warning}");
}
