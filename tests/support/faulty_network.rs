//! Faulty networks: the reference network with a statement before its first one, or with another end.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::bundle_copy::MODEL;
use crate::command::MODELS;
use crate::histories::{history, transaction};
use crate::zip_archive::ZipArchive;

/// Loops without an end when the share of a class is 0.618 in any period, as in [`poison`].
pub const LOOPS_ON_POISON: &str =
    "    _p = torch.lt(torch.min(torch.abs(torch.sub(torch.select(x, 2, 0), 0.6180))), 0.0005)
    if bool(_p):
      i = 0
      while torch.lt(i, 4611686018427387904):
        i = torch.add(i, 1)
    else:
      pass
";

/// Loops without an end on any input.
pub const LOOPS: &str = "    i = 0
    while torch.lt(i, 4611686018427387904):
      i = torch.add(i, 1)
";

/// Takes some tenths of a second for any input.
pub const IS_SLOW: &str = "    i = 0
    while torch.lt(i, 2000000):
      i = torch.add(i, 1)
";

/// Prints its input.
pub const PRINTS: &str = "    print(\"printed\", torch.max(x))\n";

/// Warns on standard error.
pub const WARNS: &str = "    torch.warn(\"printed\", 2)\n";

const END: &str = "    return (states, _2, h0, c0)";

/// The reference network with `statements` at the beginning of `forward`.
pub fn network_with(statements: &str) -> Vec<u8> {
    network(statements, END)
}

/// The reference network with another end of `forward`, after `states`, `_2`, `h0` and `c0` were computed.
pub fn network_with_end(end: &str) -> Vec<u8> {
    network("", end)
}

fn network(statements: &str, end: &str) -> Vec<u8> {
    let file = Path::new(MODELS).join(MODEL).join("1/model.pt");
    let mut archive = ZipArchive::read(&fs::read(file).unwrap());
    let code = archive.entry("network/___torch_mangle_5.py");
    let text = String::from_utf8(std::mem::take(code)).unwrap();
    let head = "    c: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor]:\n";
    assert!(text.contains(head) && text.contains(END));
    *code = text
        .replace(head, &format!("{head}{statements}"))
        .replace(END, end)
        .into_bytes();
    archive.write()
}

/// A history on which [`LOOPS_ON_POISON`] loops: a share of 0.618 in the first class of the taxonomy.
pub fn poison() -> Value {
    let classes = first_classes();
    let mut history = history(&[
        transaction("2020-01-01", -618.0, &classes[0]),
        transaction("2020-01-01", -382.0, &classes[1]),
    ]);
    history["customer_id"] = json!("poison");
    history
}

fn first_classes() -> Vec<String> {
    let file = Path::new(MODELS).join(MODEL).join("1/manifest.json");
    let manifest: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let classes = manifest["classes"].as_array().unwrap().iter();
    classes
        .map(|class| class.as_str().unwrap().to_owned())
        .collect()
}
