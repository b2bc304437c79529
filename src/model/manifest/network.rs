//! Network of a manifest: what it reads and its sizes, checked and in one form for every version.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::document::{DeclaredDocument, NetworkDocument, SharesDocument};
use super::error::ManifestError;
use microseg_encoding::{InputDeclaration, Window};
use microseg_space::Shape;

/// Larger sizes are a mistake or an attack: they are refused before anything is allocated.
const MAX_WINDOW: usize = 1_200;
const MAX_LAYERS: usize = 16;
const MAX_SIZE: usize = 4_096;
const MAX_STATE_TENSORS: usize = 16;
const MAX_CODE: i64 = 1 << 20;

/// What a network reads, and its sizes.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkOutline {
    /// What it reads at each step.
    pub declaration: Arc<InputDeclaration>,
    /// Its sizes.
    pub shape: Shape,
    /// Whether both stand in the document, and do not follow from its version.
    pub is_declared: bool,
}

impl NetworkOutline {
    /// Checks what a document says about a network with these spending classes and so many outputs.
    ///
    /// # Errors
    /// [`ManifestError`] names the first member that is wrong.
    pub fn new(
        document: &NetworkDocument,
        classes: &[String],
        outputs: usize,
    ) -> Result<Self, ManifestError> {
        let (declaration, shape) = match document {
            NetworkDocument::Shares(document) => of_shares(document, classes, outputs)?,
            NetworkDocument::Declared(document) => declared(document.clone(), classes, outputs)?,
        };
        Ok(Self {
            declaration: Arc::new(declaration),
            shape,
            is_declared: matches!(document, NetworkDocument::Declared(_)),
        })
    }

    /// The most steps of a sequence; the window of events may be a span of time, which has no such number.
    #[must_use]
    pub fn most_steps(&self) -> Option<usize> {
        match self.declaration.window() {
            Window::Periods(periods) => Some(periods),
            Window::Events(window) => window.events,
        }
    }
}

fn of_shares(
    document: &SharesDocument,
    classes: &[String],
    outputs: usize,
) -> Result<(InputDeclaration, Shape), ManifestError> {
    let SharesDocument {
        period,
        window,
        layers,
        hidden_size,
    } = *document;
    if window.saturating_mul(classes.len()) > InputDeclaration::MOST_NUMBERS {
        let reason = format!(
            "expected at most {} cells of window and classes",
            InputDeclaration::MOST_NUMBERS
        );
        return Err(ManifestError::Member {
            member: "window",
            reason,
        });
    }
    expect_size("window", window, MAX_WINDOW)?;
    expect_size("layers", layers, MAX_LAYERS)?;
    expect_size("hidden_size", hidden_size, MAX_SIZE)?;
    Ok((
        InputDeclaration::shares(period, window, classes),
        Shape::lstm(classes.len(), layers, hidden_size, outputs),
    ))
}

fn declared(
    document: DeclaredDocument,
    classes: &[String],
    outputs: usize,
) -> Result<(InputDeclaration, Shape), ManifestError> {
    let DeclaredDocument {
        sequence,
        fields,
        inputs,
        state,
        state_size,
    } = document;
    expect_size("state_size", state_size, MAX_SIZE)?;
    expect_size("state", state.len(), MAX_STATE_TENSORS)?;
    let mut names = BTreeSet::new();
    for tensor in &state {
        if tensor.name.is_empty() || tensor.name.len() > 64 || !names.insert(&tensor.name) {
            return Err(ManifestError::Member {
                member: "state",
                reason: "expected a name of its own for each tensor, of 1 to 64 bytes".to_owned(),
            });
        }
        expect_size("state", tensor.layers, MAX_LAYERS)?;
        expect_size("state", tensor.size, MAX_SIZE)?;
    }
    let declaration = InputDeclaration::new(sequence, fields, inputs, classes)?;
    let codes = declaration.largest_codes().into_iter().map(|code| {
        let codes = usize::try_from(code).ok().filter(|_| code < MAX_CODE);
        codes
            .map(|code| code + 1)
            .ok_or_else(|| ManifestError::Member {
                member: "inputs",
                reason: format!("expected codes below {MAX_CODE}"),
            })
    });
    let shape = Shape {
        numbers: declaration.numbers(),
        codes: codes.collect::<Result<_, _>>()?,
        recurrent_state: state.into_iter().map(Into::into).collect(),
        hidden_size: state_size,
        outputs,
    };
    Ok((declaration, shape))
}

fn expect_size(member: &'static str, size: usize, largest: usize) -> Result<(), ManifestError> {
    if (1..=largest).contains(&size) {
        return Ok(());
    }
    Err(ManifestError::Member {
        member,
        reason: format!("expected 1 to {largest}"),
    })
}
