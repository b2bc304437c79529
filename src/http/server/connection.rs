//! One connection: its TLS handshake, its requests, and its time limits.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::header;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;

use super::paced::{LAST_REQUEST, Pace, PacedStream, UnderWay};
use super::unread_body::{CLOSE, UnreadBody, close_lingering};
use super::{HeadFault, Lifecycle};
use crate::held_body::hold_until_written;

/// The largest head of a request, in bytes; beyond it the answer is 431.
const LARGEST_HEAD: usize = 64 * 1024;

/// The most lines of a head; beyond them the answer is 431.
const MOST_HEADERS: usize = 256;

/// What a connection's buffers for reading and for writing may each grow to, in bytes: a head must fit. Larger ones read
/// a body no faster, and each of many idle connections would keep them.
const LARGEST_BUFFER: usize = LARGEST_HEAD;

/// The answer to a head that has begun and takes too long. hyper has none.
const LATE_HEAD: &[u8] =
    b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// The address that a request comes from: an extension that every request to the [`router()`](crate::router()) must have.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// The routes and time limits of all connections of a listener.
pub(super) struct ConnectionService {
    pub(super) router: Router,
    pub(super) pace: Pace,
    pub(super) write_timeout: Duration,
    pub(super) body_timeout: Duration,
    /// Without it, connections are not encrypted.
    pub(super) tls: Option<TlsAcceptor>,
    /// At its end connections are closed, after the request that is under way and one more.
    pub(super) lifecycle: Lifecycle,
}

impl ConnectionService {
    /// Serves a connection to its end.
    pub(super) async fn serve(&self, stream: TcpStream, peer: Peer) {
        // Answers are small and complete: nothing is gained by waiting to fill a packet.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was refused");
        }
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.write_timeout));
        let stream = Box::pin(stream);
        let Some(tls) = &self.tls else {
            return self.answer_until_closed(stream, peer).await;
        };
        let handshake = tokio::time::timeout(self.pace.head, tls.accept(stream));
        let last = async {
            self.lifecycle.ending().await;
            tokio::time::sleep(LAST_REQUEST).await;
        };
        tokio::select! {
            finished = handshake => match finished {
                Ok(Ok(stream)) => self.answer_until_closed(stream, peer).await,
                Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                Err(_) => tracing::debug!("a TLS handshake took too long"),
            },
            () = last => {}
        }
    }

    async fn answer_until_closed(&self, stream: impl AsyncRead + AsyncWrite + Unpin, peer: Peer) {
        let (mut stream, under_way) = PacedStream::new(stream, self.pace, self.lifecycle.clone());
        let unread = Arc::new(AtomicBool::new(false));
        let ended = self
            .answer_all(&mut stream, &under_way, peer, &unread)
            .await;
        if stream.is_head_late() {
            // The client may have gone.
            let _ = stream.write_all(LATE_HEAD).await;
        }
        let is_malformed = ended.as_ref().is_err_and(hyper::Error::is_parse);
        if unread.load(Ordering::Relaxed) || is_malformed || stream.is_head_late() {
            close_lingering(stream, self.body_timeout, &self.lifecycle).await;
        }
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
    }

    /// Answers the requests of a connection until it is to be closed; `unread` is set when a part of a body is not read.
    async fn answer_all(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        under_way: &UnderWay,
        peer: Peer,
        unread: &Arc<AtomicBool>,
    ) -> hyper::Result<()> {
        let answers = TowerToHyperService::new(self.router.clone());
        let service = service_fn(|mut request: Request<Incoming>| {
            let fault = HeadFault::of(&request);
            request.extensions_mut().insert(peer);
            if let Some(fault) = fault {
                request.extensions_mut().insert(fault);
            }
            let (answered, read) = (under_way.begin(), under_way.begin());
            let (request, rest) = UnreadBody::follow(
                request,
                read,
                unread.clone(),
                self.body_timeout,
                self.lifecycle.clone(),
            );
            let answer = answers.call(request);
            async move {
                let mut response = answer.await?;
                rest.answer(&mut response);
                if fault.is_some() || !self.lifecycle.is_serving() {
                    // Its client takes another connection for the next request, and loses none.
                    response.headers_mut().insert(header::CONNECTION, CLOSE);
                }
                let response = response.map(|body| hold_until_written(body, answered));
                Ok::<_, Infallible>(response)
            }
        });
        let connection = http1::Builder::new()
            // The stream has time limits of its own.
            .header_read_timeout(None)
            .max_header_size(LARGEST_HEAD)
            .max_headers(MOST_HEADERS)
            .max_buf_size(LARGEST_BUFFER)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        tokio::select! {
            // First: requests that have arrived already are answered.
            biased;
            ended = connection.as_mut() => ended,
            // Read again: the stream's time limits are others now.
            () = self.lifecycle.ending() => connection.await,
        }
    }
}
