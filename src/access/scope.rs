//! What a key may be used for.

use std::collections::BTreeSet;
use std::fmt::{self, Display};
use std::str::FromStr;

/// One kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Scorings, alone, in lines and in streams.
    Score,
    /// Explanations: made, fetched, verified, and as jobs.
    Explain,
    /// Erasures, metrics and administration; everything else, too.
    Admin,
}

impl Scope {
    const ALL: [Self; 3] = [Self::Score, Self::Explain, Self::Admin];

    /// The scope's name, as entries and problems have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Explain => "explain",
            Self::Admin => "admin",
        }
    }
}

/// Scopes of one key, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(BTreeSet<Scope>);

/// What was written is not a set of scopes; it is not repeated, for it may be a key in the wrong place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected scopes joined by +, out of score, explain and admin")]
pub struct ScopesError;

impl Scopes {
    /// Whether work of this kind is allowed.
    #[must_use]
    pub fn allow(&self, scope: Scope) -> bool {
        self.0.contains(&scope) || self.0.contains(&Scope::Admin)
    }
}

impl FromStr for Scopes {
    type Err = ScopesError;

    fn from_str(text: &str) -> Result<Self, ScopesError> {
        let named = |name| Scope::ALL.into_iter().find(|scope| scope.name() == name);
        // What has no + in it still has one part, so the set is never empty.
        let scopes: Option<BTreeSet<Scope>> = text.split('+').map(named).collect();
        scopes.map(Self).ok_or(ScopesError)
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
    fn admin_may_do_everything_and_the_others_only_their_own() {
        let may = |scopes: &str| {
            let scopes: Scopes = scopes.parse().unwrap();
            Scope::ALL.map(|scope| scopes.allow(scope))
        };
        assert_eq!(may("score"), [true, false, false]);
        assert_eq!(may("explain"), [false, true, false]);
        assert_eq!(may("score+explain"), [true, true, false]);
        assert_eq!(may("admin"), [true, true, true]);
    }

    #[test]
    fn what_is_no_set_of_scopes_is_refused() {
        for text in ["", "+", "score+", "Score", "score explain", "all"] {
            assert_eq!(text.parse::<Scopes>(), Err(ScopesError), "{text}");
        }
        let twice: Scopes = "explain+score+explain".parse().unwrap();
        assert_eq!(twice.to_string(), "score+explain");
    }
}
