//! Where traces go.

use std::str::FromStr;

use axum::http::Uri;
use clap::Args;

/// Traces of requests.
#[derive(Debug, Clone, Args)]
pub struct TraceSettings {
    /// The collector that gets a span for each request, by OTLP over HTTP: as a rule at its port 4318
    #[arg(long, value_name = "URL", env = "MICROSEG_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<Collector>,
}

/// The address of a collector: of HTTP or HTTPS, without a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collector(String);

impl Collector {
    /// Where it takes traces, by the specification of OTLP.
    #[must_use]
    pub fn of_traces(&self) -> String {
        format!("{}/v1/traces", self.0)
    }
}

impl FromStr for Collector {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected an address such as http://127.0.0.1:4318";
        let address: Uri = text.parse().map_err(|_| EXPECTED)?;
        let known = matches!(address.scheme_str(), Some("http" | "https"));
        let secret = address
            .authority()
            .is_some_and(|authority| authority.as_str().contains('@'));
        if secret {
            // It would be seen wherever the address is.
            return Err("a collector's password goes into OTEL_EXPORTER_OTLP_HEADERS");
        }
        if !known || address.host().is_none_or(str::is_empty) || address.query().is_some() {
            return Err(EXPECTED);
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_has_an_address() {
        let traces = |text: &str| {
            text.parse()
                .map(|collector: Collector| collector.of_traces())
        };
        let expected = Ok("http://127.0.0.1:4318/v1/traces".to_owned());
        assert_eq!(traces("http://127.0.0.1:4318"), expected);
        assert_eq!(traces("http://127.0.0.1:4318/"), expected);
        let below = Ok("https://collector.example/otlp/v1/traces".to_owned());
        assert_eq!(traces("https://collector.example/otlp"), below);
        for wrong in [
            "",
            "collector:4318",
            "grpc://collector:4317",
            "http://",
            "/otlp",
            "http://collector?x=1",
            "http://name:secret@collector",
        ] {
            assert!(traces(wrong).is_err(), "{wrong}");
        }
    }
}
