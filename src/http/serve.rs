//! The life of the server: it listens, answers, and on the signal finishes what is under way.

use std::io;
use std::time::Duration;

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;

use super::{App, router};

/// Serves until `shutdown` resolves, then stops accepting and gives what is under way `grace_period` to finish.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    app: App,
    shutdown: impl Future<Output = ()> + Send + 'static,
    grace_period: Duration,
) -> io::Result<()> {
    let listener = listener.tap_io(|connection| {
        // Answers are small and complete: nothing is gained by waiting to fill a packet.
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was refused");
        }
    });
    let (signal, signalled) = tokio::sync::oneshot::channel();
    let draining = app.clone();
    let begin_shutdown = async move {
        shutdown.await;
        draining.drain();
        tracing::info!("finishing what is under way");
        let _ = signal.send(());
    };
    let grace_over = async {
        match signalled.await {
            Ok(()) => tokio::time::sleep(grace_period).await,
            // The server ended by itself.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        ended = axum::serve(listener, router(app)).with_graceful_shutdown(begin_shutdown) => ended,
        () = grace_over => {
            tracing::warn!("the grace period is over: requests under way were cut off");
            Ok(())
        }
    }
}
