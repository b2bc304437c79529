//! Format of the parts of a folder.

use std::str::FromStr;

use strum::IntoStaticStr;

/// The format of the parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum OutputFormat {
    /// A line of JSON for each customer.
    Ndjson,
    /// A row for each customer.
    Parquet,
}

impl OutputFormat {
    /// The extension of the parts.
    #[must_use]
    pub fn extension(self) -> &'static str {
        self.into()
    }
}

impl FromStr for OutputFormat {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "ndjson" => Ok(Self::Ndjson),
            "parquet" => Ok(Self::Parquet),
            _ => Err("expected ndjson or parquet"),
        }
    }
}
