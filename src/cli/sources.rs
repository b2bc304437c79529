//! Sources of histories that a command line names: files of histories, tables, patterns, folders, standard input.

use std::path::Path;

use microseg_bulk::{BulkError, Format, Input};

use crate::histories::HistorySource;

/// Where histories come from.
pub(crate) enum Source {
    /// One file, a pipe or standard input, with JSON or NDJSON.
    Histories(HistorySource),
    /// Tables that follow each other.
    Tables(Vec<Input>),
}

impl Source {
    /// All tables among sources.
    pub(crate) fn tables_of(sources: &[Self]) -> Vec<Input> {
        let tables = sources.iter().filter_map(|source| match source {
            Self::Tables(inputs) => Some(inputs),
            Self::Histories(_) => None,
        });
        tables.flatten().cloned().collect()
    }
}

/// Finds the sources, in the order of their names.
///
/// # Errors
/// [`BulkError`] when a pattern matches nothing, a table cannot be read, or standard input is named twice.
pub(crate) fn find(names: &[String], format: Option<Format>) -> Result<Vec<Source>, BulkError> {
    if names.iter().filter(|name| *name == "-").count() > 1 {
        return Err(BulkError::Pipe("named twice"));
    }
    let mut sources = Vec::new();
    for name in names {
        let path = Path::new(name);
        let is_pipe = name == "-";
        let by_name = || {
            if is_pipe {
                Format::Ndjson
            } else {
                Format::of(path)
            }
        };
        let is_table = format.unwrap_or_else(by_name).is_table();
        // A pipe that has a name is read, too: it need not be a regular file.
        if !is_table && (is_pipe || path.exists() && !path.is_dir()) {
            sources.push(Source::Histories(HistorySource::of(path, format)));
            continue;
        }
        for input in Input::find(std::slice::from_ref(name), format)? {
            match (input.path(), sources.last_mut()) {
                (Some(path), _) if !input.format().is_table() => {
                    sources.push(Source::Histories(HistorySource::of(path, format)));
                }
                (_, Some(Source::Tables(tables))) => tables.push(input),
                _ => sources.push(Source::Tables(vec![input])),
            }
        }
    }
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn files_and_tables_are_found_in_the_order_of_their_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.csv", "b.csv", "c.ndjson", "d.tsv"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let name = |name: &str| folder.path().join(name).display().to_string();
        let names = [
            name("[ab].csv"),
            name("d.tsv"),
            name("c.ndjson"),
            "-".to_owned(),
        ];
        let sources = find(&names, None).unwrap();
        let tables = |source: &Source| match source {
            Source::Tables(inputs) => inputs.len(),
            Source::Histories(_) => 0,
        };
        assert_eq!(sources.iter().map(tables).collect::<Vec<_>>(), [3, 0, 0]);
        assert_eq!(Source::tables_of(&sources).len(), 3);
        let forced = find(&[name("c.ndjson")], Some(Format::Csv)).unwrap();
        assert_eq!(tables(&forced[0]), 1);
    }

    #[test]
    fn names_without_a_file_and_standard_input_twice_are_refused() {
        let find = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            find(&names, None).map(|_| ()).unwrap_err().to_string()
        };
        assert!(find(&["/nowhere/a.json"]).starts_with("/nowhere/a.json: "));
        assert!(find(&["/nowhere/*.csv"]).contains("/nowhere/*.csv"));
        assert!(find(&["-", "-"]).contains("named twice"));
    }
}
