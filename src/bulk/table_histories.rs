//! Histories of tables, read to be explained: one after the other, in the order of the inputs.

use microseg_encoding::{Encoder, History};

use crate::error::BulkError;
use crate::history_result::Refusal;
use crate::input::Input;
use crate::observer::RunObserver;
use crate::read::{Purpose, SeenCustomers, UnitContext};
use crate::settings::RunSettings;
use crate::units::UnitQueue;

/// The aimed size of what is read at once, in bytes of the input.
const UNIT_BYTES: u64 = 16 << 20;

/// Called with each customer and the name of its table, in order.
pub type TableConsumer<'a> =
    dyn FnMut(&str, Result<History, Refusal>) -> Result<(), BulkError> + 'a;

/// The customers of tables.
#[derive(Clone, Copy)]
pub struct TableHistories<'a> {
    /// The encoder of the model that explains them.
    pub encoder: &'a Encoder,
    /// The tables, in this order.
    pub inputs: &'a [Input],
    /// How they are read.
    pub settings: &'a RunSettings,
    /// Called as the reading goes on.
    pub observer: &'a dyn RunObserver,
}

impl TableHistories<'_> {
    /// Gives each customer to `consume`, with the name of its table: a history that keeps what it is encoded from, or why there is
    /// none.
    ///
    /// # Errors
    /// [`BulkError`] when a table cannot be read, is not a table, or has changed meanwhile; the errors of `consume`.
    pub fn read_to_explain(&self, consume: &mut TableConsumer<'_>) -> Result<(), BulkError> {
        let Self {
            encoder,
            inputs,
            settings,
            observer,
        } = *self;
        let customers = SeenCustomers::default();
        let context = UnitContext {
            encoder,
            settings: &settings.table,
            line_bytes: settings.line_bytes,
            customers: &customers,
            observer,
            purpose: Purpose::Explaining,
        };
        let mut units = UnitQueue::plan(inputs, settings, UNIT_BYTES, observer)?;
        while let Some((_, unit)) = units.next(settings, UNIT_BYTES, observer)? {
            let name = unit.input.name();
            unit.read(&context, &mut |history| {
                if observer.interrupted() {
                    return Err(BulkError::Interrupted);
                }
                consume(&name, history)
            })?;
            // What was read is whole and of one state only if the file still is as it was.
            unit.input.require_unchanged()?;
        }
        Ok(())
    }
}
