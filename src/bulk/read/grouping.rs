//! Grouping of a table's rows by customer: adjacent rows of one customer are added up to a history.

use microseg_encoding::{Encoder, Tally};
use microseg_history::{HistoryError, Identifier};
use microseg_problem::{Problem, ProblemKind};

use super::context::{Purpose, UnitContext};
use super::row::{Row, label_of};
use super::row_positions::RowPositions;
use super::seen_customers::{CustomerHash, SeenCustomers};
use crate::columns::TableSettings;
use crate::error::BulkError;
use crate::history_result::{HistoryConsumer, Refusal};
use crate::position::Position;

/// The customer of a row that is invalid.
#[derive(Debug, Clone, Copy)]
pub(super) enum RowCustomer<'a> {
    /// A customer; `None` where the name is missing.
    Read(Option<&'a [u8]>),
    /// The row has no field for the customer.
    Unreadable,
}

/// Groups the rows of one unit of a table.
pub(crate) struct Grouping<'a> {
    encoder: &'a Encoder,
    settings: &'a TableSettings,
    purpose: Purpose,
    customers: &'a SeenCustomers,
    /// The table's name, for errors.
    input: &'a str,
    /// The customer whose rows are being read.
    current: Option<CurrentCustomer<'a>>,
    /// The current customer's name, in a buffer that is used again for the next one.
    name: Vec<u8>,
    /// All customers whose rows began in this unit.
    hashes: Vec<CustomerHash>,
}

struct CurrentCustomer<'a> {
    /// Whether the rows have a name.
    named: bool,
    customer_id: Option<Identifier>,
    position: Position,
    /// Those of the rows that were added, where a fault may be found in one of them when all were read.
    positions: RowPositions,
    tally: Result<Tally<'a>, (Position, Problem)>,
}

impl<'a> Grouping<'a> {
    pub(crate) fn new(context: &UnitContext<'a>, input: &'a str) -> Self {
        Self {
            encoder: context.encoder,
            settings: context.settings,
            purpose: context.purpose,
            customers: context.customers,
            input,
            current: None,
            name: Vec::new(),
            hashes: Vec::new(),
        }
    }

    /// Adds a row. Its transaction is read only when the customer has no problem already.
    ///
    /// # Errors
    /// [`BulkError::NotTogether`] when the customer had rows before, and rows of others stand between; the errors of
    /// `consume`.
    pub(super) fn add(
        &mut self,
        position: Position,
        customer: Option<&[u8]>,
        read: impl FnOnce(&mut Row<'_>) -> Result<(), String>,
        consume: &mut HistoryConsumer<'_>,
    ) -> Result<(), BulkError> {
        if !self.is_current(customer) {
            self.close(consume)?;
            self.open(position, customer)?;
        }
        let Some(CurrentCustomer {
            tally, positions, ..
        }) = &mut self.current
        else {
            return Ok(());
        };
        if let Ok(adding) = tally {
            match Row::add_to(adding, self.settings.amounts, read) {
                Ok(()) if adding.keeps_details() => positions.push(position),
                Ok(()) => {}
                Err(fault) => *tally = Err((position, invalid_row(position, &fault))),
            }
        }
        Ok(())
    }

    /// Adds an invalid row: its problem is the customer's, or the current customer's where the row has none.
    pub(super) fn refuse(
        &mut self,
        position: Position,
        customer: RowCustomer<'_>,
        problem: Problem,
        consume: &mut HistoryConsumer<'_>,
    ) -> Result<(), BulkError> {
        let (name, is_current) = match customer {
            RowCustomer::Read(name) => (name, self.is_current(name)),
            RowCustomer::Unreadable => (None, self.current.is_some()),
        };
        if !is_current {
            self.close(consume)?;
            self.open(position, name)?;
        }
        if let Some(CurrentCustomer { tally, .. }) = &mut self.current
            && tally.is_ok()
        {
            *tally = Err((position, problem));
        }
        Ok(())
    }

    /// Completes the last customer; gives all customers whose rows began in this unit.
    pub(super) fn finish(
        mut self,
        consume: &mut HistoryConsumer<'_>,
    ) -> Result<Vec<CustomerHash>, BulkError> {
        self.close(consume)?;
        Ok(self.hashes)
    }

    fn is_current(&self, customer: Option<&[u8]>) -> bool {
        match (&self.current, customer) {
            (Some(current), Some(name)) => current.named && self.name == name,
            (Some(current), None) => !current.named,
            (None, _) => false,
        }
    }

    fn open(&mut self, position: Position, customer: Option<&[u8]>) -> Result<(), BulkError> {
        self.name.clear();
        let (customer_id, fault) = match customer {
            None => (None, Some("the customer is missing")),
            Some(name) => {
                self.name.extend_from_slice(name);
                self.mark_seen(position)?;
                let text = std::str::from_utf8(name).map_err(|_| "the customer is not UTF-8");
                match text.and_then(Identifier::parse) {
                    Ok(customer_id) => (Some(customer_id), None),
                    Err(fault) => (None, Some(fault)),
                }
            }
        };
        let tally = match fault {
            None => Ok(match self.purpose {
                Purpose::Scoring => self.encoder.tally(&self.settings.history),
                Purpose::Explaining => self.encoder.tally_to_explain(&self.settings.history),
            }),
            Some(fault) => Err((position, invalid_row(position, fault))),
        };
        self.current = Some(CurrentCustomer {
            named: customer.is_some(),
            customer_id,
            position,
            positions: RowPositions::default(),
            tally,
        });
        Ok(())
    }

    fn mark_seen(&mut self, position: Position) -> Result<(), BulkError> {
        let hash = CustomerHash::of(&self.name);
        if !self.customers.insert(hash) {
            return Err(BulkError::NotTogether {
                input: self.input.to_owned(),
                position,
                column: self.settings.columns.customer.clone(),
            });
        }
        self.hashes.push(hash);
        Ok(())
    }

    fn close(&mut self, consume: &mut HistoryConsumer<'_>) -> Result<(), BulkError> {
        let Some(current) = self.current.take() else {
            return Ok(());
        };
        let CurrentCustomer {
            customer_id,
            position,
            positions,
            tally,
            ..
        } = current;
        let history = match tally {
            Ok(tally) => match tally.finish(customer_id.clone()) {
                Ok(history) => Ok(history),
                Err(error) => Err(refused_history(position, &positions, error)),
            },
            Err(positioned) => Err(positioned),
        };
        consume(history.map_err(|(position, problem)| Refusal {
            position,
            customer_id,
            problem,
        }))
    }
}

/// The problem of a history whose rows could all be read: of one row where the fault is in one, else of the first one.
fn refused_history(
    first: Position,
    positions: &RowPositions,
    error: HistoryError,
) -> (Position, Problem) {
    if let Some((place, member, detail)) = error.in_transaction()
        && let Some(position) = positions.get(place)
    {
        let fault = format!("the {}: {detail}", label_of(&member));
        return (position, invalid_row(position, &fault));
    }
    (first, with_position(first, &Problem::from(error)))
}

/// The problem of an invalid row, with the row's position.
pub(super) fn invalid_row(position: Position, fault: &str) -> Problem {
    Problem::new(ProblemKind::InvalidContent, format!("{position}: {fault}"))
}

/// The same problem, with a position in its detail.
pub(super) fn with_position(position: Position, problem: &Problem) -> Problem {
    Problem::new(problem.kind(), format!("{position}: {}", problem.detail()))
}
