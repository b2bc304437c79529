//! Content codings: compressed bodies of requests, undone before anything reads them.
//!
//! The limits on bodies are of what comes out. A body that grows out of all proportion is broken off before it is large.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use crate::out_of_proportion::{LARGEST_RATIO, OutOfProportion};
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::BodyExt as _;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tower::{Layer as _, ServiceExt as _};
use tower_http::compression::predicate::Predicate;
use tower_http::decompression::{DecompressionBody, RequestDecompressionLayer};

/// So many bytes may come out of any body: short ones may well repeat themselves.
const ALWAYS_ALLOWED: u64 = 1024 * 1024;

/// Smaller answers are not worth compressing.
const SMALLEST_COMPRESSED: u64 = 1024;

/// The bytes of a compressed body that have arrived.
#[derive(Debug, Clone, Default)]
struct Arrived(Arc<AtomicU64>);

/// Whether the body is compressed in a way that is undone here.
fn is_compressed(headers: &HeaderMap) -> bool {
    let coding = headers.get(CONTENT_ENCODING);
    coding.is_some_and(|coding| {
        let coding = coding.as_bytes();
        coding.eq_ignore_ascii_case(b"gzip") || coding.eq_ignore_ascii_case(b"zstd")
    })
}

/// Middleware: undoes the coding of a body, which is a problem where it grows out of proportion. Any other body passes as it
/// is.
pub(crate) async fn undo_content_coding(request: Request, next: Next) -> Response {
    if !is_compressed(request.headers()) {
        return next.run(request).await;
    }
    let arrived = Arrived::default();
    let of_body = arrived.clone();
    let counted = request.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            of_body.0.fetch_add(bytes as u64, Ordering::Relaxed);
            frame
        }))
    });
    let inner = tower::service_fn(move |request: Request<DecompressionBody<Body>>| {
        let proportioned = |body| Proportioned {
            body: Body::new(body),
            arrived: arrived.clone(),
            given: 0,
        };
        let request = request.map(|body| Body::new(proportioned(body)));
        let next = next.clone();
        async move { Ok::<_, Infallible>(next.run(request).await) }
    });
    let undone = RequestDecompressionLayer::new()
        .layer(inner)
        .oneshot(counted);
    match undone.await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}

/// A decompressed body.
struct Proportioned {
    body: Body,
    arrived: Arrived,
    /// How many bytes came out so far.
    given: u64,
}

impl HttpBody for Proportioned {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        let frame = match ready!(Pin::new(&mut self.body).poll_frame(context)) {
            None => return Poll::Ready(None),
            Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
            Some(Ok(frame)) => frame,
        };
        self.given += frame.data_ref().map_or(0, |data| data.len() as u64);
        let arrived = self.arrived.0.load(Ordering::Relaxed);
        if self.given > ALWAYS_ALLOWED.saturating_add(arrived.saturating_mul(LARGEST_RATIO)) {
            return Poll::Ready(Some(Err(OutOfProportion.into())));
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Which answers are compressed where the client accepts it: whole documents. Lines are sent as they are computed, and
/// compressing would hold them back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WholeDocuments;

impl Predicate for WholeDocuments {
    fn should_compress<B: HttpBody>(&self, response: &axum::http::Response<B>) -> bool {
        let media_type = response.headers().get(CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok());
        let is_document = media_type.is_some_and(|media_type| {
            ["application/json", "text/html", "text/css", "image/svg+xml"]
                .iter()
                .any(|known| media_type.starts_with(known))
        });
        let is_large = |size: u64| size >= SMALLEST_COMPRESSED;
        is_document && response.body().size_hint().exact().is_some_and(is_large)
    }
}
