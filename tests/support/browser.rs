//! Chromium, driven over `WebDriver`: what a person would click, type and see.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::{Client, Method};
use serde_json::{Value, json};

/// The member that names an element in `WebDriver`.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one window, which ends with this value.
pub struct Browser {
    driver: Child,
    client: Client,
    /// The address of the session.
    session: String,
}

impl Browser {
    /// Starts a browser, with scripts or without them; `None` where there is none on the path and none in `.browser`.
    pub async fn start(has_scripts: bool) -> Option<Self> {
        let fetched = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.browser"));
        let is_fetched = fetched.join("usr/bin/chromedriver").exists();
        let mut command = if is_fetched {
            fetched_driver(fetched)
        } else {
            Command::new("chromedriver")
        };
        let mut driver = command
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let mut ports = lines.map_while(Result::ok).filter_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            Some(port.trim_end_matches('.').to_owned())
        });
        let Some(port) = ports.next() else {
            assert!(is_fetched, "the driver does not start");
            eprintln!("the fetched driver does not start");
            return None;
        };
        let address = format!("http://127.0.0.1:{port}/session");
        let client = Client::builder().no_proxy().build().unwrap();
        let scripts = if has_scripts { 1 } else { 2 };
        let mut options = json!({
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"],
            "prefs": {"profile.managed_default_content_settings.javascript": scripts},
        });
        if is_fetched {
            options["binary"] = json!(fetched.join("usr/lib/chromium/chromium"));
        }
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "timeouts": {"implicit": 10_000, "script": 60_000},
            "goog:chromeOptions": options,
        }}});
        let started = client
            .post(&address)
            .json(&capabilities)
            .send()
            .await
            .unwrap();
        let started: Value = started.json().await.unwrap();
        let Some(id) = started["value"]["sessionId"].as_str() else {
            // What was unpacked may lack a library of this machine; a browser that is installed must start.
            assert!(is_fetched, "no session: {started}");
            eprintln!("the fetched browser does not start: {started}");
            let _ = driver.kill();
            let _ = driver.wait();
            return None;
        };
        Some(Self {
            driver,
            client,
            session: format!("{address}/{id}"),
        })
    }

    /// The answer of the driver, or its error.
    async fn try_to(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, Value> {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.session));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let mut answer: Value = request.send().await.unwrap().json().await.unwrap();
        let value = answer["value"].take();
        if value["error"].is_null() {
            Ok(value)
        } else {
            Err(value)
        }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let answer = self.try_to(method, path, body).await;
        answer.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Does something with what a selector finds first. A page that is just being replaced is waited for: its elements are
    /// stale, and the driver waits for those of the next one.
    async fn with_element(
        &self,
        selector: &str,
        method: Method,
        what: &str,
        body: Option<Value>,
    ) -> Value {
        loop {
            let element = self.element(selector).await;
            let path = format!("/element/{element}/{what}");
            match self.try_to(method.clone(), &path, body.clone()).await {
                Ok(value) => return value,
                Err(error) if error["error"] == "stale element reference" => {}
                Err(error) => panic!("{selector}: {error}"),
            }
        }
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.ask(Method::POST, path, Some(body)).await
    }

    async fn get(&self, path: &str) -> Value {
        self.ask(Method::GET, path, None).await
    }

    /// Opens an address, and waits until it is loaded.
    pub async fn open(&self, url: &str) {
        self.post("/url", json!({"url": url})).await;
    }

    /// The address that is shown.
    pub async fn address(&self) -> String {
        self.get("/url").await.as_str().unwrap().to_owned()
    }

    async fn element(&self, selector: &str) -> String {
        let body = json!({"using": "css selector", "value": selector});
        let found = self.post("/element", body).await;
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    /// Clicks on what a selector of CSS finds first.
    pub async fn click(&self, selector: &str) {
        self.with_element(selector, Method::POST, "click", Some(json!({})))
            .await;
    }

    /// Types into what a selector of CSS finds first; into a field for a file, its path.
    pub async fn type_into(&self, selector: &str, text: &str) {
        let body = Some(json!({"text": text}));
        self.with_element(selector, Method::POST, "value", body)
            .await;
    }

    /// The text that is shown of what a selector of CSS finds first.
    pub async fn text(&self, selector: &str) -> String {
        let text = self.with_element(selector, Method::GET, "text", None).await;
        text.as_str().unwrap().to_owned()
    }

    /// A measure that a script of the test takes; the page's own scripts need not be on.
    pub async fn measure(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({"script": script, "args": []}))
            .await
    }

    /// What a script of the test gives to the function that it is called with last.
    pub async fn measure_later(&self, script: &str) -> Value {
        self.post("/execute/async", json!({"script": script, "args": []}))
            .await
    }

    /// Shows pages as where people have chosen light or dark colours.
    pub async fn choose_colours(&self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        let command = "Emulation.setEmulatedMedia";
        let body = json!({"cmd": command, "params": {"features": features}});
        self.post("/goog/cdp/execute", body).await;
    }

    /// The size of the window.
    pub async fn resize(&self, width: u32, height: u32) {
        self.post("/window/rect", json!({"width": width, "height": height}))
            .await;
    }

    /// Keeps a picture of the window.
    pub async fn keep_picture(&self, file: &Path) {
        let picture = self.get("/screenshot").await;
        std::fs::write(
            file,
            BASE64_STANDARD.decode(picture.as_str().unwrap()).unwrap(),
        )
        .unwrap();
    }

    /// The page as it is printed on A4: a PDF.
    pub async fn print(&self) -> Vec<u8> {
        let page = json!({"width": 21.0, "height": 29.7});
        let margin = json!({"top": 1.0, "bottom": 1.0, "left": 1.1, "right": 1.1});
        let printed = self
            .post(
                "/print",
                json!({"page": page, "margin": margin, "background": true}),
            )
            .await;
        BASE64_STANDARD.decode(printed.as_str().unwrap()).unwrap()
    }

    /// Ends the session, and with it the browser.
    pub async fn end(self) {
        self.ask(Method::DELETE, "", None).await;
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The driver that `tests/browser/fetch.sh` unpacked, with the libraries and fonts beside it.
fn fetched_driver(folder: &Path) -> Command {
    let libraries = folder.join("usr/lib/x86_64-linux-gnu");
    // What an installed library finds by the path that was built into it.
    let of_sound = libraries.join("pulseaudio");
    let mut command = Command::new(folder.join("usr/bin/chromedriver"));
    command.env(
        "LD_LIBRARY_PATH",
        format!("{}:{}", libraries.display(), of_sound.display()),
    );
    if folder.join("etc/fonts/fonts.conf").exists() {
        command.env("FONTCONFIG_SYSROOT", folder);
    }
    command
}
