//! Reader of a history's document: from bytes to transactions, with JSON Pointers to what is wrong.

use serde::de::DeserializeOwned;

use super::currency::MixedCurrencies;
use super::document::{DocumentRequest, DocumentSeed, ParsedDocument};
use super::error::HistoryError;
use super::settings::HistorySettings;
use super::sink::TransactionSink;
use super::unknown_class::UnknownClass;

/// A reader of documents. All readers accept the same documents, give the same transactions, and refuse the others
/// with the same errors.
pub trait HistoryReader {
    /// Reads a document in one pass; `E` is the type of the extension.
    ///
    /// # Errors
    /// [`HistoryError`] with a JSON Pointer to the first fault.
    fn read_once<S: TransactionSink, E: DeserializeOwned>(
        &self,
        text: &str,
        seed: DocumentSeed<'_, S, E>,
    ) -> Result<ParsedDocument<S, E>, HistoryError>;

    /// Reads a document: in one pass, or in two where a member that counts for the transactions comes after them.
    ///
    /// # Errors
    /// [`HistoryError`] with a JSON Pointer to the first fault.
    fn read<S: TransactionSink, E: DeserializeOwned>(
        &self,
        bytes: &[u8],
        request: &DocumentRequest<'_, S>,
    ) -> Result<ParsedDocument<S, E>, HistoryError> {
        let text = HistoryError::check_utf8(bytes)?;
        let again = |settings: &HistorySettings, strict| {
            let seed = DocumentSeed::new(request, settings, strict);
            self.read_once(text, seed)
        };
        let mut document = again(&HistorySettings::default(), false)?;
        let settings = document.settings.clone();
        let refuses_class = settings.unknown_class == UnknownClass::Refuse;
        let refuses_currency = settings.mixed_currencies == MixedCurrencies::Refuse;
        let met = document.encountered;
        if (met.unknown_class && refuses_class)
            || (met.currencies.are_several() && refuses_currency)
        {
            document = again(&settings, true)?;
        }
        if document.sink_times != settings.times {
            document = again(&settings, false)?;
        }
        Ok(document)
    }
}
