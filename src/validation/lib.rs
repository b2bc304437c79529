//! Validation of bundles: how explanations fare, by type of simulated customer.
//!
//! [`validate`] explains customers of each [`CustomerType`](microseg_simulation::CustomerType) at each level by the default
//! method, holds every explanation against fresh coalitions, and adds the verdicts up to the table of a bundle. What is done is
//! in a [`Journal`], from which an interrupted validation goes on.

mod error;
mod finding;
mod forget_gates;
mod journal;
mod observer;
mod run;
mod subject;
mod table;

pub use error::ValidationError;
pub use journal::Journal;
pub use observer::ValidationObserver;
pub use run::{ValidationSettings, validate};
