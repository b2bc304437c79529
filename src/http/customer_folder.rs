//! Folder of old transactions: those of kept customers that are older than the setting allows leave the store, and what the
//! model goes on from takes their place.

use std::time::Duration;

use crate::state::{
    BlockingPool, CustomerScorer, EveryTenant, GOES_ON, Records, fold_of, read_kept, state_in,
};
use crate::{ApiError, App};
use microseg_access::Tenant;
use microseg_config::CustomerSettings;
use microseg_encoding::{Continuation, kept_history};
use microseg_store::{
    ClockWatch, Fold, KeptTransaction, NewFold, RetentionPolicy, StoreError, WaitingCustomer,
};
use microseg_timing::Timing;

/// How many customers are asked for at once.
const PAGE: usize = 64;

/// Folds old transactions for as long as the server lives: now and every hour; after an error, every minute. It does nothing
/// while the clock is in doubt, as for the retention of explanations.
pub async fn fold_customers(app: App, settings: CustomerSettings) {
    let parts = app.parts();
    let folder = Folder {
        records: parts.records.clone(),
        scorer: parts.customer_scorer.clone(),
        pool: parts.pool.clone(),
    };
    let watch = ClockWatch::start();
    loop {
        let (now, moved) = watch.look();
        let Some(before) = settings.kept_since(now) else {
            return;
        };
        let clock = RetentionPolicy {
            before,
            now,
            moved,
            most_percent: 100,
        };
        match folder.fold_all(&clock).await {
            Ok(0) => {}
            Ok(transactions) => tracing::info!(transactions, "folded for their age"),
            Err(ApiError::Store(StoreError::Closed)) => return,
            Err(error) => {
                tracing::warn!(cause = %error, "old transactions could not be folded");
                tokio::time::sleep(Duration::from_mins(1)).await;
                continue;
            }
        }
        tokio::time::sleep(Duration::from_hours(1)).await;
    }
}

struct Folder {
    records: EveryTenant<Records>,
    scorer: CustomerScorer,
    pool: BlockingPool,
}

impl Folder {
    /// Folds what is too old of all customers, and counts the transactions.
    async fn fold_all(&self, clock: &RetentionPolicy) -> Result<u64, ApiError> {
        let store = self.records.of(&Tenant::default()).store;
        if let Some(doubt) = store.doubted_clock(clock).await? {
            tracing::error!(reason = %doubt, "no transaction is folded for its age while the clock is in doubt");
            return Ok(0);
        }
        let (mut after, mut folded) = (0, 0);
        loop {
            let aged = store.aged_customers(clock.before, after, PAGE).await?;
            let Some(last) = aged.last() else {
                return Ok(folded);
            };
            after = last.number;
            for customer in &aged {
                folded += self.fold(customer, clock.before.as_millisecond()).await?;
            }
        }
    }

    /// Folds the transactions of a customer before a moment, and counts them.
    async fn fold(&self, aged: &WaitingCustomer, until: i64) -> Result<u64, ApiError> {
        let store = self.records.of(&aged.tenant).store;
        let Some(customer) = store.customer(&aged.customer_id).await? else {
            return Ok(0);
        };
        let old = store.transactions_before(&customer, until).await?;
        let Some(contents) = store.contents_of(&customer).await? else {
            return Ok(0);
        };
        if (contents.position, contents.folded) != (customer.position, customer.folded) {
            // It is folded the next time.
            return Ok(0);
        }
        let mut new = NewFold {
            fold: None,
            position: customer.position,
            folded: customer.folded,
            until,
            settled_until: None,
        };
        if !old.is_empty() {
            let settings = (&*aged.customer_id, &*customer.settings);
            let Some((fold, settled_until)) = self.make(settings, contents.fold, old).await? else {
                return Ok(0);
            };
            (new.fold, new.settled_until) = (Some(fold), settled_until);
        }
        Ok(store.fold(&customer, new).await?)
    }

    /// The fold of an earlier one and old transactions, and before which moment it is settled; `None` where the model can make
    /// none, as before the first spending.
    async fn make(
        &self,
        (customer_id, settings): (&str, &str),
        earlier: Option<Fold>,
        old: Vec<KeptTransaction>,
    ) -> Result<Option<(Fold, Option<i64>)>, ApiError> {
        let model = self.scorer.default_model()?;
        let state = earlier.map(|fold| state_in(&model, &fold)).transpose();
        let Ok(state) = state else {
            tracing::debug!("a customer's older transactions are in the form of another model");
            return Ok(None);
        };
        let documents: Vec<String> = old.into_iter().map(|one| one.document).collect();
        let goes_on = state.as_ref().map(|_| GOES_ON);
        let document = kept_history(customer_id, settings, &documents, goes_on, None)?;
        let own = model.clone();
        let read = self
            .pool
            .run(move || read_kept(&own, &document, state, true))
            .await?;
        let Ok(history) = read else {
            tracing::debug!("old transactions without spending cannot be folded");
            return Ok(None);
        };
        let mut timing = Timing::default();
        let scored = microseg_scoring::score_again(&model, history, &mut timing).await?;
        let Some(state) = scored.continuation else {
            return Ok(None);
        };
        let settled_until = Continuation::settled_until(&state);
        Ok(Some((fold_of(&model, &state)?, settled_until)))
    }
}
