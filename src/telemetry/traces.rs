//! A span for each request, in the trace that its caller began: W3C trace context in, OTLP out.

use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{
    Span as _, SpanKind, Status, TraceId, Tracer as _, TracerProvider as _,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, Span};

use super::collector::Sender;
use microseg_config::TraceSettings;
use microseg_timing::{Timing, milliseconds};

/// The name of the service, and of the part of it that makes the spans, unless `OTEL_SERVICE_NAME` says another.
const NAME: &str = "microseg";

/// How long the last spans may take to be sent.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why there are no traces.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// The collector cannot be asked, or a variable of OpenTelemetry is not understood.
    #[error("--otlp-endpoint: {0}")]
    Exporter(#[from] ExporterBuildError),
}

/// Where the spans of requests go; clones are the same.
#[derive(Debug, Clone)]
pub struct Traces {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    context: TraceContextPropagator,
}

impl Traces {
    /// Begins to send spans to the collector, if there is one. The variables of OpenTelemetry say what the settings do not:
    /// the sampler, the names of the resource, what the collector wants in its headers.
    ///
    /// # Errors
    /// [`TracesError`] when the collector cannot be asked.
    pub fn start(settings: &TraceSettings) -> Result<Option<Self>, TracesError> {
        let Some(endpoint) = &settings.otlp_endpoint else {
            return Ok(None);
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender::new())
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint.of_traces())
            .build()?;
        let name = std::env::var("OTEL_SERVICE_NAME").unwrap_or_else(|_| NAME.to_owned());
        let resource = Resource::builder()
            .with_service_name(name)
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_batch_exporter(exporter)
            .build();
        let scope = InstrumentationScope::builder(NAME)
            .with_version(env!("CARGO_PKG_VERSION"))
            .build();
        let tracer = provider.tracer_with_scope(scope);
        Ok(Some(Self {
            provider,
            tracer,
            context: TraceContextPropagator::new(),
        }))
    }

    /// Begins the span of a request, under the one that its `traceparent` names. `route` is the pattern of the address: the
    /// address itself may hold a customer's name.
    #[must_use]
    pub fn begin(
        &self,
        method: &'static str,
        route: &str,
        headers: &HeaderMap,
        request_id: &str,
    ) -> RequestSpan {
        let parent = self.context.extract(&HeaderExtractor(headers));
        let span = self
            .tracer
            .span_builder(format!("{method} {route}"))
            .with_kind(SpanKind::Server)
            .with_attributes([
                KeyValue::new("http.request.method", method),
                KeyValue::new("http.route", route.to_owned()),
                KeyValue::new("microseg.request_id", request_id.to_owned()),
            ])
            .start_with_context(&self.tracer, &parent);
        RequestSpan(span)
    }

    /// Sends what has not been sent; waits for the collector, a few seconds at most.
    ///
    /// # Errors
    /// When the last spans may be lost.
    pub fn end(&self) -> Result<(), OTelSdkError> {
        self.provider.shutdown_with_timeout(PATIENCE)
    }
}

/// The span of a request; it ends with its answer, or when it is dropped because its client has left.
#[derive(Debug)]
pub struct RequestSpan(Span);

impl RequestSpan {
    /// The trace that it is in.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.0.span_context().trace_id()
    }

    /// Ends it, with what the answer was and how long each of its stages took.
    pub fn answered(mut self, status: StatusCode, timing: &Timing) {
        let code = i64::from(status.as_u16());
        self.0
            .set_attribute(KeyValue::new("http.response.status_code", code));
        if status.is_server_error() {
            self.0
                .set_attribute(KeyValue::new("error.type", status.as_str().to_owned()));
            self.0.set_status(Status::error(""));
        }
        for (stage, took) in timing.stages() {
            if took > Duration::ZERO {
                let name = format!("microseg.{stage}_ms");
                self.0
                    .set_attribute(KeyValue::new(name, milliseconds(took)));
            }
        }
        self.0.end();
    }
}
