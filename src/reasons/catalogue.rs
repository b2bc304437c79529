//! Catalogue in one language: checked against the model and against English, it gives the reasons of causes.

use sha2::{Digest as _, Sha256};

use super::codes::Codes;
use super::document::{CatalogueDocument, Code};
use super::error::CatalogueError;
use super::language::Language;
use super::numerals::Numerals;
use super::reason::{Cause, Effect, Reason};
use super::sentences::Sentences;
use super::targets::Targets;
use super::template::{Placeholder, Template};
use microseg_history::Taxonomy;

/// What an English sentence becomes that is not to be relied on.
const UNCERTAIN: &str = "Uncertain: {sentence}";

/// What an English sentence becomes that is about what was spent since some time.
const SINCE: &str = "Compared with the time before {period}: {sentence}";

/// The English words for a decision.
const DECISION: &str = "the score";

/// A numbered catalogue of reasons in one language.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalogue {
    version: String,
    language: Language,
    sha256: String,
    numerals: Numerals,
    targets: Targets,
    sentences: Sentences,
    /// What a sentence becomes that is not to be relied on.
    uncertain: Option<Template>,
    /// What a sentence becomes that is about what came since some time.
    since: Option<Template>,
    codes: Codes,
}

/// An effect's numbers as text; one that its sentence does not use is empty.
#[derive(Default)]
struct Numbers {
    amount: String,
    value: String,
    counterfactual: String,
}

impl Catalogue {
    /// Reads the catalogue that all others are checked against.
    pub(super) fn english(
        bytes: &[u8],
        taxonomy: &Taxonomy,
        outputs: &[String],
    ) -> Result<Self, CatalogueError> {
        let catalogue = Self::parse(bytes, Language::english(), outputs)?;
        catalogue.codes.expect_classes(taxonomy)?;
        Ok(catalogue)
    }

    /// Reads a catalogue in another language.
    pub(super) fn translation(
        bytes: &[u8],
        language: Language,
        outputs: &[String],
        english: &Self,
    ) -> Result<Self, CatalogueError> {
        let catalogue = Self::parse(bytes, language, outputs)?;
        if catalogue.version != english.version {
            let (found, expected) = (&catalogue.version, &english.version);
            let reason = format!("is \"{found}\", in English \"{expected}\"");
            return Err(CatalogueError::member("version", reason));
        }
        catalogue.codes.expect_same(&english.codes)?;
        Ok(catalogue)
    }

    fn parse(bytes: &[u8], language: Language, outputs: &[String]) -> Result<Self, CatalogueError> {
        let mut document: CatalogueDocument = serde_json::from_slice(bytes)?;
        if document.language != language.as_str() {
            let reason = format!(
                "is \"{}\", the file is named for \"{language}\"",
                document.language
            );
            return Err(CatalogueError::member("language", reason));
        }
        if !is_version(&document.version) {
            let reason = "expected 1 to 64 bytes without control characters";
            return Err(CatalogueError::member("version", reason));
        }
        if language == Language::english() {
            // Catalogues of bundles that were built before there were these texts.
            let texts = &mut document.texts;
            texts.uncertain.get_or_insert_with(|| UNCERTAIN.to_owned());
            texts.since.get_or_insert_with(|| SINCE.to_owned());
            let targets = &mut document.targets;
            targets.decision.get_or_insert_with(|| DECISION.to_owned());
        }
        let uncertain = document.texts.uncertain.as_deref();
        let uncertain = uncertain.map(|text| Template::parse(text, &[Placeholder::Sentence]));
        let since = document.texts.since.as_deref();
        let places = [Placeholder::Period, Placeholder::Sentence];
        let since = since.map(|text| Template::parse(text, &places));
        Ok(Self {
            since: { since.transpose() }.map_err(CatalogueError::text("texts.since"))?,
            uncertain: uncertain
                .transpose()
                .map_err(CatalogueError::text("texts.uncertain"))?,
            version: document.version,
            language,
            sha256: hex::encode(Sha256::digest(bytes)),
            numerals: Numerals::parse(document.numbers)?,
            targets: Targets::parse(document.targets, outputs)?,
            sentences: Sentences::parse(&document.texts)?,
            codes: Codes::parse(document.codes)?,
        })
    }

    /// The reason of a cause: its code and its sentence.
    ///
    /// The class and the target are the model's: one that the catalogue does not have is written by its own name, a class
    /// with the code of all spending. The sentence of a cause without a class names its period.
    #[must_use]
    pub fn reason(&self, cause: &Cause<'_>) -> Reason {
        let known = cause.class.map(|class| self.codes.of_class(class));
        let code = known.flatten().unwrap_or(self.codes.everything());
        let class = match known {
            Some(Some(code)) => code.text.as_str(),
            _ => cause.class.unwrap_or_default(),
        };
        Reason {
            code: code.code.clone(),
            sign: cause.effect.sign(),
            class: cause.class.map(str::to_owned),
            period: cause.period.map(str::to_owned),
            text: self.text(cause, class),
            uncertain: false,
        }
    }

    /// A reason that is not to be relied on: its sentence says so. `None` when the catalogue has no words for that.
    #[must_use]
    pub fn uncertain(&self, reason: Reason) -> Option<Reason> {
        let uncertain = self.uncertain.as_ref()?;
        Some(Reason {
            text: uncertain.fill(&[(Placeholder::Sentence, &reason.text)]),
            uncertain: true,
            ..reason
        })
    }

    /// The reason of a cause that is about what came since some time: its sentence says so. `None` when the catalogue has no words
    /// for that.
    #[must_use]
    pub fn reason_since(&self, cause: &Cause<'_>, since: &str) -> Option<Reason> {
        let compared = self.since.as_ref()?;
        let reason = self.reason(cause);
        let places = [
            (Placeholder::Period, since),
            (Placeholder::Sentence, reason.text.as_str()),
        ];
        Some(Reason {
            text: compared.fill(&places),
            ..reason
        })
    }

    fn text(&self, cause: &Cause<'_>, class: &str) -> String {
        let (numerals, sentences) = (&self.numerals, self.sentences.of(cause));
        let mut texts = Numbers::default();
        let template = match cause.effect {
            Effect::Adds(amount) => {
                texts.amount = numerals.number(amount.abs());
                if amount > 0.0 {
                    &sentences.raises
                } else if amount < 0.0 {
                    &sentences.lowers
                } else {
                    &sentences.keeps
                }
            }
            Effect::Counterfactual {
                value,
                counterfactual,
            } => {
                if let Some(pair) = numerals.pair(value, counterfactual) {
                    [texts.value, texts.counterfactual] = pair;
                    &sentences.would_be
                } else {
                    texts.value = numerals.number(value);
                    &sentences.would_stay
                }
            }
        };
        template.fill(&[
            (Placeholder::Class, class),
            (Placeholder::Period, cause.period.unwrap_or_default()),
            (Placeholder::Share, &numerals.share(cause.share)),
            (Placeholder::Target, &self.targets.text(cause.target)),
            (Placeholder::Amount, &texts.amount),
            (Placeholder::Value, &texts.value),
            (Placeholder::Counterfactual, &texts.counterfactual),
        ])
    }

    /// The version of the catalogue, the same in all languages of a bundle.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The tag of the language, such as `en`.
    #[must_use]
    pub fn language(&self) -> &str {
        self.language.as_str()
    }

    /// SHA-256 of the catalogue's file, in lower-case hex.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Every code with what it stands for, in the order of the file.
    #[must_use]
    pub fn codes(&self) -> &[Code] {
        self.codes.list()
    }
}

fn is_version(text: &str) -> bool {
    (1..=64).contains(&text.len()) && !text.contains(char::is_control)
}
