//! Templates: texts with placeholders, parsed once, so that no sentence lacks a value or shows a brace.

use strum::IntoStaticStr;

use super::error::TextError;

/// The kind of value that is put into a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Placeholder {
    /// The class, by the text of its code.
    Class,
    /// The period, as a scoring names it.
    Period,
    /// The share of all spending in the window.
    Share,
    /// The target.
    Target,
    /// The size of its change.
    Amount,
    /// Its value.
    Value,
    /// Its value with 10 % more of the spending.
    Counterfactual,
    /// A whole sentence.
    Sentence,
    /// A whole number of per cents.
    Number,
    /// A dimension of the state, from 0.
    Index,
}

/// A text with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Place(Placeholder),
}

impl Placeholder {
    fn name(self) -> &'static str {
        self.into()
    }
}

impl Template {
    /// Finds the placeholders of `text`: each of `expected` at least once, and no other.
    pub(super) fn parse(text: &str, expected: &[Placeholder]) -> Result<Self, TextError> {
        let mut pieces = Vec::new();
        let mut rest = check_text(text)?;
        while let Some(brace) = rest.find(['{', '}']) {
            let (before, from_brace) = rest.split_at(brace);
            let lone = || TextError::Brace(from_brace.to_owned());
            let inside = from_brace.strip_prefix('{').ok_or_else(lone)?;
            let (name, after) = inside.split_once('}').ok_or_else(lone)?;
            let found = expected.iter().find(|one| one.name() == name);
            let place = found.ok_or_else(|| TextError::Unknown {
                name: name.to_owned(),
                expected: list(expected),
            })?;
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Place(*place));
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        match expected
            .iter()
            .find(|&&one| !pieces.contains(&Piece::Place(one)))
        {
            Some(missing) => Err(TextError::Missing(missing.name())),
            None => Ok(Self(pieces)),
        }
    }

    /// The text with the values in their places; braces inside a value stay as they are.
    pub(super) fn fill<'t>(&'t self, values: &[(Placeholder, &'t str)]) -> String {
        let value = |place| values.iter().find(|(of, _)| *of == place);
        let piece = |piece: &'t Piece| -> &'t str {
            match piece {
                Piece::Text(text) => text,
                &Piece::Place(place) => value(place).map_or("", |&(_, value)| value),
            }
        };
        self.0.iter().map(piece).collect()
    }
}

/// Refuses a text that is empty or has control characters.
pub(super) fn check_text(text: &str) -> Result<&str, TextError> {
    if text.trim().is_empty() {
        return Err(TextError::Empty);
    }
    if text.contains(char::is_control) {
        return Err(TextError::Control);
    }
    Ok(text)
}

fn list(placeholders: &[Placeholder]) -> String {
    let names: Vec<String> = placeholders
        .iter()
        .map(|one| format!("{{{}}}", one.name()))
        .collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use Placeholder::{Amount, Class, Share};

    #[test]
    fn placeholders_are_replaced_by_their_values() {
        let template = Template::parse("{class}: {amount}, ja {class}!", &[Amount, Class]).unwrap();
        // A value with braces is not a template.
        let values = [(Class, "{amount}"), (Amount, "1"), (Share, "unused")];
        assert_eq!(template.fill(&values), "{amount}: 1, ja {amount}!");
        let plain = Template::parse("no place", &[]).unwrap();
        assert_eq!(plain.fill(&values), "no place");
    }

    #[test]
    fn text_with_wrong_placeholders_or_braces_is_refused() {
        for (text, message) in [
            ("", "expected a text, found none"),
            (" \u{a0}", "expected a text, found none"),
            ("{class}\n", "expected a text without control characters"),
            ("{class} and {", "a brace without its other half: `{`"),
            ("{class} }", "a brace without its other half: `}`"),
            ("{class", "a brace without its other half: `{class`"),
            ("{}", "unknown placeholder {}, expected {class}, {share}"),
            (
                "{{class}}",
                "unknown placeholder {{class}, expected {class}, {share}",
            ),
            (
                "{ class}",
                "unknown placeholder { class}, expected {class}, {share}",
            ),
            (
                "{amount}",
                "unknown placeholder {amount}, expected {class}, {share}",
            ),
            ("{class}", "{share} does not occur"),
        ] {
            let error = Template::parse(text, &[Class, Share]).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }
}
