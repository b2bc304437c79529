//! Baselines: what the customer is compared with.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::enum_names::expected_one_of;

/// What the customer is compared with.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct Baseline {
    /// `population`, `segment`, `absence` or `earlier`; `own` when the customer is compared with themselves.
    #[schemars(with = "&'static str")]
    pub kind: BaselineKind,
    /// The same in a sentence.
    pub description: &'static str,
}

/// The kind of a baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum BaselineKind {
    /// No spending at all in the same periods, or none of the transactions.
    Absence,
    /// The customer's own spending.
    Own,
    /// The population's mean basket.
    Population,
    /// The mean basket of the customer's micro-segment.
    Segment,
    /// The customer's own history as it was.
    Earlier,
}

/// The baseline that a caller asks for.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    JsonSchema,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[serde(rename_all = "snake_case", try_from = "String")]
#[strum(
    serialize_all = "snake_case",
    parse_err_ty = String,
    parse_err_fn = unknown
)]
pub enum AskedBaseline {
    /// No spending at all, or none of the transactions.
    Absence,
    /// The customer's own spending.
    Own,
    /// The mean basket of the population: what is taken away is spent as the population spends.
    Population,
    /// The mean basket of the customer's micro-segment, in bundles that have it.
    Segment,
    /// The customer's own history as it was at `since`, for `change`.
    Earlier,
}

fn unknown(_: &str) -> String {
    expected_one_of(AskedBaseline::VARIANTS)
}

impl TryFrom<String> for AskedBaseline {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        name.parse()
    }
}

impl AskedBaseline {
    pub(crate) fn kind(self) -> BaselineKind {
        match self {
            Self::Absence => BaselineKind::Absence,
            Self::Own => BaselineKind::Own,
            Self::Population => BaselineKind::Population,
            Self::Segment => BaselineKind::Segment,
            Self::Earlier => BaselineKind::Earlier,
        }
    }
}

impl BaselineKind {
    /// As documents spell it.
    pub(crate) fn name(self) -> &'static str {
        self.into()
    }
}

impl Baseline {
    /// None of the transactions, where steps are events.
    pub(crate) const NO_EVENT: Self = Self {
        kind: BaselineKind::Absence,
        description: "none of the transactions: one step of padding, which is no event",
    };
    /// None of the transactions, where steps are periods.
    pub(crate) const NO_TRANSACTION: Self = Self {
        kind: BaselineKind::Absence,
        description: "none of the transactions in the same periods",
    };
    /// No number of the transactions.
    pub(crate) const NO_FIELD: Self = Self {
        kind: BaselineKind::Absence,
        description: "every numeric field missing in all transactions, which are there as they are",
    };
    /// The customer's own numbers.
    pub(crate) const OWN_FIELDS: Self = Self {
        kind: BaselineKind::Own,
        description: "the customer's own numbers: a contribution is what 10 % more of one in all transactions changes",
    };
    /// The customer's own last period.
    pub(crate) const OWN_LAST_PERIOD: Self = Self {
        kind: BaselineKind::Own,
        description: "the customer's own spending, of which shares of the last period are moved between classes",
    };
    /// The history as it was, and its shares since then.
    pub(crate) const EARLIER: Self = Self {
        kind: BaselineKind::Earlier,
        description: "the history as it was; since then the customer's own mean basket of the year before, in each period with spending",
    };
    /// The history as it was, where steps are periods of other numbers.
    pub(crate) const EARLIER_PERIODS: Self = Self {
        kind: BaselineKind::Earlier,
        description: "the history as it was; since then none of the transactions",
    };
    /// The history as it was, where steps are events.
    pub(crate) const EARLIER_EVENTS: Self = Self {
        kind: BaselineKind::Earlier,
        description: "the history as it was, without the transactions since then",
    };
    /// The middle of the customer's micro-segment.
    pub(crate) const CENTER: Self = Self {
        kind: BaselineKind::Segment,
        description: "the center of the customer's micro-segment, and the mean basket there in each period with spending",
    };
    /// The population's mean basket.
    pub(crate) const POPULATION: Self = Self {
        kind: BaselineKind::Population,
        description: "the population's mean basket in each period with spending: what is taken away is spent as the population spends",
    };
    /// The mean basket of the customer's micro-segment.
    pub(crate) const SEGMENT: Self = Self {
        kind: BaselineKind::Segment,
        description: "the mean basket of the customer's micro-segment in each period with spending: what is taken away is spent as customers there spend",
    };
    /// No spending at all.
    pub(crate) const ABSENCE: Self = Self {
        kind: BaselineKind::Absence,
        description: "no spending at all in the same periods",
    };
}
