//! Messages of the Open Inference Protocol: JSON, with the numbers in it or, by the binary extension, behind it.

use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::tensor::{InferenceError, Numbers, Tensor};
use crate::http::object::Object;

/// How many bytes of a body are JSON, where numbers follow.
pub(super) const HEADER_LENGTH: HeaderName =
    HeaderName::from_static("inference-header-content-length");

/// The only type of number that goes in and out.
pub(super) const DATATYPE: &str = "FP32";

/// A request.
#[derive(Deserialize)]
pub(super) struct InferenceRequest {
    #[serde(default)]
    pub(super) id: Option<String>,
    pub(super) inputs: Vec<Object<InputTensor>>,
    #[serde(default)]
    pub(super) outputs: Option<Vec<Object<WantedOutput>>>,
    #[serde(default)]
    pub(super) parameters: Object<RequestParameters>,
}

#[derive(Deserialize)]
pub(super) struct InputTensor {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    pub(super) datatype: String,
    #[serde(default)]
    pub(super) parameters: Object<InputParameters>,
    #[serde(default)]
    pub(super) data: Option<Numbers>,
}

#[derive(Default, Deserialize)]
pub(super) struct InputParameters {
    #[serde(default)]
    pub(super) binary_data_size: Option<usize>,
}

#[derive(Default, Deserialize)]
pub(super) struct RequestParameters {
    /// Whether outputs come as bytes unless they say otherwise.
    #[serde(default)]
    binary_data_output: bool,
}

/// An output that the caller wants.
#[derive(Deserialize)]
pub(super) struct WantedOutput {
    pub(super) name: String,
    #[serde(default)]
    parameters: Object<OutputParameters>,
}

#[derive(Default, Deserialize)]
struct OutputParameters {
    #[serde(default)]
    binary_data: Option<bool>,
}

/// One output, and how it is to be sent.
pub(super) struct Output {
    pub(super) name: &'static str,
    pub(super) tensor: Tensor,
    pub(super) binary: bool,
}

impl InferenceRequest {
    /// The request, and the bytes behind its JSON.
    pub(super) fn read<'a>(
        headers: &HeaderMap,
        body: &'a [u8],
    ) -> Result<(Self, &'a [u8]), InferenceError> {
        let (json, numbers) = match headers.get(HEADER_LENGTH) {
            None => (body, &[][..]),
            Some(length) => {
                let length = length.to_str().ok().and_then(|text| text.parse().ok());
                let parts = length.and_then(|length| body.split_at_checked(length));
                parts.ok_or(InferenceError::HeaderLength)?
            }
        };
        let Object(request) =
            serde_json::from_slice(json).map_err(|error| InferenceError::Json {
                line: error.line(),
                column: error.column(),
            })?;
        Ok((request, numbers))
    }

    /// Whether an output is wanted, and whether as bytes; all are where none is named.
    pub(super) fn wants(&self, name: &str) -> Option<bool> {
        let by_default = self.parameters.0.binary_data_output;
        match self.outputs.as_deref() {
            None | Some([]) => Some(by_default),
            Some(wanted) => {
                let mut wanted = wanted.iter().map(|Object(wanted)| wanted);
                let wanted = wanted.find(|wanted| wanted.name == name)?;
                Some(wanted.parameters.0.binary_data.unwrap_or(by_default))
            }
        }
    }
}

/// An answer.
#[derive(Serialize)]
struct InferenceAnswer<'a> {
    model_name: &'a str,
    model_version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    outputs: Vec<OutputTensor<'a>>,
}

#[derive(Serialize)]
struct OutputTensor<'a> {
    name: &'a str,
    shape: [usize; 3],
    datatype: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<BinarySize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a [f32]>,
}

#[derive(Serialize)]
struct BinarySize {
    binary_data_size: usize,
}

/// Writes an answer; numbers that are wanted as bytes stand behind the JSON, in the order of the outputs.
pub(super) fn answer(
    model: (&str, &str),
    id: Option<&str>,
    outputs: &[Output],
) -> Result<Response, serde_json::Error> {
    let mut numbers = Vec::new();
    let described = outputs.iter().map(|output| {
        let values = output.tensor.values();
        let mut described = OutputTensor {
            name: output.name,
            shape: output.tensor.shape(),
            datatype: DATATYPE,
            parameters: None,
            data: None,
        };
        if output.binary {
            numbers.extend(values.iter().flat_map(|value| value.to_le_bytes()));
            described.parameters = Some(BinarySize {
                binary_data_size: size_of_val(values),
            });
        } else {
            described.data = Some(values);
        }
        described
    });
    let (model_name, model_version) = model;
    let mut body = serde_json::to_vec(&InferenceAnswer {
        model_name,
        model_version,
        id,
        outputs: described.collect(),
    })?;
    if numbers.is_empty() {
        return Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response());
    }
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (HEADER_LENGTH, body.len().to_string()),
    ];
    body.append(&mut numbers);
    Ok((headers, body).into_response())
}
