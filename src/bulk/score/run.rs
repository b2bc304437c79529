//! Run of bulk scoring: a model, inputs and settings.

use microseg_model::Model;

use crate::error::BulkError;
use crate::input::Input;
use crate::observer::RunObserver;
use crate::read::{Purpose, SeenCustomers, UnitContext};
use crate::settings::RunSettings;

/// What is scored, by which model, and how.
#[derive(Clone, Copy)]
pub struct BulkRun<'a> {
    /// The model; it should have as many threads as the run.
    pub model: &'a Model,
    /// What is read, in this order.
    pub inputs: &'a [Input],
    /// How it is read.
    pub settings: &'a RunSettings,
    /// The aimed size of a unit, in bytes of its input, at least 1.
    pub part_bytes: u64,
    /// Called as the run goes on.
    pub observer: &'a dyn RunObserver,
}

impl<'a> BulkRun<'a> {
    /// The inputs that are no longer as they were when they were found.
    pub(crate) fn changed_inputs(&self) -> impl Iterator<Item = (&'a Input, BulkError)> {
        let changed = |input: &'a Input| Some((input, input.require_unchanged().err()?));
        self.inputs.iter().filter_map(changed)
    }

    /// What reading a unit of this run needs; all customers of tables are added to `customers`.
    pub(crate) fn unit_context(&self, customers: &'a SeenCustomers) -> UnitContext<'a> {
        UnitContext {
            encoder: self.model.encoder(),
            settings: &self.settings.table,
            line_bytes: self.settings.line_bytes,
            customers,
            observer: self.observer,
            purpose: Purpose::Scoring,
        }
    }
}
