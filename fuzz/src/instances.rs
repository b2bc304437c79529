//! The body of KServe's V1 protocol, `POST /v1/models/{name}:predict`: histories as instances.

use super::customer::ENCODERS;
use super::json::{Json, is_well_formed};
use super::problem;
use super::server::{BODY_BYTES, MODEL, post};

/// Scored are all instances or none, and those that the encoder reads.
pub fn run(data: &[u8]) {
    let [encoder, _] = &*ENCODERS;
    let address = format!("/v1/models/{MODEL}:predict");
    let headers = [("content-type", "application/json")];
    let Some(answer) = post(&address, &headers, vec![data.to_vec()]) else {
        return;
    };
    let body = Json::read(data);
    let is_scored = answer.status == 200;
    if !is_scored {
        problem::check(&answer.json(), body.as_ref());
    }
    if data.len() > BODY_BYTES {
        assert_eq!(answer.status, 413);
        return;
    }
    assert!(
        is_well_formed(data) || !is_scored,
        "malformed JSON was read"
    );
    let Some(body) = body else {
        return;
    };
    let mut instances = body.members("instances");
    let expected = match (instances.next(), instances.next()) {
        (Some(Json::Array(instances)), None) => {
            let is_read = |instance: &Json| {
                encoder
                    .read(instance.written_otherwise().as_bytes())
                    .is_ok()
            };
            instances.iter().all(is_read).then_some(instances.len())
        }
        _ => None,
    };
    let found = is_scored.then(|| {
        let answer = answer.json();
        answer
            .members("predictions")
            .flat_map(Json::elements)
            .count()
    });
    assert_eq!(found, expected);
}
