//! The program as a command: its environment, its input and what it printed.

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// Folder of the root package, which has the models and the examples.
pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Folder of models with the reference model alone: the others would make the start of each server several times as long.
pub const MODELS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../models");

/// Folder of models as it is shipped.
pub const SHIPPED_MODELS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models");

/// The program: from the variable of cargo, or beside the folder of a test program that was started without cargo.
fn program() -> OsString {
    std::env::var_os("CARGO_BIN_EXE_microseg").unwrap_or_else(|| {
        let test = std::env::current_exe().unwrap();
        let folder = test.ancestors().nth(2).map(Path::to_owned);
        folder.unwrap_or_default().join("microseg").into()
    })
}

/// The program without the settings of the shell that runs the tests.
///
/// It has an empty settings file and starts in the root folder. It keeps records in memory unless a flag or a variable
/// names a store.
pub fn microseg() -> Command {
    let mut command = Command::new(program());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("MICROSEG_") || text.starts_with("OTEL_") {
            command.env_remove(&name);
        }
    }
    command.env("MICROSEG_CONFIG", "/dev/null");
    command.env("MICROSEG_STORE", "sqlite::memory:");
    // A second at each start; networks that need more trials are tested without the program.
    command.env("MICROSEG_CALIBRATION_SEQUENCES", "0");
    command.current_dir(ROOT);
    command
}

/// `microseg serve` on a free port of loopback.
pub fn serve() -> Command {
    let mut command = microseg();
    command.args(["serve", "--addr", "127.0.0.1:0"]);
    command
}

/// Runs a command with some standard input.
pub fn output_with_input(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // The write fails when the program ends without reading all of its input, which is no fault here.
    let writing = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap();
    output
}

/// Runs a command that must end with exit code 1 and with `part` on standard error.
pub fn expect_failure(command: &mut Command, part: &str) {
    assert_failure(&command.output().unwrap(), part);
}

/// Exit code 1, and `part` on standard error.
pub fn assert_failure(output: &Output, part: &str) {
    let text = errors(output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains(part), "expected `{part}` in: {text}");
}

/// The lines on standard output of a command that must have succeeded.
pub fn succeeded(output: &Output) -> Vec<String> {
    assert_eq!(output.status.code(), Some(0), "{}", errors(output));
    lines(output)
}

/// The lines on standard output.
pub fn lines(output: &Output) -> Vec<String> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Lines of JSON, parsed.
pub fn documents(lines: &[String]) -> Vec<Value> {
    let documents = lines.iter().map(|line| serde_json::from_str(line).unwrap());
    documents.collect()
}

/// Standard error.
pub fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Sends a signal such as `TERM` to a process.
pub fn send_signal(process: u32, signal: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{signal}"), &process.to_string()])
        .status();
    assert!(sent.unwrap().success());
}
