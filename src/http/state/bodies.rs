//! Limits on the bodies of requests, and the memory that they may take together.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::Extensions;
use axum::http::request::Parts;

use super::account::Account;
use super::blocking_pool::BlockingPool;
use super::shares::{Held, Resource, SharePolicy, SharedResource};
use crate::ApiError;
use crate::server::Lifecycle;
use microseg_config::ServiceSettings;

/// Bodies up to this size, in bytes, have memory that no larger body takes: clients that send large ones slowly do not
/// keep out their own small ones.
const SMALL_BODY: usize = 256 * 1024;

/// One part of so many of the memory is for small bodies alone.
const RESERVED_PART: usize = 8;

/// Limits on bodies, and the memory that all of them may take together; clones share the memory.
#[derive(Debug, Clone)]
pub(crate) struct BodyLimits {
    /// The largest body, or line of one, in bytes.
    pub(crate) limit: usize,
    /// How long a body may take to arrive, or a line.
    pub(crate) timeout: Duration,
    /// Large bodies are parsed there.
    pub(crate) pool: BlockingPool,
    pub(crate) lifecycle: Lifecycle,
    /// Bytes of bodies that may be held.
    memory: SharedResource,
    /// The same for small bodies, when there is none for all.
    reserve: SharedResource,
    /// The same for bodies of many lines, which leave single bodies their share.
    line_memory: SharedResource,
    /// Places of bodies of many lines, which may last for ever.
    streams: SharedResource,
}

impl BodyLimits {
    pub(super) fn new(
        settings: &ServiceSettings,
        pool: BlockingPool,
        lifecycle: Lifecycle,
    ) -> Self {
        let limits = &settings.limits;
        let policy = SharePolicy::new(&settings.traffic);
        let (limit, held) = (limits.body_bytes(), limits.held_bytes());
        let reserved = held / RESERVED_PART;
        // One body must fit, whatever is set.
        let bytes = |bytes: usize| {
            SharedResource::with_least(Resource::Bytes, bytes.max(limit), policy, limit)
        };
        Self {
            limit,
            timeout: settings.server.body_timeout,
            pool,
            lifecycle,
            memory: bytes(held - reserved),
            reserve: SharedResource::with_least(
                Resource::Bytes,
                reserved,
                policy,
                SMALL_BODY.min(reserved),
            ),
            line_memory: bytes(limits.held_line_bytes()),
            streams: SharedResource::new(Resource::Streams, settings.traffic.streams(), policy),
        }
    }
}

/// What reading the bodies of one caller takes.
#[derive(Debug, Clone)]
pub(crate) struct Bodies {
    limits: BodyLimits,
    account: Account,
}

impl Deref for Bodies {
    type Target = BodyLimits;

    fn deref(&self) -> &BodyLimits {
        &self.limits
    }
}

impl<S> FromRequestParts<S> for Bodies
where
    S: Send + Sync,
    BodyLimits: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Self::of_request(&parts.extensions, state)
    }
}

impl Bodies {
    /// The bodies of the caller of an authorized request.
    ///
    /// # Errors
    /// [`ApiError::Unauthorized`] for a request that was not authorized.
    pub(crate) fn of_request<S>(extensions: &Extensions, state: &S) -> Result<Self, ApiError>
    where
        BodyLimits: FromRef<S>,
    {
        Ok(Self {
            limits: BodyLimits::from_ref(state),
            account: Account::of_request(extensions)?,
        })
    }

    /// Memory for a body of so many bytes.
    ///
    /// # Errors
    /// As [`Self::extend`].
    pub(crate) fn reserve(&self, bytes: usize) -> Result<Option<Held>, ApiError> {
        let mut memory = None;
        self.extend(&mut memory, bytes)?;
        Ok(memory)
    }

    /// Memory for so many more bytes of a body.
    ///
    /// # Errors
    /// [`ApiError::Busy`] when there is none, [`ApiError::ShareFull`] when the caller holds its share already.
    pub(crate) fn extend(&self, memory: &mut Option<Held>, bytes: usize) -> Result<(), ApiError> {
        let all = memory.as_ref().map_or(0, Held::units) + bytes;
        let is_small = all <= SMALL_BODY;
        let is_reserved = memory
            .as_ref()
            .is_some_and(|memory| memory.is_of(&self.reserve));
        let grown = match memory {
            Some(memory) if is_small || !is_reserved => memory.grow(bytes),
            _ => self.exchange(memory, &self.memory, all),
        };
        if grown.is_err() && is_small && !is_reserved {
            return self.exchange(memory, &self.reserve, all);
        }
        grown
    }

    /// Takes all memory of a body from one resource, and gives back what it had.
    fn exchange(
        &self,
        memory: &mut Option<Held>,
        resource: &SharedResource,
        bytes: usize,
    ) -> Result<(), ApiError> {
        *memory = Some(resource.take(&self.account, bytes)?);
        Ok(())
    }

    /// Memory for so many more bytes of lines.
    ///
    /// # Errors
    /// [`ApiError::Busy`] when there is none, [`ApiError::ShareFull`] when the caller holds its share already.
    pub(crate) fn reserve_for_lines(&self, bytes: usize) -> Result<Held, ApiError> {
        self.line_memory.take(&self.account, bytes)
    }

    /// Waits for memory for so many more bytes of lines, as long as a line may take.
    ///
    /// # Errors
    /// [`ApiError::Busy`] when there is none.
    pub(crate) async fn wait_for_line_memory(&self, bytes: usize) -> Result<Held, ApiError> {
        let memory = self.line_memory.wait_for(&self.account, bytes);
        let memory = tokio::time::timeout(self.timeout, memory).await;
        memory.map_err(|_| ApiError::Busy)?
    }

    /// The place of a body of many lines, to be held until its last line has been answered.
    ///
    /// # Errors
    /// [`ApiError::Busy`] when there is none, [`ApiError::ShareFull`] when the caller holds its share already.
    pub(crate) fn open_stream(&self) -> Result<Held, ApiError> {
        self.streams.take(&self.account, 1)
    }
}

/// Memory for a body, given back when the last part of it is dropped.
pub(crate) type BodyMemory = Arc<Option<Held>>;

/// The bytes of a request that are needed beyond their reading.
#[derive(Debug)]
pub(crate) struct KeptBody {
    pub(crate) bytes: Bytes,
    memory: BodyMemory,
}

impl KeptBody {
    pub(crate) fn new(bytes: Bytes, memory: BodyMemory) -> Self {
        Self { bytes, memory }
    }

    /// Bytes that were read out of it, with the memory of the whole.
    pub(crate) fn of(&self, bytes: Bytes) -> Self {
        Self::new(bytes, self.memory.clone())
    }

    /// A part of it, which keeps the memory of the whole.
    pub(crate) fn part(&self, part: &[u8]) -> Self {
        Self::new(self.bytes.slice_ref(part), self.memory.clone())
    }

    /// The body of a request that waited in the store, not in memory.
    pub(crate) fn of_job(bytes: Bytes) -> Self {
        Self::new(bytes, Arc::default())
    }
}
