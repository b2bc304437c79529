//! The accept loop of the server, and its end after the requests under way.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures_util::FutureExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::Lifecycle;
use super::connection::{ConnectionService, Peer};
use super::paced::Pace;
use microseg_config::ConnectionSettings;

/// How long to wait when a connection cannot be accepted: others must end first.
const RETRY_ACCEPT_AFTER: Duration = Duration::from_millis(200);

/// Connections for metrics and probes: a few scrapers and a prober keep one each.
const MOST_METRICS_CONNECTIONS: usize = 64;

/// Listeners and time limits of the server.
pub struct ServerConfig {
    /// The listener of the interface.
    pub listener: TcpListener,
    /// The listener of metrics and probes, without encryption; without it, they are on the listener of the interface.
    pub metrics: Option<TcpListener>,
    /// Encrypts the connections of the interface.
    pub tls: Option<TlsAcceptor>,
    /// Limits on connections.
    pub connections: ConnectionSettings,
    /// How long a body may take to arrive, and what is read of one after its answer.
    pub body_timeout: Duration,
    /// How long requests under way may take to finish once no new ones are accepted.
    pub grace_period: Duration,
}

/// The routes of each listener.
pub(crate) struct Routers {
    pub(crate) interface: Router,
    pub(crate) metrics: Router,
}

/// Serves until `shutdown` resolves. Then the server is not ready; after the drain delay it accepts no more, and what is
/// under way has the grace period to finish.
pub(crate) async fn serve(
    config: ServerConfig,
    routers: Routers,
    lifecycle: Lifecycle,
    shutdown: impl Future<Output = ()> + Send,
) {
    let ServerConfig {
        listener,
        metrics,
        tls,
        connections: settings,
        body_timeout,
        grace_period,
    } = config;
    let service = |router, tls| {
        Arc::new(ConnectionService {
            router,
            pace: Pace {
                head: settings.header_timeout,
                pause: settings.keep_alive_timeout,
            },
            write_timeout: settings.write_timeout,
            body_timeout,
            tls,
            lifecycle: lifecycle.clone(),
        })
    };
    let interface = Listener {
        socket: listener,
        permits: Arc::new(Semaphore::new(settings.most())),
        service: service(routers.interface, tls),
    };
    let metrics = metrics.map(|socket| Listener {
        socket,
        permits: Arc::new(Semaphore::new(MOST_METRICS_CONNECTIONS)),
        service: service(routers.metrics, None),
    });
    let mut connections = JoinSet::new();

    {
        let mut drained = pin!(async {
            shutdown.await;
            lifecycle.drain();
            tracing::info!("finishing what is under way");
            tokio::time::sleep(settings.drain_delay).await;
        });
        loop {
            tokio::select! {
                () = &mut drained => break,
                Ok(connection) = interface.next() => {
                    connections.spawn(connection.serve());
                }
                Ok(connection) = next_of(metrics.as_ref()) => {
                    connections.spawn(connection.serve());
                }
                // Connections that have ended are removed.
                Some(_) = connections.join_next() => {}
            }
        }
    }

    // Clients that have connected already are answered: a closed listener would reset them.
    while let Some(Ok(connection)) = interface.next().now_or_never() {
        connections.spawn(connection.serve());
    }
    drop((interface, metrics));
    lifecycle.end();
    let finished = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(grace_period, finished).await.is_err() {
        tracing::warn!("the grace period is over: requests under way were cut off");
    }
}

/// A listening socket, and the service of its connections.
struct Listener {
    socket: TcpListener,
    /// A permit for each connection.
    permits: Arc<Semaphore>,
    service: Arc<ConnectionService>,
}

impl Listener {
    /// The next connection, once there is a permit for it.
    async fn next(&self) -> Result<Connection, AcquireError> {
        let permit = self.permits.clone().acquire_owned().await?;
        loop {
            match self.socket.accept().await {
                Ok((stream, peer)) => {
                    return Ok(Connection {
                        stream,
                        peer: Peer(peer.ip()),
                        service: self.service.clone(),
                        _permit: permit,
                    });
                }
                // The client has left while it waited.
                Err(error) if is_of_connection(&error) => {}
                // Out of file descriptors or memory: the server goes on with those it has.
                Err(error) => {
                    tracing::error!(%error, "no connection can be accepted");
                    tokio::time::sleep(RETRY_ACCEPT_AFTER).await;
                }
            }
        }
    }
}

async fn next_of(listener: Option<&Listener>) -> Result<Connection, AcquireError> {
    match listener {
        Some(listener) => listener.next().await,
        None => std::future::pending().await,
    }
}

/// An accepted connection.
struct Connection {
    stream: TcpStream,
    peer: Peer,
    service: Arc<ConnectionService>,
    _permit: OwnedSemaphorePermit,
}

impl Connection {
    async fn serve(self) {
        self.service.serve(self.stream, self.peer).await;
    }
}

fn is_of_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
