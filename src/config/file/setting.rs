//! List of all settings, as the command line declares them: for reading and printing the file, and for the table.

use std::error::Error as _;
use std::num::{ParseFloatError, ParseIntError};

use clap::error::{ContextKind, ContextValue};
use clap::{Arg, ArgAction, Args, Command};

use crate::log::LogSettings;
use crate::service::ServiceSettings;

/// A setting: an argument with a flag and a variable.
pub(super) struct Setting {
    argument: Arg,
    flag: String,
    variable: String,
}

impl Setting {
    /// All settings of a server, and those of the log.
    pub(super) fn all() -> Vec<Self> {
        let command =
            LogSettings::augment_args(ServiceSettings::augment_args(Command::new("serve")));
        command.get_arguments().filter_map(Self::of).collect()
    }

    /// `None` for an argument without a flag or a variable.
    fn of(argument: &Arg) -> Option<Self> {
        Some(Self {
            flag: argument.get_long()?.to_owned(),
            variable: argument.get_env()?.to_str()?.to_owned(),
            argument: argument.clone(),
        })
    }

    /// Its name in the file: its flag's, in snake case.
    pub(super) fn key(&self) -> String {
        self.flag.replace('-', "_")
    }

    /// Its flag, without the dashes before it.
    pub(super) fn flag(&self) -> &str {
        &self.flag
    }

    /// Its variable, which is the same in every command that has the setting.
    pub(super) fn variable(&self) -> &str {
        &self.variable
    }

    /// Its name among clap's matches.
    pub(super) fn id(&self) -> &str {
        self.argument.get_id().as_str()
    }

    /// Whether its value is a secret, which is not printed.
    pub(super) fn is_secret(&self) -> bool {
        self.argument.is_hide_env_values_set()
    }

    /// Whether it takes several values, which are an array in the file.
    pub(super) fn is_list(&self) -> bool {
        let several = self.argument.get_num_args();
        matches!(self.argument.get_action(), ArgAction::Append)
            || several.is_some_and(|range| range.max_values() > 1)
            || self.argument.get_value_delimiter().is_some()
    }

    /// The placeholder of its value, such as COUNT.
    pub(super) fn placeholder(&self) -> &str {
        let names = self.argument.get_value_names().and_then(<[_]>::first);
        names.map_or("VALUE", |name| name.as_str())
    }

    /// Its help, and its default in words where it has no plain value.
    pub(super) fn about(&self) -> (String, Option<String>) {
        let help = self.argument.get_help();
        // One line, since it becomes a comment or a cell.
        let help = help.map(|help| help.to_string().replace('\n', " "));
        let help = help.unwrap_or_default();
        let parts = help.strip_suffix(']');
        let (help, default) = match parts.and_then(|text| text.rsplit_once(" [default: ")) {
            Some((help, default)) => (help.to_owned(), Some(default.to_owned())),
            None => (help, None),
        };
        let values = self.argument.get_possible_values();
        let shown = values.iter().filter(|value| !value.is_hide_set());
        let choices: Vec<_> = shown.map(|value| value.get_name().to_owned()).collect();
        if choices.is_empty() {
            return (help, default);
        }
        (format!("{help}: {}", one_of(&choices)), default)
    }

    /// The values of its default, as they would be written after the flag.
    pub(super) fn defaults(&self) -> Vec<String> {
        let defaults = self.argument.get_default_values().iter();
        let mut defaults: Vec<_> = defaults
            .map(|default| default.to_string_lossy().into_owned())
            .collect();
        if defaults.is_empty() && matches!(self.argument.get_action(), ArgAction::SetTrue) {
            defaults.push("false".to_owned());
        }
        defaults
    }

    /// Checks a value with the flag's own parser; the error says what was expected, and does not repeat the value.
    pub(super) fn check(&self, text: &str) -> Result<(), String> {
        let parts = match self.argument.get_value_delimiter() {
            Some(delimiter) => text.split(delimiter).collect(),
            None => vec![text],
        };
        for part in parts {
            let alone = Arg::new("value")
                .long("value")
                .value_parser(self.argument.get_value_parser().clone());
            let line = ["microseg".to_owned(), format!("--value={part}")];
            let parsed = Command::new("microseg")
                .arg(alone)
                .try_get_matches_from(line);
            parsed.map_err(|error| expectation(&error))?;
        }
        Ok(())
    }
}

fn expectation(error: &clap::Error) -> String {
    if let Some(ContextValue::Strings(choices)) = error.get(ContextKind::ValidValue)
        && !choices.is_empty()
    {
        return format!("expected {}", one_of(choices));
    }
    match error.source() {
        Some(source) if source.is::<ParseIntError>() => "expected a whole number".to_owned(),
        Some(source) if source.is::<ParseFloatError>() => "expected a number".to_owned(),
        Some(source) => source.to_string(),
        None => error.kind().to_string(),
    }
}

/// Alternatives in a sentence: a, b or c.
fn one_of(choices: &[String]) -> String {
    match choices {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => choices.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flag_variable_and_key_have_the_same_name() {
        let command = ServiceSettings::augment_args(Command::new("serve"));
        let settings = Setting::all();
        let declared = LogSettings::augment_args(command);
        assert_eq!(
            settings.len(),
            declared.get_arguments().count(),
            "each setting needs a flag (`long`) and a variable (`env`)"
        );
        for setting in settings {
            let variable = format!("MICROSEG_{}", setting.key().to_uppercase());
            assert_eq!(setting.variable(), variable);
            assert!(
                !setting.argument.is_required_set(),
                "--{} would be required before the file is read: give it a default or an Option",
                setting.flag()
            );
        }
    }

    #[test]
    fn alternatives_are_joined_by_commas_and_or() {
        let choices =
            |all: &[&str]| one_of(&all.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(choices(&[]), "");
        assert_eq!(choices(&["a"]), "a");
        assert_eq!(choices(&["a", "b"]), "a or b");
        assert_eq!(choices(&["a", "b", "c"]), "a, b or c");
    }
}
