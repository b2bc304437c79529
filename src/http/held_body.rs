//! Body of an answer that holds a value until it has been written, or its client has left.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};

struct HeldBody<T> {
    body: Body,
    _held: T,
}

/// The same body; `held` is dropped once it has been written, or its client has left.
pub(crate) fn hold_until_written<T>(body: Body, held: T) -> Body
where
    T: Send + Unpin + 'static,
{
    Body::new(HeldBody { body, _held: held })
}

impl<T: Unpin> HttpBody for HeldBody<T> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
