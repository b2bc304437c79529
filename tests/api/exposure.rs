//! Addresses beyond loopback: they need keys and TLS, or flags that allow their absence.

use std::process::Command;

use test_support::command::microseg;
use test_support::keys::{TestKey, key_file};

/// The message of `serve` when it refuses to start.
fn refusal(arguments: &[&str], command: impl FnOnce(&mut Command)) -> String {
    let mut serve = microseg();
    serve.arg("serve").args(arguments);
    command(&mut serve);
    let output = serve.output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(!text.contains("listening"), "{text}");
    text
}

#[test]
fn public_address_without_keys_and_tls_is_refused() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let text = refusal(&["--addr", address], |_| {});
        for remedy in [
            "MICROSEG_API_KEYS",
            "--api-keys-file",
            "--allow-no-keys",
            "--tls-certificate",
            "--allow-no-tls",
            "127.0.0.1",
        ] {
            assert!(text.contains(remedy), "{remedy} in: {text}");
        }
    }
}

#[test]
fn public_address_needs_keys_and_tls_each() {
    let file = key_file([TestKey::make("bank", "score").entry.as_str()]);
    let with_keys = [
        "--addr",
        "0.0.0.0:0",
        "--api-keys-file",
        file.path().to_str().unwrap(),
    ];
    let text = refusal(&with_keys, |_| {});
    assert!(
        text.contains("--allow-no-tls") && !text.contains("--allow-no-keys"),
        "{text}"
    );
    let text = refusal(&["--addr", "0.0.0.0:0", "--allow-no-tls"], |_| {});
    assert!(
        text.contains("--allow-no-keys") && !text.contains("--allow-no-tls"),
        "{text}"
    );
    let text = refusal(&["--addr", "0.0.0.0:0"], |serve| {
        serve.env("MICROSEG_ALLOW_NO_KEYS", "yes");
    });
    assert!(
        text.contains("--allow-no-tls") && !text.contains("--allow-no-keys"),
        "{text}"
    );
    let text = refusal(&["--addr", "0.0.0.0:0"], |serve| {
        serve.env("MICROSEG_ALLOW_NO_TLS", "no");
    });
    assert!(
        text.contains("--allow-no-tls") && text.contains("--allow-no-keys"),
        "{text}"
    );
}
