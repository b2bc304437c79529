//! Traces: a span for each request, in its caller's trace (W3C trace context), sent by OTLP.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use microseg_config::TraceSettings;
use microseg_timing::{Timing, milliseconds};
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

use super::collector::CollectorClient;

/// The name of the instrumentation scope, and of the service where `OTEL_SERVICE_NAME` is not set.
const NAME: &str = "microseg";

/// The time limit for sending the last spans.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// An error that prevents traces.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// The exporter cannot be made, or a variable of OpenTelemetry is invalid.
    #[error("--otlp-endpoint: {0}")]
    Exporter(#[from] ExporterBuildError),
}

/// The tracer of requests; clones share its exporter.
#[derive(Debug, Clone)]
pub struct Traces {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    context: TraceContextPropagator,
}

impl Traces {
    /// Starts to send spans to the collector, if there is one. The variables of OpenTelemetry set what the settings do not:
    /// the sampler, the attributes of the resource, the headers for the collector.
    ///
    /// # Errors
    /// [`TracesError`] when the exporter cannot be made.
    pub fn start(settings: &TraceSettings) -> Result<Option<Self>, TracesError> {
        let Some(endpoint) = &settings.otlp_endpoint else {
            return Ok(None);
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(CollectorClient::new())
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint.traces_url())
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

    /// Begins the span of a request; its parent is the span of the header `traceparent`. `route` is the pattern of the path:
    /// the path itself may have a customer's name in it.
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

    /// Sends the remaining spans; waits for the collector, 5 seconds at most.
    ///
    /// # Errors
    /// When the last spans may be lost.
    pub fn end(&self) -> Result<(), OTelSdkError> {
        self.provider.shutdown_with_timeout(SHUTDOWN_TIMEOUT)
    }
}

/// The span of a request; it ends with the answer, or when it is dropped because the client has disconnected.
#[derive(Debug)]
pub struct RequestSpan(Span);

impl RequestSpan {
    /// The id of its trace.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.0.span_context().trace_id()
    }

    /// Ends the span, with the answer's status and the duration of each stage.
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
