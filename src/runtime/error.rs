//! Errors of loading and running a network.

use std::borrow::Cow;

/// Why a network could not be loaded or run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// The runtime refused.
    #[error("{backend}: {message}")]
    Backend {
        /// The runtime's name, such as `libtorch`.
        backend: &'static str,
        /// Its message, one line.
        message: String,
    },
    /// `forward` gave something else than four tensors.
    #[error("forward must give (states, outputs, h, c), four tensors")]
    Signature,
    /// The parameters do not show how many layers and dimensions the LSTM has.
    #[error(
        "no parameters of one LSTM (weight_hh_l0, weight_hh_l1, …, all of one size) tell its layers and hidden size: name both"
    )]
    Sizes,
    /// The network gives no number but its state.
    #[error("outputs has the size 0 at its end: a network needs at least one output")]
    NoOutputs,
    /// A tensor is not of the shape that the manifest promises.
    #[error("{tensor} has the shape {found:?}, the manifest makes it {expected:?}")]
    Shape {
        /// `states`, `outputs`, or the name of a tensor of the recurrent state, such as `h`.
        tensor: Cow<'static, str>,
        /// The manifest's shape.
        expected: Vec<i64>,
        /// The network's shape.
        found: Vec<i64>,
    },
    /// The run panicked; the log has the place.
    #[error("the run panicked")]
    Panicked,
    /// The network gave NaN or an infinity.
    #[error("{tensor} holds a number that is not finite")]
    NotFinite {
        /// `states`, `outputs`, or the name of a tensor of the recurrent state, such as `h`.
        tensor: Cow<'static, str>,
    },
}
