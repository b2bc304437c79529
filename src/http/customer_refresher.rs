//! Refresher of kept customers: scores those whose transactions or whose model have changed.

use std::time::Duration;

use crate::state::{CustomerChanges, CustomerScorer, EveryTenant, Records, Telemetry};
use crate::{ApiError, App};
use microseg_access::Tenant;
use microseg_history::Identifier;
use microseg_store::{StoreError, WaitingCustomer};
use microseg_timing::Timing;

/// How many customers are asked for at once.
const PAGE: usize = 64;

/// How long to wait for a change before looking by itself: another server on the store may have kept transactions.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// How long to wait after a change, so that a row of requests for one customer is one scoring.
const SETTLE: Duration = Duration::from_millis(250);

/// Scores kept customers for as long as the server lives, one after the other: all that the model has not scored yet when it
/// starts and when the model is exchanged, and after that those whose transactions change. Whoever asks for a customer
/// before its turn gets its scoring at once.
pub async fn refresh_customers(app: App) {
    let parts = app.parts();
    let refresher = Refresher {
        records: parts.records.clone(),
        scorer: parts.customer_scorer.clone(),
        changes: parts.customer_changes.clone(),
        telemetry: parts.telemetry.clone(),
    };
    let mut bundle = String::new();
    loop {
        match refresher.refresh(&mut bundle).await {
            Ok(()) => {}
            Err(ApiError::Store(StoreError::Closed)) => return,
            // Before the models are loaded, and while the store cannot be reached.
            Err(error) => tracing::debug!(cause = %error, "kept customers could not be scored"),
        }
        refresher.changes.wait(LOOK_AGAIN).await;
        tokio::time::sleep(SETTLE).await;
    }
}

struct Refresher {
    records: EveryTenant<Records>,
    scorer: CustomerScorer,
    changes: CustomerChanges,
    telemetry: Telemetry,
}

impl Refresher {
    /// Scores what waits; everything that another model has scored, when the model is not that of the last time.
    async fn refresh(&self, last: &mut String) -> Result<(), ApiError> {
        let bundle = self.scorer.default_bundle()?;
        let outdated = (bundle != *last).then_some(&*bundle);
        let store = self.records.of(&Tenant::default()).store;
        let approximate = store.count_approximate_customers().await?;
        self.telemetry.metrics().approximate_customers(approximate);
        let mut after = 0;
        loop {
            let waiting = store.unscored_customers(outdated, after, PAGE).await?;
            let Some(last) = waiting.last() else {
                break;
            };
            after = last.number;
            for customer in &waiting {
                if let Err(error) = self.score(customer).await {
                    match error {
                        ApiError::NoSuchCustomer => {}
                        ApiError::Store(StoreError::Closed) => return Err(error),
                        error => {
                            tracing::warn!(cause = %error, "a kept customer could not be scored");
                        }
                    }
                }
            }
        }
        *last = bundle;
        Ok(())
    }

    async fn score(&self, waiting: &WaitingCustomer) -> Result<(), ApiError> {
        let store = self.records.of(&waiting.tenant).store;
        let Ok(id) = Identifier::parse(&waiting.customer_id) else {
            return Ok(());
        };
        let customer = store.customer(&waiting.customer_id).await?;
        let customer = customer.ok_or(ApiError::NoSuchCustomer)?;
        let model = self.scorer.default_model()?;
        let mut timing = Timing::default();
        self.scorer
            .score(&store, None, &model, (&id, &customer), &mut timing)
            .await?;
        Ok(())
    }
}
