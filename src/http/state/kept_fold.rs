//! Folds of kept customers, as a model makes them and goes on from them.

use microseg_encoding::{Continuation, History, Tokens};
use microseg_history::{HistoryError, Identifier};
use microseg_model::Model;
use microseg_problem::{Problem, ProblemKind};
use microseg_store::Fold;

/// Stands in a kept history for the state that it goes on from.
pub(crate) const GOES_ON: &str = "kept";

/// The name of the models that can go on from a state: those that read the same, and where it has numbers of the network those
/// of the same network too.
fn name_of(model: &Model, state: &Continuation) -> String {
    let encoding = model.encoding_sha256();
    match state.checkpoint() {
        None => encoding.to_owned(),
        Some(_) => format!("{encoding} {}", model.identity().sha256),
    }
}

/// The fold with a state.
///
/// # Errors
/// When the state cannot be written.
pub(crate) fn fold_of(model: &Model, state: &Continuation) -> Result<Fold, serde_json::Error> {
    Ok(Fold {
        document: serde_json::to_vec(state)?,
        of: name_of(model, state),
    })
}

/// The state in a fold, for a model.
///
/// # Errors
/// A problem when the model cannot go on from it.
pub(crate) fn state_in(model: &Model, fold: &Fold) -> Result<Continuation, Problem> {
    let state: Result<Continuation, _> = serde_json::from_slice(&fold.document);
    state
        .ok()
        .filter(|state| name_of(model, state) == fold.of)
        .ok_or_else(|| {
            Problem::new(
                ProblemKind::InvalidContent,
                "the customer's older transactions are kept in the form of another model, which this one cannot read: erase \
                 the customer and send its history again, or ask for that model",
            )
        })
}

/// Reads a kept history that goes on from a state, if there is one; with its own state where `keep` is set.
///
/// # Errors
/// As all reading of histories.
pub(crate) fn read_kept(
    model: &Model,
    document: &[u8],
    state: Option<Continuation>,
    keep: bool,
) -> Result<History, HistoryError> {
    let open = move |_: &str, _: Option<&Identifier>| {
        let state = state.clone();
        state.ok_or_else(|| "there is no state to go on from".to_owned())
    };
    let tokens = Tokens { open: &open, keep };
    model.encoder().read_continued(document, tokens)
}
