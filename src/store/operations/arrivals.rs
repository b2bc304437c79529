//! Arriving transactions of a customer some of whose transactions are folded: which of them can still be kept.

use std::collections::{HashMap, HashSet};

use crate::customers::customer::KeptCustomer;
use crate::customers::fold::digest_of;
use crate::customers::transaction::KeptTransaction;
use crate::database::interface::Transaction;
use crate::error::StoreError;

/// Arriving transactions, by what becomes of them.
#[derive(Default)]
pub(super) struct Arrivals<'a> {
    /// They are compared with what is kept.
    pub(super) kept: Vec<&'a KeptTransaction>,
    /// They came too late to be put in their place.
    pub(super) late: Vec<&'a KeptTransaction>,
}

impl<'a> Arrivals<'a> {
    /// Sorts the last transactions with each id, of a request for a customer.
    ///
    /// # Errors
    /// [`StoreError::Folded`] with the places of those that were kept once and are no longer.
    pub(super) async fn sort(
        transaction: &mut dyn Transaction,
        found: &KeptCustomer,
        latest: Vec<&'a KeptTransaction>,
        (all, kept): (&[KeptTransaction], &HashMap<String, String>),
    ) -> Result<Self, StoreError> {
        if found.folded == 0 {
            return Ok(Self {
                kept: latest,
                late: Vec::new(),
            });
        }
        let digests: Vec<i64> = latest.iter().map(|one| digest_of(&one.id)).collect();
        let known = transaction.folded_under(found.number, &digests).await?;
        let known: HashMap<i64, bool> = known.into_iter().collect();
        let (mut sorted, mut refused) = (Self::default(), HashSet::new());
        for (one, digest) in latest.into_iter().zip(&digests) {
            let is_settled = found.settled_until.is_some_and(|until| one.moment < until);
            match (known.get(digest), kept.get(&one.id)) {
                // Sent again, it was late before.
                (Some(true), _) => {}
                (Some(false), _) => {
                    refused.insert(&*one.id);
                }
                (None, Some(document)) if is_settled && *document != one.document => {
                    refused.insert(&*one.id);
                }
                (None, None) if is_settled => sorted.late.push(one),
                (None, _) => sorted.kept.push(one),
            }
        }
        if refused.is_empty() {
            return Ok(sorted);
        }
        let places = (0..).zip(all);
        let places = places.filter(|(_, one)| refused.contains(&*one.id));
        Err(StoreError::Folded {
            places: places.map(|(place, _)| place).collect(),
        })
    }
}
