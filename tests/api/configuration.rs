//! Settings from flags, variables, `microseg.toml` and defaults, in this order of precedence.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use toml::Table;

use test_support::client::problem;
use test_support::command::{expect_failure, microseg};
use test_support::histories::example;
use test_support::server::{Server, sqlite_in};

/// A working directory with a `microseg.toml`.
struct Folder(TempDir);

impl Folder {
    fn new(file: &str) -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("microseg.toml"), file).unwrap();
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("microseg.toml")
    }

    /// The program in this folder, with the settings of the file alone.
    fn microseg(&self) -> Command {
        let mut command = microseg();
        command
            .current_dir(self.0.path())
            .env_remove("MICROSEG_CONFIG")
            .env_remove("MICROSEG_STORE")
            .env_remove("MICROSEG_CALIBRATION_SEQUENCES")
            .stdin(Stdio::null());
        command
    }

    /// `microseg serve --print-config` in this folder.
    fn print(&self, flags: &[&str], variables: &[(&str, &str)]) -> Output {
        self.microseg()
            .args(["serve", "--print-config"])
            .args(flags)
            .envs(variables.iter().copied())
            .output()
            .unwrap()
    }
}

fn printed(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The message of a command that was refused before anything started.
fn refused(output: &Output) -> String {
    let errors = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(output.stdout.is_empty());
    errors
}

/// The value of a setting and its source.
fn setting(printed: &str, key: &str) -> (String, String) {
    let mut source = "";
    for line in printed.lines() {
        if let Some(from) = line.strip_prefix("# From ") {
            source = from;
        }
        let line = line.trim_start_matches("# ");
        if let Some(value) = line.strip_prefix(&format!("{key} = ")) {
            return (value.to_owned(), source.to_owned());
        }
    }
    panic!("no {key} in: {printed}");
}

#[test]
fn flags_override_variables_override_file_overrides_defaults() {
    let expect = |output: &Output, value: &str, source: &str| {
        let found = setting(&printed(output), "queue");
        assert_eq!(found, (value.to_owned(), source.to_owned()));
    };
    let (empty, folder) = (Folder::new(""), Folder::new("\nqueue = 7"));
    let variables = [("MICROSEG_QUEUE", "8")];
    expect(&empty.print(&[], &[]), "2048", "the default");
    expect(&folder.print(&[], &[]), "7", "microseg.toml, line 2");
    let variable = "the variable MICROSEG_QUEUE";
    expect(&folder.print(&[], &variables), "8", variable);
    expect(
        &folder.print(&["--queue", "9"], &variables),
        "9",
        "the flag --queue",
    );
    // A flag with the default value overrides too.
    let flags = ["--queue", "2048"];
    expect(
        &folder.print(&flags, &variables),
        "2048",
        "the flag --queue",
    );
}

#[test]
fn file_sets_optional_and_common_settings() {
    let folder = Folder::new("retention_days = 30\nlog_format = 'json'");
    let found = printed(&folder.print(&[], &[]));
    assert_eq!(setting(&found, "retention_days").0, "30");
    assert_eq!(setting(&found, "log_format").0, "\"json\"");
    let flags = ["--log-format", "text"];
    let found = setting(&printed(&folder.print(&flags, &[])), "log_format");
    assert_eq!(
        found,
        ("\"text\"".to_owned(), "the flag --log-format".to_owned())
    );
    let found = setting(&printed(&Folder::new("").print(&[], &[])), "retention_days");
    assert_eq!(
        found,
        (
            "DAYS".to_owned(),
            "the default: keep them for ever".to_owned()
        )
    );
}

#[tokio::test]
async fn file_applies_to_the_server_and_other_commands() {
    let folder = Folder::new("");
    let store = sqlite_in(folder.0.path());
    fs::write(
        folder.file(),
        format!("max_transactions = 2\nstore = '{store}'"),
    )
    .unwrap();
    let file = folder.file();
    let server = Server::start(&["--config", file.to_str().unwrap(), "--store", &store]);
    let response = server.post("/v1/score", example().to_string()).await;
    problem(response, 422).await;

    // The store of the file is there; the default store is not.
    let audit = || folder.microseg().arg("audit").output().unwrap();
    let output = audit();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    fs::write(&file, "").unwrap();
    assert_eq!(audit().status.code(), Some(2));
}

#[test]
fn named_file_replaces_the_default_and_must_exist() {
    let (here, other) = (Folder::new("queue = 7"), Folder::new("queue = 8"));
    let path = other.file();
    let path = path.to_str().unwrap();
    let by_flag = here.print(&["--config", path], &[]);
    assert_eq!(setting(&printed(&by_flag), "queue").0, "8");
    let by_variable = here.print(&[], &[("MICROSEG_CONFIG", path)]);
    let found = setting(&printed(&by_variable), "queue");
    assert_eq!(found, ("8".to_owned(), format!("{path}, line 1")));

    fs::remove_file(here.file()).unwrap();
    assert_eq!(setting(&printed(&here.print(&[], &[])), "queue").0, "2048");
    let missing = refused(&here.print(&["--config", "missing.toml"], &[]));
    assert!(
        missing.starts_with("microseg: missing.toml: No such file"),
        "{missing}"
    );
}

#[test]
fn bad_file_is_refused_with_line_and_key() {
    for (file, message) in [
        (
            "queue = 7\nqueues = 8",
            "microseg.toml, line 2: queues: there is no such setting; queue is near",
        ),
        (
            "queue = 7\n\nthreads = 0",
            "microseg.toml, line 3: threads: 0 is not in 1..=1024",
        ),
        ("log = 'info,,x=y=z'", "microseg.toml, line 1: log: "),
        ("queue = 7\nthreads 2", "microseg.toml, line 2: "),
    ] {
        let errors = refused(&Folder::new(file).print(&[], &[]));
        assert!(
            errors.starts_with(&format!("microseg: {message}")),
            "{errors}"
        );
    }
    let folder = Folder::new("");
    fs::write(folder.file(), b"addr = '\xff'").unwrap();
    let errors = refused(&folder.print(&[], &[]));
    assert!(errors.starts_with("microseg: microseg.toml: "), "{errors}");
}

#[test]
fn printed_settings_read_back_unchanged() {
    let folder = Folder::new("models = \"a \\\"b\\\"\\n#c\"\nretention_days = 0x10");
    let flags = ["--fidelity-target", "0.90", "--model", "1e3"];
    let first = printed(&folder.print(&flags, &[("MICROSEG_LOG", "warn,microseg=debug")]));
    let again = Folder::new(&first);
    let second = printed(&again.print(&[], &[]));
    let values = |text: &str| text.parse::<Table>().unwrap();
    assert_eq!(values(&first), values(&second));
    assert_eq!(setting(&second, "retention_days").0, "16");
    // All settings come from the file now: printing again changes nothing.
    fs::write(again.file(), &second).unwrap();
    let third = printed(&again.print(&[], &[]));
    assert_eq!(second, third);
    let keys = values(&second);
    let lines = second
        .lines()
        .filter(|line| line.contains("From microseg.toml, line"));
    assert_eq!(lines.count(), keys.len());
}

#[test]
fn secret_is_printed_hidden_and_refused_when_read_back() {
    let secret = "sqlite://secret.db";
    for output in [
        Folder::new("").print(&["--store", secret], &[]),
        Folder::new("").print(&[], &[("MICROSEG_STORE", secret)]),
        Folder::new(&format!("store = '{secret}'")).print(&[], &[]),
    ] {
        let text = printed(&output);
        assert!(!text.contains("secret"), "{text}");
        assert_eq!(setting(&text, "store").0, "\"(hidden)\"");
        let errors = refused(&Folder::new(&text).print(&[], &[]));
        assert!(errors.contains(": store: (hidden) is how"), "{errors}");
    }
    // The default value is no secret.
    let text = printed(&Folder::new("").print(&[], &[]));
    assert_eq!(setting(&text, "store").0, "\"sqlite://microseg.db\"");
    // No error contains a line with a secret.
    let errors = refused(&Folder::new("store = 'sqlite://secret").print(&[], &[]));
    assert!(!errors.contains("secret"), "{errors}");
}

#[test]
fn print_config_starts_no_server() {
    let folder = Folder::new("models = '/nowhere'");
    printed(&folder.print(&[], &[]));
    assert_eq!(fs::read_dir(folder.0.path()).unwrap().count(), 1);
    // Without `--print-config` the same settings do not serve.
    let mut serve = folder.microseg();
    expect_failure(serve.args(["serve", "--addr", "127.0.0.1:0"]), "/nowhere");
}

#[test]
fn start_that_fails_leaves_no_database_behind() {
    let folder = Folder::new("");
    let models = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/models");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    for (flags, part) in [
        (
            ["--models", "/nowhere", "--addr", "127.0.0.1:0"],
            "/nowhere",
        ),
        (
            ["--models", models, "--model", "absent"],
            "no model absent; there are: spending-personality/1",
        ),
        (["--models", models, "--addr", &taken], &taken),
    ] {
        expect_failure(folder.microseg().arg("serve").args(flags), part);
        assert_eq!(
            fs::read_dir(folder.0.path()).unwrap().count(),
            1,
            "{flags:?}"
        );
    }
}

#[test]
fn example_file_is_the_documented_one_and_is_valid() {
    let example = include_str!("../../examples/microseg.toml");
    let document = include_str!("../../docs/configuration.md");
    assert!(document.contains(&format!("```toml\n{example}```\n")));
    let text = printed(&Folder::new(example).print(&[], &[]));
    assert_eq!(setting(&text, "max_body_bytes").0, "4194304");
    let keys = example.parse::<Table>().unwrap().len();
    let lines = text
        .lines()
        .filter(|line| line.contains("From microseg.toml, line"));
    assert_eq!(lines.count(), keys);
}
