//! Scopes: the kinds of work that a key allows.

use std::collections::BTreeSet;
use std::fmt::{self, Display};
use std::str::FromStr;

use strum::{EnumString, IntoStaticStr};

/// A kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Scope {
    /// Scorings, alone, in lines and in streams.
    Score,
    /// Explanations: made, fetched, verified, and as jobs; includes [`Scope::Read`].
    Explain,
    /// Explanations and jobs that were made, and kept customers: fetched and listed.
    Read,
    /// Kept customers: transactions are added to them.
    Write,
    /// Erasures, metrics and administration; includes the other scopes.
    Admin,
}

impl Scope {
    /// The scope's name, as in entries and problems.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The scopes of a key, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(BTreeSet<Scope>);

/// A text that is not a set of scopes. It is not repeated: it may be a key in the wrong position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected scopes joined by +, out of score, explain, read, write and admin")]
pub struct ScopesError;

impl Scopes {
    /// Whether the set has this scope, or one that includes it.
    #[must_use]
    pub fn allow(&self, scope: Scope) -> bool {
        let has = |scope| self.0.contains(&scope);
        has(scope) || has(Scope::Admin) || (scope == Scope::Read && has(Scope::Explain))
    }
}

impl FromStr for Scopes {
    type Err = ScopesError;

    fn from_str(text: &str) -> Result<Self, ScopesError> {
        // A text without + is one part, so the set is never empty.
        let scopes: Result<BTreeSet<Scope>, _> = text.split('+').map(str::parse).collect();
        scopes.map(Self).map_err(|_| ScopesError)
    }
}

impl Display for Scopes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|scope| scope.name()).collect();
        formatter.write_str(&names.join("+"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admin_allows_everything_and_each_other_scope_only_itself() {
        let may = |scopes: &str| {
            let scopes: Scopes = scopes.parse().unwrap();
            [Scope::Score, Scope::Explain, Scope::Admin].map(|scope| scopes.allow(scope))
        };
        assert_eq!(may("score"), [true, false, false]);
        assert_eq!(may("explain"), [false, true, false]);
        assert_eq!(may("score+explain"), [true, true, false]);
        assert_eq!(may("admin"), [true, true, true]);
    }

    #[test]
    fn text_that_is_no_set_of_scopes_is_refused() {
        for text in ["", "+", "score+", "Score", "score explain", "all"] {
            assert_eq!(text.parse::<Scopes>(), Err(ScopesError), "{text}");
        }
    }

    #[test]
    fn repeated_scopes_are_written_once_and_in_order() {
        let twice: Scopes = "explain+score+explain".parse().unwrap();
        assert_eq!(twice.to_string(), "score+explain");
    }
}
