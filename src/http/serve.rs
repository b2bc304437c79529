//! The life of the server: it accepts, and on the signal finishes what is under way.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::connection::{Peer, Service};
use super::router::metrics_router;
use super::{App, router};
use microseg_config::ConnectionSettings;

/// How long to wait when a connection cannot be accepted: others must end first.
const BREATH: Duration = Duration::from_millis(200);

/// Connections for metrics and probes: a few scrapers and a prober keep one each.
const MOST_WATCHERS: usize = 64;

/// How requests come in, and how long they have at the end.
pub struct Door {
    /// Where they come in.
    pub listener: TcpListener,
    /// Where those come in who read metrics and probe, in the clear; without it, through the same listener.
    pub metrics: Option<TcpListener>,
    /// What makes TLS of connections, unless they are in the clear.
    pub tls: Option<TlsAcceptor>,
    /// How many connections, and how long each may keep the server waiting.
    pub connections: ConnectionSettings,
    /// How long requests under way may take to finish once no new ones are let in.
    pub grace_period: Duration,
}

/// Serves until `shutdown` resolves. Then the server is not ready; after the drain delay it accepts no more, and what is
/// under way has the grace period to finish.
pub async fn serve(door: Door, app: App, shutdown: impl Future<Output = ()> + Send) {
    let Door {
        listener,
        metrics,
        tls,
        connections: settings,
        grace_period,
    } = door;
    let (end, ending) = watch::channel(false);
    let service = |router, tls| {
        Arc::new(Service {
            router,
            header_timeout: settings.header_timeout,
            write_timeout: settings.write_timeout,
            body_timeout: app.body_timeout(),
            tls,
            ending: ending.clone(),
        })
    };
    let callers = Entrance {
        listener,
        room: Arc::new(Semaphore::new(settings.most())),
        service: service(router(&app, metrics.is_some()), tls),
    };
    let watchers = metrics.map(|listener| Entrance {
        listener,
        room: Arc::new(Semaphore::new(MOST_WATCHERS)),
        service: service(metrics_router(&app), None),
    });
    let mut connections = JoinSet::new();

    {
        let mut over = pin!(async {
            shutdown.await;
            app.drain();
            tracing::info!("finishing what is under way");
            tokio::time::sleep(settings.drain_delay).await;
        });
        loop {
            tokio::select! {
                () = &mut over => break,
                Ok(connection) = callers.next() => {
                    connections.spawn(connection.serve());
                }
                Ok(connection) = next_of(watchers.as_ref()) => {
                    connections.spawn(connection.serve());
                }
                // Those that have ended are forgotten.
                Some(_) = connections.join_next() => {}
            }
        }
    }

    drop((callers, watchers));
    app.end();
    end.send_replace(true);
    let finished = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(grace_period, finished).await.is_err() {
        tracing::warn!("the grace period is over: requests under way were cut off");
    }
}

/// A listener, and how those are served who come in there.
struct Entrance {
    listener: TcpListener,
    /// Places for connections.
    room: Arc<Semaphore>,
    service: Arc<Service>,
}

impl Entrance {
    /// The next connection, once there is a place for it.
    async fn next(&self) -> Result<Connection, AcquireError> {
        let place = self.room.clone().acquire_owned().await?;
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    return Ok(Connection {
                        stream,
                        peer: Peer(peer.ip()),
                        service: self.service.clone(),
                        _place: place,
                    });
                }
                // The client has left while it waited.
                Err(error) if is_of_connection(&error) => {}
                // Out of file descriptors or memory: the server goes on with those it has.
                Err(error) => {
                    tracing::error!(%error, "no connection can be accepted");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
    }
}

async fn next_of(entrance: Option<&Entrance>) -> Result<Connection, AcquireError> {
    match entrance {
        Some(entrance) => entrance.next().await,
        None => std::future::pending().await,
    }
}

/// A connection that has its place.
struct Connection {
    stream: TcpStream,
    peer: Peer,
    service: Arc<Service>,
    _place: OwnedSemaphorePermit,
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
