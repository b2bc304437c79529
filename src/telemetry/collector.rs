//! HTTP client for the collector of traces: it sends OTLP's requests on the thread that batches spans.

use std::time::Duration;

use async_trait::async_trait;
use microseg_tls::crypto;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use ureq::tls::{RootCerts, TlsConfig};

/// The time limit of a request; the spans of a request that exceeds it are lost.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The largest answer in bytes. Answers are empty, or a short text about what was refused.
const MAX_ANSWER_BYTES: u64 = 64 * 1024;

/// A blocking client: the thread that it runs on does nothing else.
#[derive(Debug)]
pub(super) struct CollectorClient(ureq::Agent);

impl CollectorClient {
    /// Makes a client that trusts the machine's certificate authorities.
    pub(super) fn new() -> Self {
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(crypto())
            .build();
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(TIMEOUT))
            .tls_config(tls)
            .build();
        Self(agent.into())
    }
}

#[async_trait]
impl HttpClient for CollectorClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let answer = self.0.run(Request::from_parts(head, &body[..]))?;
        let (head, mut body) = answer.into_parts();
        let body = body.with_config().limit(MAX_ANSWER_BYTES).read_to_vec()?;
        Ok(Response::from_parts(head, body.into()))
    }
}
