//! Schema of a history's JSON document, whose members `document` reads.

#![expect(dead_code, reason = "only the schemas of these types are used")]

use schemars::JsonSchema;

use super::currency::WrittenCurrency;
use super::fields::TransactionSchema;
use super::identifier::Identifier;
use super::moment::Moment;
use super::time_zone::TimeZone;

/// All transactions of one customer. Members that are not listed are ignored, and `quality.warnings` names them.
#[derive(JsonSchema)]
#[schemars(rename = "History")]
pub struct HistorySchema {
    /// Your name for the customer; it comes back in the answer.
    customer_id: Option<Identifier>,
    /// The moment at which the window ends, itself not included. Without it the window ends with the period of the newest
    /// transaction.
    as_of: Option<Moment>,
    /// What to do with a transaction whose class the model's taxonomy does not have: `error` (default) refuses the history,
    /// `skip` counts the transaction as unclassified.
    unknown_class: Option<UnknownClassSchema>,
    /// The zone of the IANA database that times without an offset are in, and in whose calendar periods begin and end; UTC
    /// by default.
    time_zone: Option<TimeZone>,
    /// The currency of all amounts, such as `EUR`; it is compared with that of each transaction that has one.
    currency: Option<WrittenCurrency>,
    /// What to do with amounts of several currencies: `error` (default) refuses the history, `add` adds them up as they are,
    /// with a warning.
    #[schemars(example = &"error")]
    mixed_currencies: Option<MixedCurrenciesSchema>,
    /// A token from an earlier answer: this history continues what the token stands for, and lists only the transactions
    /// since then. There may be none of them.
    #[schemars(example = &"bXMx…")]
    state_token: Option<String>,
    /// In any order, at most 1,000,000 unless the server says otherwise. Some of them must be spending inside the window.
    #[schemars(length(min = 1))]
    transactions: Vec<TransactionSchema>,
}

/// Transactions of one customer that are to be kept, in addition to those that are kept already.
#[derive(JsonSchema)]
#[schemars(rename = "NewTransactions")]
pub struct TransactionsSchema {
    /// Your name for the customer; it must be the one in the address.
    customer_id: Option<Identifier>,
    /// What to do with a transaction whose class the model's taxonomy does not have: `error` (default) refuses all, `skip`
    /// counts the transaction as unclassified. The same in all requests for a customer.
    unknown_class: Option<UnknownClassSchema>,
    /// The zone of the IANA database that times without an offset are in, and in whose calendar periods begin and end; UTC
    /// by default. The same in all requests for a customer.
    time_zone: Option<TimeZone>,
    /// The currency of those that have none of their own, such as `EUR`.
    currency: Option<WrittenCurrency>,
    /// What to do with amounts of several currencies: `error` (default) refuses them, `add` adds them up as they are. The same
    /// in all requests for a customer.
    #[schemars(example = &"error")]
    mixed_currencies: Option<MixedCurrenciesSchema>,
    /// In any order; each has an id.
    #[schemars(length(min = 1))]
    transactions: Vec<TransactionSchema>,
}

/// What to do with amounts of several currencies.
#[derive(JsonSchema)]
#[schemars(rename = "MixedCurrencies", rename_all = "lowercase")]
enum MixedCurrenciesSchema {
    /// Refuse the history.
    Error,
    /// Add them up as they are.
    Add,
}

/// What to do with a transaction of no known class.
#[derive(JsonSchema)]
#[schemars(rename = "UnknownClass", rename_all = "lowercase")]
enum UnknownClassSchema {
    /// Refuse the history.
    Error,
    /// Count the transaction as unclassified.
    Skip,
}
