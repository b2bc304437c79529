//! The page, made from the document: every operation with what it takes and answers, and every schema.

use std::fmt::Write as _;

use serde_json::Value;

use super::html::{escape, prose};

/// The methods that a path may have, as they are read.
const METHODS: [&str; 3] = ["get", "post", "delete"];

/// The address that the README's commands go to.
const SERVER: &str = "http://127.0.0.1:8080";

/// The whole page.
pub(super) fn page(document: &Value) -> String {
    let info = &document["info"];
    let mut body = String::new();
    let mut contents = String::new();
    for tag in items(&document["tags"]) {
        let name = text(&tag["name"]);
        add(&mut contents, &format!("<h2>{}</h2><ul>", escape(name)));
        add(
            &mut body,
            &format!(
                "<h2 id=\"tag-{0}\">{0}</h2><p>{1}</p>",
                escape(name),
                prose(text(&tag["description"]))
            ),
        );
        for (method, path, operation) in operations(document) {
            if operation["tags"][0] == tag["name"] {
                add(&mut contents, &entry(method, path, operation));
                body.push_str(&section(document, method, path, operation));
            }
        }
        contents.push_str("</ul>");
    }
    body.push_str("<h2 id=\"schemas\">Schemas</h2>");
    contents.push_str("<h2>schemas</h2><ul>");
    for (name, schema) in members(&document["components"]["schemas"]) {
        let name = escape(name);
        add(
            &mut contents,
            &format!("<li><a href=\"#schema-{name}\">{name}</a></li>"),
        );
        body.push_str(&described_schema(&name, schema));
    }
    contents.push_str("</ul>");
    let (title, version) = (escape(text(&info["title"])), escape(text(&info["version"])));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title} {version}</title>\
         <link rel=\"stylesheet\" href=\"docs/style.css\"></head><body>\
         <nav aria-label=\"Contents\">{contents}</nav><main><h1>{title} <small>{version}</small></h1>\
         <p>{about}</p><p>The same for programs: <a href=\"openapi.json\">openapi.json</a> (OpenAPI 3.1). Where the server \
         has keys, add <code>-H &quot;authorization: Bearer KEY&quot;</code> to the commands.</p>\n{body}</main></body></html>\n",
        about = prose(text(&info["description"])),
    )
}

/// Every operation with its method and path, in the order of the paths.
fn operations(document: &Value) -> impl Iterator<Item = (&'static str, &str, &Value)> {
    members(&document["paths"]).flat_map(|(path, of_path)| {
        METHODS.into_iter().filter_map(move |method| {
            let operation = of_path.get(method)?;
            Some((method, path.as_str(), operation))
        })
    })
}

fn entry(method: &str, path: &str, operation: &Value) -> String {
    format!(
        "<li><a href=\"#{}\"><b class=\"{method}\">{}</b> {}</a></li>",
        escape(text(&operation["operationId"])),
        method.to_ascii_uppercase(),
        escape(path)
    )
}

fn section(document: &Value, method: &str, path: &str, operation: &Value) -> String {
    let mut html = format!(
        "<section id=\"{}\"><h3><b class=\"{method}\">{}</b> <code>{}</code></h3><p><strong>{}.</strong> {}</p><p>{}</p>",
        escape(text(&operation["operationId"])),
        method.to_ascii_uppercase(),
        escape(path),
        prose(text(&operation["summary"])),
        prose(text(&operation["description"])),
        key(&operation["security"]),
    );
    let parameters = items(&operation["parameters"]);
    if !parameters.is_empty() {
        html.push_str("<table><caption>Parameters</caption><tr><th>name</th><th>in</th><th>type</th><th>what it is</th><th>example</th></tr>");
        for parameter in parameters {
            add(
                &mut html,
                &format!(
                    "<tr><td><code>{}</code>{}</td><td>{}</td><td>{}</td><td>{}</td><td><code>{}</code></td></tr>",
                    escape(text(&parameter["name"])),
                    required(parameter["required"] == true),
                    escape(text(&parameter["in"])),
                    type_of(&parameter["schema"]),
                    prose(text(&parameter["description"])),
                    escape(&plain(&parameter["example"])),
                ),
            );
        }
        html.push_str("</table>");
    }
    for (media_type, content) in members(&operation["requestBody"]["content"]) {
        html.push_str(&shown("Body", media_type, content));
    }
    add(
        &mut html,
        &format!(
            "<pre class=\"command\">{}</pre>",
            escape(&command(method, path, operation))
        ),
    );
    html.push_str(&answers(document, &operation["responses"]));
    html.push_str("</section>\n");
    html
}

/// What an operation asks of a key.
fn key(security: &Value) -> String {
    match items(security)
        .iter()
        .find_map(|way| way["bearer"].as_array())
        .map(Vec::as_slice)
    {
        None => "Needs no key.".to_owned(),
        Some([]) => "Needs any key, where the server has keys.".to_owned(),
        Some(scopes) => {
            let scopes: Vec<&str> = scopes.iter().map(text).collect();
            let scopes = escape(&scopes.join(", "));
            format!("Needs a key with the scope <code>{scopes}</code>, where the server has keys.")
        }
    }
}

fn answers(document: &Value, responses: &Value) -> String {
    let mut html = "<table><caption>Answers</caption><tr><th>status</th><th>what it says</th><th>headers</th></tr>".to_owned();
    let mut examples = String::new();
    for (status, answer) in members(responses) {
        let headers: Vec<String> = members(&answer["headers"])
            .filter(|(name, _)| !["x-request-id", "server-timing"].contains(&name.as_str()))
            .map(|(name, header)| {
                let about = header["$ref"].as_str().and_then(|reference| {
                    document.pointer(&format!(
                        "{}/description",
                        reference.trim_start_matches('#')
                    ))
                });
                let about = prose(about.map(text).unwrap_or_default());
                format!("<code>{}</code>: {about}", escape(name))
            })
            .collect();
        add(
            &mut html,
            &format!(
                "<tr><td>{status}</td><td>{}</td><td>{}</td></tr>",
                prose(text(&answer["description"])),
                headers.join("<br>"),
            ),
        );
        for (media_type, content) in members(&answer["content"]) {
            if media_type != "application/problem+json" {
                examples.push_str(&shown(&format!("Answer {status}"), media_type, content));
            }
        }
    }
    html.push_str("</table>");
    html + &examples
}

/// A body with its type and an example to unfold.
fn shown(what: &str, media_type: &str, content: &Value) -> String {
    let type_ = match content.get("x-line") {
        Some(line) => format!("each line {}", type_of(line)),
        None => type_of(&content["schema"]),
    };
    format!(
        "<details><summary>{what}: <code>{}</code>, {type_}</summary><pre>{}</pre></details>",
        escape(media_type),
        escape(&example(content))
    )
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

fn described_schema(name: &str, schema: &Value) -> String {
    let mut html = format!(
        "<section id=\"schema-{name}\"><h3>{name}</h3><p>{}</p>",
        prose(text(&schema["description"]))
    );
    for branch in items(&schema["oneOf"])
        .iter()
        .chain(items(&schema["anyOf"]))
    {
        add(
            &mut html,
            &format!("<p>One of them: {}</p>", type_of(branch)),
        );
        html.push_str(&properties(branch));
    }
    html.push_str(&properties(schema));
    html.push_str("</section>\n");
    html
}

fn properties(schema: &Value) -> String {
    let Some(properties) = schema["properties"].as_object() else {
        return match schema.get("enum") {
            Some(_) => format!("<p>{}</p>", type_of(schema)),
            None => String::new(),
        };
    };
    let mut html =
        "<table><tr><th>property</th><th>type</th><th>what it is</th><th>example</th></tr>"
            .to_owned();
    for (name, property) in properties {
        let is_required = items(&schema["required"])
            .iter()
            .any(|one| one == name.as_str());
        let example = property["examples"].get(0).map(plain).unwrap_or_default();
        add(
            &mut html,
            &format!(
                "<tr><td><code>{}</code>{}</td><td>{}</td><td>{}</td><td><code>{}</code></td></tr>",
                escape(name),
                required(is_required),
                type_of(property),
                prose(text(&property["description"])),
                escape(&example),
            ),
        );
    }
    html.push_str("</table>");
    html
}

fn required(is_required: bool) -> &'static str {
    if is_required {
        " <small>required</small>"
    } else {
        ""
    }
}

/// A schema in a few words, with links to those that have a name.
fn type_of(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = escape(reference.rsplit('/').next().unwrap_or_default());
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
            add(&mut html, &format!(", {words}{}", escape(&plain(value))));
        }
    }
    html
}

fn add(html: &mut String, part: &str) {
    html.push_str(part);
    html.push('\n');
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
