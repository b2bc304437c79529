//! Table of all settings in `docs/configuration.md`: a test compares it with the command line.

use std::fmt::Write as _;

use super::setting::Setting;

/// The table in Markdown: a row for each setting.
fn table() -> String {
    let mut text =
        "| key | flag | variable | default | what it is |\n|---|---|---|---|---|\n".to_owned();
    for setting in Setting::all() {
        let (about, words) = setting.about();
        let defaults = setting.defaults();
        let default = match (words, defaults.is_empty()) {
            (Some(words), _) => words,
            (None, true) => "none".to_owned(),
            (None, false) => format!("`{}`", defaults.join(", ")),
        };
        let (key, flag, variable) = (setting.key(), setting.flag(), setting.variable());
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| `{key}` | `--{flag}` | `{variable}` | {} | {} |",
            default.replace('|', "\\|"),
            about.replace('|', "\\|")
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");

    /// The range of the table in the document: from its head to its last row.
    fn range_of_table(document: &str) -> std::ops::Range<usize> {
        let start = document.find("| key | flag |").unwrap();
        let rows = document[start..].split_inclusive('\n');
        let length: usize = rows
            .take_while(|row| row.starts_with('|'))
            .map(str::len)
            .sum();
        start..start + length
    }

    #[test]
    fn documented_table_of_settings_equals_the_command_line() {
        let mut document = std::fs::read_to_string(DOCUMENT).unwrap();
        let range = range_of_table(&document);
        if std::env::var_os("WRITE_DOCUMENTS").is_some() {
            document.replace_range(range, &table());
            std::fs::write(DOCUMENT, document).unwrap();
            return;
        }
        let written: Vec<_> = document[range].lines().map(str::to_owned).collect();
        let is: Vec<_> = table().lines().map(str::to_owned).collect();
        assert_eq!(
            written, is,
            "docs/configuration.md is out of date; write its table again with:\n\
             WRITE_DOCUMENTS=1 cargo test --locked -p microseg-config --lib table_of_settings"
        );
    }
}
