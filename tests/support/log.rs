//! The log of a server process, read from its standard error as JSON lines.

use std::io::{BufRead, BufReader};
use std::process::ChildStderr;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::Value;

use crate::wait::TIME_LIMIT;

/// The log of one process: all text so far, and the events that no test has waited for yet.
pub struct Log {
    text: Arc<Mutex<String>>,
    events: Receiver<Value>,
}

impl Log {
    /// Reads a pipe to its end on a thread, so that the process never waits for a reader.
    pub fn of(pipe: ChildStderr) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let (sender, events) = channel();
        let written = text.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                written.lock().unwrap().extend([line.as_str(), "\n"]);
                if let Ok(event) = serde_json::from_str(&line) {
                    // The receiver is gone when the test is over.
                    let _ = sender.send(event);
                }
            }
        });
        Self { text, events }
    }

    /// Everything so far.
    pub fn text(&self) -> String {
        self.text.lock().unwrap().clone()
    }

    /// Waits for the next event with a message; events before it are dropped.
    pub fn await_event(&self, message: &str) -> Value {
        let deadline = Instant::now() + TIME_LIMIT;
        loop {
            let event = self.next_before(deadline, message);
            if event["message"] == message {
                return event;
            }
        }
    }

    /// Waits for one event with each of these messages, in any order: those of tasks that run beside each other.
    pub fn await_events(&self, messages: &[&str]) {
        let deadline = Instant::now() + TIME_LIMIT;
        let mut missing = messages.to_vec();
        while let Some(message) = missing.first() {
            let event = self.next_before(deadline, message);
            missing.retain(|message| event["message"] != *message);
        }
    }

    fn next_before(&self, deadline: Instant, message: &str) -> Value {
        let left = deadline.saturating_duration_since(Instant::now());
        match self.events.recv_timeout(left) {
            Ok(event) => event,
            Err(error) => panic!("no `{message}` in the log: {error}\n{}", self.text()),
        }
    }
}
