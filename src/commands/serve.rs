//! `microseg serve`: the server, from its socket to its last answer.

use std::process::ExitCode;

use clap::Args;
use microseg::config::{
    ExplanationSettings, LimitSettings, ModelSettings, NetworkSettings, ServerSettings,
};
use microseg::http::{self, App};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Ended;

/// What `microseg serve` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    server: ServerSettings,
    #[command(flatten)]
    models: ModelSettings,
    #[command(flatten)]
    network: NetworkSettings,
    #[command(flatten)]
    limits: LimitSettings,
    #[command(flatten)]
    explanations: ExplanationSettings,
}

/// Serves until SIGTERM or Ctrl-C, then ends with 0; a model that does not load ends it with 1.
pub(crate) fn run(arguments: Arguments) -> Ended {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let ended = runtime.block_on(serve(arguments));
    // A model that is still being read, or a large body that is still being parsed, holds up nobody's end.
    runtime.shutdown_background();
    ended
}

async fn serve(arguments: Arguments) -> Ended {
    let Arguments {
        server,
        models,
        network,
        limits,
        explanations,
    } = arguments;
    if server.store.is_some() {
        tracing::warn!("this version keeps no records: --store has no effect");
    }
    // Signals first: one that comes while the model loads must end the server too.
    let (terminate, interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let app = App::new(&server, &network, &limits, &explanations);
    let listener = TcpListener::bind(&server.addr)
        .await
        .map_err(|error| format!("--addr {}: {error}", server.addr))?;
    tracing::info!(address = %listener.local_addr()?, "listening");

    let capacity = network.capacity(&limits);
    let mut loading = tokio::task::spawn_blocking(move || models.load(capacity));
    let shutdown = signalled(terminate, interrupt);
    let mut serving = tokio::spawn(http::serve(
        listener,
        app.clone(),
        shutdown,
        server.grace_period,
    ));
    tokio::select! {
        loaded = &mut loading => {
            let model = loaded??;
            let identity = model.identity().clone();
            app.set_model(model);
            tracing::info!(name = identity.name, version = identity.version, sha256 = identity.sha256, "ready");
            serving.await??;
        }
        served = &mut serving => served??,
    }
    tracing::info!("ended");
    Ok(ExitCode::SUCCESS)
}

async fn signalled(mut terminate: Signal, mut interrupt: Signal) {
    tokio::select! {
        _ = terminate.recv() => tracing::info!("SIGTERM"),
        _ = interrupt.recv() => tracing::info!("SIGINT"),
    }
}
