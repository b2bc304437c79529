//! A server that can be reached from a network has keys and TLS, or was told that it need not.

use std::process::Command;

use crate::keys::{TestKey, key_file};
use crate::server::microseg;

/// What `serve` says when it does not start; it never listens.
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
fn a_server_on_a_network_does_not_start_without_keys_and_tls() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let text = refusal(&["--addr", address], |_| {});
        for way_out in [
            "MICROSEG_API_KEYS",
            "--api-keys-file",
            "--allow-no-keys",
            "--tls-certificate",
            "--allow-no-tls",
            "127.0.0.1",
        ] {
            assert!(text.contains(way_out), "{way_out} in: {text}");
        }
    }
}

#[test]
fn keys_do_not_stand_in_for_tls_nor_tls_for_keys() {
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
