//! The way to a collector of traces: OTLP's requests, sent by the thread that gathers spans.

use std::time::Duration;

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use ureq::tls::{RootCerts, TlsConfig};

use microseg_tls::crypto;

/// Beyond it a collector is taken for gone; the spans of that request are lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// Answers are empty, or a few words on what was refused.
const LARGEST_ANSWER: u64 = 64 * 1024;

/// A client that waits: nothing else is done by the thread that it runs on.
#[derive(Debug)]
pub(super) struct Sender(ureq::Agent);

impl Sender {
    /// Trusts the authorities that the machine trusts.
    pub(super) fn new() -> Self {
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(crypto())
            .build();
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE))
            .tls_config(tls)
            .build();
        Self(agent.into())
    }
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let answer = self.0.run(Request::from_parts(head, &body[..]))?;
        let (head, mut body) = answer.into_parts();
        let body = body.with_config().limit(LARGEST_ANSWER).read_to_vec()?;
        Ok(Response::from_parts(head, body.into()))
    }
}
