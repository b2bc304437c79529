//! Reading of `microseg.toml`: its values are checked, and become the defaults of flags.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, ConfigFault};
use super::setting::Setting;
use super::value::{HIDDEN, texts};

/// The file that is read by default.
const DEFAULT_NAME: &str = "microseg.toml";

/// The similarity, from 0 to 1, from which on an unknown key counts as a misspelt one.
const MIN_SIMILARITY: f64 = 0.8;

/// The path of the file of settings.
#[derive(Debug, Clone, Args)]
pub struct ConfigSettings {
    /// The file of settings, in TOML; flags and variables win over it [default: microseg.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE", env = "MICROSEG_CONFIG")]
    pub config: Option<PathBuf>,
}

/// A file of settings. All keys are known, and all values are valid for their flags. Empty where there is no file.
#[derive(Default)]
pub struct ConfigFile {
    path: PathBuf,
    /// The values, by the settings' variables.
    entries: BTreeMap<String, FileEntry>,
}

struct FileEntry {
    line: usize,
    values: Vec<String>,
}

impl ConfigFile {
    /// Reads the given file, or else `microseg.toml` of the working directory, if there is one.
    ///
    /// # Errors
    /// [`ConfigError`] when the file cannot be read, is not TOML, or has an unknown key or an invalid value.
    pub fn read(settings: &ConfigSettings) -> Result<Self, ConfigError> {
        let path = settings
            .config
            .as_deref()
            .unwrap_or(Path::new(DEFAULT_NAME));
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
            // The error's own text shows the line, which may have a secret in it.
            let start = error.span().map(|span| line(span.start));
            ConfigError::new(path, start, ConfigFault::Syntax(error.message().to_owned()))
        })?;
        let mut pairs: Vec<_> = table.get_ref().iter().collect();
        pairs.sort_by_key(|(key, _)| key.span().start);

        let settings = Setting::all();
        let mut entries = BTreeMap::new();
        for (key, value) in pairs {
            let line = line(key.span().start);
            let (variable, values) = read_entry(&settings, key.get_ref(), value)
                .map_err(|fault| ConfigError::new(path, Some(line), fault))?;
            entries.insert(variable, FileEntry { line, values });
        }
        Ok(Self {
            path: path.to_owned(),
            entries,
        })
    }

    /// Sets the file's values as the defaults of a command and its subcommands: clap prefers flags and variables to them.
    #[must_use]
    pub fn set_defaults(&self, command: Command) -> Command {
        let command = command.mut_args(|argument| {
            let variable = argument.get_env().and_then(|name| name.to_str());
            match variable.and_then(|variable| self.entries.get(variable)) {
                Some(entry) => argument.default_values(&entry.values),
                None => argument,
            }
        });
        command.mut_subcommands(|command| self.set_defaults(command))
    }

    /// The path and the line where the file sets a setting.
    pub(super) fn origin_of(&self, setting: &Setting) -> Option<String> {
        let entry = self.entries.get(setting.variable())?;
        Some(format!("{}, line {}", self.path.display(), entry.line))
    }
}

/// The variable of a key's setting, and its values.
fn read_entry(
    settings: &[Setting],
    key: &str,
    value: &Spanned<DeValue>,
) -> Result<(String, Vec<String>), ConfigFault> {
    let Some(setting) = settings.iter().find(|setting| setting.key() == key) else {
        return Err(unknown_key(settings, key, value.get_ref()));
    };
    let invalid = |reason| ConfigFault::Value {
        key: key.to_owned(),
        reason,
    };
    let values = texts(value.get_ref(), setting.is_list()).map_err(invalid)?;
    for value in &values {
        if setting.is_secret() && value == HIDDEN {
            let reason = format!("{HIDDEN} is how secrets are printed: write the value itself");
            return Err(invalid(reason));
        }
        setting.check(value).map_err(invalid)?;
    }
    Ok((setting.variable().to_owned(), values))
}

fn unknown_key(settings: &[Setting], key: &str, value: &DeValue) -> ConfigFault {
    let key = key.to_owned();
    if value.is_table() {
        return ConfigFault::Table { key };
    }
    let plain = key.to_lowercase().replace('-', "_");
    let plain = plain.strip_prefix("microseg_").unwrap_or(&plain);
    let similarity = |known: &String| strsim::jaro(known, plain);
    let nearest = settings
        .iter()
        .map(Setting::key)
        .max_by(|one, other| similarity(one).total_cmp(&similarity(other)))
        .filter(|known| similarity(known) >= MIN_SIMILARITY);
    ConfigFault::Unknown { key, nearest }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        let error = ConfigFile::parse(Path::new("f.toml"), text).err();
        error.map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn first_fault_of_a_file_is_reported_with_its_line_and_key() {
        for (text, expected) in [
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
            assert_eq!(fault(text), expected, "{text}");
        }
    }

    #[test]
    fn invalid_toml_is_reported_with_its_line_and_without_its_text() {
        for text in [
            "queue = 5\nstore = 'secret\n",
            "queue = 5\nstore = secret\n",
            "queue = 5\nqueue = 'secret'\n",
            "queue = 5\nsecret\n",
        ] {
            let message = fault(text);
            assert!(message.starts_with("f.toml, line 2: "), "{message}");
            assert!(!message.contains("secret"), "{message}");
        }
    }
}
