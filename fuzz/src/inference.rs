//! The body of the Open Inference Protocol's `infer`. The first line is the header that says where the numbers begin.

use serde_json::{Value, json};

use super::json::{Json, is_well_formed};
use super::problem;
use super::request;
use super::server::{BODY_BYTES, MODEL, post};

const HEADER_LENGTH: &str = "inference-header-content-length";

/// What is read fits the shape it claims, and numbers as bytes are the same as numbers in JSON.
pub fn run(data: &[u8]) {
    let (length, body) = request::split(data);
    let headers = [(HEADER_LENGTH, length)];
    let headers = if length.is_empty() { &[] } else { &headers[..] };
    let Some(answer) = infer(headers, body) else {
        return;
    };
    if answer.0 != 200 {
        return problem::check(&answer.1, None);
    }
    assert!(body.len() <= BODY_BYTES);
    let begin = if headers.is_empty() {
        Some(body.len())
    } else {
        length.parse().ok()
    };
    let Some((text, numbers)) = begin.and_then(|begin| body.split_at_checked(begin)) else {
        panic!("`{length}` was read as a length");
    };
    assert!(is_well_formed(text), "malformed JSON was read");
    let Ok(mut message) = serde_json::from_slice::<Value>(text) else {
        return;
    };
    assert!(message.is_object(), "something else was read as an object");
    let input = &mut message["inputs"][0];
    let shape: Vec<u64> = input["shape"]
        .as_array()
        .map(|shape| shape.iter().filter_map(Value::as_u64).collect())
        .unwrap_or_default();
    let [sequences, periods, classes] = shape[..] else {
        panic!("a shape of {shape:?} was read");
    };
    let count = sequences * periods * classes;
    let Some(size) = input["parameters"]["binary_data_size"].as_u64() else {
        return;
    };
    assert_eq!(size, 4 * count);
    let numbers = numbers
        .chunks_exact(4)
        .take(usize::try_from(count).unwrap_or_default());
    // As binary64 they are written out to the last bit.
    let numbers: Vec<f64> = numbers
        .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]).into())
        .collect();
    input["data"] = json!(numbers);
    input["parameters"] = json!({});
    let as_json = message.to_string();
    if as_json.len() <= BODY_BYTES {
        let again = infer(&[], as_json.as_bytes()).map(|(status, _)| status);
        assert_eq!(again, Some(200), "as JSON it is refused");
    }
}

/// The status and, of a refusal, the document.
fn infer(headers: &[(&str, &str)], body: &[u8]) -> Option<(u16, Json)> {
    let address = format!("/v2/models/{MODEL}/infer");
    let answer = post(&address, headers, vec![body.to_vec()])?;
    let json = if answer.status == 200 {
        Json::Null
    } else {
        answer.json()
    };
    Some((answer.status, json))
}
