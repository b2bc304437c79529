//! Request that gives the same numbers, as JSON and as a command.

use serde_json::{Map, Value, json};

use crate::documents::Explanation;

/// The address in the commands of the documentation.
const SERVER: &str = "http://127.0.0.1:8080";

/// A request beyond this is not repeated on its page, in bytes.
const LARGEST_REQUEST: usize = 64 * 1024;

/// The command that sends the request.
pub(super) fn command(explanation: &Explanation) -> String {
    format!(
        "curl -s '{SERVER}/v1/explain?model={}&version={}' \\\n  -H 'content-type: application/json' --data-binary @request.json",
        shell_safe(&explanation.model.name),
        shell_safe(&explanation.model.version)
    )
}

/// What a name may have between the quotes of a command.
fn shell_safe(text: &str) -> String {
    text.chars()
        .filter(|one| one.is_ascii_alphanumeric() || "-_.".contains(*one))
        .collect()
}

/// The request that gives the same numbers: with the seed that was drawn.
pub(super) fn request(explanation: &Explanation, history: Option<&Value>) -> String {
    let mut options: Map<String, Value> = explanation
        .options
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if let Some(seed) = explanation.method.seed {
        options.insert("seed".to_owned(), seed.into());
    }
    let mut request = match history {
        Some(Value::Object(members)) => members.clone(),
        _ => Map::from_iter([
            ("customer_id".to_owned(), json!(explanation.customer_id)),
            ("as_of".to_owned(), json!(explanation.input.window.to)),
            ("transactions".to_owned(), json!([])),
        ]),
    };
    request.insert("explain".to_owned(), options.into());
    let text = format!("{:#}", Value::Object(request.clone()));
    if text.len() <= LARGEST_REQUEST {
        return text;
    }
    request.insert("transactions".to_owned(), json!(["…"]));
    format!("{:#}", Value::Object(request))
}
