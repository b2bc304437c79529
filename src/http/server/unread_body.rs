//! Request bodies that are answered before they have been read to their end.
//!
//! Without a word, hyper closes a connection whose body is dropped unread, and the next request on it fails. Here every
//! answer agrees with what becomes of its connection: a short rest of a body is read beside the answer, and the
//! connection stays in use; else the answer has `connection: close`.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use http_body_util::BodyExt as _;
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::oneshot::{self, error::TryRecvError};

use super::Lifecycle;
use super::paced::{LAST_REQUEST, Part};

/// The longest rest of a body that is read so that its connection can be used again, in bytes: about two histories of
/// 2,000 transactions. To read it costs less than a new connection with TLS.
const LONGEST_REST: u64 = 256 * 1024;

/// How long a client that has its answer may send nothing before the rest of its body is given up.
const SILENCE: Duration = Duration::from_secs(5);

/// An answer's notice that its connection ends with it.
pub(super) const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// The body of a request as handlers see it. Dropped before its end, it gives what is left to its [`UnreadBody`].
pub(super) struct RequestBody<B: HttpBody = Incoming> {
    body: Option<B>,
    is_polled: bool,
    rest: Option<oneshot::Sender<Rest<B>>>,
}

/// What is left of a body.
enum Rest<B> {
    /// It can be read on.
    Readable {
        body: B,
        /// The client has been asked to send it, if it waits for that.
        is_polled: bool,
    },
    /// Its framing is wrong, or its connection is broken: where the next request begins cannot be known.
    Broken,
}

impl<B: HttpBody> RequestBody<B> {
    fn end(&mut self) {
        self.rest = None;
    }

    fn give_up(&mut self, rest: Rest<B>) {
        if let Some(sender) = self.rest.take() {
            // Without a receiver the connection is gone.
            let _ = sender.send(rest);
        }
    }
}

impl<B: HttpBody + Unpin> HttpBody for RequestBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.get_mut();
        let Some(body) = &mut this.body else {
            return Poll::Ready(None);
        };
        this.is_polled = true;
        let polled = Pin::new(body).poll_frame(context);
        match &polled {
            Poll::Ready(None) => this.end(),
            Poll::Ready(Some(Err(_))) => this.give_up(Rest::Broken),
            Poll::Ready(Some(Ok(_))) | Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let body = self.body.as_ref();
        body.map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl<B: HttpBody> Drop for RequestBody<B> {
    fn drop(&mut self) {
        if let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) {
            let is_polled = self.is_polled;
            self.give_up(Rest::Readable { body, is_polled });
        }
    }
}

/// The part of a request's body that its handler does not read.
pub(super) struct UnreadBody<B: HttpBody = Incoming> {
    rest: oneshot::Receiver<Rest<B>>,
    /// The client sends the body only when it is asked to.
    expects_continue: bool,
    /// Set when the connection is closed with a part of a body unread.
    unread: Arc<AtomicBool>,
    body_timeout: Duration,
    lifecycle: Lifecycle,
    /// The body is under way until it has been read or given up.
    _part: Part,
}

impl<B> UnreadBody<B>
where
    B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Send,
{
    /// Follows the body of a request, which is the `part` of it that is under way. `unread` is set when its connection is
    /// closed with a part of the body unread; what is read beside the answer may take `body_timeout`, unless the server
    /// ends.
    pub(super) fn follow(
        request: Request<B>,
        part: Part,
        unread: Arc<AtomicBool>,
        body_timeout: Duration,
        lifecycle: Lifecycle,
    ) -> (Request<RequestBody<B>>, Self) {
        let (sender, receiver) = oneshot::channel();
        let expects_continue = request.headers().contains_key(header::EXPECT);
        let request = request.map(|body| RequestBody {
            rest: (!body.is_end_stream()).then_some(sender),
            body: Some(body),
            is_polled: false,
        });
        let unread = Self {
            rest: receiver,
            expects_continue,
            unread,
            body_timeout,
            lifecycle,
            _part: part,
        };
        (request, unread)
    }

    /// Makes the answer agree with what becomes of its connection.
    pub(super) fn answer(mut self, response: &mut Response) {
        match self.rest.try_recv() {
            // Read to its end.
            Err(TryRecvError::Closed) => {}
            Ok(Rest::Readable { body, is_polled })
                if self.is_worth_reading(&body, is_polled, response.status()) =>
            {
                tokio::spawn(self.read_rest(body));
            }
            Ok(_) => {
                self.unread.store(true, Ordering::Relaxed);
                response.headers_mut().insert(header::CONNECTION, CLOSE);
            }
            // The answer is written while the body is being read.
            Err(TryRecvError::Empty) => {
                tokio::spawn(self.read_rest_later());
            }
        }
    }

    /// A rest of unknown length has no end that could be counted on.
    fn is_worth_reading(&self, body: &B, is_polled: bool, status: StatusCode) -> bool {
        let is_asked_for = is_polled || !self.expects_continue;
        let is_short = (body.size_hint().exact()).is_some_and(|length| length <= LONGEST_REST);
        is_asked_for && is_short && status != StatusCode::REQUEST_TIMEOUT
    }

    async fn read_rest_later(mut self) {
        match (&mut self.rest).await {
            Ok(Rest::Readable { body, is_polled }) if is_polled || !self.expects_continue => {
                self.read_rest(body).await;
            }
            Ok(_) => self.unread.store(true, Ordering::Relaxed),
            Err(_) => {}
        }
    }

    /// Reads a body to its end, unless it takes longer than a body may or stops. Its client is then in the middle of
    /// sending it, and has no next request on this connection.
    async fn read_rest(self, mut body: B) {
        let rest = async {
            loop {
                match tokio::time::timeout(SILENCE, body.frame()).await {
                    Ok(Some(Ok(_))) => {}
                    Ok(None) => return true,
                    Ok(Some(Err(_))) | Err(_) => return false,
                }
            }
        };
        let is_read = tokio::select! {
            is_read = tokio::time::timeout(self.body_timeout, rest) => is_read.unwrap_or(false),
            () = last_request(&self.lifecycle) => false,
        };
        if !is_read {
            // Before the body is dropped, which closes the connection.
            self.unread.store(true, Ordering::Relaxed);
        }
    }
}

/// Ends this side of a connection, and reads what its client still sends, for `longest` at most. A connection that is
/// closed with bytes unread is reset, and a client that is still sending would lose the answer.
pub(super) async fn close_lingering(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    longest: Duration,
    lifecycle: &Lifecycle,
) {
    let reading = async {
        // The client may have gone.
        let _ = stream.shutdown().await;
        let mut bytes = vec![0; 16 * 1024];
        while let Ok(Ok(1..)) = tokio::time::timeout(SILENCE, stream.read(&mut bytes)).await {}
    };
    tokio::select! {
        _ = tokio::time::timeout(longest, reading) => {}
        () = last_request(lifecycle) => {}
    }
}

/// Resolves some time after the server ends: what clients still send then is of no use to any one.
async fn last_request(lifecycle: &Lifecycle) {
    lifecycle.ending().await;
    tokio::time::sleep(LAST_REQUEST).await;
}
