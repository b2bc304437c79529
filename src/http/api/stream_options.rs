//! Query parameters of `POST /v1/stream`: their descriptions, and their parsing.

use std::num::NonZeroU64;

use schemars::{SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::ApiError;
use crate::operation::Parameter;
use microseg_history::{
    HistorySettings, Identifier, MixedCurrencies, Moment, TimeSettings, TimeZone, UnknownClass,
    WrittenTime,
};
use microseg_scoring::{Every, StepUnit};

/// The query as text: each parameter is parsed by itself, so that a fault names it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StreamQuery {
    customer_id: Option<String>,
    as_of: Option<String>,
    unknown_class: Option<String>,
    time_zone: Option<String>,
    mixed_currencies: Option<String>,
    late: Option<String>,
    every: Option<String>,
    /// This one is parsed with the tokens.
    #[serde(rename = "state_token")]
    _state_token: Option<String>,
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
    pub(super) history: HistorySettings,
    pub(super) late: Late,
    /// `None` when it was not said.
    pub(super) every: Option<Every>,
}

impl StreamOptions {
    /// How often the stream reports: by default at every step of the model.
    ///
    /// # Errors
    /// [`ApiError::Query`] for transactions where these are no steps.
    pub(super) fn every(&self, unit: StepUnit) -> Result<Every, ApiError> {
        match (self.every, unit) {
            (None, StepUnit::Periods) => Ok(Every::Period),
            (None, StepUnit::Transactions) => Ok(Every::Transactions(NonZeroU64::MIN)),
            (Some(Every::Transactions(_)), StepUnit::Periods) => Err(ApiError::Query {
                parameter: "every",
                expected: "period: the steps of this model are periods",
            }),
            (Some(every), _) => Ok(every),
        }
    }
}

impl TryFrom<StreamQuery> for StreamOptions {
    type Error = ApiError;

    fn try_from(query: StreamQuery) -> Result<Self, ApiError> {
        let refused = |parameter, expected| ApiError::Query {
            parameter,
            expected,
        };
        let customer_id = query.customer_id.as_deref().map(Identifier::parse);
        let zone = query.time_zone.as_deref().map(TimeZone::parse);
        let zone = zone
            .transpose()
            .map_err(|_| refused("time_zone", "a zone such as Europe/Berlin"))?
            .unwrap_or_default();
        let as_of = query.as_of.as_deref().map(WrittenTime::parse);
        let as_of = as_of
            .transpose()
            .map_err(|_| refused("as_of", "a time such as 2019-03-01T10:00:00Z, or a date"))?;
        Ok(Self {
            customer_id: customer_id
                .transpose()
                .map_err(|_| refused("customer_id", "the id of a customer"))?,
            history: HistorySettings {
                times: TimeSettings {
                    as_of: as_of.map(|as_of| as_of.in_zone(&zone)),
                    zone,
                },
                unknown_class: match query.unknown_class.as_deref() {
                    None | Some("error") => UnknownClass::Refuse,
                    Some("skip") => UnknownClass::Count,
                    Some(_) => return Err(refused("unknown_class", "error or skip")),
                },
                mixed_currencies: match query.mixed_currencies.as_deref() {
                    None | Some("error") => MixedCurrencies::Refuse,
                    Some("add") => MixedCurrencies::Add,
                    Some(_) => return Err(refused("mixed_currencies", "error or add")),
                },
                currency: None,
            },
            every: match query.every.as_deref() {
                None => None,
                Some("period") => Some(Every::Period),
                Some(count) => {
                    let count = count.parse().map_err(|_| {
                        refused("every", "period, or a number of transactions from 1")
                    })?;
                    Some(Every::Transactions(count))
                }
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

/// Parameter `time_zone`.
pub(super) fn time_zone() -> Parameter {
    Parameter::in_query(
        "time_zone",
        "The zone of the IANA database that times without an offset are in, and in whose calendar periods begin and end; \
        UTC by default.",
        SchemaGenerator::subschema_for::<TimeZone>,
        "Europe/Berlin",
    )
}

/// Parameter `mixed_currencies`.
pub(super) fn mixed_currencies() -> Parameter {
    Parameter::in_query(
        "mixed_currencies",
        "What to do with a transaction of another currency than those before: `error` ends the stream, `add` adds it up as \
        it is.",
        |_| json_schema!({"type": "string", "enum": ["error", "add"], "default": "error"}),
        "error",
    )
}

/// Parameter `every`.
pub(super) fn every() -> Parameter {
    Parameter::in_query(
        "every",
        "How often to report where the trajectory is: `period`, at the end of every period (of every month where \
        transactions are the steps), or a number: after so many transactions each time. By default after every step of the \
        model.",
        |_| json_schema!({"type": "string", "pattern": "^(period|[0-9]+)$"}),
        "period",
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
