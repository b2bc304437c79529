//! The body of a request: its limit, its time limit, and the history in it.

use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{FromRef, FromRequest, Request};
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;

use super::{MediaType, RequestedState};
use crate::ApiError;
use crate::state::{
    BlockingPool, Bodies, BodyLimits, BodyMemory, Held, KeptBody, Models, PARSED_IN_PLACE,
    StateTokens,
};
use microseg_encoding::{Encoder, History};
use microseg_history::HistoryError;
use microseg_model::Model;
use microseg_timing::Timing;

/// So many bytes are allocated for an announced body at once; longer ones grow as they come.
const ALLOCATED_AT_ONCE: usize = 1024 * 1024;

/// A body that is declared as JSON; its bytes are not parsed yet.
pub(crate) struct JsonBody {
    bytes: Bytes,
    memory: BodyMemory,
    pool: BlockingPool,
}

impl<S> FromRequest<S> for JsonBody
where
    S: Send + Sync,
    Models: FromRef<S>,
    BodyLimits: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        // Without a model nothing can be made of the body: it need not be sent.
        Models::from_ref(state).registry()?;
        let bodies = Bodies::of_request(request.extensions(), state)?;
        Self::receive(request, &bodies).await
    }
}

/// A body of any media type.
pub(crate) struct RawBody {
    bytes: Bytes,
    memory: BodyMemory,
}

impl<S> FromRequest<S> for RawBody
where
    S: Send + Sync,
    Models: FromRef<S>,
    BodyLimits: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        Models::from_ref(state).registry()?;
        let bodies = Bodies::of_request(request.extensions(), state)?;
        Self::receive(request, &bodies).await
    }
}

impl RawBody {
    /// Reads a body whole.
    ///
    /// # Errors
    /// [`ApiError`] for a body that is too large or does not arrive whole or in time.
    pub(crate) async fn receive(request: Request, bodies: &Bodies) -> Result<Self, ApiError> {
        let received = Received::all_of(request, bodies).await?;
        Ok(Self {
            bytes: received.pieces.into_bytes(),
            memory: Arc::new(received.memory),
        })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes as they came, and the memory that they take until they are dropped.
    pub(crate) fn keep(&self) -> KeptBody {
        KeptBody::new(self.bytes.clone(), self.memory.clone())
    }
}

impl JsonBody {
    /// Reads a body that is declared as JSON.
    ///
    /// # Errors
    /// [`ApiError`] for another media type, and for a body that is too large or does not arrive whole or in time.
    pub(crate) async fn receive(request: Request, bodies: &Bodies) -> Result<Self, ApiError> {
        if MediaType::of(request.headers()) != Some(MediaType::Json) {
            return Err(ApiError::UnsupportedMediaType {
                expected: "one history as content-type: application/json",
            });
        }
        let received = Received::all_of(request, bodies).await?;
        Ok(Self {
            bytes: without_mark(received.pieces.into_bytes()),
            memory: Arc::new(received.memory),
            pool: bodies.pool.clone(),
        })
    }

    /// A document that was put together here, in the place of a body.
    pub(crate) fn of_document(document: Vec<u8>, memory: Option<Held>, bodies: &Bodies) -> Self {
        Self {
            bytes: document.into(),
            memory: Arc::new(memory),
            pool: bodies.pool.clone(),
        }
    }

    /// The bytes as they came, and the memory that they take until they are dropped.
    pub(crate) fn keep(&self) -> KeptBody {
        KeptBody::new(self.bytes.clone(), self.memory.clone())
    }

    /// Reads the history in the body, which may go on from a token, and a member beside it.
    pub(crate) async fn history_beside<E: DeserializeOwned + Send + 'static>(
        self,
        member: &'static str,
        model: &Arc<Model>,
        state: &RequestedState,
        timing: &mut Timing,
    ) -> Result<(History, Option<E>), ApiError> {
        let RequestedState { tokens, keep } = state.clone();
        let own = model.clone();
        self.parse(model, timing, move |_, bytes| {
            tokens.read_beside(&own, bytes, keep, member)
        })
        .await
    }

    /// Reads the history to be explained in the body, which may go on from a token, and the options beside it.
    pub(crate) async fn history_with<E: DeserializeOwned + Send + 'static>(
        self,
        member: &'static str,
        model: &Arc<Model>,
        tokens: StateTokens,
        timing: &mut Timing,
    ) -> Result<(History, Option<E>), ApiError> {
        let own = model.clone();
        self.parse(model, timing, move |_, bytes| {
            tokens.read_with(&own, bytes, member)
        })
        .await
    }

    /// Parses the body; a large one on another thread.
    pub(crate) async fn parse<T: Send + 'static>(
        self,
        model: &Arc<Model>,
        timing: &mut Timing,
        read: impl FnOnce(&Encoder, &[u8]) -> Result<T, HistoryError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let Self {
            bytes,
            memory,
            pool,
        } = self;
        let begun = Instant::now();
        let parsed = if bytes.len() <= PARSED_IN_PLACE {
            read(model.encoder(), &bytes)
        } else {
            let model = model.clone();
            let work = move || {
                let _memory = memory;
                read(model.encoder(), &bytes)
            };
            pool.run(work).await?
        };
        timing.parse += begun.elapsed();
        Ok(parsed?)
    }
}

/// The bytes behind a byte order mark, which some programs write before UTF-8.
fn without_mark(bytes: Bytes) -> Bytes {
    const MARK: &str = "\u{feff}";
    if bytes.starts_with(MARK.as_bytes()) {
        bytes.slice(MARK.len()..)
    } else {
        bytes
    }
}

/// The part of a body that has arrived.
struct Received {
    pieces: Pieces,
    memory: Option<Held>,
}

impl Received {
    /// Everything, within the limit and in time.
    async fn all_of(request: Request, bodies: &Bodies) -> Result<Self, ApiError> {
        let body = request.into_body();
        let limit = bodies.limit;
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        if announced > limit {
            return Err(ApiError::BodyTooLarge { limit });
        }
        let mut received = Self {
            pieces: Pieces::of(announced),
            memory: None,
        };
        let collected = received.collect(body, bodies);
        let in_time = tokio::time::timeout(bodies.timeout, collected).await;
        in_time.map_err(|_| ApiError::BodyTimeout)??;
        Ok(received)
    }

    async fn collect(&mut self, mut body: Body, bodies: &Bodies) -> Result<(), ApiError> {
        let limit = bodies.limit;
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame
                .map_err(|error| ApiError::of_body(&error))?
                .into_data()
            else {
                continue;
            };
            if self.pieces.length() + data.len() > limit {
                return Err(ApiError::BodyTooLarge { limit });
            }
            bodies.extend(&mut self.memory, data.len())?;
            self.pieces.add(data);
        }
        Ok(())
    }
}

/// The pieces that a body comes in, put together.
enum Pieces {
    /// None yet, of a body of so many bytes.
    Awaited(usize),
    /// A single one, which is the whole body: most come so, and are not copied.
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
                // What is announced need not come.
                let mut bytes = Vec::with_capacity((*announced).min(ALLOCATED_AT_ONCE));
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
