//! Page of the interface, made from the document: each operation with its requests and answers, and each schema.

use std::fmt::Write as _;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value as Rendered};
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior};
use serde_json::{Value, json};

use super::html::{escape, prose};

/// The methods that a path may have, in the order of the page.
const METHODS: [&str; 3] = ["get", "post", "delete"];

/// The address in the README's commands.
const SERVER: &str = "http://127.0.0.1:8080";

/// The whole page.
///
/// # Errors
/// A fault of the template, which a test renders.
pub(super) fn page(document: &Value) -> Result<String, Error> {
    let page = json!({
        "info": document["info"],
        "tags": document["tags"],
        "components": document["components"],
        "operations": operations(document),
    });
    environment()?.render_str(include_str!("page.html"), Serde(&page))
}

/// The environment of the template: its filters, and escaping of all that no filter has made to HTML.
fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    let mut syntax = SyntaxConfig::builder();
    environment.set_syntax(syntax.trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_formatter(|out, _, value| {
        if value.is_undefined() || value.is_none() {
            return Ok(());
        }
        let text = value.to_string();
        let html = if value.is_safe() { text } else { escape(&text) };
        Ok(out.write_str(&html)?)
    });
    environment.add_filter("prose", |text: Option<String>| {
        Rendered::from_safe_string(prose(&text.unwrap_or_default()))
    });
    environment.add_filter("type_of", |schema: Serde<Value>| {
        Rendered::from_safe_string(type_of(&schema))
    });
    environment.add_filter("example", |content: Serde<Value>| example(&content));
    environment.add_filter("plain", |value: Serde<Value>| plain(&value));
    environment.add_filter("component", |reference: String| {
        component(&reference).to_owned()
    });
    Ok(environment)
}

/// Every operation with its method and path, in the order of the paths.
fn operations(document: &Value) -> Vec<Value> {
    let of_path = |(path, of_path): (&String, &Value)| -> Vec<Value> {
        let of_method = METHODS.into_iter().filter_map(|method| {
            let operation = of_path.get(method)?;
            Some(json!({
                "method": method,
                "path": path,
                "operation": operation,
                "scopes": scopes(&operation["security"]),
                "command": command(method, path, operation),
            }))
        });
        of_method.collect()
    };
    members(&document["paths"]).flat_map(of_path).collect()
}

/// The scopes that a key must have; none where no key is needed.
fn scopes(security: &Value) -> Option<&Value> {
    let mut schemes = items(security).iter();
    schemes.find_map(|scheme| scheme.get("bearer"))
}

/// The name behind a reference.
fn component(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or_default()
}

/// A command that asks this, with the examples.
fn command(method: &str, path: &str, operation: &Value) -> String {
    let mut path = path.to_owned();
    let mut query = Vec::new();
    for parameter in items(&operation["parameters"]) {
        let (name, example) = (text(&parameter["name"]), plain(&parameter["example"]));
        match text(&parameter["in"]) {
            "path" => path = path.replace(&format!("{{{name}}}"), &example),
            "query" if parameter["required"] == true => query.push(format!("{name}={example}")),
            _ => {}
        }
    }
    let query = if query.is_empty() {
        String::new()
    } else {
        format!("?{}", query.join("&"))
    };
    let mut command = format!("curl -s '{SERVER}{path}{query}'");
    if let Some((media_type, content)) = members(&operation["requestBody"]["content"]).next() {
        let body = example(content).replace('\'', "'\\''");
        // Writing to a String cannot fail.
        let _ = write!(
            command,
            " \\\n  -H 'content-type: {media_type}' --data-binary '{body}'"
        );
    } else if method != "get" {
        let _ = write!(command, " -X {}", method.to_ascii_uppercase());
    }
    command
}

/// A schema in a few words, with links to those that have a name.
fn type_of(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = escape(component(reference));
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    for keyword in ["anyOf", "oneOf"] {
        if let Some(branches) = schema[keyword].as_array() {
            let branches: Vec<String> = branches.iter().map(type_of).collect();
            return branches.join(" or ");
        }
    }
    if let Some(constant) = schema.get("const") {
        return format!("<code>{}</code>", escape(&constant.to_string()));
    }
    if let Some(allowed) = schema["enum"].as_array() {
        let allowed = allowed
            .iter()
            .map(|one| format!("<code>{}</code>", escape(&plain(one))));
        return allowed.collect::<Vec<_>>().join(", ");
    }
    let named = match &schema["type"] {
        Value::String(name) => name.clone(),
        Value::Array(names) => names.iter().map(text).collect::<Vec<_>>().join(" or "),
        _ => "anything".to_owned(),
    };
    let mut html = escape(&named);
    if let Some(items) = schema.get("items") {
        html.push_str(" of ");
        html.push_str(&type_of(items));
    }
    for (keyword, words) in [
        ("format", ""),
        ("minimum", "from "),
        ("maximum", "to "),
        ("minLength", "length from "),
        ("maxLength", "length to "),
        ("minItems", "items from "),
        ("maxItems", "items to "),
        ("default", "default "),
    ] {
        if let Some(value) = schema.get(keyword) {
            let _ = write!(html, ", {words}{}", escape(&plain(value)));
        }
    }
    html
}

/// A value as one would type it.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn pretty(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => format!("{other:#}"),
    }
}

/// What a body may be: a document, or lines of them.
fn example(content: &Value) -> String {
    match content["x-lines"].as_array() {
        Some(lines) => {
            let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
            lines.join("\n")
        }
        None => pretty(&content["example"]),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_the_document_is_escaped() {
        let document = json!({
            "info": {"title": "<b>", "version": "'1'"},
            "tags": [{"name": "a", "description": "of `<i>`"}],
            "paths": {"/x": {"get": {"operationId": "x", "tags": ["a"], "summary": "&", "responses": {}}}},
        });
        let page = page(&document).unwrap();
        assert!(page.contains("<title>&lt;b&gt; &#39;1&#39;</title>"));
        assert!(page.contains("<p>of <code>&lt;i&gt;</code></p>"));
        assert!(page.contains("<strong>&amp;.</strong>"));
        assert!(page.contains("<b class=\"get\">GET</b> /x"));
    }
}
