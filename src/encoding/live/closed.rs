//! Steps that have closed: no transaction can be added to them any more.

use crate::inputs::Inputs;
use crate::period::Period;
use crate::totals::PeriodSum;
use microseg_history::{Identifier, Moment};

/// A step, or the end of a month of steps, to which no transaction can be added any more.
#[derive(Debug, Clone, PartialEq)]
pub enum Closed {
    /// A period that is a step of the network.
    Period(ClosedPeriod),
    /// An event.
    Event(ClosedEvent),
    /// A calendar month of events: the last event is its last one.
    Month {
        /// The month.
        period: Period,
        /// All classes together.
        sum: PeriodSum,
    },
}

/// A period that no transaction can be added to any more.
#[derive(Debug, Clone, PartialEq)]
pub struct ClosedPeriod {
    /// The period itself.
    pub period: Period,
    /// All classes together.
    pub sum: PeriodSum,
    /// What the network reads in this step.
    pub inputs: Inputs,
}

/// An event that no other one can come before any more.
#[derive(Debug, Clone, PartialEq)]
pub struct ClosedEvent {
    /// Its number among all events, from 1, in their order.
    pub number: u64,
    /// When it was.
    pub moment: Moment,
    /// The caller's name for it.
    pub id: Option<Identifier>,
    /// How many of the events that are here have closed with it; for [`super::LiveHistory::inputs_of_events`].
    pub count: usize,
}

/// The effect of a transaction on the steps.
#[derive(Debug, Clone, PartialEq)]
pub enum Arrived {
    /// It was added; before it these steps closed, oldest first.
    Added(Vec<Closed>),
    /// Its step had closed already: it was counted and left out.
    Late {
        /// The transaction's identifier, if it has one.
        id: Option<Identifier>,
        /// The period that it would belong to.
        period: Period,
    },
}
