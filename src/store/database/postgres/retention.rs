//! The clock of retention.

use async_trait::async_trait;

use super::transaction::PostgresTransaction;
use crate::database::shared;
use crate::error::StoreError;
use crate::retention::database::RetentionTransaction;

#[async_trait]
impl RetentionTransaction for PostgresTransaction {
    async fn note_clock(&mut self, moment: i64, confirmed: bool) -> Result<(), StoreError> {
        shared::retention::note_clock(self, moment, confirmed).await
    }
}
