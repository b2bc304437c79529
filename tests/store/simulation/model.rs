//! Model of a kept customer: what a table of its transactions would be in a program that does one thing after the other.

use std::collections::BTreeMap;

use microseg::store::{Added, NewTransactions, StoreError};

/// A kept customer, or one that is not kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Model {
    /// Moment and document by id.
    pub(crate) kept: BTreeMap<String, (i64, String)>,
    /// The same of what is no longer kept one by one.
    pub(crate) folded: BTreeMap<String, (i64, String)>,
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
    Folded,
    ErasedMeanwhile,
}

impl Outcome {
    /// What the store answered; anything else fails the test.
    pub(crate) fn of(answer: Result<Added, StoreError>) -> Self {
        match answer {
            Ok(added) => Self::Added(added),
            Err(StoreError::OtherSettings) => Self::OtherSettings,
            Err(StoreError::CustomerFull { .. }) => Self::Full,
            Err(StoreError::Folded { .. }) => Self::Folded,
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
        if new
            .transactions
            .iter()
            .any(|one| self.folded.contains_key(&one.id))
        {
            return Outcome::Folded;
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
            late: 0,
            approximate_since: None,
            is_replayed: false,
        })
    }

    /// Folds what is before a moment.
    pub(crate) fn fold(&mut self, until: i64) {
        let old = self.kept.extract_if(.., |_, (moment, _)| *moment < until);
        self.folded.extend(old);
    }

    /// The documents that are kept one by one, in the order in which they are read.
    pub(crate) fn documents(&self) -> Vec<String> {
        in_order(&self.kept)
    }

    /// The documents that are folded, in the same order.
    pub(crate) fn folded_documents(&self) -> Vec<String> {
        in_order(&self.folded)
    }

    /// The size of the documents, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.kept
            .values()
            .map(|(_, document)| document.len() as u64)
            .sum()
    }
}

fn in_order(transactions: &BTreeMap<String, (i64, String)>) -> Vec<String> {
    let mut all: Vec<_> = transactions
        .iter()
        .map(|(id, (moment, document))| (moment, id, document))
        .collect();
    all.sort();
    let documents = all.into_iter().map(|(_, _, document)| document.clone());
    documents.collect()
}
