//! A server of one test: the program as a child process, on a port of its own.

use std::ops::Deref;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::client::ApiClient;
use crate::command::{MODELS, send_signal, serve};
use crate::log::Log;
use crate::wait::eventually_blocking;

/// A running server and a client of it. It is killed when dropped.
pub struct Server {
    process: Child,
    client: ApiClient,
    metrics_address: Option<String>,
    log: Log,
    /// Records of a server whose test names no store.
    _records: TempDir,
}

impl Deref for Server {
    type Target = ApiClient;

    fn deref(&self) -> &ApiClient {
        &self.client
    }
}

impl Server {
    /// Starts a server with the reference model and waits until it is ready.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_with(&[], arguments)
    }

    /// The same with environment variables.
    pub fn start_with(variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        let server = Self::spawn_with(Path::new(MODELS), variables, arguments);
        server.await_event("ready");
        server
    }

    /// Starts a server with a folder of models and waits until it is ready.
    pub fn start_on(models: &Path, arguments: &[&str]) -> Self {
        let server = Self::spawn(models, arguments);
        server.await_event("ready");
        server
    }

    /// The same with environment variables.
    pub fn start_on_with(models: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        let server = Self::spawn_with(models, variables, arguments);
        server.await_event("ready");
        server
    }

    /// Starts a server with a folder of models and waits until it listens.
    pub fn spawn(models: &Path, arguments: &[&str]) -> Self {
        Self::spawn_with(models, &[], arguments)
    }

    fn spawn_with(models: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        let records = TempDir::new().unwrap();
        let mut command = serve();
        if models == Path::new(MODELS) {
            // Copies of the reference model are tried: trying it at each start would only take time.
            command.env("MICROSEG_TRIAL_MEMORY_BYTES", "0");
        }
        command.envs(variables.iter().copied());
        if !arguments.contains(&"--store") {
            command.args(["--store", &sqlite_in(records.path())]);
        }
        command.arg("--models").arg(models).args(arguments);
        let (process, log) = spawn_logged(&mut command);
        let listening = log.await_event("listening");
        Self {
            process,
            client: ApiClient::new(listening["address"].as_str().unwrap()),
            metrics_address: listening["metrics_address"].as_str().map(str::to_owned),
            log,
            _records: records,
        }
    }

    /// Waits for an event of the log.
    pub fn await_event(&self, message: &str) -> Value {
        self.log.await_event(message)
    }

    /// As [`Log::await_events`].
    pub fn await_events(&self, messages: &[&str]) {
        self.log.await_events(messages);
    }

    /// The log so far. It arrives through a pipe and may be later than the answers.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// The address of metrics and probes, if they have their own.
    pub fn metrics_address(&self) -> Option<&str> {
        self.metrics_address.as_deref()
    }

    /// The id of the process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends a signal such as `HUP`.
    pub fn signal(&self, signal: &str) {
        send_signal(self.id(), signal);
    }

    /// Sends SIGTERM, as an operator does.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Waits for the end of the process.
    pub fn wait(&mut self) -> ExitStatus {
        let process = &mut self.process;
        eventually_blocking("the end of the server", || process.try_wait().unwrap())
    }

    /// Ends the server with SIGTERM; it must succeed.
    pub fn end(mut self) {
        self.terminate();
        assert!(self.wait().success(), "{}", self.log());
    }

    /// Ends the server with SIGKILL.
    pub fn kill(self) {
        drop(self);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail when the process has ended before.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts a server's command; its log is read as JSON.
pub(crate) fn spawn_logged(command: &mut Command) -> (Child, Log) {
    let mut process = command
        .args(["--log-format", "json"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let log = Log::of(process.stderr.take().unwrap());
    (process, log)
}

/// The URL of a database of SQLite in a folder.
pub fn sqlite_in(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("records.db").display())
}
