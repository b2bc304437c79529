//! What is to be erased, as a condition: the same for explanations and for jobs.

use sqlx::QueryBuilder;

use crate::bucket::bucket;
use crate::erase::Selection;

/// Adds the condition that a row is among those selected.
pub(super) fn push_condition(query: &mut QueryBuilder<sqlx::Postgres>, selection: &Selection) {
    match selection {
        Selection::Explanation(id) => query.push("id = ").push_bind(id.to_string()),
        Selection::Customer(customer_id) => query
            .push("customer_bucket = ")
            .push_bind(bucket(customer_id))
            .push(" AND customer_id = ")
            .push_bind(customer_id.clone()),
        Selection::OlderThan(moment) => query.push("created_at < ").push_bind(*moment),
    };
}
