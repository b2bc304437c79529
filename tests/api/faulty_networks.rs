//! Networks that print, allocate without measure, are not steady, or do not fit: named as what they are when they are loaded,
//! and without an effect on anything else.

use std::fs;

use serde_json::Value;

use test_support::bundle_copy::{BundleCopy, MODEL, replace};
use test_support::command::{
    documents, errors, expect_failure, lines, microseg, output_with_input,
};
use test_support::faulty_network::{PRINTS, WARNS, network_with, network_with_end};
use test_support::histories::example;
use test_support::zip_archive::ZipArchive;

/// Allocates four gigabytes on any input.
const ALLOCATES: &str = "    big = torch.zeros([1000000000])\n    print(torch.sum(big))\n";

fn copy_with(network: &[u8]) -> BundleCopy {
    let copy = BundleCopy::make();
    copy.replace("model.pt", network);
    copy
}

/// `model check` of the reference bundle with another network must fail with these words.
fn expect_refused(network: &[u8], words: &[&str]) {
    let copy = copy_with(network);
    let mut check = microseg();
    let output = check.args(["model", "check"]).arg(copy.bundle()).output();
    let text = errors(&output.unwrap());
    for word in words {
        assert!(text.contains(word), "expected `{word}` in: {text}");
    }
}

#[test]
fn prints_are_not_among_the_answers_of_a_command() {
    let copy = copy_with(&network_with(PRINTS));
    let mut score = microseg();
    score.args(["score", "-", "--models"]).arg(copy.models());
    let output = output_with_input(&mut score, example().to_string().as_bytes());
    let answers = documents(&lines(&output));
    assert_eq!(answers.len(), 1, "{}", errors(&output));
    assert!(answers[0]["traits"].is_object() || answers[0]["features"].is_object());
    assert!(!errors(&output).contains("printed"));
}

#[tokio::test]
async fn prints_are_not_in_the_log_of_a_server_which_warns_of_them() {
    let copy = copy_with(&network_with(&format!("{PRINTS}{WARNS}")));
    let server = copy.start(&[]);
    server.ask("/v1/score", &example(), 200).await;
    let log = server.log();
    for line in log.lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok(), "{line}");
    }
    assert!(log.contains("the network prints when it runs"), "{log}");
    assert!(!log.contains("printed"), "{log}");
    server.end();
}

#[tokio::test]
async fn network_that_allocates_too_much_is_refused_and_others_are_served() {
    let copy = BundleCopy::make();
    let bundle = copy.add("large", 1);
    replace(&bundle, "model.pt", &network_with(ALLOCATES));
    let server = copy.start(&["--model", MODEL]);
    let log = server.log();
    for word in [
        "a bundle was refused",
        "trial_memory_bytes",
        "too little memory",
    ] {
        assert!(log.contains(word), "{log}");
    }
    server.ask("/v1/score", &example(), 200).await;
    server.end();
    // A larger limit is a setting.
    let mut check = microseg();
    check.args(["model", "check", "--trial-memory-bytes", "1000"]);
    expect_failure(check.arg(copy.bundle()), "trial_memory_bytes");
}

#[test]
fn network_whose_two_runs_differ_is_refused_with_the_difference() {
    let noisy = network_with_end(
        "    _2 = torch.add(_2, torch.mul(torch.rand_like(_2), 0.0000005))\n    return (states, _2, h0, c0)",
    );
    expect_refused(
        &noisy,
        &["two runs of the same input differ by", "in outputs"],
    );
}

#[test]
fn fault_of_a_network_is_named_with_libtorch_s_cause() {
    for (statement, words) in [
        ("x = torch.to(x, 7)", ["wrong data type", "dtype"]),
        ("x = torch.to_sparse(x)", ["wrong layout", "parse"]),
        (
            "x = torch.to(x, torch.device(\"cuda\"), 6)",
            ["wrong device", "cuda"],
        ),
        ("x = torch.transpose(x, 0, 1)", ["wrong shape", "size"]),
    ] {
        let network = network_with(&format!("    {statement}\n"));
        expect_refused(&network, &[&["libtorch: "], &words[..]].concat());
    }
}

#[test]
fn file_that_is_not_torchscript_is_named_as_what_it_is() {
    let archive = |entries: &[(&str, &[u8])]| {
        let entries = entries.iter();
        let entries = entries.map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()));
        ZipArchive(entries.collect()).write()
    };
    let state_dict = archive(&[
        ("archive/data.pkl", b"\x80\x02ccollections\nOrderedDict\n."),
        ("archive/version", b"3\n"),
    ]);
    let exported = archive(&[
        ("program/archive_format", b"pt2"),
        ("program/models/model.json", b"{}"),
    ]);
    for (bytes, words) in [
        (state_dict, "state_dict"),
        (exported, "torch.export"),
        (fs::read("/dev/null").unwrap(), "an empty file"),
        (b"\x80\x02}q\x00.".to_vec(), "a pickle"),
    ] {
        expect_refused(&bytes, &[words, "export the network with torch.jit.script"]);
    }
}
