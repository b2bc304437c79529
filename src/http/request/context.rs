//! Context of a request: its id, its caller, its `server-timing` header, its span and its line in the log.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use opentelemetry::trace::TraceId;
use tracing::Instrument as _;
use tracing::field::DisplayValue;
use uuid::Uuid;

use super::Caller;
use crate::operation::RouteTable;
use crate::state::{Telemetry, known_method};
use microseg_access::ApiKeys;
use microseg_telemetry::RequestSpan;
use microseg_timing::{Timing, milliseconds};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// The id of a request, in its answer and in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The caller's own id if it is fit for a log, else a new UUIDv7.
    fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(X_REQUEST_ID).filter(|value| {
            let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
            (1..=128).contains(&value.len()) && value.as_bytes().iter().all(allowed)
        });
        let new = || HeaderValue::try_from(Uuid::now_v7().to_string()).ok();
        Self(
            given
                .cloned()
                .or_else(new)
                .unwrap_or(HeaderValue::from_static("none")),
        )
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Both sources of an id give visible ASCII.
        self.0.to_str().unwrap_or_default()
    }
}

/// When the request's head had been read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival(pub(crate) Instant);

/// Middleware: gives the request an id and the answer its headers, and logs both.
pub(crate) async fn observe(
    State(keys): State<Arc<ApiKeys>>,
    State(telemetry): State<Telemetry>,
    Extension(table): Extension<RouteTable>,
    mut request: Request,
    next: Next,
) -> Response {
    let arrival = Arrival(Instant::now());
    let id = RequestId::of(request.headers());
    request.extensions_mut().insert(arrival);
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();
    let caller = Caller::take_from(&method, request.headers_mut(), &keys);
    request.extensions_mut().insert(caller.clone());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut line = Line {
        id,
        caller,
        route,
        method: request.method().clone(),
        arrival,
        answered: false,
        trace: None,
    };
    let traced = line.begin_trace(&telemetry, &table, request.headers());

    let span = tracing::error_span!(
        "request",
        request_id = line.id.as_str(),
        key = line.caller.name()
    );
    let mut response = next.run(request).instrument(span).await;
    line.answered = true;

    let timing = response
        .extensions()
        .get::<Timing>()
        .copied()
        .unwrap_or_default();
    let elapsed = arrival.0.elapsed();
    let total = milliseconds(elapsed);
    let status = response.status().as_u16();
    let metrics = telemetry.metrics();
    metrics.answered(&line.method, line.route(), status, elapsed);
    metrics.took(&timing);
    if let Some(traced) = traced {
        traced.answered(response.status(), &timing);
    }
    let headers = response.headers_mut();
    headers.insert(X_REQUEST_ID, line.id.0.clone());
    headers.extend(server_timing(timing, total).map(|value| (SERVER_TIMING, value)));
    let [parse, queue, network, surrogate] = timing.stages().map(|(_, stage)| milliseconds(stage));
    tracing::info!(
        request_id = line.id.as_str(),
        trace_id = line.trace_id(),
        key = line.caller.name(),
        method = line.method.as_str(),
        route = line.route(),
        status,
        duration_ms = total,
        parse_ms = parse,
        queue_ms = queue,
        network_ms = network,
        surrogate_ms = surrogate,
        "answered"
    );
    response
}

fn server_timing(timing: Timing, total: f64) -> Option<HeaderValue> {
    let mut text = String::new();
    for (stage, took) in timing.stages() {
        let took = milliseconds(took);
        if took > 0.0 {
            write!(text, "{stage};dur={took}, ").ok()?;
        }
    }
    write!(text, "total;dur={total}").ok()?;
    HeaderValue::try_from(text).ok()
}

/// The request's line in the log; it is written also when the client leaves before the answer.
struct Line {
    id: RequestId,
    caller: Caller,
    /// The pattern of the address; the address itself may hold a customer's id.
    route: Option<MatchedPath>,
    method: Method,
    arrival: Arrival,
    answered: bool,
    /// The trace that the request is in.
    trace: Option<TraceId>,
}

impl Line {
    /// Begins the request's span, unless there are no traces, or it is a probe.
    fn begin_trace(
        &mut self,
        telemetry: &Telemetry,
        table: &RouteTable,
        headers: &HeaderMap,
    ) -> Option<RequestSpan> {
        let traces = telemetry.traces()?;
        if table.is_probe(self.route()) {
            return None;
        }
        let span = traces.begin(
            known_method(&self.method),
            self.route(),
            headers,
            self.id.as_str(),
        );
        self.trace = Some(span.trace_id());
        Some(span)
    }

    fn trace_id(&self) -> Option<DisplayValue<TraceId>> {
        self.trace.map(tracing::field::display)
    }

    fn route(&self) -> &str {
        self.route.as_ref().map_or("none", MatchedPath::as_str)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if !self.answered {
            tracing::info!(
                request_id = self.id.as_str(),
                trace_id = self.trace_id(),
                key = self.caller.name(),
                method = self.method.as_str(),
                route = self.route(),
                duration_ms = milliseconds(self.arrival.0.elapsed()),
                "the client left before the answer"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_for(given: &'static [u8]) -> RequestId {
        let mut headers = HeaderMap::new();
        headers.insert(X_REQUEST_ID, HeaderValue::from_bytes(given).unwrap());
        RequestId::of(&headers)
    }

    #[test]
    fn id_of_the_caller_is_kept_if_it_can_be_logged() {
        assert_eq!(id_for(b"trace-7.a:b_c").as_str(), "trace-7.a:b_c");
        for unfit in [
            &b""[..],
            b"a b",
            b"\"quoted\"",
            "é".as_bytes(),
            &[b'x'; 129],
        ] {
            assert_eq!(id_for(unfit).as_str().len(), 36);
        }
    }

    #[test]
    fn header_has_only_the_stages_of_the_answer() {
        let timing = Timing {
            network: std::time::Duration::from_micros(62),
            ..Timing::default()
        };
        assert_eq!(
            server_timing(timing, 0.25).unwrap(),
            "network;dur=0.062, total;dur=0.25"
        );
    }
}
