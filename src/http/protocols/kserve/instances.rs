//! Instances of a request: where each lies in the body, and how many of them are worked on together.

use std::ops::Range;

use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::protocols::object::Object;
use microseg_history::HistoryError;

/// Instances of one chunk: as many histories as fill a batch of the network.
const MOST_INSTANCES: usize = 128;

/// Bytes of one chunk: enough for some thirty histories of 2,000 transactions.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// The body of a request.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    instances: Vec<&'a RawValue>,
}

/// The texts of the instances, in their order.
pub(super) fn texts(body: &[u8]) -> Result<Vec<&[u8]>, HistoryError> {
    let Object(Envelope { instances }) =
        serde_json::from_slice(body).map_err(|error| fault(&error))?;
    let texts = instances.into_iter().map(|text| text.get().as_bytes());
    Ok(texts.collect())
}

/// Reads every text; the first bad one is named by its place.
pub(super) fn each<T>(
    texts: &[&[u8]],
    read: impl Fn(&[u8]) -> Result<T, HistoryError>,
) -> impl Iterator<Item = Result<T, HistoryError>> {
    let places = texts.iter().enumerate();
    places.map(move |(place, text)| {
        read(text).map_err(|error| error.within(&format!("/instances/{place}")))
    })
}

/// Groups of instances that follow each other, none of them more than a chunk may hold.
pub(super) fn chunks(texts: &[&[u8]]) -> Vec<Range<usize>> {
    let mut chunks = Vec::new();
    let (mut begin, mut bytes) = (0, 0);
    for (place, text) in texts.iter().enumerate() {
        let is_full = place - begin >= MOST_INSTANCES || bytes + text.len() > MOST_BYTES;
        if is_full && place > begin {
            chunks.push(begin..place);
            (begin, bytes) = (place, 0);
        }
        bytes += text.len();
    }
    if begin < texts.len() {
        chunks.push(begin..texts.len());
    }
    chunks
}

fn fault(error: &serde_json::Error) -> HistoryError {
    match error.classify() {
        Category::Data => HistoryError::Invalid {
            pointer: "/instances".to_owned(),
            detail: "expected an array of histories".to_owned(),
        },
        Category::Syntax | Category::Eof | Category::Io => HistoryError::Malformed {
            pointer: String::new(),
            detail: "expected a JSON object with `instances`".to_owned(),
            line: error.line(),
            column: error.column(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_hold_all_instances_in_their_order() {
        let small = vec![&b"{}"[..]; 300];
        assert_eq!(chunks(&small), [0..128, 128..256, 256..300]);
        assert_eq!(chunks(&small[..128]).len(), 1);
        assert!(chunks(&[]).is_empty());
    }

    #[test]
    fn chunk_of_large_instances_has_fewer_of_them() {
        let large = vec![0; MOST_BYTES / 2];
        let larger = vec![0; MOST_BYTES + 1];
        assert_eq!(chunks(&[&large, &large, &large]), [0..2, 2..3]);
        assert_eq!(chunks(&[&large, &larger, &large]), [0..1, 1..2, 2..3]);
    }
}
