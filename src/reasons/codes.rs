//! Codes of a catalogue: each class has exactly one, the same in every language.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::document::Code;
use super::error::CatalogueError;
use super::template::check_text;
use microseg_history::Taxonomy;

/// A catalogue's codes, with an index by class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Codes {
    /// In the order of the file.
    list: Vec<Code>,
    /// The one for all spending of a period.
    everything: Code,
    of_class: FxHashMap<String, Code>,
}

impl Codes {
    /// Takes codes that are distinct, for classes that are distinct.
    pub(super) fn parse(list: Vec<Code>) -> Result<Self, CatalogueError> {
        let mut taken = BTreeSet::new();
        let mut of_class = FxHashMap::default();
        let mut everything = None;
        for (place, one) in list.iter().enumerate() {
            let code = one.code.as_str();
            if !is_code(code) {
                return Err(fault(format!(
                    "`{code}`: expected 1 to 16 of A-Z, 0-9 and hyphens"
                )));
            }
            if !taken.insert(code) {
                return Err(fault(format!("{code} stands twice")));
            }
            check_text(&one.text).map_err(CatalogueError::text(format!("codes[{place}].text")))?;
            let before = match &one.class {
                Some(class) => of_class.insert(class.clone(), one.clone()),
                None => everything.replace(one.clone()),
            };
            if let Some(before) = before {
                let class = described(before.class.as_deref());
                return Err(fault(format!(
                    "{} and {code} both stand for {class}",
                    before.code
                )));
            }
        }
        let none = || fault("none stands for all spending of a period (`class`: null)");
        Ok(Self {
            everything: everything.ok_or_else(none)?,
            of_class,
            list,
        })
    }

    /// Refuses codes other than one for each of the taxonomy's spending classes.
    pub(super) fn expect_classes(&self, taxonomy: &Taxonomy) -> Result<(), CatalogueError> {
        let classes = taxonomy.classes();
        if let Some(class) = classes
            .iter()
            .find(|class| !self.of_class.contains_key(&class.id))
        {
            return Err(fault(format!("none stands for the class `{}`", class.id)));
        }
        // Each class has one, so a further code has an unknown class.
        if self.of_class.len() > classes.len() {
            let is_known = |class: &str| classes.iter().any(|one| one.id == class);
            let classes = self.list.iter().filter_map(|one| one.class.as_deref());
            let unknown = classes
                .into_iter()
                .find(|class| !is_known(class))
                .unwrap_or_default();
            return Err(fault(format!(
                "`{unknown}` is no spending class of taxonomy.csv"
            )));
        }
        Ok(())
    }

    /// Refuses codes that are not those of English, or that stand for another class there.
    pub(super) fn expect_same(&self, english: &Self) -> Result<(), CatalogueError> {
        let own: BTreeMap<&str, &Code> = self
            .list
            .iter()
            .map(|one| (one.code.as_str(), one))
            .collect();
        for expected in &english.list {
            let code = &expected.code;
            let found = own
                .get(code.as_str())
                .ok_or_else(|| fault(format!("{code} is missing")))?;
            if found.class != expected.class {
                let [found, expected] =
                    [found, &expected].map(|one| described(one.class.as_deref()));
                return Err(fault(format!(
                    "{code} stands for {found}, in English for {expected}"
                )));
            }
        }
        let is_known = |one: &&Code| english.list.iter().any(|other| other.code == one.code);
        match self.list.iter().find(|one| !is_known(one)) {
            Some(unknown) => Err(fault(format!("{} is not in English", unknown.code))),
            None => Ok(()),
        }
    }

    pub(super) fn list(&self) -> &[Code] {
        &self.list
    }

    pub(super) fn everything(&self) -> &Code {
        &self.everything
    }

    pub(super) fn of_class(&self, class: &str) -> Option<&Code> {
        self.of_class.get(class)
    }
}

fn is_code(code: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=16).contains(&code.len()) && code.bytes().all(allowed)
}

fn described(class: Option<&str>) -> String {
    class.map_or_else(
        || "all spending of a period".to_owned(),
        |class| format!("the class `{class}`"),
    )
}

fn fault(reason: impl Into<String>) -> CatalogueError {
    CatalogueError::member("codes", reason)
}
