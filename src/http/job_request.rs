//! Request that a job keeps: a line with the id of the HTTP request and the model, and the body behind it.

use axum::body::Bytes;

use microseg_model::{ModelIdentity, RequestedModel};

/// The parts of a kept request.
pub(crate) struct JobRequest {
    /// Of the HTTP request.
    pub(crate) request_id: String,
    pub(crate) model: RequestedModel,
    pub(crate) body: Bytes,
}

/// The bytes to keep.
pub(crate) fn encode(request_id: &str, model: &ModelIdentity, body: &[u8]) -> Vec<u8> {
    let line = format!("{request_id} {} {}\n", model.name, model.version);
    [line.as_bytes(), body].concat()
}

/// The parts of what was kept.
pub(crate) fn decode(request: Vec<u8>) -> JobRequest {
    let request = Bytes::from(request);
    let end = request.iter().position(|&byte| byte == b'\n').unwrap_or(0);
    let line = String::from_utf8_lossy(&request[..end]);
    let mut words = line.split(' ').map(str::to_owned);
    JobRequest {
        request_id: words.next().unwrap_or_default(),
        model: RequestedModel {
            name: words.next(),
            version: words.next().and_then(|version| version.parse().ok()),
        },
        body: request.slice((end + 1).min(request.len())..),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_request_is_decoded_to_the_same_parts() {
        let model = ModelIdentity {
            name: "m".to_owned(),
            version: "3".to_owned(),
            sha256: String::new(),
        };
        let decoded = decode(encode("r-1", &model, b"{\n}"));
        assert_eq!(decoded.request_id, "r-1");
        assert_eq!(decoded.model.name.as_deref(), Some("m"));
        assert_eq!(decoded.model.version, Some(3));
        assert_eq!(decoded.body, &b"{\n}"[..]);
    }

    #[test]
    fn unreadable_request_names_no_model() {
        let decoded = decode(Vec::new());
        assert_eq!(decoded.model.name, None);
        assert!(decoded.body.is_empty());
    }
}
