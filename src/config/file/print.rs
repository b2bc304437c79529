//! Print of the settings in use, as a file with the origin of each.

use std::fmt::Write as _;

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::config_file::ConfigFile;
use super::setting::Setting;
use super::value::{HIDDEN, to_toml};

/// The settings that a server would use, from clap's matches, as a `microseg.toml` that reads back to the same settings.
/// Secrets are hidden, and must be added by hand.
#[must_use]
pub fn print(found: &ArgMatches, file: &ConfigFile) -> String {
    let mut text =
        "# The settings of `microseg serve`, and where each of them comes from.\n".to_owned();
    for setting in Setting::all() {
        let (about, default) = setting.about();
        let key = setting.key();
        let values: Vec<_> = found
            .try_get_raw(setting.id())
            .ok()
            .flatten()
            .into_iter()
            .flatten()
            .map(|value| value.to_string_lossy().into_owned())
            .collect();
        let source = match found.value_source(setting.id()) {
            Some(ValueSource::CommandLine) => format!("the flag --{}", setting.flag()),
            Some(ValueSource::EnvVariable) => format!("the variable {}", setting.variable()),
            _ => match (file.origin_of(&setting), default) {
                (Some(origin), _) => origin,
                (None, Some(default)) => format!("the default: {default}"),
                (None, None) if values.is_empty() => "nowhere: it is not set".to_owned(),
                (None, None) => "the default".to_owned(),
            },
        };
        let is_default = values == setting.defaults();
        // A default is in the documentation.
        let is_hidden = setting.is_secret() && !is_default;
        let shown = values
            .iter()
            .map(|value| if is_hidden { HIDDEN } else { value });
        let written: Vec<_> = shown.map(to_toml).collect();
        let line = match (written.as_slice(), setting.is_list()) {
            ([], _) => format!("# {key} = {}", setting.placeholder()),
            (values, true) => format!("{key} = [{}]", values.join(", ")),
            (values, false) => format!("{key} = {}", values.concat()),
        };
        // Writing to a String cannot fail.
        let _ = write!(text, "\n# {about}\n# From {source}\n{line}\n");
    }
    text
}
