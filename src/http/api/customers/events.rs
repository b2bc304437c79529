//! `GET /v1/customers/{id}/events`: changes of a customer's micro-segment, as server-sent events.

use std::time::Duration;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use schemars::json_schema;
use serde::Serialize;
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::CustomerId;
use crate::ApiError;
use crate::operation::{Answer, Operation, Parameter, Tag, raw};
use crate::request::{Disconnected, PartSender, answer_in_parts};
use crate::server::Lifecycle;
use crate::state::{Bodies, BodyLimits, OfCaller, Records};
use microseg_access::Scope;
use microseg_problem::ProblemKind;
use microseg_store::{KeptCustomer, SegmentChange, Store};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");

/// How many changes are read at once.
const PAGE: usize = 100;

/// How long to wait before looking for further changes, which any server on the store may have made.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// After so much silence a comment is sent, so that nothing between the two closes the connection.
const HEARTBEAT: Duration = Duration::from_secs(15);

pub(super) fn operation() -> Operation {
    Operation::get("/v1/customers/{id}/events", Scope::Read, events)
        .named(
            "get_customer_events",
            Tag::Customers,
            "Follow the changes of a customer's micro-segment",
        )
        .description(
            "Server-sent events, each a CloudEvent of the type `microseg.segment.changed`, from the first one on and then as \
            they happen. A browser that was cut off goes on by itself.",
        )
        .parameter(super::id())
        .parameter(Parameter::in_header(
            "last-event-id",
            "The `id` of the last event that is known: only those behind it are sent.",
            |_| json_schema!({"type": "string", "pattern": "^[0-9]{1,18}$"}),
            "7",
        ))
        .answer(Answer::new(
            200,
            "The events, for as long as the connection lasts.",
            raw("text/event-stream", || {
                json!({
                    "schema": {"type": "string"},
                    "example": "id: 7\nevent: microseg.segment.changed\ndata: {\"specversion\":\"1.0\",…}\n\n",
                })
            }),
        ))
        .problems(&[
            ProblemKind::NotFound,
            ProblemKind::InvalidContent,
            ProblemKind::StoreUnavailable,
        ])
}

/// The last event that the client knows.
struct LastEvent(u64);

impl<S: Send + Sync> FromRequestParts<S> for LastEvent {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        last_event(&parts.headers).map(Self).ok_or_else(|| {
            let detail = "the header last-event-id: expected the id of an event";
            ApiError::InvalidContent(detail.to_owned())
        })
    }
}

fn last_event(headers: &HeaderMap) -> Option<u64> {
    match headers.get(LAST_EVENT_ID) {
        None => Some(0),
        Some(id) => id.to_str().ok()?.parse().ok(),
    }
}

/// The life of the server.
struct ServerLife(Lifecycle);

impl<S> FromRequestParts<S> for ServerLife
where
    S: Send + Sync,
    BodyLimits: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Ok(Self(BodyLimits::from_ref(state).lifecycle))
    }
}

/// A change as a `CloudEvent` (1.0, in JSON).
#[derive(Serialize)]
struct CloudEvent<'a> {
    specversion: &'static str,
    id: String,
    source: &'a str,
    r#type: &'static str,
    time: String,
    datacontenttype: &'static str,
    data: ChangeData<'a>,
}

#[derive(Serialize)]
struct ChangeData<'a> {
    customer_id: &'a str,
    position: u64,
    model: &'a str,
    from: Option<&'a str>,
    to: Option<&'a str>,
}

/// The type of all events.
const SEGMENT_CHANGED: &str = "microseg.segment.changed";

async fn events(
    CustomerId(customer_id): CustomerId,
    LastEvent(last): LastEvent,
    OfCaller(records): OfCaller<Records>,
    ServerLife(lifecycle): ServerLife,
    bodies: Bodies,
) -> Result<Response, ApiError> {
    let store = records.store;
    let customer = store.customer(customer_id.as_str()).await?;
    let customer = customer.ok_or(ApiError::NoSuchCustomer)?;
    let place = bodies.open_stream()?;
    let id = customer_id.as_str().to_owned();
    Ok(answer_in_parts(EVENT_STREAM, |sender| async move {
        let _place = place;
        let follower = Follower {
            store,
            customer,
            id,
            last,
            sender,
        };
        follower.follow(lifecycle).await;
    }))
}

/// One client that follows a customer.
struct Follower {
    store: Store,
    customer: KeptCustomer,
    id: String,
    last: u64,
    sender: PartSender,
}

impl Follower {
    /// Sends events until the client leaves, the customer is erased, or the server ends.
    async fn follow(mut self, lifecycle: Lifecycle) {
        let mut said = Instant::now();
        loop {
            let found = self
                .store
                .segment_changes(&self.customer, self.last, PAGE)
                .await;
            let changes = match found {
                Ok(changes) => changes,
                Err(error) => {
                    tracing::warn!(%error, "the events of a customer cannot be read");
                    return;
                }
            };
            let is_full = changes.len() == PAGE;
            if !changes.is_empty() || said.elapsed() >= HEARTBEAT {
                said = Instant::now();
                if self.send(&changes).await.is_err() {
                    return;
                }
            }
            if is_full {
                continue;
            }
            tokio::select! {
                biased;
                () = lifecycle.ending() => break,
                () = sleep(LOOK_AGAIN) => {}
            }
            // Erased: a customer of the same name is another row.
            match self.store.customer(&self.id).await {
                Ok(Some(customer)) if customer.is_same(&self.customer) => {}
                Ok(_) => break,
                Err(_) => return,
            }
        }
        self.sender.end();
    }

    /// Sends changes, or a comment where there are none.
    async fn send(&mut self, changes: &[SegmentChange]) -> Result<(), Disconnected> {
        let mut text = String::new();
        for change in changes {
            self.last = change.sequence;
            text.push_str(&self.event(change));
        }
        if text.is_empty() {
            text.push_str(": nothing new\n\n");
        }
        self.sender.send(text).await
    }

    fn event(&self, change: &SegmentChange) -> String {
        let event = CloudEvent {
            specversion: "1.0",
            id: change.sequence.to_string(),
            source: "/v1/customers",
            r#type: SEGMENT_CHANGED,
            time: change.created_at.to_string(),
            datacontenttype: "application/json",
            data: ChangeData {
                customer_id: &self.id,
                position: change.position,
                model: &change.model,
                from: change.from.as_deref(),
                to: change.to.as_deref(),
            },
        };
        // Texts and numbers can always be written to memory, and JSON has no line feed of its own.
        let data = serde_json::to_string(&event).unwrap_or_default();
        format!(
            "id: {}\nevent: {SEGMENT_CHANGED}\ndata: {data}\n\n",
            change.sequence
        )
    }
}
