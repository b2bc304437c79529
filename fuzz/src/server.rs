//! The server, without a network: requests go straight to its routes, and the reference model is behind them.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, Uri};
use clap::Parser;
use futures_util::StreamExt as _;
use http_body_util::BodyExt as _;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use microseg::access::ApiKeys;
use microseg::config::ServiceSettings;
use microseg::http::{App, Peer, router};
use microseg::model::Registry;
use microseg::sealing::StateKeys;
use microseg::store::Store;
use tokio::runtime::Runtime;

use super::json::Json;

/// The largest body or line: small, so that larger ones are met.
pub(crate) const BODY_BYTES: usize = 4_096;

/// The most transactions of one history: few, so that more are met.
pub(crate) const TRANSACTIONS: usize = 20;

/// The model that answers.
pub(crate) const MODEL: &str = "spending-personality";

/// What the server says to one request.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The whole body as JSON.
    pub(crate) fn json(&self) -> Json {
        Json::read(&self.body).unwrap_or_else(|| panic!("{}: no JSON", self.status))
    }
}

struct Server {
    runtime: Runtime,
    router: Router,
}

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    settings: ServiceSettings,
}

/// The folder with the reference model alone, beside the server's own manifest.
pub(crate) fn models() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = here.ancestors().map(|folder| folder.join("tests/models"));
    let found = folders.find(|folder| folder.is_dir());
    found.unwrap_or_else(|| panic!("no folder of models above {}", here.display()))
}

impl Server {
    fn start() -> Self {
        let models = models().display().to_string();
        let (body_bytes, transactions) = (BODY_BYTES.to_string(), TRANSACTIONS.to_string());
        let Arguments { settings } = Arguments::parse_from([
            "fuzz",
            "--models",
            &models,
            "--threads",
            "1",
            "--max-body-bytes",
            &body_bytes,
            "--max-transactions",
            &transactions,
        ]);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap_or_else(|error| panic!("the runtime: {error}"));
        let store = runtime
            .block_on(Store::open("sqlite::memory:"))
            .unwrap_or_else(|error| panic!("the store: {error}"));
        let state_keys = StateKeys::draw();
        let state_keys = state_keys.unwrap_or_else(|error| panic!("the keys: {error}"));
        let app = App::new(&settings, ApiKeys::default(), state_keys, store, None);
        let ServiceSettings {
            models,
            shadow,
            network,
            limits,
            ..
        } = settings;
        let selection = models.selection(&shadow, network.capacity(&limits), None);
        let (models, _) =
            Registry::open(selection).unwrap_or_else(|error| panic!("the model: {error}"));
        app.set_models(models);
        Self {
            runtime,
            router: router(&app, false),
        }
    }
}

/// Posts a body, which arrives in these pieces; nothing when there can be no such request.
///
/// Whatever comes in, the server answers, and the fault is never its own.
pub(crate) fn post(
    address: &str,
    headers: &[(&str, &str)],
    pieces: Vec<Vec<u8>>,
) -> Option<Answer> {
    static SERVER: LazyLock<Server> = LazyLock::new(Server::start);
    let uri: Uri = address.parse().ok()?;
    let pieces = futures_util::stream::iter(pieces).then(async |piece| {
        // The server is given the time to look at what it has.
        tokio::task::yield_now().await;
        Ok::<_, Infallible>(piece)
    });
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(uri)
        .extension(Peer(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from_stream(pieces)).ok()?;
    let answer = SERVER.runtime.block_on(async {
        let service = TowerToHyperService::new(SERVER.router.clone());
        let answer = service
            .call(request)
            .await
            .unwrap_or_else(|never| match never {});
        let (head, body) = answer.into_parts();
        let body = body.collect().await;
        let body = body.unwrap_or_else(|error| panic!("the answer broke off: {error}"));
        Answer {
            status: head.status.as_u16(),
            body: body.to_bytes().to_vec(),
        }
    });
    assert!(
        matches!(answer.status, 200 | 400 | 404 | 408 | 413 | 415 | 422),
        "{}: {}",
        answer.status,
        String::from_utf8_lossy(&answer.body)
    );
    Some(answer)
}
