//! Settings of traces: the address of the collector.

use std::str::FromStr;

use clap::Args;
use http::Uri;

/// Traces of requests.
#[derive(Debug, Clone, Args)]
pub struct TraceSettings {
    /// The collector that receives a span for each request, by OTLP over HTTP, usually on its port 4318
    #[arg(long, value_name = "URL", env = "MICROSEG_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<CollectorUrl>,
}

/// The URL of a collector: HTTP or HTTPS, without a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectorUrl(String);

impl CollectorUrl {
    /// The URL for traces, by the specification of OTLP.
    #[must_use]
    pub fn traces_url(&self) -> String {
        format!("{}/v1/traces", self.0)
    }
}

impl FromStr for CollectorUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected an address such as http://127.0.0.1:4318";
        let address: Uri = text.parse().map_err(|_| EXPECTED)?;
        let known = matches!(address.scheme_str(), Some("http" | "https"));
        let secret = address
            .authority()
            .is_some_and(|authority| authority.as_str().contains('@'));
        if secret {
            // The password would be visible wherever the URL is.
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
    fn collector_without_a_valid_url_is_refused() {
        let traces = |text: &str| {
            text.parse()
                .map(|collector: CollectorUrl| collector.traces_url())
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
