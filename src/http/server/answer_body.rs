//! Body of an answer, counted among what is under way on its connection until it has been written.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};

use super::paced::Part;

/// The body of an answer.
pub(super) struct AnswerBody {
    body: Body,
    _part: Part,
}

impl AnswerBody {
    /// The same body; `part` ends when it has been written, or its client has left.
    pub(super) fn counted(body: Body, part: Part) -> Body {
        Body::new(Self { body, _part: part })
    }
}

impl HttpBody for AnswerBody {
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
