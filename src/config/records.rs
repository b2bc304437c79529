//! Settings of records: the database, what is kept of the input, and for how long.

use std::path::PathBuf;
use std::time::Duration;
use std::{fmt, io};

use clap::{Args, ValueEnum};
use jiff::{SignedDuration, Timestamp};
use microseg_store::{Location, QueueLimit, RetentionPolicy};

/// The database of records.
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

    /// A file with the password of PostgreSQL, so that it does not have to be in the URL
    #[arg(
        long = "store-password-file",
        value_name = "FILE",
        env = "MICROSEG_STORE_PASSWORD_FILE"
    )]
    pub password_file: Option<PathBuf>,
}

impl StoreSettings {
    /// The location of the store, with the password of the file. A line end at the end of the file is ignored.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn location(&self) -> Result<Location, PasswordFileError> {
        let password = self.password_file.as_ref().map(|file| {
            let read = std::fs::read_to_string(file);
            read.map_err(|source| PasswordFileError {
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
    /// The URL can have a password in it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("StoreSettings(hidden)")
    }
}

/// An error of reading the file with the password.
#[derive(Debug, thiserror::Error)]
#[error("--store-password-file: {}: {source}", file.display())]
pub struct PasswordFileError {
    file: PathBuf,
    source: io::Error,
}

/// Records of explanations, and the jobs that make explanations later.
#[derive(Debug, Clone, Args)]
pub struct RecordSettings {
    /// The database of records.
    #[command(flatten)]
    pub store: StoreSettings,

    /// This server's name among those that share a store: a later process of the same name resumes the jobs that this
    /// one has not finished; two running servers must not have the same name [default: a new one at each start]
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

    /// For how long explanations are kept.
    #[command(flatten)]
    pub retention: RetentionSettings,

    /// How long the idempotency-key of a request is kept, in hours, 1 to 8760
    #[arg(
        long,
        value_name = "HOURS",
        env = "MICROSEG_IDEMPOTENCY_HOURS",
        default_value = "24",
        value_parser = clap::value_parser!(u16).range(1..=8_760),
    )]
    pub idempotency_hours: u16,

    /// Jobs that may wait before the next one is answered with 503
    #[arg(
        long,
        value_name = "COUNT",
        env = "MICROSEG_JOB_QUEUE",
        default_value = "1000",
        value_parser = clap::value_parser!(u32).range(1..),
    )]
    pub job_queue: u32,

    /// The most bytes of waiting jobs, as they are stored (compressed), before the next one is answered with 503
    #[arg(
        long,
        value_name = "BYTES",
        env = "MICROSEG_JOB_QUEUE_BYTES",
        default_value = "1073741824",
        value_parser = clap::value_parser!(u64).range(1..),
    )]
    pub job_queue_bytes: u64,
}

/// What is kept of an explanation's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeepInput {
    /// Nothing beside the explanation, which has a digest of the input
    Digest,
    /// The totals of each period and class, so that the explanation can be computed again and compared
    Totals,
    /// The whole request with all transactions
    History,
}

impl RecordSettings {
    /// The location of the store, with this server's name.
    ///
    /// # Errors
    /// When the file with the password cannot be read.
    pub fn location(&self) -> Result<Location, PasswordFileError> {
        Ok(Location {
            instance: self.instance.clone(),
            ..self.store.location()?
        })
    }

    /// How long the idempotency-key of a request is kept.
    #[must_use]
    pub fn keys_kept(&self) -> Duration {
        Duration::from_secs(u64::from(self.idempotency_hours) * 3_600)
    }

    /// How much may wait in the queue of jobs.
    #[must_use]
    pub fn queue_limit(&self) -> QueueLimit {
        QueueLimit {
            jobs: self.job_queue.into(),
            bytes: self.job_queue_bytes,
        }
    }
}

/// For how long explanations are kept.
#[derive(Debug, Clone, Args)]
pub struct RetentionSettings {
    /// Erase explanations after this number of days, 1 to 36500 [default: keep them for ever]
    #[arg(
        long = "retention-days",
        value_name = "DAYS",
        env = "MICROSEG_RETENTION_DAYS",
        value_parser = clap::value_parser!(u16).range(1..=36_500),
    )]
    pub retention_days: Option<u16>,

    /// The largest share of all explanations that may be erased at once for their age, 1 to 100 percent: beyond it nothing
    /// is erased until 'microseg retention --confirm'
    #[arg(
        long = "retention-percent",
        value_name = "PERCENT",
        env = "MICROSEG_RETENTION_PERCENT",
        default_value = "50",
        value_parser = clap::value_parser!(u8).range(1..=100),
    )]
    pub retention_percent: u8,
}

impl RetentionSettings {
    /// What may be erased for its age at a moment, and how far the clock has moved against a steady one since the process
    /// started; `None` when all explanations are kept.
    #[must_use]
    pub fn policy(&self, now: Timestamp, moved: SignedDuration) -> Option<RetentionPolicy> {
        let days = self.retention_days?;
        let age = SignedDuration::from_hours(24 * i64::from(days));
        Some(RetentionPolicy {
            before: now.checked_sub(age).ok()?,
            now,
            moved,
            most_percent: self.retention_percent,
        })
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
    fn retention_ends_a_number_of_days_ago_or_never() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let policy = |arguments: &[&str]| {
            let retention = read(arguments).unwrap().retention;
            retention.policy(now, SignedDuration::ZERO)
        };
        assert_eq!(policy(&[]), None);
        let month = policy(&["--retention-days", "28"]).unwrap();
        assert_eq!(month.before.to_string(), "2026-02-01T12:00:00Z");
        assert_eq!(month.most_percent, 50);
    }

    #[test]
    fn retention_outside_of_its_range_is_refused() {
        for days in ["0", "36501", "-1", "1.5"] {
            assert!(read(&["--retention-days", days]).is_err(), "{days}");
        }
    }
}
