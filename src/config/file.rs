//! `microseg.toml`: read, checked, and laid beneath flags and variables.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{ConfigError, Fault};
use super::setting::Setting;
use super::value::{HIDDEN, texts};

/// The file that is read where none is named.
const NAME: &str = "microseg.toml";

/// Below this likeness, from 0 to 1, a name is not taken for a misspelt one.
const LIKENESS: f64 = 0.8;

/// Where settings are read from.
#[derive(Debug, Clone, Args)]
pub struct ConfigSettings {
    /// The file of settings, in TOML; flags and variables win over it [default: microseg.toml, where there is one]
    #[arg(long, global = true, value_name = "FILE", env = "MICROSEG_CONFIG")]
    pub config: Option<PathBuf>,
}

/// A file of settings, each of them known and each of its values what its flag would take; empty where there is no file.
#[derive(Default)]
pub struct ConfigFile {
    path: PathBuf,
    /// By the settings' variables.
    given: BTreeMap<String, Given>,
}

struct Given {
    line: usize,
    values: Vec<String>,
}

impl ConfigFile {
    /// Reads the file that was named, or else `microseg.toml` of the working directory, if there is one.
    ///
    /// # Errors
    /// [`ConfigError`] when the file does not read, is not TOML, or has an unknown key or a bad value.
    pub fn read(settings: &ConfigSettings) -> Result<Self, ConfigError> {
        let path = settings.config.as_deref().unwrap_or(Path::new(NAME));
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(path, &text),
            Err(error) if settings.config.is_none() && error.kind() == ErrorKind::NotFound => {
                Ok(Self::default())
            }
            Err(error) => Err(ConfigError::new(path, None, error)),
        }
    }

    fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let line = |start: usize| {
            1 + text
                .get(..start)
                .map_or(0, |text| text.matches('\n').count())
        };
        let table = DeTable::parse(text).map_err(|error| {
            // The error's own text shows the line, which may hold a secret.
            let start = error.span().map(|span| line(span.start));
            ConfigError::new(path, start, Fault::Syntax(error.message().to_owned()))
        })?;
        let mut entries: Vec<_> = table.get_ref().iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);

        let settings = Setting::all();
        let mut given = BTreeMap::new();
        for (key, value) in entries {
            let line = line(key.span().start);
            let (variable, values) = entry(&settings, key.get_ref(), value)
                .map_err(|fault| ConfigError::new(path, Some(line), fault))?;
            given.insert(variable, Given { line, values });
        }
        Ok(Self {
            path: path.to_owned(),
            given,
        })
    }

    /// The command line with the file's values as its defaults, in every command: flags and variables win by themselves.
    #[must_use]
    pub fn beneath(&self, command: Command) -> Command {
        let command = command.mut_args(|argument| {
            let variable = argument.get_env().and_then(|name| name.to_str());
            match variable.and_then(|variable| self.given.get(variable)) {
                Some(given) => argument.default_values(&given.values),
                None => argument,
            }
        });
        command.mut_subcommands(|command| self.beneath(command))
    }

    /// Where the file sets a setting: its path and the line.
    pub(super) fn place(&self, setting: &Setting) -> Option<String> {
        let given = self.given.get(setting.variable())?;
        Some(format!("{}, line {}", self.path.display(), given.line))
    }
}

/// The variable of the setting that a key means, and its values.
fn entry(
    settings: &[Setting],
    key: &str,
    value: &Spanned<DeValue>,
) -> Result<(String, Vec<String>), Fault> {
    let Some(setting) = settings.iter().find(|setting| setting.key() == key) else {
        return Err(unknown(settings, key, value.get_ref()));
    };
    let refused = |reason| Fault::Value {
        key: key.to_owned(),
        reason,
    };
    let values = texts(value.get_ref(), setting.is_list()).map_err(refused)?;
    for value in &values {
        if setting.is_secret() && value == HIDDEN {
            let reason = format!("{HIDDEN} is how secrets are printed: write the value itself");
            return Err(refused(reason));
        }
        setting.check(value).map_err(refused)?;
    }
    Ok((setting.variable().to_owned(), values))
}

fn unknown(settings: &[Setting], key: &str, value: &DeValue) -> Fault {
    let key = key.to_owned();
    if value.is_table() {
        return Fault::Table { key };
    }
    let plain = key.to_lowercase().replace('-', "_");
    let plain = plain.strip_prefix("microseg_").unwrap_or(&plain);
    let likeness = |known: &String| strsim::jaro(known, plain);
    let nearest = settings
        .iter()
        .map(Setting::key)
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)))
        .filter(|known| likeness(known) >= LIKENESS);
    Fault::Unknown { key, nearest }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        let error = ConfigFile::parse(Path::new("f.toml"), text).err();
        error.map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn the_first_fault_of_a_file_is_told_with_its_line_and_its_key() {
        for (text, told) in [
            ("queue = 5\n", ""),
            (
                "\n\nmax_body_byte = 5",
                "f.toml, line 3: max_body_byte: there is no such setting; max_body_bytes is near",
            ),
            (
                "max-queue = 5",
                "f.toml, line 1: max-queue: there is no such setting",
            ),
            (
                "MICROSEG_ADDR = ''",
                "f.toml, line 1: MICROSEG_ADDR: there is no such setting; addr is near",
            ),
            (
                "batch-steps = 5",
                "f.toml, line 1: batch-steps: there is no such setting; batch_steps is near",
            ),
            (
                "[limits]\nqueue = 5",
                "f.toml, line 1: limits: settings stand at the top of the file, in no table",
            ),
            (
                "queue = 'many'",
                "f.toml, line 1: queue: expected a whole number",
            ),
            (
                "queue = 1.5",
                "f.toml, line 1: queue: expected a whole number",
            ),
            ("queue = 0", "f.toml, line 1: queue: 0 is not in 1..=65535"),
            (
                "queue = [5]",
                "f.toml, line 1: queue: expected a number, a string or a boolean, found an array",
            ),
            (
                "[queue]\nqueue = 5",
                "f.toml, line 1: queue: expected a number, a string or a boolean, found a table",
            ),
            (
                "addr = 2026-01-01",
                "f.toml, line 1: addr: expected a number, a string or a boolean, found a date",
            ),
            (
                "vsi_target = 2",
                "f.toml, line 1: vsi_target: expected a number from 0 to 1",
            ),
            (
                "log_format = 'xml'",
                "f.toml, line 1: log_format: expected text or json",
            ),
            (
                "keep_input = true",
                "f.toml, line 1: keep_input: expected digest, totals or history",
            ),
            (
                "store = '(hidden)'",
                "f.toml, line 1: store: (hidden) is how secrets are printed: write the value itself",
            ),
            (
                "vsi_target = 2\nqueue = 0",
                "f.toml, line 1: vsi_target: expected a number from 0 to 1",
            ),
        ] {
            assert_eq!(fault(text), told, "{text}");
        }
    }

    #[test]
    fn what_is_no_toml_is_told_with_its_line_and_without_its_text() {
        for text in [
            "queue = 5\nstore = 'secret\n",
            "queue = 5\nstore = secret\n",
            "queue = 5\nqueue = 'secret'\n",
            "queue = 5\nsecret\n",
        ] {
            let told = fault(text);
            assert!(told.starts_with("f.toml, line 2: "), "{told}");
            assert!(!told.contains("secret"), "{told}");
        }
    }
}
