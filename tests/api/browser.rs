//! Pages in Chromium: the flows of people, clicked through with scripts and without, at three widths, and printed.
//!
//! Pictures are kept in `target/pages`, to be looked at.

use std::path::PathBuf;

use serde_json::{Value, json};

use test_support::browser::Browser;
use test_support::explanations::explain;
use test_support::histories::{example, small_history, transaction, with_customer, with_options};
use test_support::keys::{TestKey, server_with_keys};
use test_support::shared_server::shared_server;
use test_support::store::TestStore;

/// The windows that pages are looked at in: a phone, a tablet, a desk.
const WINDOWS: [(u32, u32); 3] = [(390, 2200), (820, 2200), (1440, 2200)];

/// A browser, unless there is none on this machine: then the test says so and ends.
async fn browser(has_scripts: bool) -> Option<Browser> {
    let started = Browser::start(has_scripts).await;
    if started.is_none() {
        eprintln!("not tested: there is no browser: tests/browser/fetch.sh gets one");
    }
    started
}

fn pictures() -> PathBuf {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/pages"));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Looks at a page at each width: nothing is cut off at the side.
async fn look(browser: &Browser, name: &str) {
    for (width, height) in WINDOWS {
        browser.resize(width, height).await;
        let beyond = browser
            .measure("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
            .await;
        assert_eq!(beyond, 0, "{name} at {width}");
        browser
            .keep_picture(&pictures().join(format!("{name}-{width}.png")))
            .await;
    }
}

/// The pages of a PDF.
fn sheets(pdf: &[u8]) -> usize {
    let text = String::from_utf8_lossy(pdf);
    text.matches("/Type /Page\n").count() + text.matches("/Type /Page/").count()
}

#[tokio::test]
async fn example_is_explained_by_clicks_with_scripts_and_without() {
    let server = shared_server();
    for has_scripts in [true, false] {
        let Some(browser) = browser(has_scripts).await else {
            return;
        };
        browser.open(&server.url("/")).await;
        look(&browser, "home").await;
        browser.click("a[href^='/?example']").await;
        browser.click("#method option[value='lime']").await;
        browser.click("form button").await;
        assert_eq!(browser.text("h1").await, "Explanation of customer c-000059");
        look(&browser, "explanation").await;
        browser.click("#figure-cause-0 summary").await;
        let cell = "#figure-cause-0 tbody tr:last-child td:nth-child(3)";
        let shown = browser.text(cell).await;
        browser.click("p.links a").await;
        let record: Value = server.get_json(&path_of(&browser.address().await)).await;
        let value = record["targets"][0]["value"].as_f64().unwrap();
        assert_eq!(shown, format!("{value:.3}"));
        let printed = browser.print().await;
        std::fs::write(pictures().join("record.pdf"), &printed).unwrap();
        assert_eq!(sheets(&printed), 2);
        browser.end().await;
    }
}

#[tokio::test]
async fn page_of_a_customer_follows_it_and_without_scripts_by_a_link() {
    for has_scripts in [true, false] {
        let Some(browser) = browser(has_scripts).await else {
            return;
        };
        let stored = TestStore::sqlite();
        let server = stored.start(&[]);
        let path = "/v1/customers/c-1/transactions";
        let add = async |id: &str, date: &str, amount: f64, class: &str| {
            let mut added = transaction(date, amount, class);
            added["id"] = id.into();
            server
                .ask(path, &json!({"transactions": [added]}), 200)
                .await;
        };
        add("t-1", "2018-03-01", -100.0, "rent").await;
        browser.open(&server.url("/customers/c-1")).await;
        assert_eq!(
            browser.text("[data-position]").await,
            "1 transaction, changed once."
        );
        if has_scripts {
            browser.click("#figure-outputs summary").await;
        }
        add("t-2", "2019-03-01", -120.0, "restaurants").await;
        if !has_scripts {
            assert_eq!(
                browser.text("[data-position]").await,
                "1 transaction, changed once."
            );
            browser.click("a.again").await;
        }
        // The driver waits until there is such an element.
        let shown = browser.text("[data-position='2']").await;
        assert_eq!(shown, "2 transactions, changed 2 times.");
        if has_scripts {
            // What was opened stays open, and the newest period is in the figure.
            let rows = browser.text("#figure-outputs details[open] tbody").await;
            assert!(rows.contains("2019"), "{rows}");
            assert!(browser.text("#live").await.starts_with("Live. Updated at"));
            // What changes no micro-segment shows, too.
            let changes = "return document.querySelectorAll('.changes li').length";
            let before = browser.measure(changes).await;
            add("t-3", "2019-03-02", -0.5, "restaurants").await;
            assert_ne!(browser.text("[data-position='3']").await, "");
            assert_eq!(browser.measure(changes).await, before);
            look(&browser, "customer").await;
        }
        browser.end().await;
    }
}

/// The path in an address.
fn path_of(address: &str) -> String {
    let at = address.match_indices('/').nth(2).unwrap().0;
    address[at..].to_owned()
}

#[tokio::test]
async fn what_changed_and_what_would_change_it_print_on_two_sheets() {
    let Some(browser) = browser(true).await else {
        return;
    };
    let server = shared_server();
    for (name, options) in [
        ("change", json!({"method": "change", "since": "2019-01-01"})),
        (
            "recourse",
            json!({"method": "recourse", "wish": {"segment": "any"}}),
        ),
    ] {
        let given = explain(&server, &with_options(example(), options)).await;
        browser.open(&server.url(&given.path())).await;
        look(&browser, name).await;
        let printed = browser.print().await;
        std::fs::write(pictures().join(format!("{name}.pdf")), &printed).unwrap();
        assert_eq!(sheets(&printed), 2, "{name}");
    }
    browser.end().await;
}

#[tokio::test]
async fn uploaded_file_with_a_hostile_name_is_shown_as_text() {
    let Some(browser) = browser(true).await else {
        return;
    };
    let name = "<script>document.title='taken'</script>";
    let file = tempfile::Builder::new().suffix(".json").tempfile().unwrap();
    std::fs::write(
        file.path(),
        with_customer(name, small_history()).to_string(),
    )
    .unwrap();
    browser.open(&shared_server().url("/")).await;
    browser
        .type_into("#file", file.path().to_str().unwrap())
        .await;
    browser.click("form button").await;
    assert_eq!(
        browser.text("h1").await,
        format!("Explanation of customer {name}")
    );
    let title = browser.measure("return document.title").await;
    assert!(
        title
            .as_str()
            .unwrap()
            .starts_with("Explanation of customer <script>")
    );
    browser.end().await;
}

#[tokio::test]
async fn mark_that_has_the_focus_names_its_value() {
    let Some(browser) = browser(true).await else {
        return;
    };
    browser
        .open(&shared_server().url("/models/spending-personality"))
        .await;
    look(&browser, "model").await;
    browser.open(&shared_server().url("/?example=1")).await;
    browser.click("form button").await;
    // The click returns before the next page is there.
    assert_ne!(browser.text("#figure-cause-0 h3").await, "");
    let opacity = "const mark = document.querySelector('#figure-cause-0 .mark'); mark.focus(); \
        return getComputedStyle(mark.querySelector('.readout')).opacity";
    assert_eq!(browser.measure(opacity).await, "1");
    browser.end().await;
}

#[tokio::test]
async fn browser_signs_in_and_out() {
    let key = TestKey::make("adviser", "explain+score");
    let server = server_with_keys(&[&key], &[]);
    for has_scripts in [true, false] {
        let Some(browser) = browser(has_scripts).await else {
            return;
        };
        browser.open(&server.url("/records?customer_id=c-1")).await;
        look(&browser, "sign-in").await;
        browser.type_into("#key", "wrong").await;
        browser.click(".sign-in button").await;
        assert!(browser.text("[role=alert]").await.contains("does not know"));
        browser.type_into("#key", &key.key).await;
        browser.click(".sign-in button").await;
        assert!(browser.text(".out").await.contains("adviser"));
        assert_eq!(
            path_of(&browser.address().await),
            "/records?customer_id=c-1"
        );
        browser.open(&server.url("/?example=1")).await;
        browser.click("form.ask button").await;
        assert_eq!(browser.text("h1").await, "Explanation of customer c-000059");
        browser
            .open(&server.url("/records?customer_id=c-000059"))
            .await;
        look(&browser, "records").await;
        browser.click("tbody a").await;
        assert_eq!(browser.text("h1").await, "Explanation of customer c-000059");
        browser.click(".out button").await;
        assert!(browser.text(".sign-in h2").await.contains("Sign in"));
        browser.end().await;
    }
}
