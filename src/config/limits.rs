//! Limits on the size of bodies and histories.

use clap::Args;
use microseg_history::Limits;

/// Limits on input.
#[derive(Debug, Clone, Args)]
pub struct LimitSettings {
    /// The largest body, or line of NDJSON, in bytes
    #[arg(
        long,
        value_name = "BYTES",
        env = "MICROSEG_MAX_BODY_BYTES",
        default_value = "33554432",
        value_parser = clap::value_parser!(u32).range(1..),
    )]
    pub max_body_bytes: u32,

    /// The most bytes of bodies that are held in memory at once; a body beyond them is answered with 503. An eighth
    /// is for bodies up to 256 KiB alone. Bodies of many lines have half as much in addition; beyond it they wait. So have
    /// answers that their clients have not read yet
    #[arg(
        long,
        value_name = "BYTES",
        env = "MICROSEG_MAX_HELD_BYTES",
        default_value = "536870912",
        value_parser = clap::value_parser!(u32).range(1..),
    )]
    pub max_held_bytes: u32,

    /// The most transactions of one history
    #[arg(
        long,
        value_name = "COUNT",
        env = "MICROSEG_MAX_TRANSACTIONS",
        default_value = "1000000",
        value_parser = clap::value_parser!(u32).range(1..=100_000_000),
    )]
    pub max_transactions: u32,
}

impl LimitSettings {
    /// The largest body in bytes, as a size in memory.
    #[must_use]
    pub fn body_bytes(&self) -> usize {
        usize::try_from(self.max_body_bytes).unwrap_or(usize::MAX)
    }

    /// The most bytes of bodies that are held at once, as a size in memory.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        // One body must fit, whatever is set.
        let bytes = self.max_held_bytes.max(self.max_body_bytes);
        usize::try_from(bytes).unwrap_or(usize::MAX)
    }

    /// The most bytes of lines that are held at once, as a size in memory.
    #[must_use]
    pub fn held_line_bytes(&self) -> usize {
        (self.held_bytes() / 2).max(self.body_bytes())
    }

    /// The most bytes of answers that are held at once, as a size in memory.
    #[must_use]
    pub fn held_answer_bytes(&self) -> usize {
        self.held_line_bytes()
    }

    /// The limits of one history.
    #[must_use]
    pub fn history(&self) -> Limits {
        Limits {
            transactions: usize::try_from(self.max_transactions).unwrap_or(usize::MAX),
        }
    }
}
