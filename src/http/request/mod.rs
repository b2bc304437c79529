//! Reading of requests: their callers, their bodies, their context, and answers that are written meanwhile.

mod answer_parts;
mod authorization;
mod body;
mod body_lines;
mod content_coding;
mod context;
mod entity_tag;
mod form_origin;
mod media_type;
mod ndjson_response;
mod query;
mod requested_state;
pub(crate) mod session_cookie;

pub(crate) use answer_parts::{AbortedOnDrop, Disconnected, PartSender, answer_in_parts};
pub(crate) use authorization::{Caller, authorize};
pub(crate) use body::{JsonBody, RawBody};
pub(crate) use body_lines::{BodyLines, Chunk, Line};
pub(crate) use content_coding::{WholeDocuments, undo_content_coding};
pub use context::RequestId;
pub(crate) use context::{Arrival, observe};
pub(crate) use entity_tag::is_current;
pub(crate) use form_origin::FormOrigin;
pub(crate) use media_type::MediaType;
pub(crate) use ndjson_response::{NDJSON, answer_with_lines, write_line};
pub(crate) use query::parse_query;
pub(crate) use requested_state::{RequestedState, state_token_parameter};
