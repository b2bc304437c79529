//! The real program as a child process, on a port of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Response};
use serde_json::Value;
use tempfile::TempDir;

/// Nothing in these tests takes nearly as long; beyond it something hangs.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) const MODELS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/models");

/// The program, away from the settings of whoever runs the tests.
pub(crate) fn microseg() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_microseg"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("MICROSEG_") || text.starts_with("OTEL_") {
            command.env_remove(&name);
        }
    }
    // An empty file, whatever the working directory has.
    command.env("MICROSEG_CONFIG", "/dev/null");
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    // Nothing that a test starts leaves records in the working tree, or meets those of others.
    command.env("MICROSEG_STORE", "sqlite::memory:");
    command
}

/// The command ends with 1 and says why on standard error.
pub(crate) fn expect_failure(command: &mut Command, part: &str) {
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains(part), "expected `{part}` in: {text}");
}

/// The URL of a store in some folder.
pub(crate) fn store_in(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("records.db").display())
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) client: Client,
    address: String,
    metrics_address: Option<String>,
    /// Everything that the server has logged so far, in JSON lines.
    log: Arc<Mutex<String>>,
    events: Receiver<Value>,
    /// Its records, unless the test has a store of its own.
    _records: TempDir,
}

impl Server {
    /// Starts the server with the reference model and waits until it is ready.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut server = Self::spawn(Path::new(MODELS), arguments);
        server.await_event("ready");
        server
    }

    /// The same, with variables.
    pub(crate) fn start_with(variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        let mut server = Self::spawn_with(Path::new(MODELS), variables, arguments);
        server.await_event("ready");
        server
    }

    /// Starts the server on some folder of models and waits until it listens.
    pub(crate) fn spawn(models: &Path, arguments: &[&str]) -> Self {
        Self::spawn_with(models, &[], arguments)
    }

    fn spawn_with(models: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        let records = TempDir::new().unwrap();
        let mut command = microseg();
        command.arg("serve").envs(variables.iter().copied());
        if !arguments.contains(&"--store") {
            command.args(["--store", &store_in(records.path())]);
        }
        let mut child = command
            .args(["--addr", "127.0.0.1:0", "--log-format", "json", "--models"])
            .arg(models)
            .args(arguments)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (sender, events) = channel();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let kept = log.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.lock().unwrap().extend([line.as_str(), "\n"]);
                if let Ok(event) = serde_json::from_str(&line) {
                    // The test may be over.
                    let _ = sender.send(event);
                }
            }
        });
        let mut server = Self {
            child,
            client: Client::builder().timeout(PATIENCE).build().unwrap(),
            address: String::new(),
            metrics_address: None,
            log,
            events,
            _records: records,
        };
        let listening = server.await_event("listening");
        listening["address"]
            .as_str()
            .unwrap()
            .clone_into(&mut server.address);
        server.metrics_address = listening["metrics_address"].as_str().map(str::to_owned);
        server
    }

    /// Waits for a line of the log.
    pub(crate) fn await_event(&mut self, message: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.events.recv_timeout(left) {
                Ok(event) if event["message"] == message => return event,
                Ok(_) => {}
                Err(error) => panic!(
                    "no `{message}` in the log: {error}
{}",
                    self.log()
                ),
            }
        }
    }

    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Where it has its metrics and probes, if that is elsewhere.
    pub(crate) fn metrics_address(&self) -> Option<&str> {
        self.metrics_address.as_deref()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.client.get(self.url(path)).send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> Response {
        let request = self
            .client
            .post(self.url(path))
            .header(CONTENT_TYPE, "application/json");
        request.body(body).send().await.unwrap()
    }

    /// The answer's body, once its status is the one expected.
    pub(crate) async fn ask(&self, path: &str, body: &Value, status: u16) -> Value {
        let response = self.post(path, body.to_string()).await;
        let found = response.status();
        let answer: Value = response.json().await.unwrap();
        assert_eq!(found, status, "{:.500}", answer.to_string());
        answer
    }

    pub(crate) fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// How the process ends.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "the server does not end:\n{}",
                self.log()
            );
            std::thread::yield_now();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The problem in an answer, checked for its form.
pub(crate) async fn problem(response: Response, status: u16) -> Value {
    let content_type = response.headers().get(CONTENT_TYPE).cloned();
    let found = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(found, status, "{text}");
    assert_eq!(content_type.unwrap(), "application/problem+json");
    let problem: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(problem["status"], status);
    for member in ["type", "title", "detail"] {
        assert!(problem[member].is_string(), "{member} in {problem}");
    }
    problem
}
