//! `microseg serve`: the server, from its socket to its last answer.

use std::process::ExitCode;

use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use microseg::config::{RecordSettings, ServiceSettings};
use microseg::http::{self, App};
use microseg::store::Store;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Ended;

/// What `microseg serve` takes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    settings: ServiceSettings,
    /// Print the settings as they would be used, as a microseg.toml that says where each comes from, and end
    #[arg(long)]
    pub(crate) print_config: bool,
}

/// Serves until SIGTERM or Ctrl-C, then ends with 0; a model that does not load ends it with 1.
pub(crate) fn run(arguments: Arguments) -> Ended {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let ended = runtime.block_on(serve(arguments.settings));
    // A model that is still being read, or a large body that is still being parsed, holds up nobody's end.
    runtime.shutdown_background();
    ended
}

async fn serve(settings: ServiceSettings) -> Ended {
    // Signals first: one that comes while the model loads must end the server too.
    let (terminate, interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let store = Store::open(&settings.records.store.url)
        .await
        .map_err(|error| format!("--store: {error}"))?;
    let app = App::new(&settings, store.clone());
    let listener = TcpListener::bind(&settings.server.addr)
        .await
        .map_err(|error| format!("--addr {}: {error}", settings.server.addr))?;
    tracing::info!(address = %listener.local_addr()?, "listening");

    let ServiceSettings {
        server,
        models,
        network,
        limits,
        records,
        ..
    } = settings;
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
            // Both end with the server: a job that is under way then is computed again by the next one.
            let aside = [
                tokio::spawn(http::run_jobs(app)),
                tokio::spawn(retain(store.clone(), records)),
            ];
            let served = serving.await;
            aside.iter().for_each(tokio::task::JoinHandle::abort);
            served??;
        }
        served = &mut serving => served??,
    }
    store.close().await;
    tracing::info!("ended");
    Ok(ExitCode::SUCCESS)
}

/// Erases explanations that are older than they may be, now and every hour; after a fault, every minute.
async fn retain(store: Store, records: RecordSettings) {
    loop {
        let Some(ends) = records.retention_ends(Timestamp::now()) else {
            return;
        };
        match store.erase_older_than(ends).await {
            Ok(0) => {}
            Ok(explanations) => tracing::info!(explanations, "erased for their age"),
            Err(error) => {
                tracing::error!(%error, "old explanations could not be erased");
                tokio::time::sleep(Duration::from_mins(1)).await;
                continue;
            }
        }
        tokio::time::sleep(Duration::from_hours(1)).await;
    }
}

async fn signalled(mut terminate: Signal, mut interrupt: Signal) {
    tokio::select! {
        _ = terminate.recv() => tracing::info!("SIGTERM"),
        _ = interrupt.recv() => tracing::info!("SIGINT"),
    }
}
