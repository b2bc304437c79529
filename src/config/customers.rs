//! Settings of kept customers: how long they and their transactions are kept, and what comes after an erasure.

use clap::{Args, ValueEnum};
use jiff::{SignedDuration, Timestamp};
use microseg_store::{AppendsAfterErasure, RetentionPolicy};

/// Customers whose transactions are kept.
#[derive(Debug, Clone, Args)]
pub struct CustomerSettings {
    /// Keep the transactions of customers one by one for this number of days after their own time, 1 to 36500; what the
    /// model goes on from takes the place of older ones [default: keep them until they are erased]
    #[arg(
        long = "keep-transactions",
        value_name = "DAYS",
        env = "MICROSEG_KEEP_TRANSACTIONS",
        value_parser = clap::value_parser!(u16).range(1..=36_500),
    )]
    pub keep_transactions: Option<u16>,

    /// For how long customers are kept to whom nothing is added.
    #[command(flatten)]
    pub retention: CustomerRetentionSettings,

    /// What becomes of transactions that arrive for a customer who was erased
    #[arg(
        long,
        value_name = "WHAT",
        env = "MICROSEG_APPENDS_AFTER_ERASURE",
        default_value = "begin-anew"
    )]
    pub appends_after_erasure: AfterErasure,
}

/// For how long customers are kept to whom nothing is added.
#[derive(Debug, Clone, Args)]
pub struct CustomerRetentionSettings {
    /// Erase what is kept of customers whose last transaction was added this number of days ago, 1 to 36500 [default: keep
    /// them for ever]
    #[arg(
        long = "customer-retention-days",
        value_name = "DAYS",
        env = "MICROSEG_CUSTOMER_RETENTION_DAYS",
        value_parser = clap::value_parser!(u16).range(1..=36_500),
    )]
    pub customer_retention_days: Option<u16>,

    /// The largest share of all kept customers that may be erased at once for their age, 1 to 100 percent: beyond it nothing
    /// is erased until 'microseg retention --confirm'
    #[arg(
        long = "customer-retention-percent",
        value_name = "PERCENT",
        env = "MICROSEG_CUSTOMER_RETENTION_PERCENT",
        default_value = "50",
        value_parser = clap::value_parser!(u8).range(1..=100),
    )]
    pub customer_retention_percent: u8,
}

/// What becomes of transactions that arrive for a customer who was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AfterErasure {
    /// They are refused and counted; a digest of the customer is kept for that
    Refuse,
    /// The customer begins anew
    BeginAnew,
}

impl From<AfterErasure> for AppendsAfterErasure {
    fn from(setting: AfterErasure) -> Self {
        match setting {
            AfterErasure::Refuse => Self::Refuse,
            AfterErasure::BeginAnew => Self::BeginAnew,
        }
    }
}

impl CustomerRetentionSettings {
    /// What may be erased for its age at a moment, and how far the clock has moved against a steady one since the process
    /// started; `None` when all customers are kept.
    #[must_use]
    pub fn policy(&self, now: Timestamp, moved: SignedDuration) -> Option<RetentionPolicy> {
        let age = SignedDuration::from_hours(24 * i64::from(self.customer_retention_days?));
        Some(RetentionPolicy {
            before: now.checked_sub(age).ok()?,
            now,
            moved,
            most_percent: self.customer_retention_percent,
        })
    }
}

impl CustomerSettings {
    /// The moment before which transactions are no longer kept one by one; `None` when all of them are.
    #[must_use]
    pub fn kept_since(&self, now: Timestamp) -> Option<Timestamp> {
        let age = SignedDuration::from_hours(24 * i64::from(self.keep_transactions?));
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
        customers: CustomerSettings,
    }

    fn read(arguments: &[&str]) -> Result<CustomerSettings, clap::Error> {
        let line = CommandLine::try_parse_from([&["microseg"], arguments].concat());
        line.map(|line| line.customers)
    }

    #[test]
    fn transactions_are_kept_for_a_number_of_days_or_for_ever() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        assert_eq!(read(&[]).unwrap().kept_since(now), None);
        let month = read(&["--keep-transactions", "28"]).unwrap();
        let since = month.kept_since(now).unwrap();
        assert_eq!(since.to_string(), "2026-02-01T12:00:00Z");
        for days in ["0", "36501", "-1", "1.5"] {
            assert!(read(&["--keep-transactions", days]).is_err(), "{days}");
        }
    }
}
