//! Continuation of a history: what of the transactions so far a later request needs, so that nothing is kept between the two.
//!
//! It holds what is still inside the window: exact sums of periods, and transactions where the model reads more than sums.
//! Of an event model without a window it holds the transactions since a *checkpoint*, and the network's recurrent state
//! there.

use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::ledger::SavedLedger;
use super::milliseconds::milliseconds_up;
use microseg_history::{
    AnotherCurrency, Currencies, HistoryError, Moment, SavedMoment, SavedTransaction,
};

/// Steps between two checkpoints, and from the first step to the first checkpoint. A network of events is run in chunks of
/// at most so many steps: a continued run is cut at the same places as one over everything.
pub const CHECKPOINT_STEPS: usize = 256;

/// What a later request needs of a history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Continuation {
    /// The zone of the history's calendar; `None` for UTC.
    pub(super) time_zone: Option<String>,
    pub(super) currencies: Currencies,
    /// The newest moment so far, before `as_of`.
    pub(super) newest: SavedMoment,
    /// What became of the transactions that are in neither sums nor events any more.
    pub(super) counts: Counts,
    /// Sums of periods: all of the window, or where steps are events that of the checkpoint's month up to it.
    pub(super) ledger: SavedLedger,
    /// Transactions in their order, where the model reads more than sums.
    pub(super) events: Vec<SavedTransaction>,
    pub(super) checkpoint: Option<Checkpoint>,
}

/// A place in a sequence of events from which the network goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Steps before it, a multiple of [`CHECKPOINT_STEPS`].
    pub(super) steps: u64,
    /// The moment of the last step before it.
    pub(super) previous: SavedMoment,
    /// The numbers of the recurrent state there, tensor by tensor.
    pub(super) state: Vec<f32>,
}

/// Why a history cannot be continued so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum ContinuationFault {
    #[error("the state was made in another time zone: send the same `time_zone`")]
    TimeZone,
    #[error("the window ends before the newest transaction of the state")]
    AsOf,
    #[error(
        "a transaction before the newest one of the state: send the whole history, without a token"
    )]
    Earlier,
    #[error("the state has other classes or fields than the model")]
    Foreign,
}

impl ContinuationFault {
    /// With a pointer to the member that does not fit.
    pub(super) fn at(self, pointer: impl Into<String>) -> HistoryError {
        HistoryError::Invalid {
            pointer: pointer.into(),
            detail: self.to_string(),
        }
    }
}

/// The error of a state whose transactions had another currency.
pub(super) fn other_currency(error: AnotherCurrency) -> HistoryError {
    HistoryError::Invalid {
        pointer: "/state_token".to_owned(),
        detail: error.to_string(),
    }
}

impl Continuation {
    /// The newest moment so far.
    ///
    /// # Errors
    /// When it is no moment of a history.
    pub(super) fn newest(&self) -> Result<Moment, HistoryError> {
        let newest = self.newest.restore();
        newest.ok_or_else(foreign)
    }

    /// The checkpoint that the next request goes on from, if there is one.
    #[must_use]
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.checkpoint.as_ref()
    }

    /// The moment before which a later transaction cannot be put in its place, in milliseconds since 1970; `None` where all
    /// can, in any order.
    #[must_use]
    pub fn settled_until(&self) -> Option<i64> {
        self.checkpoint.as_ref()?;
        Some(milliseconds_up(self.newest.restore()?))
    }

    /// Sets the recurrent state at the checkpoint, tensor by tensor: the encoder does not run the network.
    pub fn set_state(&mut self, state: Vec<f32>) {
        if let Some(checkpoint) = &mut self.checkpoint {
            checkpoint.state = state;
        }
    }
}

impl Continuation {
    /// The state of a history of which nothing is known but a checkpoint.
    pub(super) fn at(checkpoint: Checkpoint, time_zone: Option<String>) -> Self {
        Self {
            time_zone,
            currencies: Currencies::default(),
            newest: checkpoint.previous,
            counts: Counts::default(),
            ledger: SavedLedger::default(),
            events: Vec::new(),
            checkpoint: Some(checkpoint),
        }
    }
}

impl Checkpoint {
    /// In the canonical form of a history: the steps before it, the moment of the last one, and each number of the recurrent
    /// state as the 8 hex digits of its IEEE 754 binary32. `None` for a moment that no history has.
    pub(super) fn written(&self) -> Option<String> {
        let previous = self.previous.restore()?;
        let bytes: Vec<u8> = self
            .state
            .iter()
            .flat_map(|number| number.to_be_bytes())
            .collect();
        Some(format!("{} {previous} {}", self.steps, hex::encode(bytes)))
    }

    /// Reads what [`Checkpoint::written`] gives.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let (steps, previous, state) = (words.next()?, words.next()?, words.next()?);
        let bytes = hex::decode(state).ok()?;
        let (numbers, rest) = bytes.as_chunks::<4>();
        (rest.is_empty() && words.next().is_none()).then_some(Self {
            steps: steps.parse().ok()?,
            previous: Moment::parse(previous).ok()?.into(),
            state: numbers
                .iter()
                .map(|&bytes| f32::from_be_bytes(bytes))
                .collect(),
        })
    }

    /// The moment of the last step before it; `None` for one that no history has.
    pub(super) fn previous(&self) -> Option<Moment> {
        self.previous.restore()
    }

    /// Steps before it.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The numbers of the recurrent state there, tensor by tensor; empty until they are set.
    #[must_use]
    pub fn state(&self) -> &[f32] {
        &self.state
    }
}

/// What an earlier request has left of a history of events, apart from the events themselves.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    pub(super) counts: Counts,
    pub(super) ledger: SavedLedger,
    pub(super) checkpoint: Option<Checkpoint>,
}

impl Earlier {
    /// The moment of the last event before the checkpoint.
    pub(super) fn previous(&self) -> Result<Option<Moment>, HistoryError> {
        let Some(checkpoint) = &self.checkpoint else {
            return Ok(None);
        };
        checkpoint.previous.restore().map(Some).ok_or_else(foreign)
    }
}

/// The error of a state that is of another model.
pub(super) fn foreign() -> HistoryError {
    ContinuationFault::Foreign.at("/state_token")
}
