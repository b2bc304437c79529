//! Time limits between the requests of a connection: of the pause, and of the next head.
//!
//! hyper has one time limit for both. A pause must be longer than those of load balancers, which keep their connections
//! for a minute and more; a head that has begun must not.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::Lifecycle;

/// How long a connection is kept for one more request once the server ends. A client that keeps its connection sends
/// the next request when it has the answer before; that one is answered with `connection: close`, and none is lost.
pub(super) const LAST_REQUEST: Duration = Duration::from_secs(1);

/// Time limits between requests.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// From a head's first byte to its last, and from the beginning of a connection to the end of its first head.
    pub(super) head: Duration,
    /// From the end of an answer to the first byte of the next head.
    pub(super) pause: Duration,
}

/// The parts of requests that are under way on a connection; clones share the count.
#[derive(Debug, Clone, Default)]
pub(super) struct UnderWay(Arc<Parts>);

#[derive(Debug, Default)]
struct Parts {
    count: AtomicUsize,
    /// Woken when the last part ends: hyper does not read again by itself when it has read in vain before, and the time
    /// of the pause would not begin.
    reader: AtomicWaker,
}

impl UnderWay {
    /// Counts a part until it is dropped.
    pub(super) fn begin(&self) -> Part {
        self.0.count.fetch_add(1, Ordering::AcqRel);
        Part(self.clone())
    }

    fn is_none(&self) -> bool {
        self.0.count.load(Ordering::Acquire) == 0
    }
}

/// A part of a request that is under way: its body, or its answer.
#[derive(Debug)]
#[must_use]
pub(super) struct Part(UnderWay);

impl Drop for Part {
    fn drop(&mut self) {
        let Self(UnderWay(parts)) = self;
        if parts.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            parts.reader.wake();
        }
    }
}

/// What a connection is waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The first byte of a head.
    Pause,
    /// The rest of a head.
    Head,
    /// A request is under way: it has time limits of its own.
    Request,
}

/// A connection's stream. Reading from it fails with [`io::ErrorKind::TimedOut`] when the next head takes too long.
pub(super) struct PacedStream<S> {
    stream: S,
    pace: Pace,
    lifecycle: Lifecycle,
    under_way: UnderWay,
    phase: Phase,
    deadline: Instant,
    /// Whether the first byte of the next head has arrived.
    has_begun: bool,
    /// Whether a head that had begun took too long.
    is_late: bool,
    /// Whether the server's end has been noticed since the last request.
    is_last: bool,
    timer: Pin<Box<Sleep>>,
}

impl<S> PacedStream<S> {
    /// A stream that is at its beginning, and the count of what is under way on it.
    pub(super) fn new(stream: S, pace: Pace, lifecycle: Lifecycle) -> (Self, UnderWay) {
        let under_way = UnderWay::default();
        let deadline = Instant::now() + pace.head;
        let paced = Self {
            stream,
            pace,
            lifecycle,
            under_way: under_way.clone(),
            // The time of the first head begins with the connection.
            phase: Phase::Head,
            deadline,
            has_begun: false,
            is_late: false,
            is_last: false,
            timer: Box::pin(tokio::time::sleep_until(deadline)),
        };
        (paced, under_way)
    }

    /// Whether the last read failed because a head that had begun took too long.
    pub(super) fn is_head_late(&self) -> bool {
        self.is_late
    }

    fn note_phase(&mut self) {
        if !self.under_way.is_none() {
            self.phase = Phase::Request;
        } else if self.phase == Phase::Request {
            self.phase = Phase::Pause;
            self.deadline = Instant::now() + self.pace.pause;
            self.has_begun = false;
            self.is_last = false;
        }
        if self.phase != Phase::Request && !self.is_last && self.lifecycle.is_ending() {
            self.is_last = true;
            self.deadline = self.deadline.min(Instant::now() + LAST_REQUEST);
        }
    }

    fn note_bytes(&mut self) {
        self.has_begun = true;
        if self.phase == Phase::Pause {
            self.phase = Phase::Head;
            if !self.is_last {
                self.deadline = Instant::now() + self.pace.head;
            }
        }
    }

    fn poll_deadline(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.phase == Phase::Request {
            self.under_way.0.reader.register(context.waker());
            // The last part may have ended meanwhile.
            self.note_phase();
        }
        if self.phase == Phase::Request {
            return Poll::Pending;
        }
        if self.timer.deadline() != self.deadline {
            self.timer.as_mut().reset(self.deadline);
        }
        ready!(self.timer.as_mut().poll(context));
        self.is_late = self.has_begun;
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PacedStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.note_phase();
        match Pin::new(&mut this.stream).poll_read(context, buffer) {
            Poll::Ready(read) => {
                this.note_bytes();
                Poll::Ready(read)
            }
            Poll::Pending => this.poll_deadline(context),
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PacedStream<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
