//! `microseg serve`: start, run and end of the server.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use microseg_config::{
    CustomerRetentionSettings, CustomerSettings, NetworkSettings, RecordSettings,
    RetentionSettings, ServerSettings, ServiceSettings,
};
use microseg_http::{self as http, App, ListenError, MissingProtections, ServerConfig};
use microseg_model::{LoadControl, Registry, expect_bundles};
use microseg_store::{ClockWatch, Location, Retained, Store, StoreError};
use microseg_telemetry::Traces;
use microseg_tls::ServerCertificate;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

use crate::end_guard::EndGuard;
use crate::outcome::CommandResult;

/// The time that remaining threads have to end their work: a model that is being loaded takes so long on a busy machine.
const THREADS_TIMEOUT: Duration = Duration::from_secs(6);

/// The time that the end of a server takes after the grace period: its records and its last spans are written.
const CLOSING: Duration = Duration::from_secs(8);

/// Arguments of `microseg serve`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    settings: ServiceSettings,
    /// Print the settings in use, as a microseg.toml with the origin of each, and exit
    #[arg(long, help_heading = "Options")]
    pub(crate) print_config: bool,
}

/// Serves until SIGTERM or Ctrl-C, then ends with 0; a model that does not load ends it with 1.
pub(crate) fn run(arguments: Arguments) -> CommandResult {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let result = runtime.block_on(serve(arguments.settings));
    // A process that exits while a thread runs libtorch may crash: a running job, or the step at which the loading of a
    // model stops, gets some time to end, within that of the end guard.
    runtime.shutdown_timeout(THREADS_TIMEOUT);
    result
}

async fn serve(settings: ServiceSettings) -> CommandResult {
    // Signals first: a signal while the model loads must end the server too.
    let (terminate, interrupt, hang_up) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
        signal(SignalKind::hangup())?,
    );
    let keys = settings.access.keys()?;
    let state_keys = settings.state_tokens.keys()?;
    let certificate = settings
        .tls
        .files()?
        .map(ServerCertificate::read)
        .transpose()?;
    let tls = certificate
        .as_ref()
        .map(ServerCertificate::acceptor)
        .transpose()?;
    // The models and the addresses before the store: a start that must fail leaves no new database behind.
    expect_bundles(&settings.models.models, settings.models.model.as_deref())?;
    let missing = MissingProtections {
        keys: keys.is_empty() && !settings.access.allow_no_keys,
        tls: tls.is_none() && !settings.access.allow_no_tls,
    };
    let listener = http::listen(&settings.server.addr, missing).await?;
    let metrics = listen_for_metrics(&settings.server).await?;
    let store = open_store(&settings, settings.records.location()?).await?;
    warn_of_unused(&settings);
    log_head(&store).await;
    let key_count = keys.len();
    let traces = Traces::start(&settings.traces)?;
    let app = App::new(&settings, keys, state_keys, store.clone(), traces.clone());
    let metrics_address = metrics.as_ref().map(TcpListener::local_addr).transpose()?;
    tracing::info!(
        address = %listener.local_addr()?,
        metrics_address = metrics_address.map(tracing::field::display),
        keys = key_count,
        tls = tls.is_some(),
        memory_ceiling_bytes = settings.memory_ceiling(),
        "listening"
    );

    let ServiceSettings {
        server,
        connections,
        models,
        shadow,
        network,
        trial,
        limits,
        records,
        customers,
        ..
    } = settings;
    let capacity = network.capacity(&limits);
    let selection = models.selection(&shadow, capacity, trial.trial()?);
    let hung = HungLimit::new(&network, selection.control.clone());
    let guard = EndGuard {
        patience: connections.drain_delay + server.grace_period + CLOSING,
    };
    guard.start_at_signals()?;
    let mut loading = tokio::task::spawn_blocking(move || Registry::open(selection));
    let shutdown = end_begins(signalled(terminate, interrupt), hung.clone(), guard);
    if let Some(certificate) = certificate {
        tokio::spawn(renew(certificate, signal(SignalKind::hangup())?));
    }
    let config = ServerConfig {
        listener,
        metrics,
        tls,
        connections,
        body_timeout: server.body_timeout,
        grace_period: server.grace_period,
    };
    let mut serving = tokio::spawn(http::serve(config, app.clone(), shutdown));
    tokio::select! {
        loaded = &mut loading => match loaded? {
            Ok((models, changes)) => {
                http::log_changes(&changes);
                app.set_models(models);
                tracing::info!("ready");
                let background = in_background(app, hang_up, &store, &records, &customers);
                let served = serving.await;
                background.iter().for_each(JoinHandle::abort);
                served?;
            }
            Err(_) if hung.control.is_stopped() => serving.await?,
            Err(error) => return Err(error.into()),
        },
        served = &mut serving => {
            served?;
            end_loading(loading).await;
        }
    }
    log_head(&store).await;
    store.close().await;
    if let Some(traces) = traces {
        end(traces).await;
    }
    tracing::info!("ended");
    Ok(hung.exit_code())
}

/// Opens the store of the settings.
async fn open_store(settings: &ServiceSettings, location: Location) -> Result<Store, String> {
    let store = Store::open(location).await;
    let store = store.map_err(|error| format!("--store: {error}"))?;
    let after_erasure = settings.customers.appends_after_erasure;
    Ok(store.with_appends_after_erasure(after_erasure.into()))
}

/// Waits for the load that the same signal has stopped: its thread runs libtorch until then.
async fn end_loading<T>(loading: JoinHandle<T>) {
    if tokio::time::timeout(THREADS_TIMEOUT, loading)
        .await
        .is_err()
    {
        tracing::warn!("the process ends while a model is loaded");
    }
}

async fn listen_for_metrics(settings: &ServerSettings) -> Result<Option<TcpListener>, ListenError> {
    match &settings.metrics_addr {
        Some(address) => {
            let listener = http::listen_for_metrics(address, settings.allow_open_metrics).await;
            listener.map(Some)
        }
        None => Ok(None),
    }
}

/// Sends the last spans; they are lost when the collector does not accept them.
async fn end(traces: Traces) {
    if let Ok(Err(error)) = tokio::task::spawn_blocking(move || traces.end()).await {
        tracing::warn!(%error, "the last spans may not have been sent");
    }
}

/// Erases explanations that are older than the retention allows: now and every hour; after an error, every minute.
async fn retain(store: Store, retention: RetentionSettings) {
    let clock = ClockWatch::start();
    loop {
        let (now, moved) = clock.look();
        let Some(policy) = retention.policy(now, moved) else {
            return;
        };
        let retained = store.retain(&policy).await;
        tokio::time::sleep(report(retained, "explanations")).await;
    }
}

/// The same for kept customers to whom nothing is added any more.
async fn retain_customers(store: Store, retention: CustomerRetentionSettings) {
    let clock = ClockWatch::start();
    loop {
        let (now, moved) = clock.look();
        let Some(policy) = retention.policy(now, moved) else {
            return;
        };
        let retained = store.retain_customers(&policy).await;
        tokio::time::sleep(report(retained, "customers")).await;
    }
}

/// Logs what retention has done, and says when it is to look again.
fn report(retained: Result<Retained, StoreError>, of: &'static str) -> Duration {
    match retained {
        Ok(Retained::Erased(0)) => {}
        Ok(Retained::Erased(erased)) => tracing::info!(of, erased, "erased for their age"),
        Ok(Retained::Stopped {
            expired,
            all,
            doubt,
        }) => tracing::error!(
            of,
            expired,
            all,
            reason = %doubt,
            "nothing is erased for its age until `microseg retention --confirm`"
        ),
        Err(error) => {
            tracing::error!(%error, of, "what is too old could not be erased");
            return Duration::from_mins(1);
        }
    }
    Duration::from_hours(1)
}

/// Forgets the keys of requests that are kept no longer, every hour: a server that only keeps transactions claims none.
async fn expire_keys(store: Store, kept: Duration) {
    let kept = SignedDuration::try_from(kept).unwrap_or(SignedDuration::MAX);
    loop {
        if let Ok(before) = Timestamp::now().checked_sub(kept)
            && let Err(error) = store.expire_keys(before).await
        {
            tracing::warn!(%error, "old keys of requests could not be forgotten");
        }
        tokio::time::sleep(Duration::from_hours(1)).await;
    }
}

/// Logs the head of the chain every hour.
async fn log_heads(store: Store) {
    loop {
        tokio::time::sleep(Duration::from_hours(1)).await;
        log_head(&store).await;
    }
}

/// Warns of settings that change nothing any more.
fn warn_of_unused(settings: &ServiceSettings) {
    if settings.explanations.csi_target.is_some() {
        tracing::warn!("--csi-target changes nothing any more, and will be removed");
    }
}

/// Logs the head of the chain: an anchor for a later audit, outside of the database.
async fn log_head(store: &Store) {
    match store.head().await {
        Ok(Some(head)) => {
            let (entries, record_sha256) = (head.sequence, head.record_sha256);
            tracing::info!(entries, record_sha256, "head of the chain of records");
        }
        Ok(None) => tracing::info!(entries = 0, "the chain of records is empty"),
        Err(error) => tracing::warn!(%error, "the head of the chain of records cannot be read"),
    }
}

/// Gives the explanations of version 0.1 their summaries. Until then, and after an error, lists read their documents.
async fn summarize(store: Store) {
    match store.fill_summaries().await {
        Ok(0) => {}
        Ok(explanations) => tracing::info!(explanations, "summarized for lists"),
        Err(error) => tracing::warn!(%error, "explanations could not be summarized for lists"),
    }
}

/// Tasks that end with the server; a job that is then running is computed again by the next process.
fn in_background(
    app: App,
    hang_up: Signal,
    store: &Store,
    records: &RecordSettings,
    customers: &CustomerSettings,
) -> [JoinHandle<()>; 9] {
    [
        tokio::spawn(http::run_jobs(app.clone())),
        tokio::spawn(http::refresh_customers(app.clone())),
        tokio::spawn(http::fold_customers(app.clone(), customers.clone())),
        tokio::spawn(reload(app, hang_up)),
        tokio::spawn(retain(store.clone(), records.retention.clone())),
        tokio::spawn(retain_customers(store.clone(), customers.retention.clone())),
        tokio::spawn(expire_keys(store.clone(), records.keys_kept())),
        tokio::spawn(summarize(store.clone())),
        tokio::spawn(log_heads(store.clone())),
    ]
}

/// Loads the folder of models again at each SIGHUP.
async fn reload(app: App, mut hang_up: Signal) {
    while hang_up.recv().await.is_some() {
        tracing::info!("SIGHUP: looking into the folder of models");
        if let Err(error) = app.reload().await {
            tracing::error!(%error, "the models stay as they were");
        }
    }
}

/// Reads the certificate again at each SIGHUP; if it cannot be read, the old one stays in use.
async fn renew(certificate: Arc<ServerCertificate>, mut hangup: Signal) {
    while hangup.recv().await.is_some() {
        let certificate = certificate.clone();
        match tokio::task::spawn_blocking(move || certificate.reload()).await {
            Ok(Ok(())) => tracing::info!("the certificate was read again"),
            Ok(Err(error)) => tracing::error!(%error, "the certificate could not be read again"),
            // The runtime is ending.
            Err(_) => return,
        }
    }
}

/// The loads of networks and their threads that hang, and the number of these at which the server ends: the processors are
/// theirs.
#[derive(Clone)]
struct HungLimit {
    control: LoadControl,
    most: usize,
}

impl HungLimit {
    fn new(settings: &NetworkSettings, control: LoadControl) -> Self {
        Self {
            control,
            most: usize::from(settings.max_hung_threads),
        }
    }

    /// Success, unless the limit has ended the server.
    fn exit_code(&self) -> ExitCode {
        ExitCode::from(u8::from(self.control.hung.count() >= self.most))
    }
}

/// Resolves when the server is to end: at a signal, or when too many threads hang. Then the guard of its end has begun.
async fn end_begins(signalled: impl Future<Output = ()>, hung: HungLimit, guard: EndGuard) {
    tokio::select! {
        () = signalled => {
            hung.control.stop();
            return;
        }
        () = hung.control.hung.reached(hung.most) => hung.control.stop(),
    }
    tracing::error!(
        hung_threads = hung.control.hung.count(),
        "too many threads of networks hang: the server ends"
    );
    if let Err(error) = guard.start() {
        tracing::error!(%error, "no thread for the end of the process");
    }
}

async fn signalled(mut terminate: Signal, mut interrupt: Signal) {
    tokio::select! {
        _ = terminate.recv() => tracing::info!("SIGTERM"),
        _ = interrupt.recv() => tracing::info!("SIGINT"),
    }
}
