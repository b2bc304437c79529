//! The body of a request: declared as JSON, within the limit, in time; and the history in it.

use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;
use tokio::sync::OwnedSemaphorePermit;

use super::{ApiError, App};
use microseg_encoding::{Encoder, History};
use microseg_history::HistoryError;
use microseg_model::Model;
use microseg_timing::Timing;

/// Bodies beyond this size are parsed aside, so that they do not hold up the requests of others.
pub(super) const PARSED_IN_PLACE: usize = 256 * 1024;

/// So much of an announced body is made room for at once; longer ones grow as they come.
const MADE_ROOM_FOR: usize = 1024 * 1024;

/// Room for a body among those that are held at once.
type Held = Arc<Option<OwnedSemaphorePermit>>;

/// The bytes of a request that are needed beyond their reading.
pub(super) struct KeptBody {
    pub(super) bytes: Bytes,
    /// Only to be given back.
    held: Held,
}

impl KeptBody {
    /// A part of it, which keeps the room of the whole.
    pub(super) fn part(&self, part: &[u8]) -> Self {
        Self {
            bytes: self.bytes.slice_ref(part),
            held: self.held.clone(),
        }
    }

    /// Of a request that waited in the store, not in memory.
    pub(super) fn of_job(bytes: Bytes) -> Self {
        Self {
            bytes,
            held: Arc::default(),
        }
    }
}

/// A body that claims to be JSON; its bytes are not looked at yet.
pub(super) struct JsonBody {
    bytes: Bytes,
    /// Room for the bytes, given back with them.
    held: Held,
    app: App,
}

impl FromRequest<App> for JsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        // Without a model nothing can be made of the body: it need not be sent.
        app.models()?;
        if MediaType::of(request.headers()) != Some(MediaType::Json) {
            return Err(ApiError::UnsupportedMediaType {
                expected: "one history as content-type: application/json",
            });
        }
        let received = Received::all_of(request, app).await?;
        Ok(Self {
            bytes: received.pieces.into_bytes(),
            held: Arc::new(received.held),
            app: app.clone(),
        })
    }
}

/// A body of whatever kind.
pub(super) struct RawBody {
    bytes: Bytes,
    /// Room for the bytes, given back with them.
    _held: Option<OwnedSemaphorePermit>,
}

impl FromRequest<App> for RawBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        app.models()?;
        let received = Received::all_of(request, app).await?;
        Ok(Self {
            bytes: received.pieces.into_bytes(),
            _held: received.held,
        })
    }
}

impl RawBody {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl JsonBody {
    /// The bytes as they came, and the room that they take until they are dropped.
    pub(super) fn keep(&self) -> KeptBody {
        KeptBody {
            bytes: self.bytes.clone(),
            held: self.held.clone(),
        }
    }

    /// Reads the history in the body.
    pub(super) async fn history(
        self,
        model: &Arc<Model>,
        timing: &mut Timing,
    ) -> Result<History, ApiError> {
        self.parse(model, timing, Encoder::read).await
    }

    /// Reads the history in the body, and the options beside it.
    pub(super) async fn history_with<E: DeserializeOwned + Send + 'static>(
        self,
        member: &'static str,
        model: &Arc<Model>,
        timing: &mut Timing,
    ) -> Result<(History, Option<E>), ApiError> {
        self.parse(model, timing, move |encoder, bytes| {
            encoder.read_with(bytes, member)
        })
        .await
    }

    /// Reads what is in the body; a large one aside.
    pub(super) async fn parse<T: Send + 'static>(
        self,
        model: &Arc<Model>,
        timing: &mut Timing,
        read: impl FnOnce(&Encoder, &[u8]) -> Result<T, HistoryError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let Self { bytes, held, app } = self;
        let begun = Instant::now();
        let parsed = if bytes.len() <= PARSED_IN_PLACE {
            read(model.encoder(), &bytes)
        } else {
            let model = model.clone();
            let work = move || {
                let _held = held;
                read(model.encoder(), &bytes)
            };
            app.aside(work).await?
        };
        timing.parse += begun.elapsed();
        Ok(parsed?)
    }
}

/// What a body is declared to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MediaType {
    /// One document.
    Json,
    /// A document a line.
    Ndjson,
}

impl MediaType {
    /// With or without parameters; nothing for a body that is compressed or encoded, since nothing here undoes that.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let encoding = headers.get(header::CONTENT_ENCODING);
        if encoding.is_some_and(|value| value != "identity") {
            return None;
        }
        let declared = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let essence = declared.split(';').next()?.trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/json" => Some(Self::Json),
            "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "text/x-ndjson" => Some(Self::Ndjson),
            _ => None,
        }
    }
}

/// What has arrived of a body.
struct Received {
    pieces: Pieces,
    held: Option<OwnedSemaphorePermit>,
}

impl Received {
    /// Everything, within the limit and in time.
    async fn all_of(request: Request, app: &App) -> Result<Self, ApiError> {
        let body = request.into_body();
        let limit = app.body_limit();
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        if announced > limit {
            return Err(ApiError::BodyTooLarge { limit });
        }
        let mut received = Self {
            pieces: Pieces::of(announced),
            held: None,
        };
        let collected = received.collect(body, limit, app);
        let in_time = tokio::time::timeout(app.body_timeout(), collected).await;
        in_time.map_err(|_| ApiError::BodyTimeout)??;
        Ok(received)
    }

    async fn collect(&mut self, mut body: Body, limit: usize, app: &App) -> Result<(), ApiError> {
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| ApiError::BodyUnreadable)?.into_data() else {
                continue;
            };
            if self.pieces.length() + data.len() > limit {
                return Err(ApiError::BodyTooLarge { limit });
            }
            let more = app.hold(data.len())?;
            match &mut self.held {
                Some(held) => held.merge(more),
                None => self.held = Some(more),
            }
            self.pieces.add(data);
        }
        Ok(())
    }
}

/// The pieces that a body comes in, put together.
enum Pieces {
    /// None yet, of a body of so many bytes.
    Awaited(usize),
    /// A single one, which is the body: most come so, and are not copied.
    Single(Bytes),
    /// One after the other.
    Joined(Vec<u8>),
}

impl Pieces {
    fn of(announced: usize) -> Self {
        Self::Awaited(announced)
    }

    fn length(&self) -> usize {
        match self {
            Self::Awaited(_) => 0,
            Self::Single(piece) => piece.len(),
            Self::Joined(bytes) => bytes.len(),
        }
    }

    fn add(&mut self, piece: Bytes) {
        match self {
            Self::Awaited(announced) if piece.len() == *announced => *self = Self::Single(piece),
            Self::Awaited(announced) => {
                // What is announced need not come: room is made for as much as most have.
                let mut bytes = Vec::with_capacity((*announced).min(MADE_ROOM_FOR));
                bytes.extend_from_slice(&piece);
                *self = Self::Joined(bytes);
            }
            Self::Single(first) => *self = Self::Joined([&first[..], &piece[..]].concat()),
            Self::Joined(bytes) => bytes.extend_from_slice(&piece),
        }
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::Awaited(_) => Bytes::new(),
            Self::Single(piece) => piece,
            Self::Joined(bytes) => bytes.into(),
        }
    }
}
