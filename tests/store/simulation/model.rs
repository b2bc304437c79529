//! Model of a kept customer: what a table of its transactions would be in a program that does one thing after the other.

use std::collections::BTreeMap;

use microseg::store::{Added, NewTransactions, StoreError};

/// A kept customer, or one that is not kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Model {
    /// Moment and document by id.
    pub(crate) kept: BTreeMap<String, (i64, String)>,
    pub(crate) position: u64,
    /// `None` when it is not kept.
    pub(crate) settings: Option<String>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Added(Added),
    OtherSettings,
    Full,
    ErasedMeanwhile,
}

impl Outcome {
    /// What the store answered; anything else fails the test.
    pub(crate) fn of(answer: Result<Added, StoreError>) -> Self {
        match answer {
            Ok(added) => Self::Added(added),
            Err(StoreError::OtherSettings) => Self::OtherSettings,
            Err(StoreError::CustomerFull { .. }) => Self::Full,
            Err(StoreError::ErasedMeanwhile) => Self::ErasedMeanwhile,
            Err(error) => panic!("{error}"),
        }
    }
}

impl Model {
    /// Adds transactions, all of them or none.
    pub(crate) fn add(&mut self, new: &NewTransactions) -> Outcome {
        if self
            .settings
            .as_ref()
            .is_some_and(|settings| *settings != new.settings)
        {
            return Outcome::OtherSettings;
        }
        let mut after = self.kept.clone();
        for one in &new.transactions {
            after.insert(one.id.clone(), (one.moment, one.document.clone()));
        }
        let (mut added, mut corrected) = (0, 0);
        for (id, (_, document)) in &after {
            match self.kept.get(id) {
                None => added += 1,
                Some((_, before)) if before != document => corrected += 1,
                Some(_) => {}
            }
        }
        if added > 0 && after.len() as u64 > new.most {
            return Outcome::Full;
        }
        if added + corrected > 0 {
            self.position += 1;
            self.settings = Some(new.settings.clone());
            self.kept = after;
        }
        Outcome::Added(Added {
            added,
            corrected,
            duplicates: new.transactions.len() as u64 - added - corrected,
            position: self.position,
            transactions: self.kept.len() as u64,
            is_replayed: false,
        })
    }

    /// The documents in the order in which they are read.
    pub(crate) fn documents(&self) -> Vec<String> {
        let mut all: Vec<_> = self
            .kept
            .iter()
            .map(|(id, (moment, document))| (moment, id, document))
            .collect();
        all.sort();
        all.into_iter()
            .map(|(_, _, document)| document.clone())
            .collect()
    }

    /// The size of the documents, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.kept
            .values()
            .map(|(_, document)| document.len() as u64)
            .sum()
    }
}
