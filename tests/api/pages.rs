//! Pages for people: the form, records, figures, models, signing in, and what a browser is told.

use std::path::Path;
use std::process::Output;

use reqwest::header::{
    ACCEPT, CONTENT_LOCATION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, LOCATION, ORIGIN,
    SET_COOKIE,
};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use test_support::client::{ApiClient, problem};
use test_support::command::{MODELS, microseg};
use test_support::explanations::{explain, percent_encoded};
use test_support::histories::{example, small_history, with_customer};
use test_support::keys::{TestKey, server_with_keys};
use test_support::server::Server;
use test_support::shared_server::shared_server;
use test_support::store::TestStore;

/// What a browser sends.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

const BOUNDARY: &str = "----a-boundary";

/// A form with these fields, as a browser sends it from a page of the server.
fn form(server: &ApiClient, fields: &[(&str, &str)]) -> RequestBuilder {
    let part = |(name, content): &(&str, &str)| {
        format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{content}\r\n"
        )
    };
    let mut parts: Vec<String> = fields.iter().map(part).collect();
    parts.push(format!("--{BOUNDARY}--\r\n"));
    let body = parts.concat();
    let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
    server
        .request(Method::POST, "/explain")
        .header(ACCEPT, BROWSER)
        .header(CONTENT_TYPE, media_type)
        .header("sec-fetch-site", "same-origin")
        .body(body)
}

async fn sent(request: RequestBuilder) -> Response {
    request.send().await.unwrap()
}

/// The text of an answer that is a page, which loads its style only and runs nothing.
async fn page(response: Response, status: u16) -> String {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
    let policy = response.headers()[CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self';"),
        "{policy}"
    );
    assert_eq!(response.headers()["cache-control"], "no-store");
    let text = response.text().await.unwrap();
    assert!(!text.contains("<script") && !text.contains(" style=") && !text.contains("src="));
    text
}

async fn browsed(server: &ApiClient, path: &str) -> Response {
    sent(server.request(Method::GET, path).header(ACCEPT, BROWSER)).await
}

/// A number as pages show it.
fn shown(number: f64) -> String {
    format!("{number:.3}")
}

#[tokio::test]
async fn first_page_has_the_models_and_a_form_and_is_small() {
    let text = page(browsed(&shared_server(), "/").await, 200).await;
    assert!(text.contains("<b>spending-personality</b> version 1"));
    assert!(text.contains("enctype=\"multipart/form-data\""));
    for option in ["lime", "global-linear", "cell", "extraversion", "own"] {
        assert!(
            text.contains(&format!("<option value=\"{option}\">")),
            "{option}"
        );
    }
    assert!(text.len() < 200_000);
    let text = page(browsed(&shared_server(), "/?example=1").await, 200).await;
    assert!(text.contains("c-000059") && text.len() < 200_000);
}

#[tokio::test]
async fn form_is_answered_by_the_page_of_a_record_with_its_numbers() {
    let server = shared_server();
    let history = example().to_string();
    let request = form(
        &server,
        &[("history", &history), ("level", "period"), ("method", "")],
    );
    let response = sent(request).await;
    let place = response.headers()[CONTENT_LOCATION]
        .to_str()
        .unwrap()
        .to_owned();
    let text = page(response, 200).await;
    let record = server.get_json(&place).await;
    assert_eq!(record["method"]["level"], "period");
    for target in record["targets"].as_array().unwrap() {
        let number = |name: &str| shown(target[name].as_f64().unwrap());
        for number in [number("value"), number("intercept"), number("base_value")] {
            assert!(text.contains(&number), "{number}");
        }
        for reason in target["reasons"].as_array().unwrap() {
            assert!(text.contains(reason["text"].as_str().unwrap()));
        }
    }
    for id in ["cause-0", "trajectory", "outputs", "spending", "fidelity"] {
        assert!(text.contains(&format!("id=\"figure-{id}\"")), "{id}");
    }
    let hash = record["record_sha256"].as_str().unwrap();
    assert!(text.contains(hash));

    // Fetched again it is the same page, but for the history, which the record does not have.
    let again = page(browsed(&server, &place).await, 200).await;
    assert!(again.contains(hash) && again.contains("id=\"figure-trajectory\""));
    let scoring = server.ask("/v1/score", &example(), 200).await;
    let last = scoring["traits"]["openness"].as_f64().unwrap();
    assert!(again.contains(&shown(last)));
}

#[tokio::test]
async fn form_asks_what_changed_and_what_would_change_it() {
    let server = shared_server();
    let history = example().to_string();
    let asked = async |fields: &[(&str, &str)]| {
        let mut all = vec![("history", &*history)];
        all.extend(fields);
        let response = sent(form(&server, &all)).await;
        let place = response.headers()[CONTENT_LOCATION]
            .to_str()
            .unwrap()
            .to_owned();
        (page(response, 200).await, server.get_json(&place).await)
    };
    let (text, record) = asked(&[("since", "2019-01-01"), ("target", "extraversion")]).await;
    assert_eq!(record["method"]["name"], "change");
    let target = &record["targets"][0];
    let number = |member: &str| shown(target[member].as_f64().unwrap());
    assert!(text.contains("What changed extraversion since 2019"));
    assert!(text.contains(&format!("before 2019: {}", number("base_value"))));
    assert!(text.contains(&format!("going on as before: +{}", number("unassigned"))));
    assert!(text.contains(&format!("number now: {}", number("value"))));

    let wished = [("wish", "any"), ("budget", "20"), ("freeze", "mortgage")];
    let (text, record) = asked(&wished).await;
    assert_eq!(record["options"]["budget"], 0.2);
    assert_eq!(record["options"]["freeze"], json!(["mortgage"]));
    let recourse = &record["recourse"];
    let moved = 100.0 * recourse["robustness"].as_f64().unwrap();
    assert!(text.contains(&format!("It takes {moved:.1} % of the spending of 2020")));
    for (index, alternative) in recourse["alternatives"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
    {
        assert!(text.contains(&format!("id=\"figure-recourse-{index}\"")));
        for change in alternative["changes"].as_array().unwrap() {
            let amount = change["new_amount"].as_f64().unwrap();
            assert!(text.contains(&format!("<td>{amount:.2}</td>")), "{amount}");
        }
    }
    let picture = format!(
        "/v1/explanations/{}/chart.svg",
        record["id"].as_str().unwrap()
    );
    let picture = server.get(&picture).await.text().await.unwrap();
    assert!(picture.contains("Move ") && picture.contains("class=\"flow\""));

    for (fields, reason) in [
        (
            [("since", "long ago"), ("target", "")],
            "since: expected a date",
        ),
        ([("above", "0.5"), ("wish", "any")], "the wish: expected"),
        ([("budget", "30"), ("wish", "9.9")], "one of the model"),
        ([("since", "2019-01-01"), ("method", "lime")], "only change"),
    ] {
        let mut all = vec![("history", &*history)];
        all.extend(fields);
        let text = page(sent(form(&server, &all)).await, 422).await;
        assert!(text.contains(reason), "{reason}");
        let kept = format!("value=\"{}\"", fields[0].1);
        assert!(
            text.contains(&kept),
            "what was filled in is there again: {kept}"
        );
    }
}

#[tokio::test]
async fn record_is_a_document_unless_a_page_is_asked_for() {
    let server = shared_server();
    let given = explain(&server, &small_history()).await;
    let path = format!("/v1/explanations/{}", given.id);
    for accept in [
        "*/*",
        "application/json",
        "application/json, text/html;q=0.5",
    ] {
        let response = sent(server.request(Method::GET, &path).header(ACCEPT, accept)).await;
        assert_eq!(
            response.headers()[CONTENT_TYPE],
            "application/json",
            "{accept}"
        );
        assert_eq!(response.headers()["vary"], "accept");
        assert_eq!(response.bytes().await.unwrap(), given.bytes);
    }
    let response = browsed(&server, &format!("{path}?format=json")).await;
    assert_eq!(response.bytes().await.unwrap(), given.bytes);
    let text = page(browsed(&server, &path).await, 200).await;
    assert!(text.contains(&given.id));
}

#[tokio::test]
async fn names_from_documents_are_text_on_every_page() {
    let server = shared_server();
    let name = "<script>alert(1)</script>\"'&";
    let given = explain(&server, &with_customer(name, small_history())).await;
    let text = page(
        browsed(&server, &format!("/v1/explanations/{}", given.id)).await,
        200,
    )
    .await;
    assert!(text.contains("customer &lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"));
    let list = format!(
        "/records?customer_id={}",
        "%3Cscript%3Ealert(1)%3C/script%3E%22%27%26"
    );
    let text = page(browsed(&server, &list).await, 200).await;
    assert!(text.contains(&given.id) && text.contains("value=\"&lt;script&gt;"));
    let request = form(&server, &[("history", "</textarea><script>")]);
    let text = page(sent(request).await, 400).await;
    assert!(text.contains("&lt;/textarea&gt;&lt;script&gt;"));
}

#[tokio::test]
async fn refused_history_comes_back_with_the_reason() {
    let server = shared_server();
    for (fields, status, reason) in [
        (vec![("history", "{}")], 422, "transactions"),
        (
            vec![("history", "{"), ("level", "cell")],
            400,
            "The body is not JSON",
        ),
        (vec![("history", " ")], 422, "paste a history"),
        (
            vec![
                ("history", &*small_history().to_string()),
                ("target", "nothing"),
            ],
            422,
            "target",
        ),
        (
            vec![("history", "{}"), ("model", "none:1")],
            404,
            "no model",
        ),
    ] {
        let text = page(sent(form(&server, &fields)).await, status).await;
        assert!(text.contains(reason), "{reason}: {text}");
        assert!(text.contains("role=\"alert\"") && text.contains("<textarea"));
    }
    let text = page(
        sent(form(&server, &[("history", "{"), ("level", "cell")])).await,
        400,
    )
    .await;
    assert!(text.contains("<option value=\"cell\" selected>"));
}

#[tokio::test]
async fn form_from_another_site_is_refused_and_records_nothing() {
    let server = Server::start(&[]);
    let customer = with_customer("c-of-a-form", small_history()).to_string();
    let fields = [("history", &*customer)];
    for (header, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://evil.example"),
        ("origin", "null"),
    ] {
        let mut request = form(&server, &fields).build().unwrap();
        request.headers_mut().remove("sec-fetch-site");
        request.headers_mut().insert(header, value.parse().unwrap());
        let response = server.http().execute(request).await.unwrap();
        assert_eq!(
            response.status(),
            StatusCode::FORBIDDEN,
            "{header}: {value}"
        );
    }
    let list = server
        .get_json("/v1/explanations?customer_id=c-of-a-form")
        .await;
    assert_eq!(list["explanations"].as_array().unwrap().len(), 0);
    assert_eq!(sent(form(&server, &fields)).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn figures_are_pictures_of_their_own() {
    let server = shared_server();
    let given = explain(&server, &small_history()).await;
    let path = format!("/v1/explanations/{}/chart.svg", given.id);
    for figure in [
        "",
        "?figure=cause-1",
        "?figure=trajectory",
        "?figure=spending",
        "?figure=fidelity",
    ] {
        let response = server.get(&format!("{path}{figure}")).await;
        assert_eq!(response.status(), StatusCode::OK, "{figure}");
        assert_eq!(response.headers()[CONTENT_TYPE], "image/svg+xml");
        let text = response.text().await.unwrap();
        assert!(text.starts_with("<svg xmlns=") && text.ends_with("</svg>"));
        assert!(text.contains("<style>") && text.contains("<title"));
    }
    problem(server.get(&format!("{path}?figure=none")).await, 422).await;
    problem(
        server.get(&path.replace(&given.id[..8], "00000000")).await,
        404,
    )
    .await;
}

#[tokio::test]
async fn records_are_limited_by_verdict_model_and_date() {
    let server = shared_server();
    let given = explain(&server, &with_customer("c-listed", small_history())).await;
    let verdict = given.document["quality"]["verdict"].as_str().unwrap();
    let other = if verdict == "ok" { "unstable" } else { "ok" };
    let listed = async |query: &str| {
        let path = format!("/records?customer_id=c-listed{query}");
        page(browsed(&server, &path).await, 200)
            .await
            .contains(&given.id)
    };
    assert!(listed("").await);
    assert!(
        listed(&format!(
            "&verdict={verdict}&model=spending-personality&since=2020-01-01"
        ))
        .await
    );
    for query in [
        &*format!("&verdict={other}"),
        "&model=none",
        "&since=9999-01-01",
        "&cursor=1",
    ] {
        let is_first = query == "&cursor=1";
        assert!(!listed(query).await || is_first, "{query}");
    }
    assert!(
        !page(browsed(&server, "/records").await, 200)
            .await
            .contains("<tbody>")
    );
}

#[tokio::test]
async fn model_page_shows_its_tables() {
    let server = shared_server();
    let text = page(browsed(&server, "/models/spending-personality").await, 200).await;
    let segments = server
        .get_json("/v1/models/spending-personality/segments")
        .await;
    for segment in segments["segments"].as_array().unwrap() {
        assert!(text.contains(segment["label"].as_str().unwrap()));
    }
    for id in [
        "segments",
        "attractors",
        "coefficients",
        "surrogate-fidelity",
    ] {
        assert!(text.contains(&format!("id=\"figure-{id}\"")), "{id}");
    }
    let missing = page(browsed(&server, "/models/none").await, 404).await;
    assert!(missing.contains("<h1>Nothing is here</h1>"));
}

/// The cookie that signing in with a key gives.
async fn cookie(server: &ApiClient, key: &TestKey) -> String {
    let response = signing_in(server, &key.key, "/records").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()[LOCATION], "/records");
    let cookie = response.headers()[SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
    cookie.split(';').next().unwrap().to_owned()
}

/// Signs in without following the redirection.
async fn signing_in(server: &ApiClient, key: &str, to: &str) -> Response {
    let client = reqwest::Client::builder();
    let client = client
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let body = format!("key={key}&to={}", to.replace('/', "%2F"));
    let request = client.post(server.url("/sign-in")).header(ACCEPT, BROWSER);
    let media_type = "application/x-www-form-urlencoded";
    sent(request.header(CONTENT_TYPE, media_type).body(body)).await
}

#[tokio::test]
async fn browser_without_a_key_is_asked_for_one() {
    let key = TestKey::make("a", "read");
    let server = server_with_keys(&[&key], &[]);
    let text = page(browsed(&server, "/records?customer_id=a").await, 401).await;
    assert!(text.contains("type=\"password\""));
    assert!(text.contains("value=\"/records?customer_id=a\""));
    let first = page(browsed(&server, "/").await, 200).await;
    assert!(first.contains("type=\"password\"") && !first.contains("spending-personality"));
    let refused = page(signing_in(&server, "msk_unknown", "/").await, 401).await;
    assert!(refused.contains("does not know this key"));
    // Programs get what they always got.
    problem(server.get("/v1/explanations?customer_id=a").await, 401).await;
}

#[tokio::test]
async fn signed_in_browser_sees_what_its_key_may_see_at_every_server() {
    let reader = TestKey::make("reader", "read");
    let analyst = TestKey::make("analyst", "explain+score");
    let keys = [&reader, &analyst];
    let server = server_with_keys(&keys, &[]);
    let (reading, analysing) = (
        cookie(&server, &reader).await,
        cookie(&server, &analyst).await,
    );
    let with = |cookie: &str, path: &str| {
        let request = server.request(Method::GET, path);
        request.header(ACCEPT, BROWSER).header(COOKIE, cookie)
    };
    let sends = form(&server, &[("history", &small_history().to_string())]);
    let response = sent(sends.header(COOKIE, &*analysing)).await;
    let place = response.headers()[CONTENT_LOCATION]
        .to_str()
        .unwrap()
        .to_owned();
    let text = page(response, 200).await;
    assert!(text.contains("Key <b>analyst</b>") && text.contains("id=\"figure-trajectory\""));

    // What a scoring shows needs the scope of scorings.
    let text = page(sent(with(&reading, &place)).await, 200).await;
    assert!(text.contains("id=\"figure-cause-0\"") && !text.contains("id=\"figure-trajectory\""));
    assert!(text.contains("the scope `score`"));
    let chart = format!("{place}/chart.svg?figure=spending");
    assert_eq!(
        sent(with(&reading, &chart)).await.status(),
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        sent(with(&analysing, &chart)).await.status(),
        StatusCode::OK
    );
    let sends = form(&server, &[("history", &small_history().to_string())]);
    let text = page(sent(sends.header(COOKIE, &*reading)).await, 403).await;
    assert!(text.contains("The key is not good for this"));

    // The key is in the cookie: another server that knows it needs nothing else, and one that does not refuses it.
    let replica = server_with_keys(&keys, &[]);
    let asked = replica
        .request(Method::GET, "/records")
        .header(COOKIE, &*reading);
    page(sent(asked.header(ACCEPT, BROWSER)).await, 200).await;
    let stranger = server_with_keys(&[&analyst], &[]);
    let asked = stranger
        .request(Method::GET, "/records")
        .header(COOKIE, &*reading);
    page(sent(asked.header(ACCEPT, BROWSER)).await, 401).await;
}

#[tokio::test]
async fn cookie_does_nothing_that_another_site_asks_for() {
    let key = TestKey::make("a", "admin");
    let server = server_with_keys(&[&key], &[]);
    let cookie = cookie(&server, &key).await;
    let erases = |headers: &[(&str, &str)]| {
        let mut request = server
            .request(Method::DELETE, "/v1/customers/c-1")
            .header(COOKIE, &*cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request
    };
    let host = server.address().to_owned();
    for headers in [
        &[][..],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[(ORIGIN.as_str(), "http://evil.example")],
    ] {
        let response = sent(erases(headers)).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{headers:?}");
    }
    let own = format!("http://{}", host.trim_start_matches("http://"));
    let done = sent(erases(&[(ORIGIN.as_str(), &own)])).await;
    assert!(done.status().is_success(), "{}", done.status());
    // A key in the head counts, and not the cookie beside it.
    let wrong = server
        .request(Method::GET, "/v1/models")
        .header(COOKIE, &*cookie)
        .bearer_auth("msk_wrong");
    problem(sent(wrong).await, 401).await;
    let right = server
        .request(Method::GET, "/v1/models")
        .header(COOKIE, &*cookie);
    let models: Value = sent(right).await.json().await.unwrap();
    assert!(models["models"].is_array());
}

#[tokio::test]
async fn signing_out_takes_the_key_from_the_browser() {
    let key = TestKey::make("a", "read");
    let server = server_with_keys(&[&key], &[]);
    let client = reqwest::Client::builder();
    let client = client
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let response = sent(client.post(server.url("/sign-out"))).await;
    let cookie = response.headers()[SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("microseg-key=; ") && cookie.contains("Max-Age=0"));
    let other = client
        .post(server.url("/sign-out"))
        .header("sec-fetch-site", "cross-site");
    assert_eq!(sent(other).await.status(), StatusCode::FORBIDDEN);
}

/// Runs `microseg report` on a document.
fn report(document: &Value, out: &Path) -> Output {
    let file = NamedTempFile::with_suffix(".json").unwrap();
    std::fs::write(file.path(), document.to_string()).unwrap();
    let mut command = microseg();
    command.args([
        "report",
        file.path().to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ]);
    command.args(["--models", MODELS]).output().unwrap()
}

#[tokio::test]
async fn report_is_one_file_with_the_figures_of_a_history_or_a_record() {
    let folder = tempfile::tempdir().unwrap();
    let of_history = folder.path().join("history.html");
    let written = report(&example(), &of_history);
    assert!(written.status.success(), "{written:?}");
    let text = std::fs::read_to_string(&of_history).unwrap();
    let scoring = shared_server().ask("/v1/score", &example(), 200).await;
    assert!(text.contains(&shown(scoring["traits"]["openness"].as_f64().unwrap())));
    for id in ["cause-0", "trajectory", "outputs", "spending", "fidelity"] {
        assert!(text.contains(&format!("id=\"figure-{id}\"")), "{id}");
    }
    assert!(text.contains("<style>") && !text.contains("<script"));
    // Nothing is loaded, and nothing leads to a server.
    assert!(!text.contains("<link") && !text.contains("href=\"/"));

    let of_record = folder.path().join("record.html");
    let given = explain(&shared_server(), &small_history()).await;
    assert!(report(&given.document, &of_record).status.success());
    let text = std::fs::read_to_string(&of_record).unwrap();
    assert!(text.contains(given.document["record_sha256"].as_str().unwrap()));

    for (document, reason) in [
        (&given.document, "exists"),
        (&serde_json::json!({}), "transactions"),
    ] {
        let out = if reason == "exists" {
            &of_record
        } else {
            &folder.path().join("new.html")
        };
        let refused = report(document, out);
        let error = String::from_utf8(refused.stderr).unwrap();
        assert!(
            !refused.status.success() && error.contains(reason),
            "{error}"
        );
    }
}

#[tokio::test]
async fn report_of_a_run_counts_its_customers_and_compares_another() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    std::fs::create_dir(&run).unwrap();
    let server = shared_server();
    let mut lines = Vec::new();
    for (customer, history) in [("c-1", example()), ("c-2", small_history())] {
        let history = with_customer(customer, history);
        lines.push(server.ask("/v1/score", &history, 200).await);
    }
    let parts = [
        (&run, "part-000000.ndjson", &lines[0]),
        (&run, "part-000001.ndjson", &lines[1]),
    ];
    for (folder, name, line) in parts {
        std::fs::write(folder.join(name), format!("{line}\n")).unwrap();
    }
    std::fs::write(run.join("_plan.ndjson"), "not of the scorings").unwrap();
    let other = folder.path().join("other.ndjson");
    std::fs::write(&other, format!("{}\n", lines[0])).unwrap();
    let written = |arguments: &[&Path], out: &str| {
        let mut command = microseg();
        command.arg("report").args(arguments);
        command.arg("--out").arg(folder.path().join(out));
        command.args(["--models", MODELS, "--model", "spending-personality"]);
        command.output().unwrap()
    };
    let given = written(&[&run, Path::new("--beside"), &other], "run.html");
    assert!(given.status.success(), "{given:?}");
    let text = std::fs::read_to_string(folder.path().join("run.html")).unwrap();
    assert!(text.contains("2 customers scored, 0 refused; beside other.ndjson with 1"));
    let segment = lines[0]["segment"]["id"].as_str().unwrap();
    let stays = format!("run → other.ndjson: {segment} → {segment}: 1 customers (100 %)");
    assert!(text.contains(&stays), "{stays}");
    // The example has six years: five steps of one customer, whose periods follow one another.
    assert!(text.contains("2019 → 2020: "));
    for figure in ["sizes", "distributions", "flows", "runs"] {
        assert!(
            text.contains(&format!("id=\"figure-{figure}\"")),
            "{figure}"
        );
    }

    std::fs::write(run.join("part-000002.ndjson"), "{}\n").unwrap();
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    for (arguments, reason) in [
        (vec![&*run], "part-000002.ndjson: line 1: "),
        (vec![&*empty], "no .ndjson file"),
    ] {
        let refused = written(&arguments, "refused.html");
        let error = String::from_utf8(refused.stderr).unwrap();
        assert!(
            !refused.status.success() && error.contains(reason),
            "{error}"
        );
    }
}

#[tokio::test]
async fn kept_customer_has_a_page_and_hostile_names_are_text() {
    let stored = TestStore::sqlite();
    let server = stored.start(&[]);
    let name = "<script>alert(1)</script>";
    let encoded = percent_encoded(name);
    let mut history = example();
    for (number, transaction) in history["transactions"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .enumerate()
    {
        transaction["id"] = format!("t-{number}").into();
    }
    let body = json!({"transactions": history["transactions"]});
    let path = format!("/v1/customers/{encoded}/transactions");
    server.ask(&path, &body, 200).await;
    let page = server.get(&format!("/customers/{encoded}")).await;
    assert_eq!(page.status(), 200);
    let policy = page.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self';"));
    assert!(!policy.contains("unsafe"), "{policy}");
    let text = page.text().await.unwrap();
    // Its only script is the server's own.
    assert_eq!(text.matches("<script").count(), 1, "{text}");
    assert!(text.contains("<script src=\"/live.js\" defer></script>"));
    let script = server.get("/live.js").await;
    assert_eq!(
        script.headers()[CONTENT_TYPE],
        "text/javascript; charset=utf-8"
    );
    assert!(text.contains("Customer &lt;script&gt;"));
    for figure in ["figure-trajectory", "figure-outputs", "figure-spending"] {
        assert!(text.contains(figure), "{figure}");
    }
    let unknown = server.get("/customers/nobody").await;
    assert_eq!(unknown.status(), 404);
}
