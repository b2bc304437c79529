//! Limits on the bodies of requests, and the memory that they may take together.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::BlockingPool;
use crate::ApiError;
use crate::server::Lifecycle;
use microseg_config::LimitSettings;

/// What reading a body takes; clones share the memory.
#[derive(Debug, Clone)]
pub(crate) struct Bodies {
    /// The largest body, or line of one, in bytes.
    pub(crate) limit: usize,
    /// How long a body may take to arrive, or a line.
    pub(crate) timeout: Duration,
    /// Large bodies are parsed there.
    pub(crate) pool: BlockingPool,
    pub(crate) lifecycle: Lifecycle,
    /// A permit for each byte of a body that may be held.
    memory: Arc<Semaphore>,
    /// The same for bodies of many lines, which leave single bodies their share.
    line_memory: Arc<Semaphore>,
}

impl Bodies {
    pub(super) fn new(
        limits: &LimitSettings,
        timeout: Duration,
        pool: BlockingPool,
        lifecycle: Lifecycle,
    ) -> Self {
        Self {
            limit: limits.body_bytes(),
            timeout,
            pool,
            lifecycle,
            memory: Arc::new(Semaphore::new(limits.held_bytes())),
            line_memory: Arc::new(Semaphore::new(limits.held_line_bytes())),
        }
    }

    /// Memory for so many more bytes of a body.
    ///
    /// # Errors
    /// [`ApiError::Busy`] when there is none.
    pub(crate) fn reserve(&self, bytes: usize) -> Result<OwnedSemaphorePermit, ApiError> {
        reserve(&self.memory, bytes)
    }

    /// Memory for so many more bytes of lines.
    ///
    /// # Errors
    /// [`ApiError::Busy`] when there is none.
    pub(crate) fn reserve_for_lines(&self, bytes: usize) -> Result<OwnedSemaphorePermit, ApiError> {
        reserve(&self.line_memory, bytes)
    }

    /// Waits for memory for so many more bytes of lines, as long as a line may take.
    ///
    /// # Errors
    /// [`ApiError::Busy`] when there is none.
    pub(crate) async fn wait_for_line_memory(
        &self,
        bytes: usize,
    ) -> Result<OwnedSemaphorePermit, ApiError> {
        let bytes = u32::try_from(bytes).map_err(|_| ApiError::Busy)?;
        let permit = self.line_memory.clone().acquire_many_owned(bytes);
        let permit = tokio::time::timeout(self.timeout, permit).await;
        permit
            .map_err(|_| ApiError::Busy)?
            .map_err(|_| ApiError::Busy)
    }
}

fn reserve(memory: &Arc<Semaphore>, bytes: usize) -> Result<OwnedSemaphorePermit, ApiError> {
    let bytes = u32::try_from(bytes).map_err(|_| ApiError::Busy)?;
    let permit = memory.clone().try_acquire_many_owned(bytes);
    permit.map_err(|_| ApiError::Busy)
}

/// Memory for a body, given back when the last part of it is dropped.
pub(crate) type BodyMemory = Arc<Option<OwnedSemaphorePermit>>;

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

    /// A part of it, which keeps the memory of the whole.
    pub(crate) fn part(&self, part: &[u8]) -> Self {
        Self::new(self.bytes.slice_ref(part), self.memory.clone())
    }

    /// The body of a request that waited in the store, not in memory.
    pub(crate) fn of_job(bytes: Bytes) -> Self {
        Self::new(bytes, Arc::default())
    }
}
