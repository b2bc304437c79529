//! Messages of the Open Inference Protocol: JSON, with the numbers in it or, by the binary extension, behind it.

use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::InferenceError;
use super::fault::MessageFault;
use super::tensor::{Numbers, Tensor};
use crate::protocols::object::{Object, object_or_null, objects, objects_or_null};

/// How many bytes of a body are JSON, where numbers follow.
pub(super) const HEADER_LENGTH: HeaderName =
    HeaderName::from_static("inference-header-content-length");

/// The names of the tensors.
pub(super) const INPUT: &str = "profile";
pub(super) const STATES: &str = "states";
pub(super) const OUTPUTS: &str = "outputs";

/// The only type of number in requests and answers.
pub(super) const DATATYPE: &str = "FP32";

/// A request.
#[derive(JsonSchema, Deserialize)]
pub(super) struct InferenceRequest {
    /// Your name for the request; it comes back in the answer.
    #[serde(default)]
    pub(super) id: Option<String>,
    /// One tensor, `profile`.
    #[schemars(length(min = 1, max = 1))]
    #[serde(deserialize_with = "objects")]
    pub(super) inputs: Vec<InputTensor>,
    /// Which outputs are wanted; all where none is named.
    #[serde(default, deserialize_with = "objects_or_null")]
    pub(super) outputs: Option<Vec<WantedOutput>>,
    /// What holds for the whole request.
    #[serde(default, deserialize_with = "object_or_null")]
    pub(super) parameters: Option<RequestParameters>,
}

/// Profiles of customers.
#[derive(JsonSchema, Deserialize)]
pub(super) struct InputTensor {
    /// Always `profile`.
    #[schemars(extend("const" = "profile"))]
    pub(super) name: String,
    /// `[B, T, K]`: customers, periods of each (1 to the model's window), classes of the model.
    #[schemars(length(min = 3, max = 3), inner(range(min = 1)))]
    pub(super) shape: Vec<usize>,
    /// Always `FP32`.
    #[schemars(extend("const" = "FP32"))]
    pub(super) datatype: String,
    /// Where the numbers are, unless they are in `data`.
    #[serde(default, deserialize_with = "object_or_null")]
    pub(super) parameters: Option<InputParameters>,
    /// The shares, row after row, flat or nested as the shape is; 0 to 1, and each period's add up to 1, or to 0 without
    /// spending.
    #[serde(default)]
    pub(super) data: Option<Numbers>,
}

/// Where the numbers of an input are.
#[derive(Default, JsonSchema, Deserialize)]
#[schemars(rename = "InputTensorParameters")]
pub(super) struct InputParameters {
    /// How many bytes behind the JSON are this tensor's numbers, 4 for each, the lowest byte first.
    #[serde(default)]
    #[schemars(example = 388)]
    pub(super) binary_data_size: Option<usize>,
}

/// What holds for a whole request.
#[derive(Default, JsonSchema, Deserialize)]
#[schemars(rename = "InferenceParameters")]
pub(super) struct RequestParameters {
    /// Whether outputs come as bytes unless they say otherwise.
    #[serde(default)]
    #[schemars(example = false)]
    binary_data_output: Option<bool>,
}

/// An output that the caller wants.
#[derive(JsonSchema, Deserialize)]
pub(super) struct WantedOutput {
    /// `states` or `outputs`.
    #[schemars(extend("enum" = ["states", "outputs"]))]
    pub(super) name: String,
    /// How it is to be sent.
    #[serde(default, deserialize_with = "object_or_null")]
    parameters: Option<OutputParameters>,
}

/// How an output is to be sent.
#[derive(Default, JsonSchema, Deserialize)]
#[schemars(rename = "WantedOutputParameters")]
struct OutputParameters {
    /// Whether as bytes behind the JSON.
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
        // Some programs write a byte order mark before UTF-8.
        let json = json.strip_prefix("\u{feff}".as_bytes()).unwrap_or(json);
        // A second pass finds the place: it costs more than the first.
        let Object(request) = serde_json::from_slice(json).map_err(|error| {
            MessageFault::of::<Object<Self>>(json).unwrap_or_else(|| (&error).into())
        })?;
        Ok((request, numbers))
    }

    /// Whether an output is requested, and whether as bytes; all are where none is named.
    pub(super) fn wants(&self, name: &str) -> Option<bool> {
        let parameters = self.parameters.as_ref();
        let by_default = parameters.and_then(|parameters| parameters.binary_data_output);
        let by_default = by_default.unwrap_or(false);
        match self.outputs.as_deref() {
            None | Some([]) => Some(by_default),
            Some(wanted) => {
                let wanted = wanted.iter().find(|wanted| wanted.name == name)?;
                let binary = wanted.parameters.as_ref().and_then(|one| one.binary_data);
                Some(binary.unwrap_or(by_default))
            }
        }
    }
}

/// An answer.
#[derive(JsonSchema, Serialize)]
pub(super) struct InferenceAnswer<'a> {
    /// The model's name.
    model_name: &'a str,
    /// The version, a whole number.
    model_version: &'a str,
    /// Your name for the request, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    /// `states`, then `outputs`, as far as they are wanted.
    outputs: Vec<OutputTensor<'a>>,
}

/// What the network made of the profiles.
#[derive(JsonSchema, Serialize)]
struct OutputTensor<'a> {
    /// `states` or `outputs`.
    name: &'a str,
    /// `[B, T, H]` of `states`, `[B, T, O]` of `outputs`.
    shape: [usize; 3],
    /// Always `FP32`.
    datatype: &'static str,
    /// Where the numbers are, unless they are in `data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<BinarySize>,
    /// The numbers, row after row.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a [f32]>,
}

/// Where the numbers of an output are.
#[derive(JsonSchema, Serialize)]
struct BinarySize {
    /// How many bytes behind the JSON are this tensor's numbers, 4 for each, the lowest byte first.
    #[schemars(example = 32)]
    binary_data_size: usize,
}

/// Writes an answer; numbers that are requested as bytes stand behind the JSON, in the order of the outputs.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(json: &str) -> String {
        let read = InferenceRequest::read(&HeaderMap::new(), json.as_bytes());
        read.err().unwrap().to_string()
    }

    #[test]
    fn fault_names_its_place_and_what_was_expected() {
        let tensor = |member: &str| {
            format!(
                r#"{{"inputs": [{{"name": "profile", "shape": [1], "datatype": "FP32", {member}}}]}}"#
            )
        };
        for (json, expected) in [
            (
                r#"{"id": 5, "inputs": []}"#.to_owned(),
                "id: expected a string or null",
            ),
            (
                r#"{"inputs": 5}"#.to_owned(),
                "inputs: expected an array of tensors",
            ),
            (
                r#"{"inputs": [5]}"#.to_owned(),
                "inputs/0: expected an object",
            ),
            (
                r#"{"inputs": [{}]}"#.to_owned(),
                "inputs/0: `name` is missing",
            ),
            ("{}".to_owned(), "`inputs` is missing"),
            ("[]".to_owned(), "expected an object with `inputs`"),
            (
                tensor(r#""shape": [-1]"#),
                "inputs/0: `shape` is given twice",
            ),
            (
                r#"{"inputs": [{"name": "profile", "shape": [-1]}]}"#.to_owned(),
                "inputs/0/shape/0: expected a whole number from 0",
            ),
            (
                tensor(r#""data": ["secret"]"#),
                "inputs/0/data/0: expected a number",
            ),
            (tensor(r#""data": [NaN]"#), "inputs/0/data/0: not JSON"),
            (
                tensor(r#""parameters": 5"#),
                "inputs/0/parameters: expected an object or null",
            ),
            (
                tensor(r#""parameters": {"binary_data_size": "x"}"#),
                "inputs/0/parameters/binary_data_size: expected a whole number",
            ),
            (
                r#"{"inputs": [], "outputs": [7]}"#.to_owned(),
                "outputs/0: expected an object",
            ),
            (
                r#"{"inputs": ["#.to_owned(),
                "inputs: the JSON ends too early",
            ),
            (r#"{"inputs": []} x"#.to_owned(), "not JSON"),
        ] {
            let fault = fault(&json);
            assert!(fault.starts_with(expected), "{json}: {fault}");
            assert!(!fault.contains("secret"), "{fault}");
        }
    }

    #[test]
    fn names_of_the_client_are_not_repeated() {
        assert!(!fault(r#"{"secret": {"secret": NaN}}"#).contains("secret"));
    }
}
