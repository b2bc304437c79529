//! Errors of tables that do not fit the network or each other.

/// Why the tables of a state space were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{table}: {member}: {reason}")]
pub struct SpaceError {
    /// `population`, `segments`, `attractors` or `surrogate`.
    pub table: &'static str,
    /// The member at fault.
    pub member: String,
    /// What is wrong with it.
    pub reason: String,
}

impl SpaceError {
    pub(super) fn new(table: &'static str, member: &str, reason: impl Into<String>) -> Self {
        Self {
            table,
            member: member.to_owned(),
            reason: reason.into(),
        }
    }

    /// Refuses a list that is not as long as it must be.
    pub(super) fn expect_length(
        table: &'static str,
        member: &str,
        found: usize,
        expected: usize,
    ) -> Result<(), Self> {
        if found == expected {
            return Ok(());
        }
        let reason = format!("expected {expected} of them, found {found}");
        Err(Self::new(table, member, reason))
    }

    /// Refuses a matrix that is not of the shape it must be.
    pub(super) fn expect_shape<T>(
        table: &'static str,
        member: &str,
        rows: &[Vec<T>],
        expected: (usize, usize),
    ) -> Result<(), Self> {
        Self::expect_length(table, member, rows.len(), expected.0)?;
        rows.iter()
            .try_for_each(|row| Self::expect_length(table, member, row.len(), expected.1))
    }

    /// Refuses a number outside 0 to 1.
    pub(super) fn expect_share(table: &'static str, member: &str, share: f64) -> Result<(), Self> {
        if (0.0..=1.0).contains(&share) {
            return Ok(());
        }
        Err(Self::new(table, member, "expected a number from 0 to 1"))
    }
}
