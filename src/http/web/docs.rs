//! `/openapi.json` and `/docs`: the description of the interface, for programs and for people; and the pages' style and script.
//!
//! All of it is made from the code once and served from memory. The page loads its own style and nothing else.

use std::sync::{Arc, LazyLock};

use axum::http::HeaderMap;
use schemars::json_schema;
use serde_json::{Value, json};

use super::render;
use super::static_file::StaticFile;
use crate::openapi;
use crate::operation::{Answer, Content, Header, Operation, Parameter, RequiredScope, Tag, raw};

/// The operations of the description; `document` makes the OpenAPI document, once it is asked for.
pub(super) fn operations(document: fn() -> Value) -> Vec<Operation> {
    let page = Arc::new(LazyLock::new(move || {
        let page = render::page(&document()).unwrap_or_else(|error| {
            tracing::error!(%error, "the page cannot be rendered");
            String::new()
        });
        StaticFile::new(page, "text/html; charset=utf-8")
    }));
    let style = Arc::new(LazyLock::new(|| {
        StaticFile::new(include_str!("style.css"), "text/css; charset=utf-8")
    }));
    let pages_style = Arc::new(LazyLock::new(|| {
        StaticFile::new(microseg_pages::STYLE, "text/css; charset=utf-8")
    }));
    let script = Arc::new(LazyLock::new(|| {
        StaticFile::new(include_str!("live.js"), "text/javascript; charset=utf-8")
    }));
    let document = Arc::new(LazyLock::new(move || {
        StaticFile::new(openapi::text(&document()), "application/json")
    }));
    vec![
        file("/docs", page, "The page.", page_content()).named(
            "get_docs",
            Tag::Operations,
            "Read the description of the interface",
        ),
        file("/docs/style.css", style, "The style.", style_content()).named(
            "get_style",
            Tag::Operations,
            "The page's style",
        ),
        file("/style.css", pages_style, "The style.", style_content()).page(),
        file("/live.js", script, "The script.", script_content()).page(),
        file(
            "/openapi.json",
            document,
            "The document.",
            document_content(),
        )
        .named("get_openapi", Tag::Operations, "This document"),
    ]
}

pub(super) fn page_content() -> Content {
    raw(
        "text/html",
        || json!({"schema": {"type": "string"}, "example": "<!DOCTYPE html>"}),
    )
}

fn style_content() -> Content {
    raw(
        "text/css",
        || json!({"schema": {"type": "string"}, "example": ":root { color-scheme: light dark; }"}),
    )
}

fn script_content() -> Content {
    raw(
        "text/javascript",
        || json!({"schema": {"type": "string"}, "example": "\"use strict\";"}),
    )
}

fn document_content() -> Content {
    raw(
        "application/json",
        || json!({"schema": {"type": "object"}, "example": {"openapi": "3.1.0"}}),
    )
}

fn file<F: FnOnce() -> StaticFile + Send + 'static>(
    path: &'static str,
    file: Arc<LazyLock<StaticFile, F>>,
    description: &'static str,
    content: Content,
) -> Operation {
    let handler = move |headers: HeaderMap| {
        let file = file.clone();
        async move { file.answer(&headers) }
    };
    Operation::get(path, RequiredScope::Public, handler)
        .parameter(Parameter::in_header(
            "if-none-match",
            "The `etag` of what the caller has; if it is still true, the answer is 304.",
            |_| json_schema!({"type": "string"}),
            "\"0\"",
        ))
        .answer(Answer::new(200, description, content).header(Header::EntityTag))
        .answer(Answer::empty(304, "What the caller has is still true.").header(Header::EntityTag))
}
