//! Query parameters of `POST /v1/stream`: their descriptions, and their parsing.

use schemars::{SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::ApiError;
use crate::operation::Parameter;
use microseg_history::{Identifier, Moment, UnknownClass};

/// The query as text: each parameter is parsed by itself, so that a fault names it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StreamQuery {
    customer_id: Option<String>,
    as_of: Option<String>,
    unknown_class: Option<String>,
    late: Option<String>,
    /// These two select the model, and are parsed where the model is selected.
    #[serde(rename = "model")]
    _model: Option<String>,
    #[serde(rename = "version")]
    _version: Option<String>,
}

/// Treatment of a transaction whose period has closed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Late {
    /// An event reports it, and it is left out.
    Count,
    /// It ends the stream.
    Reject,
}

/// Parameters of a stream.
pub(super) struct StreamOptions {
    pub(super) customer_id: Option<Identifier>,
    pub(super) as_of: Option<Moment>,
    pub(super) unknown_class: UnknownClass,
    pub(super) late: Late,
}

impl TryFrom<StreamQuery> for StreamOptions {
    type Error = ApiError;

    fn try_from(query: StreamQuery) -> Result<Self, ApiError> {
        let refused = |parameter, expected| ApiError::Query {
            parameter,
            expected,
        };
        let customer_id = query.customer_id.as_deref().map(Identifier::parse);
        let as_of = query.as_of.as_deref().map(Moment::parse);
        Ok(Self {
            customer_id: customer_id
                .transpose()
                .map_err(|_| refused("customer_id", "the id of a customer"))?,
            as_of: as_of
                .transpose()
                .map_err(|_| refused("as_of", "a time such as 2019-03-01T10:00:00Z, or a date"))?,
            unknown_class: match query.unknown_class.as_deref() {
                None | Some("error") => UnknownClass::Refuse,
                Some("skip") => UnknownClass::Count,
                Some(_) => return Err(refused("unknown_class", "error or skip")),
            },
            late: match query.late.as_deref() {
                None | Some("count") => Late::Count,
                Some("reject") => Late::Reject,
                Some(_) => return Err(refused("late", "count or reject")),
            },
        })
    }
}

/// Parameter `as_of`.
pub(super) fn as_of() -> Parameter {
    Parameter::in_query(
        "as_of",
        "The moment at which the window ends, itself not included.",
        SchemaGenerator::subschema_for::<Moment>,
        "2021-01-01T00:00:00Z",
    )
}

/// Parameter `unknown_class`.
pub(super) fn unknown_class() -> Parameter {
    Parameter::in_query(
        "unknown_class",
        "What to do with a transaction of no known class: `error` ends the stream, `skip` counts it as unclassified.",
        |_| json_schema!({"type": "string", "enum": ["error", "skip"], "default": "error"}),
        "error",
    )
}

/// Parameter `late`.
pub(super) fn late() -> Parameter {
    Parameter::in_query(
        "late",
        "What to do with a transaction whose period has closed: `count` reports it and leaves it out, `reject` ends the \
        stream.",
        |_| json_schema!({"type": "string", "enum": ["count", "reject"], "default": "count"}),
        "count",
    )
}
