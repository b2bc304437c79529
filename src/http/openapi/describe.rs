//! One operation as the document has it.

use serde_json::{Map, Value, json};

use super::schemas::Schemas;
use super::{headers, problems};
use crate::operation::{Answer, Content, Form, Operation, Parameter, RequiredScope};
use microseg_problem::ProblemKind;

/// Problems of reading a body.
const OF_BODIES: [ProblemKind; 4] = [
    ProblemKind::MalformedBody,
    ProblemKind::BodyTimeout,
    ProblemKind::BodyTooLarge,
    ProblemKind::InvalidContent,
];

/// Problems of checking the caller, before anything else is looked at.
const OF_CALLERS: [ProblemKind; 5] = [
    ProblemKind::Unauthorized,
    ProblemKind::Forbidden,
    ProblemKind::TooManyRequests,
    ProblemKind::Busy,
    ProblemKind::ShareFull,
];

/// The operation; the schemas that it names become known.
pub(super) fn operation(operation: &Operation, schemas: &mut Schemas) -> Value {
    let parameters: Vec<Value> = operation
        .parameters
        .iter()
        .map(|described| parameter(described, schemas))
        .collect();
    let body: Map<String, Value> = operation
        .bodies
        .iter()
        .map(|body| (body.media_type.to_owned(), content(body, schemas, false)))
        .collect();
    let mut answers: Map<String, Value> = operation
        .answers
        .iter()
        .map(|described| (described.status.to_string(), answer(described, schemas)))
        .collect();
    for (status, problem) in problems::answers(&kinds(operation), operation.has_inference_problems)
    {
        // A status may stand for an answer and for problems, but then it is an answer.
        answers.entry(status.to_string()).or_insert(problem);
    }
    let mut described = json!({
        "operationId": operation.id,
        "tags": [operation.tag.name()],
        "summary": operation.summary,
        "description": operation.description,
        "security": security(operation.scope),
        "responses": answers,
    });
    if !parameters.is_empty() {
        described["parameters"] = parameters.into();
    }
    if !body.is_empty() {
        described["requestBody"] = json!({"required": true, "content": body});
    }
    described
}

/// All problems that an operation has.
fn kinds(operation: &Operation) -> Vec<ProblemKind> {
    let mut kinds = vec![ProblemKind::Internal];
    for _ in &operation.bodies {
        kinds.extend(OF_BODIES);
    }
    kinds.extend_from_slice(&operation.problems);
    if operation.scope != RequiredScope::Public {
        kinds.extend(OF_CALLERS);
    }
    kinds
}

fn parameter(parameter: &Parameter, schemas: &mut Schemas) -> Value {
    let mut described = json!({
        "name": parameter.name,
        "in": parameter.place.name(),
        "description": parameter.description,
        "schema": schemas.parameter(parameter.schema),
        "example": parameter.example,
    });
    if parameter.is_required {
        described["required"] = true.into();
    }
    described
}

fn content(content: &Content, schemas: &mut Schemas, is_answer: bool) -> Value {
    match content.form {
        Form::Document { schema, example } => schemas.document(schema, example(), is_answer),
        Form::Lines { schema, examples } => schemas.lines(schema, &examples(), is_answer),
        Form::Raw(described) => described(),
    }
}

fn answer(answer: &Answer, schemas: &mut Schemas) -> Value {
    let mut described =
        json!({"description": answer.description, "headers": headers::references(&answer.headers)});
    for of_type in &answer.contents {
        described["content"][of_type.media_type] = content(of_type, schemas, true);
    }
    described
}

/// How a key with the required scope may be sent.
fn security(scope: RequiredScope) -> Vec<Value> {
    let scopes = match scope {
        RequiredScope::Public => return Vec::new(),
        RequiredScope::AnyKey => vec![],
        RequiredScope::WholeServer(scope) | RequiredScope::Scope(scope) => vec![scope.name()],
    };
    // The empty one: a server may have no keys.
    vec![
        json!({}),
        json!({"bearer": scopes}),
        json!({"header": scopes}),
    ]
}
