//! The program, and what it wrote.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The program, away from the settings of whoever runs the tests.
pub(crate) fn microseg() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_microseg"));
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("MICROSEG_"))
    {
        command.env_remove(name);
    }
    // An empty file, whatever the working directory has.
    command.env("MICROSEG_CONFIG", "/dev/null");
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// `microseg score` with two threads, however many processors there are.
pub(crate) fn score(file: &Path, arguments: &[&str]) -> Output {
    scoring(file, arguments).output().unwrap()
}

/// The command of [`score`], not yet run.
pub(crate) fn scoring(file: &Path, arguments: &[&str]) -> Command {
    let mut command = microseg();
    command.arg("score").arg(file).args(arguments);
    if !arguments.contains(&"--threads") {
        command.args(["--threads", "2"]);
    }
    command
}

/// `microseg score -`.
pub(crate) fn score_piped(input: &[u8], arguments: &[&str]) -> Output {
    let mut child = scoring(Path::new("-"), arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // A program that ends early does not read on.
    let writing = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap();
    output
}

/// Scored without a fault; the lines.
pub(crate) fn good(output: &Output) -> Vec<String> {
    assert_eq!(output.status.code(), Some(0), "{}", errors(output));
    lines(output)
}

/// The lines on standard output.
pub(crate) fn lines(output: &Output) -> Vec<String> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// The lines as documents.
pub(crate) fn documents(lines: &[String]) -> Vec<Value> {
    lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// What stands on standard error.
pub(crate) fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The command ended with 1 and said why.
pub(crate) fn expect_failure(output: &Output, part: &str) {
    let text = errors(output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains(part), "expected `{part}` in: {text}");
}
