//! Lines of transactions under an `idempotency-key`: the body is one request, so it is read whole, and the lines of each of its
//! customers are kept in one transaction together with what they came to.

use axum::extract::Request;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use futures_util::stream;
use sha2::{Digest, Sha256};

use super::keeper::Keeper;
use super::lines::{LineReader, ReadLines};
use crate::ApiError;
use crate::api::idempotency;
use crate::request::{NDJSON, RawBody};
use crate::state::{Bodies, PARSED_IN_PLACE};

/// How many customers of one body are kept at once: the store's queue has room for many such bodies.
const AT_ONCE: usize = 64;

/// What the lines are kept with.
pub(super) struct KeyedLines {
    keeper: Keeper,
    reader: LineReader,
}

impl KeyedLines {
    pub(super) fn new(keeper: Keeper, reader: LineReader) -> Self {
        Self { keeper, reader }
    }

    /// Answers each line of a body when all of them are kept.
    pub(super) async fn answer(
        self,
        request: Request,
        bodies: &Bodies,
        key: &str,
    ) -> Result<Response, ApiError> {
        let Self { keeper, reader } = self;
        let _place = bodies.open_stream()?;
        let admitted = keeper.store.admit().await?;
        let query = request.uri().query().unwrap_or_default().to_owned();
        let body = RawBody::receive(request, bodies).await?.keep();
        let customer_id = reader.customer_id.clone();
        let id = customer_id.as_ref().map_or("", |id| id.as_str());
        let digest = Sha256::digest(&body.bytes);
        let parts = ["lines", id, &query].map(str::as_bytes);
        let parts = parts.into_iter().chain([&*digest]);
        let whole = keeper.keyed(key, parts.clone(), customer_id.as_ref());
        keeper.store.note_key(whole).await?;

        let mut read = if body.bytes.len() <= PARSED_IN_PLACE {
            read_all(&reader, &body.bytes)
        } else {
            let pool = &bodies.pool;
            pool.run(move || read_all(&reader, &body.bytes)).await?
        };
        let groups = read.take_groups();
        let keeping = stream::iter(groups.into_iter().map(|group| {
            // No key has a line feed in it, so this is none of a whole request.
            let own = format!(
                "{key}\n{}\n{}",
                group.customer_id.as_str(),
                group.settings()
            );
            let keyed = keeper.keyed(&own, parts.clone(), Some(&group.customer_id));
            group.keep(&keeper, admitted, Some(keyed))
        }));
        let mut keeping = keeping.buffer_unordered(AT_ONCE);
        let (mut kept, mut replayed) = (0, 0);
        while let Some(group) = keeping.next().await {
            kept += 1;
            replayed += usize::from(group.is_replayed);
            read.answered(group);
        }
        let mut response = ([(header::CONTENT_TYPE, NDJSON)], read.text()).into_response();
        if kept > 0 && kept == replayed {
            idempotency::mark_replayed(&mut response);
        }
        Ok(response)
    }
}

/// Reads all lines of a body; blank ones are passed over, and counted.
fn read_all(reader: &LineReader, bytes: &[u8]) -> ReadLines {
    let mut read = ReadLines::default();
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if !line.trim_ascii().is_empty() {
            read.add(number, reader.read(Some(line)));
        }
    }
    read
}
