//! Keys of a server, and the lookup of the key that a request carries.

use std::fmt::{self, Display};
use std::sync::Arc;

use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};

use super::digest::KeyDigest;
use super::entry::{self, EntryError, KeyEntry, KeyName};
use super::scope::{Scope, Scopes};
use super::tenant::Tenant;

/// A key: the name of its user, and its scopes.
#[derive(Debug)]
pub struct Key {
    name: KeyName,
    tenant: Tenant,
    scopes: Scopes,
    digest: KeyDigest,
}

impl Key {
    /// The name of its user. Several keys may have one name: the old and the new one, while the key is changed.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// The tenant that it belongs to.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// Whether the key has this scope, or one that includes it.
    #[must_use]
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.allow(scope)
    }
}

/// The keys of a server. Without any, access is open to every caller.
#[derive(Debug, Clone, Default)]
pub struct ApiKeys(Vec<Arc<Key>>);

/// An error in a list of entries.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// The list is empty; a server without keys has no list.
    #[error("there is no entry in it")]
    Empty,
    /// An entry is invalid.
    #[error("{unit} {number}{}: {error}", in_brackets(.name.as_ref()))]
    Entry {
        /// The unit that is counted: `entry` or `line`.
        unit: &'static str,
        /// The entry's number, from 1.
        number: usize,
        /// The entry's name, where it could be read.
        name: Option<KeyName>,
        /// The error in the entry.
        error: EntryError,
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
    /// [`KeysError`] when there is no entry, or one is invalid.
    pub fn add_list(&mut self, text: &str) -> Result<(), KeysError> {
        let separator = |character: char| character == ',' || character.is_whitespace();
        let entries = text.split(separator).filter(|entry| !entry.is_empty());
        self.add("entry", (1..).zip(entries))
    }

    /// Adds the entries of a file, one in each line; `#` begins a comment.
    ///
    /// # Errors
    /// [`KeysError`] when there is no entry, or one is invalid.
    pub fn add_lines(&mut self, text: &str) -> Result<(), KeysError> {
        let entries = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default().trim());
        let numbered = (1..).zip(entries);
        self.add("line", numbered.filter(|(_, entry)| !entry.is_empty()))
    }

    fn add<'a>(
        &mut self,
        unit: &'static str,
        entries: impl Iterator<Item = (usize, &'a str)>,
    ) -> Result<(), KeysError> {
        let before = self.0.len();
        for (number, text) in entries {
            let entry_error = |(name, error)| KeysError::Entry {
                unit,
                number,
                name,
                error,
            };
            let KeyEntry {
                name,
                tenant,
                scopes,
                digest,
            } = entry::read(text).map_err(entry_error)?;
            if self.find_digest(digest).is_some() {
                return Err(entry_error((Some(name), EntryError::Repeated)));
            }
            self.0.push(Arc::new(Key {
                name,
                tenant,
                scopes,
                digest,
            }));
        }
        if self.0.len() == before {
            return Err(KeysError::Empty);
        }
        Ok(())
    }

    /// Whether there are no keys: access is then open to every caller.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The key that a request presents; `None` if it is unknown.
    #[must_use]
    pub fn find(&self, presented: &[u8]) -> Option<&Arc<Key>> {
        self.find_digest(KeyDigest::of(presented))
    }

    /// Compares with all keys in constant time, so that the duration does not depend on the keys.
    fn find_digest(&self, digest: KeyDigest) -> Option<&Arc<Key>> {
        let (mut found, mut index) = (Choice::from(0), 0_u32);
        for (candidate, key) in (0_u32..).zip(&self.0) {
            let same = key.digest.ct_eq(&digest);
            index.conditional_assign(&candidate, same);
            found |= same;
        }
        let index = usize::try_from(index).ok()?;
        self.0.get(index).filter(|_| found.into())
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
        let entry = key.entry(
            &name.parse().unwrap(),
            &Tenant::default(),
            &scopes.parse().unwrap(),
        );
        (key, entry)
    }

    #[test]
    fn key_is_found_by_its_digest_and_an_unknown_one_is_not() {
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
        let unknown = NewKey::draw().unwrap();
        assert!(keys.find(unknown.reveal().as_bytes()).is_none());
        assert!(keys.find(b"").is_none());
        assert!(ApiKeys::default().find(b"").is_none());
    }

    #[test]
    fn tenant_stands_behind_the_name() {
        let key = NewKey::draw().unwrap();
        let entry = key.entry(
            &"crm".parse().unwrap(),
            &"north.bank".parse().unwrap(),
            &"read".parse().unwrap(),
        );
        assert!(entry.starts_with("crm@north.bank:read:"), "{entry}");
        let keys = keys(&entry).unwrap();
        let found = keys.find(key.reveal().as_bytes()).unwrap();
        assert_eq!(found.name(), "crm");
        assert_eq!(found.tenant().as_str(), "north.bank");
        for wrong in ["crm@:", "crm@a@b:", "crm@a b:", "crm@ms_0:", "@north:"] {
            let entry = entry.replacen("crm@north.bank:", wrong, 1);
            assert!(super::tests::keys(&entry).is_err(), "{entry}");
        }
    }

    #[test]
    fn reading_is_allowed_by_read_and_by_explain() {
        for (scopes, reads, explains) in [
            ("read", true, false),
            ("explain", true, true),
            ("admin", true, true),
            ("score", false, false),
        ] {
            let scopes: Scopes = scopes.parse().unwrap();
            assert_eq!(scopes.allow(Scope::Read), reads, "{scopes}");
            assert_eq!(scopes.allow(Scope::Explain), explains, "{scopes}");
        }
    }

    #[test]
    fn invalid_entry_is_named_but_not_repeated() {
        let (key, good) = entry("bank", "score");
        let digest = good.rsplit(':').next().unwrap();
        let secret = key.reveal();
        for (list, expected) in [
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
            assert!(error.starts_with(expected), "{error}");
            assert!(
                !error.contains(secret) && !error.contains(digest),
                "{error}"
            );
        }
    }

    #[test]
    fn comments_of_a_file_are_skipped_and_errors_name_the_line() {
        let (_, good) = entry("bank", "score");
        let mut keys = ApiKeys::default();
        keys.add_lines(&format!("# keys\n\n{good}  # until May\n"))
            .unwrap();
        assert_eq!(keys.len(), 1);
        let error = keys.add_lines("\n#\nsomething\n").unwrap_err();
        assert!(error.to_string().starts_with("line 3: "), "{error}");
        assert_eq!(keys.add_lines("# no key\n"), Err(KeysError::Empty));
    }
}
