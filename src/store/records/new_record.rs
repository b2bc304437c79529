//! Explanations that are to become records.

use jiff::Timestamp;
use microseg_history::Identifier;
use uuid::Uuid;

use super::document_fields::DocumentFields;
use super::kept_input::KeptInput;
use crate::admitted_at::AdmittedAt;
use crate::error::StoreError;
use crate::timestamp::milliseconds;

/// An explanation that is to become a record.
#[derive(Debug, Clone)]
pub struct NewRecord {
    /// The explanation's id; the document's `id`.
    pub id: Uuid,
    /// When it was made; to the millisecond, the document's `created_at`.
    pub created_at: Timestamp,
    /// The customer that it explains; the document's `customer_id`.
    pub customer_id: Option<Identifier>,
    /// A JSON object in UTF-8 that ends with its brace. Its members above agree with the fields above, and none is
    /// called `previous_sha256`, `document_sha256` or `record_sha256`.
    pub document: Vec<u8>,
    /// What is kept of the input. It is not in the chain.
    pub input: KeptInput,
    /// Whether a job made it: then it is only appended while that job is queued or running.
    pub of_job: bool,
    /// When its request was admitted: it is not appended when its customer was erased after that.
    pub admitted: AdmittedAt,
}

impl NewRecord {
    /// Checks everything that an audit will compare with the record.
    ///
    /// # Errors
    /// [`StoreError::InvalidRecord`] for the first field that does not agree with the document.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let fields = DocumentFields::read(&self.document).ok_or(StoreError::InvalidRecord(
            "expected a JSON object that ends with its brace and has id and created_at",
        ))?;
        let customer_id = self.customer_id.as_ref().map(Identifier::as_str);
        let fault = if fields.is_sealed() {
            "it is sealed already"
        } else if fields.is_erasure() {
            "its kind is that of an erasure"
        } else if fields.id != self.id.to_string() {
            "its id is another one"
        } else if fields.created_at() != Some(milliseconds(self.created_at)) {
            "its created_at is another one"
        } else if fields.customer_id.as_deref() != customer_id {
            "its customer_id is another one"
        } else {
            return Ok(());
        };
        Err(StoreError::InvalidRecord(fault))
    }

    /// The bytes that it takes in the writer's queue.
    pub(crate) fn size(&self) -> usize {
        self.document.len() + self.input.bytes().map_or(0, <[u8]>::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(document: &str) -> NewRecord {
        NewRecord {
            id: Uuid::nil(),
            created_at: "2026-01-02T03:04:05.678Z".parse().unwrap(),
            customer_id: Some(Identifier::parse("c").unwrap()),
            document: document.into(),
            input: KeptInput::Digest,
            of_job: false,
            admitted: AdmittedAt::default(),
        }
    }

    #[test]
    fn document_that_disagrees_with_its_record_is_refused() {
        let whole = format!(
            r#"{{"id":"{}","created_at":"2026-01-02T03:04:05.678Z","customer_id":"c"}}"#,
            Uuid::nil()
        );
        assert!(record(&whole).check().is_ok());
        for (from, to) in [
            ("00-00", "00-01"),
            ("678", "679"),
            ("\"c\"", "\"d\""),
            ("\"c\"", "null"),
            ("\"c\"}", "\"c\"}\n"),
            ("\"c\"}", "\"c\",\"kind\":\"erasure\"}"),
            ("\"c\"}", "\"c\",\"previous_sha256\":null}"),
            ("\"c\"}", "\"c\",\"document_sha256\":1}"),
            ("\"c\"}", "\"c\",\"record_sha256\":\"\"}"),
            ("\"c\"}", "\"c\",\"customer_id\":\"d\"}"),
            ("created_at", "made_at"),
        ] {
            let refused = record(&whole.replacen(from, to, 1)).check();
            assert!(
                matches!(refused, Err(StoreError::InvalidRecord(_))),
                "{from} -> {to}"
            );
        }
    }
}
