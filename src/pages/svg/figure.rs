//! Figure: a drawing with a title, a description, marks that name their values, and the same numbers as a table.

use serde::Serialize;

use super::element::Element;

/// With more marks than this none is a stop of the keyboard: the table has their numbers.
const MOST_STOPS: usize = 60;

/// The height of the line that names the value of a mark.
const READOUT: f64 = 20.0;

/// What a figure shows, as rows of text.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Table {
    /// The heads of the columns.
    pub(crate) heads: Vec<String>,
    /// The rows; the first cell of each is its head.
    pub(crate) rows: Vec<Vec<String>>,
}

/// A shape that names its value when it is pointed at, or reached with the keyboard.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub(crate) label: String,
    pub(crate) shapes: Vec<Element>,
}

/// One drawing.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    /// Its name on the page and in its address: letters, digits and `-`.
    pub(crate) id: String,
    pub(crate) title: String,
    /// What is to be seen, and how to read it.
    pub(crate) caption: String,
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// What lies behind the marks.
    pub(crate) ground: Vec<Element>,
    pub(crate) marks: Vec<Mark>,
    pub(crate) table: Table,
}

impl Figure {
    /// The drawing for a page, which has the style.
    pub(crate) fn inline(&self) -> String {
        self.drawn(None)
    }

    /// The drawing as a file that stands alone.
    pub(crate) fn file(&self, style: &str) -> String {
        self.drawn(Some(style))
    }

    fn drawn(&self, style: Option<&str>) -> String {
        let has_stops = self.marks.len() <= MOST_STOPS;
        let height = self.height + if has_stops { READOUT } else { 0.0 };
        let named = |part: &str| format!("{}-{part}", self.id);
        let marks = self.marks.iter().map(|mark| self.mark(mark, has_stops));
        let mut root = Element::new("svg")
            .set("xmlns", "http://www.w3.org/2000/svg")
            .class(if self.width > 480.0 {
                "figure wide"
            } else {
                "figure"
            })
            .set("viewBox", format!("0 0 {} {height}", self.width))
            .set("role", "group")
            .set("aria-labelledby", named("title"))
            .set("aria-describedby", named("about"));
        if let Some(style) = style {
            // On a ground of its own, so that it can be read wherever it is shown.
            root = root
                .at("width", self.width)
                .at("height", height)
                .with(Element::new("style").with_text(style))
                .with(Element::rect(0.0, 0.0, self.width, height).class("ground"));
        }
        let mut svg = String::new();
        root.with(
            Element::new("title")
                .set("id", named("title"))
                .with_text(&self.title),
        )
        .with(
            Element::new("desc")
                .set("id", named("about"))
                .with_text(&self.caption),
        )
        .with_all(self.ground.iter().cloned())
        .with_all(marks)
        .write(&mut svg);
        svg
    }

    fn mark(&self, mark: &Mark, is_stop: bool) -> Element {
        let group = Element::new("g").class("mark");
        let named = if is_stop {
            group.set("tabindex", "0").set("role", "img")
        } else {
            group
        };
        let shapes = named
            .with(Element::new("title").with_text(&mark.label))
            .with_all(mark.shapes.iter().cloned());
        if !is_stop {
            return shapes;
        }
        let most = fitting(self.width, 11.5);
        let readout = Element::text(
            self.width / 2.0,
            self.height + 14.0,
            shortened(&mark.label, most),
        );
        shapes.with(readout.class("readout").set("text-anchor", "middle"))
    }
}

/// How many characters of a size in pixels fit into a width.
pub(crate) fn fitting(width: f64, size: f64) -> usize {
    let mut characters = 0;
    let mut taken = size * 0.54;
    while taken <= width {
        characters += 1;
        taken += size * 0.54;
    }
    characters
}

/// A text as far as it fits into a width, in letters of a size in pixels; what is left out is shown.
pub(crate) fn fitted(text: &str, width: f64, size: f64) -> String {
    let letters = width / size;
    if ems(text) <= letters {
        return text.to_owned();
    }
    let mut taken = ems("…");
    let kept = text.chars().take_while(|letter| {
        taken += em(*letter);
        taken <= letters
    });
    let kept: String = kept.collect();
    format!("{}…", kept.trim_end())
}

/// The width of a text in letters of size 1, in a wide font: in others it is narrower.
pub(crate) fn ems(text: &str) -> f64 {
    text.chars().map(em).sum()
}

fn em(letter: char) -> f64 {
    match letter {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.29,
        ' ' => 0.32,
        'f' | 't' | 'r' | '(' | ')' | '-' => 0.41,
        's' => 0.53,
        'c' | 'x' | 'y' | 'z' | 'v' | 'k' => 0.56,
        'w' => 0.83,
        'm' | 'W' | 'M' | '…' | '→' | '%' => 0.98,
        'A'..='Z' => 0.72,
        _ => 0.63,
    }
}

/// A text of so many characters at the most; what is left out is shown.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_too_wide_is_cut_and_says_so() {
        assert_eq!(fitted("Rent", 160.0, 12.0), "Rent");
        assert_eq!(
            fitted("Pharmacies and medical aids", 160.0, 12.0),
            "Pharmacies and medica…"
        );
        assert_eq!(
            fitted("what the surrogate misses", 163.0, 12.0),
            "what the surrogate misses"
        );
        assert!(ems("mmmm") > 2.0 * ems("iiii"));
    }
}
