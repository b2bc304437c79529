//! Where records are kept, what is kept of the input, and for how long.

use std::path::PathBuf;
use std::{fmt, io};

use clap::{Args, ValueEnum};
use jiff::{SignedDuration, Timestamp};

use microseg_store::Location;

/// Where records are.
#[derive(Clone, Args)]
pub struct StoreSettings {
    /// The database's URL.
    #[arg(
        long = "store",
        help = "The database of records: sqlite://PATH, relative, or absolute as in sqlite:///var/lib/records.db; \
                or postgres://USER@HOST/DATABASE, which several servers can share",
        value_name = "URL",
        env = "MICROSEG_STORE",
        default_value = "sqlite://microseg.db",
        hide_env_values = true
    )]
    pub url: String,

    /// A file with the password of PostgreSQL, which then need not be in the URL
    #[arg(
        long = "store-password-file",
        value_name = "FILE",
        env = "MICROSEG_STORE_PASSWORD_FILE"
    )]
    pub password_file: Option<PathBuf>,
}

impl StoreSettings {
    /// Where the store is, with the password that is in the file. A line end at its end is not part of it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn location(&self) -> Result<Location, PasswordFile> {
        let password = self.password_file.as_ref().map(|file| {
            let read = std::fs::read_to_string(file);
            read.map_err(|source| PasswordFile {
                file: file.clone(),
                source,
            })
        });
        Ok(Location {
            password: password
                .transpose()?
                .map(|text| text.trim_end_matches(['\r', '\n']).to_owned()),
            ..self.url.as_str().into()
        })
    }
}

impl fmt::Debug for StoreSettings {
    /// The URL can hold a password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("StoreSettings(hidden)")
    }
}

/// The file with the password cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("--store-password-file: {}: {source}", file.display())]
pub struct PasswordFile {
    file: PathBuf,
    source: io::Error,
}

/// Records of explanations, and the jobs that make explanations later.
#[derive(Debug, Clone, Args)]
pub struct RecordSettings {
    /// Where records are.
    #[command(flatten)]
    pub store: StoreSettings,

    /// This server's name among those that share a store: a later process of the same name takes back the jobs that
    /// this one leaves behind, and no two may have it at once [default: another at each start]
    #[arg(long, value_name = "NAME", env = "MICROSEG_INSTANCE")]
    pub instance: Option<String>,

    /// What to keep of an explanation's input beside the explanation
    #[arg(
        long,
        value_name = "WHAT",
        env = "MICROSEG_KEEP_INPUT",
        default_value = "totals"
    )]
    pub keep_input: KeepInput,

    /// Erase explanations after so many days, 1 to 36500 [default: keep them for ever]
    #[arg(
        long,
        value_name = "DAYS",
        env = "MICROSEG_RETENTION_DAYS",
        value_parser = clap::value_parser!(u16).range(1..=36_500),
    )]
    pub retention_days: Option<u16>,

    /// Jobs that may wait before the next one is answered with 503
    #[arg(
        long,
        value_name = "COUNT",
        env = "MICROSEG_JOB_QUEUE",
        default_value = "1000",
        value_parser = clap::value_parser!(u32).range(1..),
    )]
    pub job_queue: u32,
}

/// What is kept of an explanation's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeepInput {
    /// Nothing beyond the explanation and the digest in it
    Digest,
    /// The totals of each period and class, so that the explanation can be computed again and compared
    Totals,
    /// The whole request, every transaction of it
    History,
}

impl RecordSettings {
    /// Where the store is, and this server's name.
    ///
    /// # Errors
    /// When the file with the password cannot be read.
    pub fn location(&self) -> Result<Location, PasswordFile> {
        Ok(Location {
            instance: self.instance.clone(),
            ..self.store.location()?
        })
    }

    /// The moment before which explanations are to be erased; `None` when all are kept.
    #[must_use]
    pub fn retention_ends(&self, now: Timestamp) -> Option<Timestamp> {
        let days = self.retention_days?;
        let age = SignedDuration::from_hours(24 * i64::from(days));
        now.checked_sub(age).ok()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct CommandLine {
        #[command(flatten)]
        records: RecordSettings,
    }

    fn read(arguments: &[&str]) -> Result<RecordSettings, clap::Error> {
        let line = CommandLine::try_parse_from([&["microseg"], arguments].concat());
        line.map(|line| line.records)
    }

    #[test]
    fn retention_is_a_moment_in_the_past_or_never() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        assert_eq!(read(&[]).unwrap().retention_ends(now), None);
        let month = read(&["--retention-days", "28"]).unwrap();
        let ends = month.retention_ends(now).unwrap();
        assert_eq!(ends.to_string(), "2026-02-01T12:00:00Z");
        for days in ["0", "36501", "-1", "1.5"] {
            assert!(read(&["--retention-days", days]).is_err(), "{days}");
        }
    }
}
