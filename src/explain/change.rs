//! Change: the other end of an explanation by `change`, and what of a history lies between the two ends.
//!
//! The history is cut at a moment. What was before stays as it is, and what came since then is divided into parts. Where the network
//! reads shares, the share of a part that is taken away is spent as the customer spent before; where it reads transactions, those
//! of the part never happened. The other way is from the center of the customer's micro-segment to the customer.

use super::baseline::BaselineKind;
use super::error::{ExplainError, LevelFault};
use super::level::Level;
use super::method::Method;
use super::options::Options;
use super::since::SinceFault;
use microseg_encoding::{History, Transaction};
use microseg_history::Moment;

/// What the customer is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// Their own history as it was.
    Since(Cut),
    /// The center of their micro-segment.
    Center,
}

/// Where a history is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cut {
    /// The first moment behind the cut.
    pub(crate) moment: Moment,
    /// The place of the period that begins then, at least 1; `None` where steps are events.
    pub(crate) period: Option<usize>,
}

/// Checks that the options fit together, before there is a history.
pub(crate) fn check(options: &Options, baseline: BaselineKind) -> Result<(), ExplainError> {
    let is_change = options.method == Method::Change;
    if is_change && options.level == Level::Field {
        return Err(LevelFault::Change.into());
    }
    match (
        &options.since,
        is_change && baseline == BaselineKind::Earlier,
    ) {
        (None, true) => Err(SinceFault::Missing.into()),
        (Some(_), false) => Err(SinceFault::NotUsed.into()),
        (Some(_), true) | (None, false) => Ok(()),
    }
}

/// Checks that a moment lies inside of what is known of a history.
pub(crate) fn check_moment(history: &History, options: &Options) -> Result<(), SinceFault> {
    let Some(since) = &options.since else {
        return Ok(());
    };
    // Events before the window are known, too.
    if history.has_events() {
        return Ok(());
    }
    let moment = since.moment(history.totals.time_zone());
    let place = history.totals.place_of(moment);
    place
        .filter(|&place| place > 0)
        .map(drop)
        .ok_or(SinceFault::Outside)
}

impl Change {
    /// What is asked for; `None` for other methods.
    pub(crate) fn asked(history: &History, options: &Options) -> Result<Option<Self>, SinceFault> {
        if options.method != Method::Change {
            return Ok(None);
        }
        let Some(since) = &options.since else {
            return Ok(Some(Self::Center));
        };
        let totals = &history.totals;
        let moment = since.moment(totals.time_zone());
        if history.has_events() {
            return Ok(Some(Self::Since(Cut {
                moment,
                period: None,
            })));
        }
        let place = totals.place_of(moment).filter(|&place| place > 0);
        let place = place.ok_or(SinceFault::Outside)?;
        Ok(Some(Self::Since(Cut {
            moment: totals.start_of(place),
            period: Some(place),
        })))
    }

    /// Where the history is cut, if it is.
    pub(crate) fn cut(self) -> Option<Cut> {
        match self {
            Self::Since(cut) => Some(cut),
            Self::Center => None,
        }
    }
}

impl Cut {
    /// Whether a transaction lies before it.
    pub(crate) fn is_before(self, transaction: &Transaction<'_>) -> bool {
        match self.period {
            Some(first) => transaction.period.is_none_or(|period| period < first),
            None => transaction.moment < self.moment,
        }
    }
}
