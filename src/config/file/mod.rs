//! File of settings, `microseg.toml`: reading, printing, and the table of all settings.

mod config_file;
mod error;
mod print;
mod setting;
#[cfg(test)]
mod table;
mod value;

pub use config_file::{ConfigFile, ConfigSettings};
pub use error::ConfigError;
pub use print::print;
