//! Encoder of one model: from the bytes of a history to what the network reads.

use std::sync::Arc;

use serde::de::{DeserializeOwned, IgnoredAny};

use super::book::Book;
use super::calendar::Calendar;
use super::close::{Framing, States};
use super::continuation::Continuation;
use super::declaration::{InputDeclaration, Plan};
use super::history::History;
use super::journal::Journal;
use super::ledger::Ledger;
use super::period::PeriodKind;
use microseg_history::{
    Currencies, DeclaredFields, DefaultReader, DocumentRequest, HistoryError, HistoryReader,
    Identifier, Limits, MixedCurrencies, ParsedDocument, Taxonomy, TimeSettings, TransactionSink,
};

/// Opens the token of a customer's state, or says in a sentence why it cannot be opened.
type OpenToken<'a> = dyn Fn(&str, Option<&Identifier>) -> Result<Continuation, String> + 'a;

/// How the states of histories are read and kept.
#[derive(Clone, Copy)]
pub struct Tokens<'a> {
    /// Opens the token of a customer's state, or says in a sentence why it cannot be opened.
    pub open: &'a OpenToken<'a>,
    /// Whether the history's own state is wanted.
    pub keep: bool,
}

/// What a history is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// For its numbers.
    Scoring,
    /// To be encoded again without some of its transactions.
    Explaining,
}

/// Turns histories into what one model reads: by its taxonomy, and by its declaration of steps, window and inputs.
#[derive(Debug, Clone)]
pub struct Encoder {
    taxonomy: Arc<Taxonomy>,
    declaration: Arc<InputDeclaration>,
    limits: Limits,
}

impl Encoder {
    /// An encoder of the shares of spending in the last `window` periods; a window of zero is taken as one.
    #[must_use]
    pub fn new(taxonomy: Arc<Taxonomy>, period: PeriodKind, window: usize, limits: Limits) -> Self {
        let classes: Vec<String> = taxonomy
            .classes()
            .iter()
            .map(|class| class.id.clone())
            .collect();
        let declaration = InputDeclaration::shares(period, window, &classes);
        Self::with_inputs(taxonomy, declaration, limits)
    }

    /// An encoder of the declared inputs; the declaration must be of the taxonomy's classes, in their order.
    #[must_use]
    pub fn with_inputs(
        taxonomy: Arc<Taxonomy>,
        declaration: impl Into<Arc<InputDeclaration>>,
        limits: Limits,
    ) -> Self {
        Self {
            taxonomy,
            declaration: declaration.into(),
            limits,
        }
    }

    /// What the model reads.
    #[must_use]
    pub fn declaration(&self) -> &InputDeclaration {
        &self.declaration
    }

    /// The classes of the model.
    #[must_use]
    pub fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    /// How long one period of the totals is: a step of the model, or a month where steps are events.
    #[must_use]
    pub fn period(&self) -> PeriodKind {
        self.declaration.period()
    }

    /// How much one history may hold.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The declared fields, where the model reads a transaction's details: its id, its code and these fields; `None` where
    /// totals alone give what it reads.
    #[must_use]
    pub fn detail_fields(&self) -> Option<&DeclaredFields> {
        self.needs_details(Purpose::Scoring)
            .then(|| self.declaration.fields())
    }

    /// Reads one history, as JSON.
    ///
    /// # Errors
    /// [`HistoryError`] with a JSON Pointer to the first fault.
    pub fn read(&self, bytes: &[u8]) -> Result<History, HistoryError> {
        self.read_by(&DefaultReader::default(), bytes)
    }

    /// As [`Encoder::read`], by a reader of the caller's.
    ///
    /// # Errors
    /// [`HistoryError`] with a JSON Pointer to the first fault.
    pub fn read_by(
        &self,
        reader: &impl HistoryReader,
        bytes: &[u8],
    ) -> Result<History, HistoryError> {
        self.read_document::<IgnoredAny>(reader, bytes, None, Purpose::Scoring, None)
            .map(|(history, _)| history)
    }

    /// Reads one history to be explained: one that keeps what it is encoded from.
    ///
    /// # Errors
    /// As [`Encoder::read`]; where steps are events, transactions before the window must have codes too.
    pub fn read_to_explain(&self, bytes: &[u8]) -> Result<History, HistoryError> {
        let reader = DefaultReader::default();
        self.read_document::<IgnoredAny>(&reader, bytes, None, Purpose::Explaining, None)
            .map(|(history, _)| history)
    }

    /// As [`Encoder::read_to_explain`], for a history that may continue another one.
    pub(super) fn read_to_explain_continued(
        &self,
        bytes: &[u8],
        tokens: Tokens<'_>,
    ) -> Result<History, HistoryError> {
        let reader = DefaultReader::default();
        let purpose = Purpose::Explaining;
        self.read_document::<IgnoredAny>(&reader, bytes, None, purpose, Some(tokens))
            .map(|(history, _)| history)
    }

    /// Reads one history to be explained that carries a further member, such as `explain`; `None` where it is absent or
    /// `null`.
    ///
    /// # Errors
    /// As [`Encoder::read_to_explain`], the faults of the further member included.
    pub fn read_with<E: DeserializeOwned>(
        &self,
        bytes: &[u8],
        member: &'static str,
    ) -> Result<(History, Option<E>), HistoryError> {
        let reader = DefaultReader::default();
        self.read_document(&reader, bytes, Some(member), Purpose::Explaining, None)
    }

    /// Reads one history that may continue another one, and that is to be continued.
    ///
    /// # Errors
    /// [`HistoryError`] with a JSON Pointer to the first fault, that of a token included.
    pub fn read_continued(
        &self,
        bytes: &[u8],
        tokens: Tokens<'_>,
    ) -> Result<History, HistoryError> {
        let reader = DefaultReader::default();
        self.read_document::<IgnoredAny>(&reader, bytes, None, Purpose::Scoring, Some(tokens))
            .map(|(history, _)| history)
    }

    /// As [`Encoder::read_with`], for a history that may continue another one.
    ///
    /// # Errors
    /// As [`Encoder::read_with`], and the fault of a token.
    pub fn read_continued_with<E: DeserializeOwned>(
        &self,
        bytes: &[u8],
        member: &'static str,
        tokens: Tokens<'_>,
    ) -> Result<(History, Option<E>), HistoryError> {
        let reader = DefaultReader::default();
        let purpose = Purpose::Explaining;
        self.read_document(&reader, bytes, Some(member), purpose, Some(tokens))
    }

    /// As [`Encoder::read_continued`], for a history that carries a further member; `None` where it is absent or `null`.
    ///
    /// # Errors
    /// As [`Encoder::read_continued`], the faults of the further member included.
    pub fn read_continued_beside<E: DeserializeOwned>(
        &self,
        bytes: &[u8],
        member: &'static str,
        tokens: Tokens<'_>,
    ) -> Result<(History, Option<E>), HistoryError> {
        let reader = DefaultReader::default();
        let purpose = Purpose::Scoring;
        self.read_document(&reader, bytes, Some(member), purpose, Some(tokens))
    }

    pub(super) fn calendar(&self, times: &TimeSettings) -> Calendar {
        Calendar::new(self.period(), times.zone.clone())
    }

    pub(super) fn ledger(&self, times: &TimeSettings) -> Ledger {
        let classes = self.taxonomy.classes().len();
        Ledger::new(self.calendar(times), classes, times.as_of)
    }

    /// What closes the book of a history with these settings.
    pub(super) fn framing<'a>(
        &'a self,
        times: &'a TimeSettings,
        customer_id: Option<Identifier>,
        (currencies, mixed_currencies): (Currencies, MixedCurrencies),
    ) -> Framing<'a> {
        Framing {
            taxonomy: &self.taxonomy,
            declaration: &self.declaration,
            times,
            customer_id,
            currencies,
            mixed_currencies,
            keeps_transactions: false,
        }
    }

    /// An empty book for a history with these settings.
    pub(super) fn book(&self, times: &TimeSettings) -> Book {
        if self.needs_details(Purpose::Scoring) {
            Book::Journal(self.journal(times, Purpose::Scoring))
        } else {
            Book::Ledger(self.ledger(times))
        }
    }

    /// Whether totals alone do not suffice.
    pub(super) fn needs_details(&self, purpose: Purpose) -> bool {
        match self.declaration.plan() {
            _ if purpose == Purpose::Explaining => !self.declaration.is_shares_alone(),
            Plan::Periods { numbers, .. } => {
                !numbers.iter().all(|number| number.source.is_of_totals())
            }
            Plan::Events { .. } => true,
        }
    }

    pub(super) fn journal(&self, times: &TimeSettings, purpose: Purpose) -> Journal {
        let (ledger, most) = match self.declaration.plan() {
            Plan::Periods { .. } => (Some(self.ledger(times)), None),
            Plan::Events { .. } if purpose == Purpose::Explaining => (None, None),
            Plan::Events { window, .. } => (None, window.events),
        };
        Journal::new(
            self.taxonomy.clone(),
            self.declaration.clone(),
            ledger,
            times.as_of,
            most,
        )
    }

    fn read_document<E: DeserializeOwned>(
        &self,
        reader: &impl HistoryReader,
        bytes: &[u8],
        extension: Option<&'static str>,
        purpose: Purpose,
        tokens: Option<Tokens<'_>>,
    ) -> Result<(History, Option<E>), HistoryError> {
        if self.needs_details(purpose) {
            let fields = Some(self.declaration.fields());
            let new_sink = |times: &TimeSettings| self.journal(times, purpose);
            let request = self.request(extension, fields, &new_sink);
            let keeps = purpose == Purpose::Explaining;
            let document = reader.read(bytes, &request)?;
            self.close_document(document, Book::Journal, keeps, tokens)
        } else {
            let new_sink = |times: &TimeSettings| self.ledger(times);
            let request = self.request(extension, None, &new_sink);
            let document = reader.read(bytes, &request)?;
            self.close_document(document, Book::Ledger, false, tokens)
        }
    }

    pub(super) fn request<'a, S>(
        &'a self,
        extension: Option<&'static str>,
        details: Option<&'a DeclaredFields>,
        new_sink: &'a dyn Fn(&TimeSettings) -> S,
    ) -> DocumentRequest<'a, S> {
        DocumentRequest {
            taxonomy: &self.taxonomy,
            limits: self.limits,
            extension,
            details,
            new_sink,
        }
    }

    fn close_document<S: TransactionSink, E>(
        &self,
        document: ParsedDocument<S, E>,
        book: fn(S) -> Book,
        keeps_transactions: bool,
        tokens: Option<Tokens<'_>>,
    ) -> Result<(History, Option<E>), HistoryError> {
        let at_token = |detail: String| HistoryError::Invalid {
            pointer: "/state_token".to_owned(),
            detail,
        };
        let states = States {
            continued: match (document.state_token.as_deref(), &tokens) {
                (None, _) => None,
                (Some(token), Some(tokens)) => {
                    let customer = document.customer_id.as_ref();
                    Some((tokens.open)(token, customer).map_err(at_token)?)
                }
                (Some(_), None) => {
                    return Err(at_token("a state is not continued here".to_owned()));
                }
            },
            keep: tokens.is_some_and(|tokens| tokens.keep),
        };
        let framing = self.framing(
            &document.settings.times,
            document.customer_id,
            (
                document.encountered.currencies,
                document.settings.mixed_currencies,
            ),
        );
        let framing = Framing {
            keeps_transactions,
            ..framing
        };
        let mut history = framing.close(book(document.sink), states)?;
        history.quality.warnings.splice(..0, document.warnings);
        Ok((history, document.extension))
    }
}
