//! Kept customers of a store: transactions are added, read and listed, and scorings are kept.

use std::collections::HashMap;

use jiff::Timestamp;
use microseg_access::Tenant;
use uuid::Uuid;

use crate::customers::customer::{
    CustomerFilter, KeptCustomer, KeptScoring, ListedCustomer, SegmentChange,
};
use crate::customers::database::Growth;
use crate::customers::erasure::{AppendsAfterErasure, erased_digest};
use crate::customers::fold::digest_of;
use crate::customers::transaction::{Added, KeptTransaction, NewTransactions};
use crate::database::interface::Transaction;
use crate::error::StoreError;
use crate::existing::ExistingQuery;
use crate::lock_name::LockName;
use crate::operations::append_key::AppendKey;
use crate::operations::arrivals::Arrivals;
use crate::store::Store;
use crate::writer::operation::Operation;

/// A customer that waits for a scoring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingCustomer {
    /// The place among those that wait.
    pub number: i64,
    /// Its tenant.
    pub tenant: Tenant,
    /// The tenant's name for it.
    pub customer_id: String,
}

impl Store {
    /// Adds transactions of a customer, all of them or none; the first ones make it a kept customer.
    ///
    /// A transaction whose id is kept already replaces that one where it differs, and changes nothing where it does not: the
    /// same request may be sent again.
    ///
    /// # Errors
    /// [`StoreError::OtherSettings`] when the customer's earlier transactions have other settings,
    /// [`StoreError::CustomerFull`] when too many would be kept, [`StoreError::ErasedMeanwhile`] when the customer was
    /// erased after the request was admitted, [`StoreError::CustomerErased`] when it was erased and transactions are refused
    /// after that, [`StoreError::Folded`] when some are no longer kept by themselves, [`StoreError::KeyReused`] when another request had its key; else as all that
    /// writes.
    pub async fn add_transactions(&self, new: NewTransactions) -> Result<Added, StoreError> {
        let size = new.transactions.iter().map(size_of).sum();
        let tenant = self.tenant.clone();
        self.queue
            .write(
                Add {
                    new,
                    tenant,
                    after_erasure: self.after_erasure,
                    request: Uuid::now_v7(),
                },
                size,
            )
            .await
    }

    /// A kept customer; `None` when there is none with this name.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn customer(&self, customer_id: &str) -> Result<Option<KeptCustomer>, StoreError> {
        self.database.customer(&self.tenant, customer_id).await
    }

    /// The changes of a customer's micro-segment behind one of them, the oldest first.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn segment_changes(
        &self,
        customer: &KeptCustomer,
        after: u64,
        limit: usize,
    ) -> Result<Vec<SegmentChange>, StoreError> {
        let number = customer.number;
        self.database.segment_changes(number, after, limit).await
    }

    /// Kept customers, in the order in which they were first kept.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn customers(
        &self,
        filter: &CustomerFilter,
        limit: usize,
    ) -> Result<Vec<ListedCustomer>, StoreError> {
        self.database.customers(&self.tenant, filter, limit).await
    }

    /// Some customers of all tenants that have no scoring of their latest transactions, or where a bundle is given none by it:
    /// those behind a number.
    ///
    /// # Errors
    /// As all that reads.
    pub async fn unscored_customers(
        &self,
        bundle_sha256: Option<&str>,
        after: i64,
        limit: usize,
    ) -> Result<Vec<WaitingCustomer>, StoreError> {
        let rows = self.database.unscored(bundle_sha256, after, limit).await?;
        let waiting = rows.into_iter().map(|(number, unscored)| WaitingCustomer {
            number,
            tenant: Tenant::stored(&unscored.tenant),
            customer_id: unscored.customer_id,
        });
        Ok(waiting.collect())
    }

    /// Keeps the scoring of a customer, unless a later one is kept or the customer was erased meanwhile.
    ///
    /// # Errors
    /// As all that writes.
    pub async fn keep_scoring(
        &self,
        customer: &KeptCustomer,
        scoring: KeptScoring,
    ) -> Result<(), StoreError> {
        let size = scoring.document.len();
        let operation = KeepScoring {
            number: customer.number,
            customer: LockName::of_customer(&self.tenant, &customer.customer_id),
            scoring,
        };
        self.queue.write(operation, size).await
    }
}

fn size_of(transaction: &KeptTransaction) -> usize {
    transaction.id.len() + transaction.document.len()
}

/// Adds transactions.
struct Add {
    new: NewTransactions,
    tenant: Tenant,
    after_erasure: AppendsAfterErasure,
    /// Names this request among the lookups of its batch.
    request: Uuid,
}

impl Operation for Add {
    type Outcome = Added;

    fn existing_query(&self) -> Option<ExistingQuery> {
        Some(ExistingQuery {
            id: self.request,
            tenant: self.tenant.clone(),
            customer_id: Some(self.new.customer_id.clone()),
            admitted: self.new.admitted,
        })
    }

    fn locks(&self) -> Vec<LockName> {
        let Self { new, tenant, .. } = self;
        let keyed = new.keyed.iter();
        keyed
            .map(|keyed| LockName::of_key(tenant, &keyed.key_sha256))
            .chain([LockName::of_customer(tenant, &new.customer_id)])
            .collect()
    }

    async fn run(&mut self, transaction: &mut dyn Transaction) -> Result<Added, StoreError> {
        if let Some(query) = self.existing_query()
            && transaction.existing(&query).await?.is_erased
        {
            return Err(StoreError::ErasedMeanwhile);
        }
        let now = Timestamp::now();
        let key = match &self.new.keyed {
            Some(keyed) => Some(AppendKey::look_up(transaction, &self.tenant, keyed, now).await?),
            None => None,
        };
        if let Some(before) = key.as_ref().and_then(AppendKey::outcome) {
            return Ok(before);
        }
        let outcome = self.add(transaction, now).await?;
        if let Some(key) = key {
            key.note(transaction, &outcome).await?;
        }
        Ok(outcome)
    }
}

impl Add {
    /// Adds the transactions, whether or not the request was sent before.
    async fn add(
        &self,
        transaction: &mut dyn Transaction,
        now: Timestamp,
    ) -> Result<Added, StoreError> {
        let Self { new, tenant, .. } = self;
        let customer_id = &*new.customer_id;
        let found = transaction.find_customer(tenant, customer_id).await?;
        if found
            .as_ref()
            .is_some_and(|found| found.settings != new.settings)
        {
            return Err(StoreError::OtherSettings);
        }
        let erased = erased_digest(tenant, customer_id);
        if found.is_none()
            && self.after_erasure == AppendsAfterErasure::Refuse
            && transaction.is_remembered(&erased).await?
        {
            return Err(StoreError::CustomerErased);
        }
        let latest = by_id(&new.transactions);
        let kept = match &found {
            Some(found) => kept_of(transaction, found.number, &latest).await?,
            None => HashMap::new(),
        };
        let arrivals = match &found {
            Some(found) => {
                let sent = (&*new.transactions, &kept);
                Arrivals::sort(transaction, found, latest, sent).await?
            }
            None => Arrivals {
                kept: latest,
                late: Vec::new(),
            },
        };
        let change = Change::new(&arrivals.kept, &kept);
        let late = &arrivals.late;
        let is_changed = !change.changed.is_empty() || !late.is_empty();
        let transactions = found.as_ref().map_or(0, |found| found.transactions) + change.added;
        if change.added > 0 && transactions > new.most {
            return Err(StoreError::CustomerFull { most: new.most });
        }
        let outcome = Added {
            added: change.added,
            corrected: change.corrected,
            duplicates: (new.transactions.len() - change.changed.len() - late.len()) as u64,
            position: found.as_ref().map_or(0, |found| found.position) + u64::from(is_changed),
            transactions,
            late: late.len() as u64,
            approximate_since: found
                .as_ref()
                .and_then(|found| found.approximate_since)
                .into_iter()
                .chain(oldest(late))
                .min(),
            is_replayed: false,
        };
        if !is_changed {
            return Ok(outcome);
        }
        let number = if let Some(found) = &found {
            found.number
        } else {
            transaction.forget_erased(&erased).await?;
            transaction
                .insert_customer(tenant, customer_id, &new.settings, now)
                .await?
        };
        transaction.keep(number, &change.changed).await?;
        let digests: Vec<i64> = late.iter().map(|one| digest_of(&one.id)).collect();
        transaction.note_folded(number, &digests, true).await?;
        let growth = Growth {
            added: change.added,
            bytes: change.bytes,
            oldest: oldest(&change.changed),
            late: late.len() as u64,
            oldest_late: oldest(late),
        };
        transaction.advance(number, growth, now).await?;
        Ok(outcome)
    }
}

/// The moment of the oldest of some transactions.
fn oldest(transactions: &[&KeptTransaction]) -> Option<i64> {
    let moments = transactions.iter().map(|transaction| transaction.moment);
    moments.min()
}

/// The last transaction with each id, in the order in which the ids came first.
fn by_id(transactions: &[KeptTransaction]) -> Vec<&KeptTransaction> {
    let mut places = HashMap::new();
    let mut latest: Vec<&KeptTransaction> = Vec::with_capacity(transactions.len());
    for transaction in transactions {
        let place = *places.entry(&*transaction.id).or_insert(latest.len());
        match latest.get_mut(place) {
            Some(earlier) => *earlier = transaction,
            None => latest.push(transaction),
        }
    }
    latest
}

/// What is kept under the ids of transactions.
async fn kept_of(
    transaction: &mut dyn Transaction,
    number: i64,
    latest: &[&KeptTransaction],
) -> Result<HashMap<String, String>, StoreError> {
    let ids: Vec<&str> = latest.iter().map(|transaction| &*transaction.id).collect();
    let kept = transaction.kept_under(number, &ids).await?;
    Ok(kept.into_iter().collect())
}

/// What adding transactions changes.
struct Change<'a> {
    changed: Vec<&'a KeptTransaction>,
    added: u64,
    corrected: u64,
    /// By how many bytes the documents grow.
    bytes: i64,
}

impl<'a> Change<'a> {
    fn new(latest: &[&'a KeptTransaction], kept: &HashMap<String, String>) -> Self {
        let length = |document: &str| i64::try_from(document.len()).unwrap_or(i64::MAX);
        let mut change = Self {
            changed: Vec::new(),
            added: 0,
            corrected: 0,
            bytes: 0,
        };
        for &transaction in latest {
            match kept.get(&transaction.id) {
                Some(document) if *document == transaction.document => continue,
                Some(document) => {
                    change.corrected += 1;
                    change.bytes -= length(document);
                }
                None => change.added += 1,
            }
            change.bytes += length(&transaction.document);
            change.changed.push(transaction);
        }
        change
    }
}

/// Keeps a scoring.
struct KeepScoring {
    number: i64,
    customer: LockName,
    scoring: KeptScoring,
}

impl Operation for KeepScoring {
    type Outcome = ();

    fn locks(&self) -> Vec<LockName> {
        vec![self.customer]
    }

    async fn run(&mut self, transaction: &mut dyn Transaction) -> Result<(), StoreError> {
        let now = Timestamp::now();
        transaction
            .keep_scoring(self.number, &self.scoring, now)
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transaction(id: &str, document: &str) -> KeptTransaction {
        KeptTransaction {
            id: id.to_owned(),
            moment: 0,
            document: document.to_owned(),
        }
    }

    #[test]
    fn last_of_several_with_one_id_counts() {
        let given = [
            transaction("a", "1"),
            transaction("b", "2"),
            transaction("a", "3"),
        ];
        let latest = by_id(&given);
        let documents: Vec<&str> = latest.iter().map(|one| &*one.document).collect();
        assert_eq!(documents, ["3", "2"]);
    }

    #[test]
    fn change_tells_new_from_corrected_and_repeated_ones() {
        let given = [
            transaction("a", "same"),
            transaction("b", "longer"),
            transaction("c", "new"),
        ];
        let kept = [("a", "same"), ("b", "old")]
            .map(|(id, document)| (id.to_owned(), document.to_owned()))
            .into();
        let change = Change::new(&by_id(&given), &kept);
        assert_eq!((change.added, change.corrected, change.bytes), (1, 1, 6));
        let changed: Vec<&str> = change.changed.iter().map(|one| &*one.id).collect();
        assert_eq!(changed, ["b", "c"]);
    }
}
