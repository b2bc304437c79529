//! Customers whose transactions are kept: what is added one by one is scored as the whole history would be.

use futures_util::future::join_all;
use reqwest::header::{ETAG, IF_NONE_MATCH};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use test_support::bundle_copy::BundleCopy;
use test_support::client::{ApiClient, problem};
use test_support::explanations::{explain, reproducible};
use test_support::histories::{example, history, transaction, with_customer};
use test_support::keys::{TestKey, ask_with_key, key_file};
use test_support::ndjson::ndjson_request;
use test_support::on_each_database;
use test_support::store::TestStore;
use test_support::wait::eventually;

/// The transactions of the example, each with an id.
fn transactions() -> Vec<Value> {
    let mut all = example()["transactions"].as_array().unwrap().clone();
    for (number, transaction) in all.iter_mut().enumerate() {
        transaction["id"] = format!("t-{number}").into();
    }
    all
}

/// A transaction with an id.
fn named(id: &str, timestamp: &str, amount: f64, class: &str) -> Value {
    let mut transaction = transaction(timestamp, amount, class);
    transaction["id"] = id.into();
    transaction
}

fn path(customer_id: &str) -> String {
    format!("/v1/customers/{customer_id}")
}

/// The answer to keeping transactions of a customer.
async fn keep(server: &ApiClient, customer_id: &str, transactions: &[Value]) -> Value {
    let path = format!("{}/transactions", path(customer_id));
    server
        .ask(&path, &json!({"transactions": transactions}), 200)
        .await
}

/// The counts in an answer: added, corrected, duplicates, position, and all that are kept.
fn counts(kept: &Value) -> [u64; 5] {
    [
        "added",
        "corrected",
        "duplicates",
        "position",
        "transactions",
    ]
    .map(|member| kept[member].as_u64().unwrap())
}

/// The scoring of a history that is sent whole.
async fn scored(server: &ApiClient, customer_id: &str, transactions: &[Value]) -> Value {
    let history = with_customer(customer_id, history(transactions));
    server.ask("/v1/score", &history, 200).await
}

async fn transactions_in_many_requests_score_as_the_whole_history(stored: TestStore) {
    let server = stored.start(&[]);
    let all = transactions();
    // Neither in the order of time, nor all of them once.
    let mut shuffled = all.clone();
    shuffled.reverse();
    shuffled.rotate_left(all.len() / 3);
    for part in shuffled.chunks(97) {
        keep(&server, "c-1", part).await;
        keep(&server, "c-1", &part[..part.len() / 2]).await;
    }
    let customer = server.get_json(&path("c-1")).await;
    assert_eq!(customer["transactions"], all.len());
    assert_eq!(customer["position"], all.len().div_ceil(97));
    assert_eq!(customer["scoring"], scored(&server, "c-1", &all).await);
    assert!(customer["problem"].is_null());
    let trajectory = server.get_json("/v1/customers/c-1/trajectory").await;
    assert_eq!(trajectory["trajectory"], customer["scoring"]["trajectory"]);

    // What was acknowledged outlives the process.
    server.kill();
    let server = stored.start(&[]);
    assert_eq!(server.get_json(&path("c-1")).await, customer);
}

async fn same_id_again_is_counted_once_and_another_content_replaces(stored: TestStore) {
    let server = stored.start(&[]);
    let rent = named("a", "2019-03-01", -500.0, "rent");
    let food = named("b", "2019-03-02", -80.0, "groceries");
    let kept = keep(&server, "c-1", &[rent.clone(), food.clone()]).await;
    assert_eq!(counts(&kept), [2, 0, 0, 1, 2]);
    let kept = keep(&server, "c-1", &[food.clone(), rent.clone()]).await;
    assert_eq!(counts(&kept), [0, 0, 2, 1, 2]);
    let dearer = named("b", "2019-04-02", -90.5, "restaurants");
    let trip = named("c", "2019-04-03", -700.0, "hotels");
    let sent = [dearer.clone(), trip.clone(), trip.clone(), rent.clone()];
    let kept = keep(&server, "c-1", &sent).await;
    assert_eq!(counts(&kept), [1, 1, 2, 2, 3]);
    let customer = server.get_json(&path("c-1")).await;
    let whole = scored(&server, "c-1", &[rent, dearer, trip]).await;
    assert_eq!(customer["scoring"], whole);
}

async fn two_servers_add_to_one_customer_at_once(stored: TestStore) {
    let servers = [stored.start(&[]), stored.start(&[])];
    let all = transactions();
    let (servers, all) = (&servers, &all);
    // Each transaction goes to both servers.
    let adding = all.chunks(25).flat_map(|part| {
        servers
            .iter()
            .map(move |server| async move { keep(server, "c-1", part).await })
    });
    let kept = join_all(adding).await;
    let sums = kept.iter().map(counts);
    let (added, duplicates) = sums.fold((0, 0), |sum, [added, corrected, duplicates, ..]| {
        assert_eq!(corrected, 0);
        (sum.0 + added, sum.1 + duplicates)
    });
    assert_eq!([added, duplicates], [all.len() as u64; 2]);
    let whole = scored(&servers[0], "c-1", all).await;
    for server in servers {
        let customer = server.get_json(&path("c-1")).await;
        assert_eq!(customer["scoring"], whole);
    }
}

async fn erased_customer_leaves_nothing_and_begins_anew(stored: TestStore) {
    let server = stored.start(&[]);
    let name = "Ondřej Zmizelý, 1948-02-25";
    let encoded = "Ond%C5%99ej%20Zmizel%C3%BD%2C%201948-02-25";
    for number in 0..40 {
        let other = format!("other {number}");
        let own = named(&format!("own {number}"), "2019-03-01", -77.25, "rent");
        keep(&server, encoded, &[own]).await;
        keep(&server, &other, &[named("t", "2019-03-01", -1.0, "rent")]).await;
    }
    assert!(!server.get_json(&path(encoded)).await["scoring"].is_null());
    assert!(stored.contains(name).await);
    let erased = server.delete(&path(encoded)).await;
    let erased: Value = erased.json().await.unwrap();
    assert_eq!(
        erased,
        json!({"explanations": 0, "jobs": 0, "transactions": 40})
    );
    assert!(!stored.contains(name).await);
    problem(server.get(&path(encoded)).await, 404).await;
    problem(
        server.get(&format!("{}/trajectory", path(encoded))).await,
        404,
    )
    .await;
    let again = server.delete(&path(encoded)).await;
    let again: Value = again.json().await.unwrap();
    assert_eq!(again, json!({"explanations": 0, "jobs": 0}));
    assert_eq!(server.get_json(&path("other%201")).await["transactions"], 1);

    let kept = keep(&server, encoded, &[named("n", "2019-03-01", -5.0, "rent")]).await;
    assert_eq!(counts(&kept), [1, 0, 0, 1, 1]);
    assert!(!server.log().contains("Zmizelý"));
}

async fn lines_of_many_customers_are_answered_one_by_one(stored: TestStore) {
    let server = stored.start(&[]);
    let of = |customer: &str, mut transaction: Value| {
        transaction["customer_id"] = customer.into();
        transaction.to_string()
    };
    let lines = [
        of("c-1", named("a", "2019-03-01", -500.0, "rent")),
        of("c-2", named("a", "2019-03-02", -80.0, "groceries")),
        of("c-1", named("b", "2019-03-03", -80.0, "no such class")),
        "{\"id\": ".to_owned(),
        named("c", "2019-03-03", -80.0, "hotels").to_string(),
        of("c-1", transaction("2019-03-03", -80.0, "hotels")),
        of("c-1", named("a", "2019-03-01", -501.0, "rent")),
        "{},{}".to_owned(),
    ];
    let request = ndjson_request(&server, "/v1/transactions", lines.join("\n"));
    let text = request.send().await.unwrap().text().await.unwrap();
    let answers: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kept = |line: u64, customer: &str, id: &str| json!({"line": line, "customer_id": customer, "id": id, "position": 1});
    assert_eq!(answers.len(), 8, "{text}");
    assert_eq!(answers[0], kept(1, "c-1", "a"));
    assert_eq!(answers[1], kept(2, "c-2", "a"));
    assert_eq!(answers[6], kept(7, "c-1", "a"));
    for (place, pointer) in [(2, "/class"), (4, "/customer_id"), (5, "/id")] {
        assert_eq!(
            answers[place]["errors"][0]["pointer"], pointer,
            "{}",
            answers[place]
        );
        assert_eq!(answers[place]["line"], place + 1);
    }
    for place in [3, 7] {
        assert_eq!(answers[place]["status"], 400, "{}", answers[place]);
    }
    // Of two lines with one id the later one counts.
    let whole = scored(&server, "c-1", &[named("a", "2019-03-01", -501.0, "rent")]).await;
    assert_eq!(server.get_json(&path("c-1")).await["scoring"], whole);
}

async fn customers_are_listed_by_their_segment(stored: TestStore) {
    let server = stored.start(&[]);
    for number in 0..7 {
        let class = ["rent", "hotels", "groceries"][number % 3];
        let one = named("t", "2019-03-01", -50.0, class);
        keep(&server, &format!("c-{number}"), &[one]).await;
    }
    // No one asks for a customer: the server scores them by itself.
    let all = eventually("all customers are scored", async || {
        let all = server.get_json("/v1/customers").await["customers"].clone();
        let is_scored = |one: &Value| one["scored_position"] == one["position"];
        all.as_array().unwrap().iter().all(is_scored).then_some(all)
    })
    .await;
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), 7);
    let segment = all[0]["segment"].as_str().unwrap();
    let customer = server.get_json(&path("c-0")).await;
    assert_eq!(customer["scoring"]["segment"]["id"], segment);
    let here = format!("/v1/customers?segment={segment}&model=spending-personality");
    let here = server.get_json(&here).await;
    let expected: Vec<&Value> = all.iter().filter(|one| one["segment"] == segment).collect();
    assert_eq!(
        here["customers"]
            .as_array()
            .unwrap()
            .iter()
            .collect::<Vec<_>>(),
        expected
    );
    assert_eq!(
        server.get_json("/v1/customers?model=other").await["customers"],
        json!([])
    );

    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = server
            .get_json(&format!("/v1/customers?limit=3{cursor}"))
            .await;
        paged.extend(page["customers"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(&paged, all);
    let behind_all = server
        .get_json(&format!("/v1/customers?cursor={}", u64::MAX))
        .await;
    assert_eq!(behind_all["customers"], json!([]));
}

on_each_database!(
    transactions_in_many_requests_score_as_the_whole_history,
    same_id_again_is_counted_once_and_another_content_replaces,
    two_servers_add_to_one_customer_at_once,
    erased_customer_leaves_nothing_and_begins_anew,
    lines_of_many_customers_are_answered_one_by_one,
    customers_are_listed_by_their_segment,
);

#[tokio::test]
async fn kept_customer_is_explained_as_its_history() {
    let stored = TestStore::sqlite();
    let server = stored.start(&[]);
    let all = transactions();
    keep(&server, "c-1", &all).await;
    let options = json!({"samples": 64, "target": "openness", "seed": 7});
    let own = server.ask("/v1/customers/c-1/explain", &options, 201).await;
    let mut whole = history(&all);
    whole["explain"] = options;
    let other = explain(&server, &whole).await;
    assert_eq!(reproducible(own), reproducible(other.document));
    let empty = server.post("/v1/customers/c-1/explain", "").await;
    assert_eq!(empty.status(), 201);
    let wrong = json!({"samples": "many"});
    let wrong = server
        .post("/v1/customers/c-1/explain", wrong.to_string())
        .await;
    let wrong = problem(wrong, 422).await;
    assert_eq!(wrong["errors"][0]["pointer"], "/explain/samples");
    problem(server.post("/v1/customers/c-1/explain", "{").await, 400).await;
    problem(server.post("/v1/customers/c-2/explain", "{}").await, 404).await;
}

/// The events in the text of a stream, as `CloudEvents`.
fn cloud_events(text: &str) -> Vec<Value> {
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.map(|event| serde_json::from_str(event).unwrap())
        .collect()
}

#[tokio::test]
async fn change_of_segment_is_an_event_that_can_be_resumed() {
    let stored = TestStore::sqlite();
    let server = stored.start(&[]);
    // One class after the other becomes nearly all of the spending, until the segment has changed twice.
    let mut segments = Vec::new();
    for (number, class) in [
        "rent",
        "hotels",
        "restaurants",
        "groceries",
        "charities",
        "childcare",
    ]
    .iter()
    .cycle()
    .take(24)
    .enumerate()
    {
        let amount = -50.0 * 2.0_f64.powi(i32::try_from(number).unwrap());
        let year = 2000 + number;
        keep(
            &server,
            "c-1",
            &[named(class, &format!("{year}-03-01"), amount, class)],
        )
        .await;
        let customer = server.get_json(&path("c-1")).await;
        segments.push(customer["scoring"]["segment"]["id"].clone());
    }
    let moves: Vec<[Value; 2]> = segments
        .windows(2)
        .filter(|pair| pair[0] != pair[1])
        .map(|pair| [pair[0].clone(), pair[1].clone()])
        .collect();
    assert!(moves.len() > 1, "{segments:?}");
    let follow = async |after: &str, count: usize| {
        let request = server.request(Method::GET, "/v1/customers/c-1/events");
        let mut response = request.header("last-event-id", after).send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut text = String::new();
        while cloud_events(&text).len() < count {
            let part = response.chunk().await.unwrap().unwrap();
            text.push_str(std::str::from_utf8(&part).unwrap());
        }
        cloud_events(&text)
    };
    let all = follow("0", moves.len()).await;
    let told: Vec<[Value; 2]> = all
        .iter()
        .map(|event| [event["data"]["from"].clone(), event["data"]["to"].clone()])
        .collect();
    assert_eq!(told, moves);
    assert_eq!(all[0]["type"], "microseg.segment.changed");
    assert_eq!(all[0]["data"]["customer_id"], "c-1");
    let first = all[0]["id"].as_str().unwrap();
    assert_eq!(follow(first, moves.len() - 1).await, all[1..]);
    problem(server.get("/v1/customers/c-2/events").await, 404).await;
}

#[tokio::test]
async fn change_of_transactions_is_an_event_for_those_who_say_what_they_know() {
    let stored = TestStore::sqlite();
    let server = stored.start(&[]);
    let first = [named("t-1", "2019-03-01", -50.0, "rent")];
    keep(&server, "c-1", &first).await;
    let follow = |position: &str| {
        let path = format!("/v1/customers/c-1/events?position={position}");
        server.request(Method::GET, &path).send()
    };
    // The first position is known, so there is nothing but what comes next.
    let mut response = follow("1").await.unwrap();
    keep(
        &server,
        "c-1",
        &[named("t-2", "2019-03-02", -5.0, "hotels")],
    )
    .await;
    let mut text = String::new();
    while cloud_events(&text)
        .iter()
        .all(|event| event["type"] != "microseg.transactions.changed")
    {
        let part = response.chunk().await.unwrap().unwrap();
        text.push_str(std::str::from_utf8(&part).unwrap());
    }
    let events = cloud_events(&text);
    let mut changed = events
        .iter()
        .filter(|event| event["type"] == "microseg.transactions.changed");
    let changed = changed.next().unwrap();
    assert_eq!(
        changed["data"],
        json!({"customer_id": "c-1", "position": 2})
    );
    // It is no place to resume from.
    let before = text
        .split("event: microseg.transactions.changed")
        .next()
        .unwrap();
    assert!(!before.ends_with("id: position-2\n"));
    for wrong in ["-1", "x", "1&position=2", "9007199254740992"] {
        let refused = problem(follow(wrong).await.unwrap(), 422).await;
        assert!(
            refused["detail"].as_str().unwrap().contains("position"),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn kept_transactions_are_handed_over_as_a_history() {
    let stored = TestStore::sqlite();
    let server = stored.start(&[]);
    let all = transactions();
    keep(&server, "c-1", &all).await;
    let history = server.get_json("/v1/customers/c-1/transactions").await;
    assert_eq!(history["transactions"].as_array().unwrap().len(), all.len());
    let scoring = server.ask("/v1/score", &history, 200).await;
    let customer = server.get_json(&path("c-1")).await;
    assert_eq!(customer["scoring"], scoring);
}

#[tokio::test]
async fn unchanged_customer_is_not_sent_again() {
    let stored = TestStore::sqlite();
    let server = stored.start(&[]);
    keep(&server, "c-1", &[named("a", "2019-03-01", -500.0, "rent")]).await;
    let tag_of = |response: &Response| response.headers()[ETAG].to_str().unwrap().to_owned();
    let first = tag_of(&server.get(&path("c-1")).await);
    let again = async || {
        let request = server.request(Method::GET, &path("c-1"));
        request.header(IF_NONE_MATCH, &first).send().await.unwrap()
    };
    assert_eq!(again().await.status(), 304);
    keep(&server, "c-1", &[named("b", "2019-03-01", -5.0, "rent")]).await;
    let changed = again().await;
    assert_eq!(changed.status(), 200);
    assert_ne!(tag_of(&changed), first);
}

#[tokio::test]
async fn faulty_request_keeps_nothing_and_names_the_place() {
    let stored = TestStore::sqlite();
    let server = stored.start(&[]);
    let good = named("a", "2019-03-01", -500.0, "rent");
    let no_id = transaction("2019-03-02", -5.0, "rent");
    let bad = |member: &str, value: Value| {
        let mut bad = named("b", "2019-03-01", -5.0, "rent");
        bad[member] = value;
        json!({"transactions": [good, bad]})
    };
    let refused = [
        (json!({"transactions": [good, no_id]}), "/transactions/1/id"),
        (bad("amount", "five".into()), "/transactions/1/amount"),
        (
            bad("timestamp", "2019-02-30".into()),
            "/transactions/1/timestamp",
        ),
        (
            bad("class", "no such class".into()),
            "/transactions/1/class",
        ),
        (
            json!({"transactions": [good], "as_of": "2020-01-01"}),
            "/as_of",
        ),
        (
            json!({"transactions": [good], "state_token": "x"}),
            "/state_token",
        ),
        (
            json!({"transactions": [good], "customer_id": "c-2"}),
            "/customer_id",
        ),
        (json!({"customer_id": "c-1"}), ""),
    ];
    let path = format!("{}/transactions", path("c-1"));
    for (body, pointer) in refused {
        let answer = problem(server.post(&path, body.to_string()).await, 422).await;
        assert_eq!(answer["errors"][0]["pointer"], pointer, "{answer}");
    }
    problem(server.get("/v1/customers/c-1").await, 404).await;
    let zoned = json!({"transactions": [good], "time_zone": "Europe/Prague"});
    server.ask(&path, &zoned, 200).await;
    let other = problem(
        server
            .post(&path, json!({"transactions": [good]}).to_string())
            .await,
        422,
    )
    .await;
    assert!(
        other["detail"].as_str().unwrap().contains("time zone"),
        "{other}"
    );
}

#[tokio::test]
async fn customer_without_spending_is_kept_and_says_why_it_has_no_scoring() {
    let stored = TestStore::sqlite();
    let server = stored.start(&[]);
    let salary = named("s", "2019-03-01", 2000.0, "rent");
    let path = "/v1/customers/c-1/transactions?scoring=true";
    let kept = server
        .ask(path, &json!({"transactions": [salary]}), 200)
        .await;
    let customer = &kept["customer"];
    assert!(customer["scoring"].is_null(), "{kept}");
    assert_eq!(customer["problem"]["status"], 422);
    problem(server.get("/v1/customers/c-1/trajectory").await, 422).await;
    let rent = named("r", "2019-03-01", -5000.0, "rent");
    let kept = server
        .ask(path, &json!({"transactions": [rent]}), 200)
        .await;
    let whole = scored(&server, "c-1", &[salary, rent]).await;
    assert_eq!(kept["customer"]["scoring"], whole);
}

#[tokio::test]
async fn scopes_and_tenants_keep_customers_apart() {
    let stored = TestStore::sqlite();
    let north = TestKey::of_tenant("crm", "north", "write+read");
    let south = TestKey::of_tenant("crm", "south", "write+read");
    let reader = TestKey::of_tenant("viewer", "north", "read");
    let writer = TestKey::of_tenant("feed", "north", "write");
    let keys = [&north, &south, &reader, &writer];
    let file = key_file(keys.map(|key| &*key.entry));
    let server = stored.start(&["--api-keys-file", file.path().to_str().unwrap()]);
    let add = async |key: &TestKey, id: &str| {
        let body = json!({"transactions": [named(id, "2019-03-01", -5.0, "rent")]});
        let path = "/v1/customers/c/transactions";
        let request = server.post_as(path, "application/json", body.to_string());
        request.bearer_auth(&key.key).send().await.unwrap()
    };
    for id in ["a", "b"] {
        assert_eq!(add(&north, id).await.status(), 200);
    }
    assert_eq!(add(&south, "a").await.status(), 200);
    assert_eq!(add(&writer, "c").await.status(), 200);
    problem(add(&reader, "d").await, 403).await;
    for (key, count) in [(&north, 3), (&south, 1), (&reader, 3)] {
        let customer = ask_with_key(&server, Method::GET, "/v1/customers/c", key).await;
        let customer: Value = customer.json().await.unwrap();
        assert_eq!(customer["transactions"], count);
        let all = ask_with_key(&server, Method::GET, "/v1/customers", key).await;
        let all: Value = all.json().await.unwrap();
        assert_eq!(all["customers"].as_array().unwrap().len(), 1);
    }
    let refused = ask_with_key(&server, Method::GET, "/v1/customers/c", &writer).await;
    problem(refused, 403).await;
}

#[tokio::test]
async fn exchanged_model_scores_kept_customers_again() {
    let stored = TestStore::sqlite();
    let models = BundleCopy::make();
    let server = models.start(&["--store", &stored.url()]);
    let groceries = json!({"id": "a", "timestamp": "2019-03-01", "amount": -50.0, "mcc": 5411});
    let pharmacy = json!({"id": "b", "timestamp": "2019-03-02", "amount": -10.0, "mcc": 5912});
    keep(&server, "c-1", &[groceries, pharmacy]).await;
    let first = server.get_json(&path("c-1")).await;
    assert_eq!(first["scoring"]["model"]["version"], "1");
    models.add_different(2);
    assert_eq!(server.post("/v1/admin/reload", "").await.status(), 200);
    let second = server.get_json(&path("c-1")).await;
    assert_eq!(second["scoring"]["model"]["version"], "2");
    assert_eq!(second["position"], first["position"]);
    assert_ne!(second["state_sha256"], first["state_sha256"]);
    // The version that is no longer the latest answers who asks for it.
    let again = server.get_json("/v1/customers/c-1?version=1").await;
    assert_eq!(again, first);
}
