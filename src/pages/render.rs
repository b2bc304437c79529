//! Templates as HTML: everything is escaped but figures, and parts that were rendered before.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;

use crate::frame::Frame;
use crate::svg::escape;

/// The style of all pages; the figures' is part of it.
pub const STYLE: &str = concat!(include_str!("style.css"), include_str!("figures.css"));

/// The style of figures alone.
pub(crate) const FIGURE_STYLE: &str = include_str!("figures.css");

/// Why a page could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// A document is not what the page is made from.
    #[error("the {what} cannot be read: {error}")]
    Document {
        /// The document in words.
        what: &'static str,
        /// Why.
        error: serde_json::Error,
    },
    /// A scoring is of another model than the others.
    #[error("a scoring names the micro-segment {segment}, which the model does not have")]
    OtherModel {
        /// The micro-segment.
        segment: String,
    },
    /// A template has a fault, which a test would render.
    #[error("the page cannot be rendered: {0}")]
    Template(#[from] minijinja::Error),
}

/// A whole page around a body.
#[derive(Serialize)]
struct Layout<'a> {
    title: &'a str,
    version: &'a str,
    inline_style: Option<&'a str>,
    signed_in: Option<&'a str>,
    links: Vec<Link>,
    body: &'a str,
}

#[derive(Serialize)]
struct Link {
    href: &'static str,
    text: &'static str,
    is_here: bool,
}

/// A page: a template with its view in it, in the frame.
pub(crate) fn page(
    frame: &Frame<'_>,
    title: &str,
    template: &str,
    view: impl Serialize,
) -> Result<String, PageError> {
    let body = part(template, view)?;
    let (inline_style, signed_in, here) = match frame {
        Frame::File => (Some(STYLE), None, ""),
        Frame::Server { signed_in, here } => (None, *signed_in, *here),
    };
    let links = [
        ("/", "Explain"),
        ("/records", "Records"),
        ("/docs", "Interface"),
    ];
    let links = links.map(|(href, text)| Link {
        href,
        text,
        is_here: href == here,
    });
    let layout = Layout {
        title,
        version: env!("CARGO_PKG_VERSION"),
        inline_style,
        signed_in,
        links: links.into(),
        body: &body,
    };
    part(include_str!("templates/layout.html"), layout)
}

/// A part of a page.
pub(crate) fn part(template: &str, view: impl Serialize) -> Result<String, PageError> {
    let mut environment = Environment::new();
    let mut syntax = SyntaxConfig::builder();
    environment.set_syntax(syntax.trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_formatter(|out, _, value| {
        if value.is_undefined() || value.is_none() {
            return Ok(());
        }
        let text = value.to_string();
        let html = if value.is_safe() { text } else { escape(&text) };
        Ok(out.write_str(&html)?)
    });
    let view = Serde(view);
    Ok(environment.render_str(template, view)?)
}
