//! The schema of a history's JSON, written once beside the parser that decides: `document.rs` and `transaction.rs`.

#![expect(dead_code, reason = "only the schemas of these types are used")]

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{Amount, Identifier, Moment};

/// All transactions of one customer. Members that are not listed are ignored, and `quality.warnings` names them.
#[derive(JsonSchema)]
#[schemars(rename = "History")]
pub struct HistorySchema {
    /// Your name for the customer; it comes back in the answer.
    customer_id: Option<Identifier>,
    /// The moment at which the window ends, itself not included. Without it the window ends with the period of the newest
    /// transaction.
    as_of: Option<Moment>,
    /// What to do with a transaction that names neither a class of the model's taxonomy nor an MCC: `error` (default)
    /// refuses the history, `skip` counts the transaction as unclassified.
    unknown_class: Option<UnknownClassSchema>,
    /// In any order, at most 1,000,000 unless the server says otherwise. Some of them must be spending inside the window.
    #[schemars(length(min = 1))]
    transactions: Vec<TransactionSchema>,
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

/// One booking. It names a `class` of the model's taxonomy or an `mcc`; the class wins. Other members are ignored.
#[derive(JsonSchema)]
#[schemars(rename = "Transaction")]
pub struct TransactionSchema {
    /// Your name for the transaction; it is checked and not kept.
    id: Option<Identifier>,
    /// When it was booked.
    timestamp: Moment,
    /// How much, in your currency; money out is negative.
    amount: Amount,
    /// The merchant category code (ISO 18245): a number, or a string of four digits. One that the taxonomy does not have
    /// is counted as unclassified.
    mcc: Option<CodeSchema>,
    /// A class of the model's taxonomy, as `GET /v1/models/{name}` lists them.
    class: Option<String>,
}

/// The two ways to write an MCC.
struct CodeSchema;

impl JsonSchema for CodeSchema {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "MerchantCategoryCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["integer", "string"],
            "minimum": 0,
            "maximum": 9999,
            "pattern": "^[0-9]{4}$",
        })
    }
}

impl JsonSchema for Identifier {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Identifier".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // The limit is 256 bytes of UTF-8; what a schema counts are characters.
        json_schema!({
            "type": "string",
            "minLength": 1,
            "maxLength": 256,
            "pattern": r"^[^\u0000-\u001f\u007f-\u009f]+$",
        })
    }
}

impl JsonSchema for Moment {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // `format: date-time` would refuse the date alone.
        json_schema!({
            "type": "string",
            "pattern": concat!(
                "^((19[0-9]{2}|2[01][0-9]{2}|2200)-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|",
                "(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|",
                "(19|2[01])(0[48]|[2468][048]|[13579][26])-02-29|2000-02-29)",
                "([Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]+)?",
                "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9]))?$",
            ),
        })
    }
}

impl JsonSchema for Amount {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "number", "minimum": -1e12, "maximum": 1e12})
    }
}
