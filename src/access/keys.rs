//! All keys of a server, and whose key a request carries.

use std::fmt::{self, Display};
use std::sync::Arc;

use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};

use super::entry::{self, Entry};
use super::key::KeyDigest;
use super::{EntryFault, KeyName, Scope, Scopes};

/// One key: who holds it, and what it is good for.
#[derive(Debug)]
pub struct Key {
    name: KeyName,
    scopes: Scopes,
    digest: KeyDigest,
}

impl Key {
    /// Who holds it. Several keys may have one name: the old and the new one, while they are changed.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Whether it is good for work of this kind.
    #[must_use]
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.allow(scope)
    }
}

/// The keys of a server; none, and everybody may do everything.
#[derive(Debug, Clone, Default)]
pub struct ApiKeys(Vec<Arc<Key>>);

/// Why a list of entries is no list of keys.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// There is nothing in it; to have no keys, the list is to be left out.
    #[error("there is no entry in it")]
    Empty,
    /// One entry is wrong.
    #[error("{place} {number}{}: {fault}", in_brackets(.name.as_ref()))]
    Entry {
        /// What is counted: entries or lines.
        place: &'static str,
        /// Which of them, from 1.
        number: usize,
        /// Its name, if that much could be read.
        name: Option<KeyName>,
        /// What is wrong.
        fault: EntryFault,
    },
}

fn in_brackets(name: Option<&KeyName>) -> impl Display + use<'_> {
    fmt::from_fn(move |formatter| match name {
        Some(name) => write!(formatter, " ({})", name.as_str()),
        None => Ok(()),
    })
}

impl ApiKeys {
    /// Adds entries that are separated by commas or white space.
    ///
    /// # Errors
    /// [`KeysError`] when there is none, or one is wrong.
    pub fn add_list(&mut self, text: &str) -> Result<(), KeysError> {
        let separator = |character: char| character == ',' || character.is_whitespace();
        let entries = text.split(separator).filter(|entry| !entry.is_empty());
        self.add("entry", (1..).zip(entries))
    }

    /// Adds an entry a line; `#` begins a comment.
    ///
    /// # Errors
    /// [`KeysError`] when there is none, or one is wrong.
    pub fn add_lines(&mut self, text: &str) -> Result<(), KeysError> {
        let entries = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default().trim());
        let numbered = (1..).zip(entries);
        self.add("line", numbered.filter(|(_, entry)| !entry.is_empty()))
    }

    fn add<'a>(
        &mut self,
        place: &'static str,
        entries: impl Iterator<Item = (usize, &'a str)>,
    ) -> Result<(), KeysError> {
        let before = self.0.len();
        for (number, text) in entries {
            let fault = |(name, fault)| KeysError::Entry {
                place,
                number,
                name,
                fault,
            };
            let Entry {
                name,
                scopes,
                digest,
            } = entry::read(text).map_err(fault)?;
            if self.find_digest(digest).is_some() {
                return Err(fault((Some(name), EntryFault::Repeated)));
            }
            self.0.push(Arc::new(Key {
                name,
                scopes,
                digest,
            }));
        }
        if self.0.len() == before {
            return Err(KeysError::Empty);
        }
        Ok(())
    }

    /// Whether everybody may do everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whose key this is.
    #[must_use]
    pub fn find(&self, presented: &[u8]) -> Option<&Arc<Key>> {
        self.find_digest(KeyDigest::of(presented))
    }

    /// Looks at all keys in the same time, whichever it is: how long it took tells nothing of any of them.
    fn find_digest(&self, digest: KeyDigest) -> Option<&Arc<Key>> {
        let (mut found, mut place) = (Choice::from(0), 0_u32);
        for (candidate, key) in (0_u32..).zip(&self.0) {
            let same = key.digest.ct_eq(&digest);
            place.conditional_assign(&candidate, same);
            found |= same;
        }
        let place = usize::try_from(place).ok()?;
        self.0.get(place).filter(|_| found.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NewKey;

    fn keys(list: &str) -> Result<ApiKeys, KeysError> {
        let mut keys = ApiKeys::default();
        keys.add_list(list).map(|()| keys)
    }

    fn entry(name: &str, scopes: &str) -> (NewKey, String) {
        let key = NewKey::draw().unwrap();
        let entry = key.entry(&name.parse().unwrap(), &scopes.parse().unwrap());
        (key, entry)
    }

    #[test]
    fn a_key_is_found_by_its_digest_and_nothing_else_is() {
        let (old, old_entry) = entry("bank", "score");
        let (new, new_entry) = entry("bank", "score+explain");
        let (other, other_entry) = entry("audit", "admin");
        let keys = keys(&format!("{old_entry}, {new_entry}\n{other_entry}")).unwrap();
        assert_eq!(keys.len(), 3);
        let found = |key: &NewKey| keys.find(key.reveal().as_bytes()).unwrap().clone();
        assert_eq!(found(&old).name(), "bank");
        assert!(!found(&old).allows(Scope::Explain));
        assert_eq!(found(&new).name(), "bank");
        assert!(found(&new).allows(Scope::Explain));
        assert_eq!(found(&other).name(), "audit");
        let stranger = NewKey::draw().unwrap();
        assert!(keys.find(stranger.reveal().as_bytes()).is_none());
        assert!(keys.find(b"").is_none());
        assert!(ApiKeys::default().find(b"").is_none());
    }

    #[test]
    fn a_wrong_entry_is_named_but_not_repeated() {
        let (key, good) = entry("bank", "score");
        let digest = good.rsplit(':').next().unwrap();
        let secret = key.reveal();
        for (list, said) in [
            (format!("{good} {secret}"), "entry 2: expected NAME:SCOPES"),
            (
                format!("{secret}:score:{digest}"),
                "entry 1: expected a name",
            ),
            (
                format!("a:{secret}:{digest}"),
                "entry 1 (a): expected scopes",
            ),
            (
                format!("a:score:{secret}"),
                "entry 1 (a): expected the SHA-256",
            ),
            (format!("{good},a:admin:{digest}"), "entry 2 (a): its key"),
            (" , ".to_owned(), "there is no entry"),
        ] {
            let error = keys(&list).unwrap_err().to_string();
            assert!(error.starts_with(said), "{error}");
            assert!(
                !error.contains(secret) && !error.contains(digest),
                "{error}"
            );
        }
    }

    #[test]
    fn a_file_has_comments_and_its_lines_are_counted() {
        let (_, good) = entry("bank", "score");
        let mut keys = ApiKeys::default();
        keys.add_lines(&format!("# who may\n\n{good}  # until May\n"))
            .unwrap();
        assert_eq!(keys.len(), 1);
        let error = keys.add_lines("\n#\nsomething\n").unwrap_err();
        assert!(error.to_string().starts_with("line 3: "), "{error}");
        assert_eq!(keys.add_lines("# nobody\n"), Err(KeysError::Empty));
    }
}
