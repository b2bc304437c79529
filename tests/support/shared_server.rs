//! One server for all cases of a test program that only read.
//!
//! Such a case scores, explains or reads tables with the default settings. It looks at no metric, no log and no record
//! of another case, and does not end the server. Starting a server takes longer than most of these cases.

use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;

use crate::client::ApiClient;
use crate::command::{MODELS, serve};
use crate::server::spawn_logged;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/run_until_input_ends.sh");

/// The process and what ends it: nothing drops a static, but the system closes its pipe.
struct SharedServer {
    address: String,
    _script: Child,
    _input: ChildStdin,
}

/// A client of the shared server, which the first call starts.
pub fn shared_server() -> ApiClient {
    static SHARED: OnceLock<SharedServer> = OnceLock::new();
    ApiClient::new(&SHARED.get_or_init(start).address)
}

fn start() -> SharedServer {
    let serve = serve();
    let mut command = Command::new(SCRIPT);
    for (name, value) in serve.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
        .arg(serve.get_program())
        .args(serve.get_args())
        .args(["--models", MODELS])
        .current_dir(serve.get_current_dir().unwrap())
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    let (mut script, log) = spawn_logged(&mut command);
    let listening = log.await_event("listening");
    log.await_event("ready");
    SharedServer {
        address: listening["address"].as_str().unwrap().to_owned(),
        _input: script.stdin.take().unwrap(),
        _script: script,
    }
}
