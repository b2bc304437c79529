//! Templates: texts with placeholders, parsed once, so that a sentence can neither lack a value nor show a brace.

use super::error::TextError;

/// What can be put into a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placeholder {
    /// The class, by the text of its code.
    Class,
    /// The period, as a scoring names it.
    Period,
    /// The share of all spending in the window.
    Share,
    /// What is explained.
    Target,
    /// By how much it is raised or lowered.
    Amount,
    /// What it is.
    Value,
    /// What it would be.
    Counterfactual,
    /// A whole number of per cents.
    Number,
    /// A dimension of the state, from 0.
    Index,
}

/// A text with its placeholders found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Place(Placeholder),
}

impl Placeholder {
    fn name(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Period => "period",
            Self::Share => "share",
            Self::Target => "target",
            Self::Amount => "amount",
            Self::Value => "value",
            Self::Counterfactual => "counterfactual",
            Self::Number => "number",
            Self::Index => "index",
        }
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

    /// The text with the values in their places; what a value holds is not looked at again.
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

/// A text that people can read.
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
    fn values_stand_where_their_placeholders_stood() {
        let template = Template::parse("{class}: {amount}, ja {class}!", &[Amount, Class]).unwrap();
        // A value with braces stays what it is.
        let values = [(Class, "{amount}"), (Amount, "1"), (Share, "unused")];
        assert_eq!(template.fill(&values), "{amount}: 1, ja {amount}!");
        let plain = Template::parse("no place", &[]).unwrap();
        assert_eq!(plain.fill(&values), "no place");
    }

    #[test]
    fn a_text_that_could_go_wrong_is_refused() {
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
