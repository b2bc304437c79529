//! Form of the first page: its fields, read from `multipart/form-data`.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use futures_util::stream;
use multer::Multipart;
use serde_json::{Map, Value};

use super::questions::{self, OF_CHANGE, OF_RECOURSE};
use crate::ApiError;
use microseg_explain::Options;
use microseg_model::RequestedModel;

/// The fields that are choices.
const CHOICES: [&str; 5] = ["model", "method", "level", "target", "baseline"];

/// A text that is longer than this is no choice, and is not what a field is for, in bytes.
const LONGEST_CHOICE: usize = 4096;

/// What was sent.
#[derive(Debug, Default)]
pub(super) struct Form {
    /// The history, as text or as a file.
    pub(super) history: Bytes,
    /// Choices that were made and texts that were filled in, by field.
    choices: BTreeMap<&'static str, String>,
}

impl Form {
    /// Reads the fields of a body, which is in memory; fields that are not known are passed over.
    ///
    /// # Errors
    /// [`ApiError::UnsupportedMediaType`] for another media type, [`ApiError::InvalidContent`] for a body that is not of it.
    pub(super) async fn read(headers: &HeaderMap, body: Bytes) -> Result<Self, ApiError> {
        let declared = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let boundary = declared.and_then(|declared| multer::parse_boundary(declared).ok());
        let boundary = boundary.ok_or(ApiError::UnsupportedMediaType {
            expected: "the form of this page as content-type: multipart/form-data",
        })?;
        let body = stream::iter([Ok::<_, Infallible>(body)]);
        let mut fields = Multipart::new(body, boundary);
        let mut form = Self::default();
        while let Some(field) = fields.next_field().await.map_err(|_| broken())? {
            let name = field.name().unwrap_or_default().to_owned();
            let content = field.bytes().await.map_err(|_| broken())?;
            form.add(&name, content);
        }
        Ok(form)
    }

    fn add(&mut self, name: &str, content: Bytes) {
        match name {
            "history" | "file" => {
                // A file that was chosen stands for the text beside it.
                if !content.trim_ascii().is_empty() {
                    self.history = content;
                }
            }
            name => {
                let all = CHOICES.into_iter().chain(OF_CHANGE).chain(OF_RECOURSE);
                let known = { all }.find(|known| *known == name);
                let text = std::str::from_utf8(&content).ok();
                let text = text.map(str::trim);
                let text = text.filter(|text| (1..=LONGEST_CHOICE).contains(&text.len()));
                if let (Some(known), Some(text)) = (known, text) {
                    self.choices.insert(known, text.to_owned());
                }
            }
        }
    }

    /// A choice that was made.
    pub(super) fn choice(&self, name: &str) -> Option<&str> {
        self.choices.get(name).map(String::as_str)
    }

    /// The model that was chosen, as `name:version`.
    ///
    /// # Errors
    /// [`ApiError::InvalidContent`] for what is no name and version.
    pub(super) fn model(&self) -> Result<RequestedModel, ApiError> {
        let Some(chosen) = self.choice("model") else {
            return Ok(RequestedModel {
                name: None,
                version: None,
            });
        };
        let split = chosen.rsplit_once(':');
        let read = split.and_then(|(name, version)| Some((name, version.parse().ok()?)));
        let (name, version) = read.ok_or_else(|| {
            ApiError::InvalidContent("model: expected one of the list".to_owned())
        })?;
        Ok(RequestedModel {
            name: Some(name.to_owned()),
            version: Some(version),
        })
    }

    /// The options of the history, with the choices that were made in their place.
    ///
    /// # Errors
    /// [`ApiError::InvalidContent`] for a choice that there is not, and for a text that is not of its field.
    pub(super) fn options(&self, given: Option<Options>) -> Result<Options, ApiError> {
        let given = serde_json::to_value(given.unwrap_or_default())?;
        let mut members: Map<String, Value> = given.as_object().cloned().unwrap_or_default();
        for name in CHOICES.into_iter().filter(|name| *name != "model") {
            if let Some(choice) = self.choice(name) {
                members.insert(name.to_owned(), choice.into());
            }
        }
        members.extend(questions::members(&self.choices)?);
        serde_json::from_value(members.into()).map_err(|_| {
            ApiError::InvalidContent("the choices: expected those of the list".to_owned())
        })
    }
}

fn broken() -> ApiError {
    ApiError::InvalidContent("the form: expected fields as multipart/form-data has them".to_owned())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[tokio::test]
    async fn file_stands_for_the_text_and_choices_for_the_options() {
        let part = |name: &str, content: &str| {
            format!(
                "--x\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"a\"\r\n\r\n{content}\r\n"
            )
        };
        let body = [
            part("history", "{\"text\": 1}"),
            part("file", "{\"file\": 1}"),
            part("level", "period"),
            part("method", ""),
            part("else", "z"),
            "--x--\r\n".to_owned(),
        ];
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("multipart/form-data; boundary=x"),
        );
        let form = Form::read(&headers, body.concat().into()).await.unwrap();
        assert_eq!(form.history, "{\"file\": 1}");
        let given =
            serde_json::from_str(r#"{"method": "global-linear", "level": "class"}"#).unwrap();
        let options = serde_json::to_value(form.options(Some(given)).unwrap()).unwrap();
        assert_eq!(
            (&options["method"], &options["level"]),
            (&"global-linear".into(), &"period".into())
        );
        assert!(form.model().unwrap().name.is_none());

        let cut = Form::read(&headers, "--x\r\n".into()).await;
        assert!(matches!(cut, Err(ApiError::InvalidContent(_))));
        let other = Form::read(&HeaderMap::new(), Bytes::new()).await;
        assert!(matches!(other, Err(ApiError::UnsupportedMediaType { .. })));
    }
}
