//! `GET /v1/customers/{id}/events`: changes of a customer's micro-segment, and of its transactions, as server-sent events.

use std::time::Duration;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use schemars::json_schema;
use serde::Deserialize;
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::CustomerId;
use super::cloud_event::{segment_changed, transactions_changed};
use crate::ApiError;
use crate::operation::{Answer, Operation, Parameter, Tag, raw};
use crate::request::{Disconnected, PartSender, answer_in_parts, parse_query};
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
            they happen. A browser that was cut off goes on by itself. With `position` also \
            `microseg.transactions.changed`, without an `id`, whenever the transactions are past it.",
        )
        .parameter(super::id())
        .parameter(Parameter::in_header(
            "last-event-id",
            "The `id` of the last event that is known: only those behind it are sent.",
            |_| json_schema!({"type": "string", "pattern": "^[0-9]{1,18}$"}),
            "7",
        ))
        .parameter(Parameter::in_query(
            "position",
            "The `position` that the caller knows: of each later one that is met, there is an event.",
            |_| json_schema!({"type": "integer", "minimum": 0, "maximum": LARGEST_EXACT}),
            3,
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

/// Numbers up to this one are exact in every reader of JSON.
const LARGEST_EXACT: u64 = (1 << 53) - 1;

/// The position that the client knows; `None` where it does not ask for positions.
struct KnownPosition(Option<u64>);

#[derive(Deserialize)]
struct PositionQuery {
    position: Option<u64>,
}

impl<S: Send + Sync> FromRequestParts<S> for KnownPosition {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = parse_query::<PositionQuery>(&parts.uri);
        query
            .filter(|query| query.position.is_none_or(|known| known <= LARGEST_EXACT))
            .map(|query| Self(query.position))
            .ok_or(ApiError::Query {
                parameter: "position",
                expected: "a whole number from 0 on, once",
            })
    }
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

async fn events(
    CustomerId(customer_id): CustomerId,
    LastEvent(last): LastEvent,
    KnownPosition(position): KnownPosition,
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
            position,
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
    /// The latest position that the client knows, where it asked for positions.
    position: Option<u64>,
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
            let moved = self.moved();
            if !changes.is_empty() || moved.is_some() || said.elapsed() >= HEARTBEAT {
                said = Instant::now();
                if self.send(&changes, moved).await.is_err() {
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
                Ok(Some(customer)) if customer.is_same(&self.customer) => self.customer = customer,
                Ok(_) => break,
                Err(_) => return,
            }
        }
        self.sender.end();
    }

    /// The position of the customer, where the client asked for positions and does not know it yet.
    fn moved(&self) -> Option<u64> {
        let position = self.customer.position;
        self.position
            .filter(|known| *known < position)
            .map(|_| position)
    }

    /// Sends changes and a position, or a comment where there are none.
    async fn send(
        &mut self,
        changes: &[SegmentChange],
        moved: Option<u64>,
    ) -> Result<(), Disconnected> {
        let mut text = String::new();
        if let Some(position) = moved {
            self.position = moved;
            text.push_str(&transactions_changed(&self.id, position));
        }
        for change in changes {
            self.last = change.sequence;
            text.push_str(&segment_changed(&self.id, change));
        }
        if text.is_empty() {
            text.push_str(": nothing new\n\n");
        }
        self.sender.send(text).await
    }
}
