//! One operation: what it takes, what it answers, and what can go wrong.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::problems;
use crate::needs::Need;
use microseg_problem::ProblemKind;

/// What stands under one method of one path.
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    need: Need,
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
    description: String,
    parameters: Vec<Value>,
    body: Option<Map<String, Value>>,
    answers: BTreeMap<u16, Value>,
    problems: Vec<ProblemKind>,
    /// Whether its problems carry their text twice, as clients of the Open Inference Protocol want it.
    is_inference: bool,
}

impl Operation {
    /// An operation by its name in generated clients; `summary` is its line in a list.
    pub(super) fn new(
        (method, path): (&'static str, &'static str),
        id: &'static str,
        tag: &'static str,
        summary: &'static str,
    ) -> Self {
        let of_method = method.parse().unwrap_or_default();
        Self {
            method,
            path,
            need: Need::of(&of_method, Some(path)),
            id,
            tag,
            summary,
            description: String::new(),
            parameters: Vec::new(),
            body: None,
            answers: BTreeMap::new(),
            problems: vec![ProblemKind::Internal],
            is_inference: false,
        }
    }

    /// What it asks of a key, where the pattern of its address does not say.
    pub(super) fn needs(mut self, need: Need) -> Self {
        self.need = need;
        self
    }

    /// More than the summary.
    pub(super) fn says(mut self, description: &str) -> Self {
        description.clone_into(&mut self.description);
        self
    }

    /// A parameter of the path, the query or the head.
    pub(super) fn takes(mut self, parameter: Value) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// A body of this type; an operation may read several.
    pub(super) fn reads(mut self, media_type: &str, content: Value) -> Self {
        let body = self.body.get_or_insert_default();
        body.insert(media_type.to_owned(), content);
        self.problems.extend([
            ProblemKind::MalformedBody,
            ProblemKind::BodyTimeout,
            ProblemKind::BodyTooLarge,
            ProblemKind::InvalidContent,
        ]);
        self
    }

    /// A body of lines, by the names that their type has.
    pub(super) fn reads_lines(self, content: &Value) -> Self {
        self.reads("application/x-ndjson", content.clone())
            .reads("text/x-ndjson", content.clone())
    }

    /// An answer of this type; one status may have several.
    pub(super) fn answers(
        mut self,
        status: u16,
        description: &str,
        content: Option<(&str, Value)>,
    ) -> Self {
        let answer = self
            .answers
            .entry(status)
            .or_insert_with(|| json!({"description": description, "headers": problems::headers()}));
        if let Some((media_type, content)) = content {
            answer["content"][media_type] = content;
        }
        self
    }

    /// An answer that is JSON.
    pub(super) fn answers_json(self, status: u16, description: &str, content: Value) -> Self {
        self.answers(status, description, Some(("application/json", content)))
    }

    /// A header of an answer that was described before.
    pub(super) fn with_header(mut self, status: u16, name: &str, header: Value) -> Self {
        if let Some(answer) = self.answers.get_mut(&status) {
            answer["headers"][name] = header;
        }
        self
    }

    /// Problems beyond those that every operation of its kind has.
    pub(super) fn fails(mut self, problems: &[ProblemKind]) -> Self {
        self.problems.extend_from_slice(problems);
        self
    }

    /// Its problems are those of the Open Inference Protocol.
    pub(super) fn of_inference(mut self) -> Self {
        self.is_inference = true;
        self
    }

    /// As the document has it.
    pub(super) fn into_json(mut self) -> Value {
        let security = match self.need {
            Need::Nothing => Vec::new(),
            Need::AnyKey => keyed(&[]),
            Need::Scope(scope) => keyed(&[scope.name()]),
        };
        if self.need != Need::Nothing {
            // Before anything else is looked at.
            self.problems.extend([
                ProblemKind::Unauthorized,
                ProblemKind::Forbidden,
                ProblemKind::TooManyRequests,
                ProblemKind::Busy,
            ]);
        }
        let mut answers: Map<String, Value> = self
            .answers
            .into_iter()
            .map(|(status, answer)| (status.to_string(), answer))
            .collect();
        for (status, answer) in problems::answers(&self.problems, self.is_inference) {
            // A status may stand for an answer and for problems, but then it is an answer.
            answers.entry(status.to_string()).or_insert(answer);
        }
        let mut operation = json!({
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            "description": self.description,
            "security": security,
            "responses": answers,
        });
        if !self.parameters.is_empty() {
            operation["parameters"] = self.parameters.into();
        }
        if let Some(content) = self.body {
            operation["requestBody"] = json!({"required": true, "content": content});
        }
        operation
    }
}

/// The ways to show a key that is good for this.
fn keyed(scopes: &[&str]) -> Vec<Value> {
    // The empty one: a server may have no keys.
    vec![
        json!({}),
        json!({"bearer": scopes}),
        json!({"header": scopes}),
    ]
}
