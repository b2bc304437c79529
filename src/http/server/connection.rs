//! One connection: its TLS handshake, its requests, and its time limits.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;

use super::Lifecycle;
use super::unread_body::{UnreadBody, close_lingering};

/// The largest head of a request, in bytes; beyond it the answer is 431.
const LARGEST_HEAD: usize = 64 * 1024;

/// The address that a request comes from: an extension that every request to the [`router()`](crate::router()) must have.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// The routes and time limits of all connections of a listener.
pub(super) struct ConnectionService {
    pub(super) router: Router,
    pub(super) header_timeout: Duration,
    pub(super) write_timeout: Duration,
    pub(super) body_timeout: Duration,
    /// Without it, connections are not encrypted.
    pub(super) tls: Option<TlsAcceptor>,
    /// At its end connections are closed, after the request that is under way.
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
        let handshake = tokio::time::timeout(self.header_timeout, tls.accept(stream));
        tokio::select! {
            finished = handshake => match finished {
                Ok(Ok(stream)) => self.answer_until_closed(stream, peer).await,
                Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                Err(_) => tracing::debug!("a TLS handshake took too long"),
            },
            () = self.lifecycle.ending() => {}
        }
    }

    async fn answer_until_closed(
        &self,
        mut stream: impl AsyncRead + AsyncWrite + Unpin,
        peer: Peer,
    ) {
        let unread = Arc::new(AtomicBool::new(false));
        let ended = self.answer_all(&mut stream, peer, &unread).await;
        let is_malformed = ended.as_ref().is_err_and(hyper::Error::is_parse);
        if unread.load(Ordering::Relaxed) || is_malformed {
            close_lingering(stream, self.body_timeout).await;
        }
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
    }

    /// Answers the requests of a connection until it is to be closed; `unread` is set when a part of a body is not read.
    async fn answer_all(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        peer: Peer,
        unread: &Arc<AtomicBool>,
    ) -> hyper::Result<()> {
        let has_request = AtomicBool::new(false);
        let answers = TowerToHyperService::new(self.router.clone());
        let service = service_fn(|mut request: Request<Incoming>| {
            has_request.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(peer);
            let (request, rest) = UnreadBody::follow(request, unread.clone(), self.body_timeout);
            let answer = answers.call(request);
            async move {
                let mut response = answer.await?;
                rest.answer(&mut response);
                Ok::<_, Infallible>(response)
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_timeout)
            .max_header_size(LARGEST_HEAD)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        tokio::select! {
            // First: requests that have arrived already are answered.
            biased;
            ended = connection.as_mut() => ended,
            () = self.lifecycle.ending() => {
                // Without one whole head nothing was requested, and hyper would wait for it.
                if !has_request.load(Ordering::Relaxed) {
                    return Ok(());
                }
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        }
    }
}
