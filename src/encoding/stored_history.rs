//! All that an explanation of a history is computed from: its digest, and its form in records.

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::continuation::{Checkpoint, Continuation};
use super::encoder::{Encoder, Tokens};
use super::history::History;
use super::quality::Quality;
use super::stored_totals::RestoreError;
use super::transactions::Meaning;
use microseg_history::Identifier;

/// What of a stored history must be known before it is read.
#[derive(Deserialize)]
struct StoredSettings {
    time_zone: Option<String>,
}

impl History {
    /// SHA-256 over the canonical form of what the network reads, in lower-case hex: of the totals, or else of the bytes of
    /// [`History::to_json`].
    ///
    /// # Errors
    /// As [`History::to_json`].
    pub fn digest(&self, encoder: &Encoder) -> Result<String, serde_json::Error> {
        match &self.transactions {
            None => Ok(self.totals.digest(encoder.taxonomy())),
            Some(_) => Ok(hex::encode(Sha256::digest(self.to_json(encoder)?))),
        }
    }

    /// All that an explanation is computed from, as JSON: the totals, or the transactions where the network reads more than
    /// shares of the totals.
    ///
    /// # Errors
    /// None that a history can cause; serialising to memory has an error type all the same.
    pub fn to_json(&self, encoder: &Encoder) -> Result<Vec<u8>, serde_json::Error> {
        let taxonomy = encoder.taxonomy();
        let Some(transactions) = &self.transactions else {
            return self.totals.to_json(taxonomy);
        };
        transactions.to_json(Meaning {
            taxonomy,
            fields: encoder.declaration().fields(),
            zone: self.totals.time_zone(),
        })
    }
}

impl Encoder {
    /// Reads what was stored as JSON by [`History::to_json`], of a history that was read to be explained.
    ///
    /// # Errors
    /// [`RestoreError`] when it was changed, or is of another taxonomy or declaration.
    pub fn restore_history(&self, stored: &[u8]) -> Result<History, RestoreError> {
        if !self.declaration().is_shares_alone() {
            return self.restore_transactions(stored);
        }
        Ok(History {
            customer_id: None,
            totals: self.restore(stored)?,
            quality: Quality::default(),
            inputs: None,
            steps: None,
            transactions: None,
            checkpoint: None,
            continuation: None,
        })
    }

    fn restore_transactions(&self, stored: &[u8]) -> Result<History, RestoreError> {
        let StoredSettings { time_zone } = serde_json::from_slice(stored)?;
        let open = |text: &str, _: Option<&Identifier>| {
            let checkpoint = Checkpoint::parse(text);
            let checkpoint = checkpoint.ok_or_else(|| "not a kept state".to_owned())?;
            Ok(Continuation::at(checkpoint, time_zone.clone()))
        };
        let tokens = Tokens {
            open: &open,
            keep: false,
        };
        Ok(self.read_to_explain_continued(stored, tokens)?)
    }
}
