//! The command `microseg score`, and the parts that it writes into a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::command::{microseg, output_with_input};

/// `microseg score FILE`, with two threads unless the arguments say otherwise; not yet started.
pub fn score_command(file: &Path, arguments: &[&str]) -> Command {
    let mut command = microseg();
    command.arg("score").arg(file).args(arguments);
    if !arguments.contains(&"--threads") {
        command.args(["--threads", "2"]);
    }
    command
}

/// Runs `microseg score FILE`.
pub fn score(file: &Path, arguments: &[&str]) -> Output {
    score_command(file, arguments).output().unwrap()
}

/// Runs `microseg score -` with some standard input.
pub fn score_piped(input: &[u8], arguments: &[&str]) -> Output {
    output_with_input(&mut score_command(Path::new("-"), arguments), input)
}

/// The parts in a folder by name.
pub fn parts(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut parts = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.starts_with("part-") {
            parts.insert(name.clone(), fs::read(folder.join(name)).unwrap());
        }
    }
    parts
}

/// The lines of all parts, in order.
pub fn part_lines(folder: &Path) -> Vec<String> {
    let bytes: Vec<u8> = parts(folder).into_values().flatten().collect();
    let text = String::from_utf8(bytes).unwrap();
    text.lines().map(str::to_owned).collect()
}
