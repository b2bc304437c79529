//! Rows become histories: those of one customer stand together, and are added up as they come.

use super::customers::{Customers, Mark};
use super::entry::{Entry, Refused};
use super::{BulkError, Place, TableSettings};
use microseg_encoding::{Encoder, Tally};
use microseg_history::{Identifier, ReadContext, TransactionFields};
use microseg_problem::{Problem, ProblemKind};

/// What takes the entries, one after the other.
pub(super) type Take<'a> = dyn FnMut(Entry) -> Result<(), BulkError> + 'a;

/// Whom a row that cannot be read is of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Named<'a> {
    /// A customer; `None` where the name is missing.
    Customer(Option<&'a [u8]>),
    /// Not even that can be told.
    Unknown,
}

/// Gathers the rows of one table's unit.
pub(super) struct Gathering<'a> {
    pub(super) encoder: &'a Encoder,
    pub(super) settings: &'a TableSettings,
    pub(super) customers: &'a Customers,
    /// The table's name, for errors.
    pub(super) input: &'a str,
    /// The customer whose rows are being read.
    current: Option<Current<'a>>,
    /// The name of the customer before, whose room is used again.
    name: Vec<u8>,
    /// Everyone whose rows began in this unit.
    marks: Vec<Mark>,
}

struct Current<'a> {
    /// Whether the rows name somebody; the name is kept apart.
    named: bool,
    customer_id: Option<Identifier>,
    place: Place,
    tally: Result<Tally<'a>, (Place, Problem)>,
}

impl<'a> Gathering<'a> {
    pub(super) fn new(
        encoder: &'a Encoder,
        settings: &'a TableSettings,
        customers: &'a Customers,
        input: &'a str,
    ) -> Self {
        Self {
            encoder,
            settings,
            customers,
            input,
            current: None,
            name: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// Adds a row. Its transaction is read only when the customer has no problem already.
    ///
    /// # Errors
    /// [`BulkError::NotTogether`] when the customer has had rows before others', and what `take` answers.
    pub(super) fn add(
        &mut self,
        place: Place,
        customer: Option<&[u8]>,
        transaction: impl FnOnce(ReadContext<'_>) -> Result<TransactionFields, String>,
        take: &mut Take<'_>,
    ) -> Result<(), BulkError> {
        if !self.is_current(customer) {
            self.close(take)?;
            self.open(place, customer)?;
        }
        let Some(Current { tally, .. }) = &mut self.current else {
            return Ok(());
        };
        if let Ok(adding) = tally {
            let added = transaction(adding.context()).and_then(|fields| {
                let added = adding.add(fields);
                added.map_err(|error| error.to_string())
            });
            if let Err(fault) = added {
                *tally = Err((place, invalid(place, &fault)));
            }
        }
        Ok(())
    }

    /// A row that cannot be read as one: the customer's problem, or, where not even the customer can be told, that of
    /// the one before.
    pub(super) fn refuse(
        &mut self,
        place: Place,
        customer: Named<'_>,
        problem: Problem,
        take: &mut Take<'_>,
    ) -> Result<(), BulkError> {
        let (name, is_current) = match customer {
            Named::Customer(name) => (name, self.is_current(name)),
            Named::Unknown => (None, self.current.is_some()),
        };
        if !is_current {
            self.close(take)?;
            self.open(place, name)?;
        }
        if let Some(Current { tally, .. }) = &mut self.current
            && tally.is_ok()
        {
            *tally = Err((place, problem));
        }
        Ok(())
    }

    /// Hands over the last customer; gives everyone who was met.
    pub(super) fn finish(mut self, take: &mut Take<'_>) -> Result<Vec<Mark>, BulkError> {
        self.close(take)?;
        Ok(self.marks)
    }

    fn is_current(&self, customer: Option<&[u8]>) -> bool {
        match (&self.current, customer) {
            (Some(current), Some(name)) => current.named && self.name == name,
            (Some(current), None) => !current.named,
            (None, _) => false,
        }
    }

    fn open(&mut self, place: Place, customer: Option<&[u8]>) -> Result<(), BulkError> {
        self.name.clear();
        let (customer_id, fault) = match customer {
            None => (None, Some("the customer is missing")),
            Some(name) => {
                self.name.extend_from_slice(name);
                self.meet(place)?;
                let text = std::str::from_utf8(name).map_err(|_| "the customer is not UTF-8");
                match text.and_then(Identifier::parse) {
                    Ok(customer_id) => (Some(customer_id), None),
                    Err(fault) => (None, Some(fault)),
                }
            }
        };
        let tally = match fault {
            None => Ok(self
                .encoder
                .tally(self.settings.as_of, self.settings.unknown_class)),
            Some(fault) => Err((place, invalid(place, fault))),
        };
        self.current = Some(Current {
            named: customer.is_some(),
            customer_id,
            place,
            tally,
        });
        Ok(())
    }

    fn meet(&mut self, place: Place) -> Result<(), BulkError> {
        let mark = Mark::of(&self.name);
        if !self.customers.meet(mark) {
            return Err(BulkError::NotTogether {
                input: self.input.to_owned(),
                place,
                column: self.settings.columns.customer.clone(),
            });
        }
        self.marks.push(mark);
        Ok(())
    }

    fn close(&mut self, take: &mut Take<'_>) -> Result<(), BulkError> {
        let Some(current) = self.current.take() else {
            return Ok(());
        };
        let first = current.place;
        let customer_id = current.customer_id;
        let history = match current.tally {
            Ok(tally) => match tally.finish(customer_id.clone()) {
                Ok(history) => Ok(history),
                Err(error) => Err((first, at(first, &Problem::from(error)))),
            },
            Err(fault) => Err(fault),
        };
        take(history.map_err(|(place, problem)| Refused {
            place,
            customer_id,
            problem,
        }))
    }
}

/// The problem with a row, which is named.
pub(super) fn invalid(place: Place, fault: &str) -> Problem {
    Problem::new(ProblemKind::InvalidContent, format!("{place}: {fault}"))
}

/// A problem that says where it is.
pub(super) fn at(place: Place, problem: &Problem) -> Problem {
    Problem::new(problem.kind(), format!("{place}: {}", problem.detail()))
}
