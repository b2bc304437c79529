//! Answers that are written in parts, while the next ones are computed.

use std::io;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use http_body_util::channel::{Channel, Sender};
use tokio::task::{JoinError, JoinHandle};
use tracing::Instrument as _;

/// The client has closed its connection.
#[derive(Debug)]
pub(crate) struct Disconnected;

/// The sender of an answer's parts. Dropped before [`PartSender::end`], it aborts the connection, so that no incomplete
/// answer looks complete.
pub(crate) struct PartSender(Option<Sender<Bytes, io::Error>>);

impl PartSender {
    /// Sends a part, once the client has read those before.
    ///
    /// # Errors
    /// When the client has closed its connection.
    pub(crate) async fn send(&mut self, part: impl Into<Bytes>) -> Result<(), Disconnected> {
        let sender = self.0.as_mut().ok_or(Disconnected)?;
        sender
            .send_data(part.into())
            .await
            .map_err(|_| Disconnected)
    }

    /// Ends the answer: it is complete.
    pub(crate) fn end(mut self) {
        self.0 = None;
    }
}

impl Drop for PartSender {
    fn drop(&mut self) {
        if let Some(sender) = self.0.take() {
            sender.abort(io::Error::other("the answer is not complete"));
        }
    }
}

/// Answers at once with a head; `work` sends the parts.
pub(crate) fn answer_in_parts<F>(
    media_type: HeaderValue,
    work: impl FnOnce(PartSender) -> F,
) -> Response
where
    F: Future<Output = ()> + Send + 'static,
{
    // One part may wait until the client reads; then the work waits too.
    let (sender, body) = Channel::new(1);
    let work = AssertUnwindSafe(work(PartSender(Some(sender))));
    let caught = async {
        if work.catch_unwind().await.is_err() {
            // The hook has logged where it happened.
            tracing::error!("the answer was broken off");
        }
    };
    tokio::spawn(caught.in_current_span());
    ([(header::CONTENT_TYPE, media_type)], Body::new(body)).into_response()
}

/// A task for a part of an answer. It goes on while its result is not awaited, so that a client that does not read holds
/// nothing that other requests wait for; it ends when its client leaves.
pub(crate) struct AbortedOnDrop<T>(JoinHandle<T>);

impl<T: Send + 'static> AbortedOnDrop<T> {
    pub(crate) fn spawn(work: impl Future<Output = T> + Send + 'static) -> Self {
        Self(tokio::spawn(work))
    }
}

impl<T> Future for AbortedOnDrop<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl<T> Drop for AbortedOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
