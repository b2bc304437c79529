//! Element of SVG: its name is one of this program's, and all text in it is escaped when it is written.

use std::fmt::{Display, Write as _};

/// One element with its attributes and its content.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    content: Vec<Content>,
}

#[derive(Debug, Clone)]
enum Content {
    Element(Element),
    Text(String),
}

impl Element {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            attributes: Vec::new(),
            content: Vec::new(),
        }
    }

    /// A rectangle; a side below zero is none.
    pub(crate) fn rect(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self::new("rect")
            .at("x", x)
            .at("y", y)
            .at("width", width.max(0.0))
            .at("height", height.max(0.0))
    }

    pub(crate) fn line(from: (f64, f64), to: (f64, f64)) -> Self {
        Self::new("line")
            .at("x1", from.0)
            .at("y1", from.1)
            .at("x2", to.0)
            .at("y2", to.1)
    }

    pub(crate) fn circle(center: (f64, f64), radius: f64) -> Self {
        Self::new("circle")
            .at("cx", center.0)
            .at("cy", center.1)
            .at("r", radius)
    }

    /// A line through points, open; with the name `polygon`, closed.
    pub(crate) fn points(name: &'static str, points: &[(f64, f64)]) -> Self {
        let points: Vec<String> = points
            .iter()
            .map(|&(x, y)| format!("{},{}", coordinate(x), coordinate(y)))
            .collect();
        Self::new(name).set("points", points.join(" "))
    }

    pub(crate) fn text(x: f64, y: f64, text: impl Into<String>) -> Self {
        Self::new("text").at("x", x).at("y", y).with_text(text)
    }

    pub(crate) fn set(mut self, name: &'static str, value: impl Display) -> Self {
        self.attributes.push((name, value.to_string()));
        self
    }

    /// A coordinate or a length.
    pub(crate) fn at(self, name: &'static str, value: f64) -> Self {
        self.set(name, coordinate(value))
    }

    pub(crate) fn class(self, class: &str) -> Self {
        self.set("class", class)
    }

    pub(crate) fn with(mut self, child: Self) -> Self {
        self.content.push(Content::Element(child));
        self
    }

    pub(crate) fn with_all(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.content
            .extend(children.into_iter().map(Content::Element));
        self
    }

    pub(crate) fn with_text(mut self, text: impl Into<String>) -> Self {
        self.content.push(Content::Text(text.into()));
        self
    }

    pub(crate) fn write(&self, out: &mut String) {
        let _ = write!(out, "<{}", self.name);
        for (name, value) in &self.attributes {
            let _ = write!(out, " {name}=\"{}\"", escape(value));
        }
        if self.content.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        for content in &self.content {
            match content {
                Content::Element(element) => element.write(out),
                Content::Text(text) => out.push_str(&escape(text)),
            }
        }
        let _ = write!(out, "</{}>", self.name);
    }
}

/// A coordinate, to a tenth; what is no number is 0, so that a figure stays a figure.
fn coordinate(value: f64) -> f64 {
    if value.is_finite() {
        (value.clamp(-1e6, 1e6) * 10.0).round() / 10.0 + 0.0
    } else {
        0.0
    }
}

/// A text in which nothing is markup, in HTML and in XML: characters that XML does not have become the replacement character.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' | '\r' => escaped.push(character),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_are_escaped_and_no_number_is_zero() {
        let mut out = String::new();
        Element::text(f64::NAN, 1.25, "<script>\u{1}&")
            .set("data-a", "\" onload='x'")
            .write(&mut out);
        assert_eq!(
            out,
            "<text x=\"0\" y=\"1.3\" data-a=\"&quot; onload=&#39;x&#39;\">&lt;script&gt;\u{fffd}&amp;</text>"
        );
    }
}
