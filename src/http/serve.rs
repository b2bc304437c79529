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
use super::{App, router};
use crate::config::ConnectionSettings;

/// How long to wait when a connection cannot be accepted: others must end first.
const BREATH: Duration = Duration::from_millis(200);

/// How requests come in, and how long they have at the end.
pub struct Door {
    /// Where they come in.
    pub listener: TcpListener,
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
        tls,
        connections: settings,
        grace_period,
    } = door;
    let (end, ending) = watch::channel(false);
    let room = Arc::new(Semaphore::new(settings.most()));
    let service = Arc::new(Service {
        router: router(app.clone()),
        header_timeout: settings.header_timeout,
        write_timeout: settings.write_timeout,
        tls,
        ending,
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
                Ok((stream, peer, place)) = accept(&listener, &room) => {
                    let service = service.clone();
                    connections.spawn(async move {
                        service.serve(stream, peer).await;
                        drop(place);
                    });
                }
                // Those that have ended are forgotten.
                Some(_) = connections.join_next() => {}
            }
        }
    }

    drop(listener);
    app.end();
    end.send_replace(true);
    let finished = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(grace_period, finished).await.is_err() {
        tracing::warn!("the grace period is over: requests under way were cut off");
    }
}

/// The next connection, and its place among those that there may be.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Result<(TcpStream, Peer, OwnedSemaphorePermit), AcquireError> {
    let place = room.clone().acquire_owned().await?;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return Ok((stream, Peer(peer.ip()), place)),
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

fn is_of_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
