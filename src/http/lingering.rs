//! What is read of a request that was refused before its body: a client that is still sending hears no answer until then.

use std::time::Duration;

use axum::body::{Bytes, HttpBody as _};
use axum::extract::Request;
use axum::http::header;
use http_body_util::BodyExt as _;

/// How long a refused client may go on sending.
const PATIENCE: Duration = Duration::from_secs(5);

/// Reads a body beside its answer, and forgets it. One that is too long or takes too long ends with its connection.
pub(super) fn pass_over(request: Request, limit: usize) {
    // Who waits for permission sends nothing after a refusal.
    let waits = request.headers().contains_key(header::EXPECT);
    let mut body = request.into_body();
    if waits || body.is_end_stream() {
        return;
    }
    tokio::spawn(tokio::time::timeout(PATIENCE, async move {
        let mut read = 0;
        while let Some(Ok(frame)) = body.frame().await {
            read += frame.data_ref().map_or(0, Bytes::len);
            if read > limit {
                return;
            }
        }
    }));
}
