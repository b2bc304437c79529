//! Errors of loading and running a network.

use std::borrow::Cow;

/// What kind of fault a runtime's message tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuntimeFault {
    /// Numbers of another type than float32.
    DataType,
    /// Tensors of another layout than strided, such as sparse ones.
    Layout,
    /// Another device than the processor.
    Device,
    /// Sizes or dimensions that do not fit each other.
    Shape,
    /// More memory than there is.
    Memory,
    /// Other arguments than those of `forward`.
    Signature,
    /// Anything else.
    Other,
}

impl RuntimeFault {
    /// The fault and its remedy, to be followed by the runtime's message.
    fn words(self) -> &'static str {
        match self {
            Self::DataType => {
                "a wrong data type (all numbers must be float32: export network.float()): "
            }
            Self::Layout => {
                "a wrong layout (all tensors must be strided, neither sparse nor quantized): "
            }
            Self::Device => {
                "a wrong device (the network runs on the processor: export network.cpu(), and move no tensor in forward): "
            }
            Self::Shape => {
                "a wrong shape (numbers are [B,T,N], h and c are [L,B,H], for every B and T: set batch_first=True, and \
                 script rather than trace): "
            }
            Self::Memory => "too little memory: ",
            Self::Signature => {
                "wrong arguments (forward takes the numbers, the categories if there are any, and each tensor of the recurrent \
                 state, such as h and c; it gives states, outputs, and that state): "
            }
            Self::Other => "",
        }
    }
}

/// Why a network could not be loaded or run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// The runtime refused.
    #[error("{backend}: {}{message}", fault.words())]
    Backend {
        /// The runtime's name, such as `libtorch`.
        backend: &'static str,
        /// What its message tells.
        fault: RuntimeFault,
        /// Its message, one line. It may hold values of the input, where the network's own code raised it.
        message: String,
    },
    /// The file is of another kind.
    #[error(
        "this is {found}, not TorchScript: export the network with torch.jit.script(network.eval()).save(FILE)"
    )]
    Format {
        /// What it is, in words.
        found: &'static str,
    },
    /// `forward` gave something else than the tensors of its signature.
    #[error("forward must give (states, outputs, {}), {} tensors", state.join(", "), state.len() + 2)]
    Signature {
        /// The names of the tensors of the recurrent state.
        state: Vec<String>,
    },
    /// A tensor is not of float32.
    #[error("{tensor} is of the data type {found}, expected float32: export network.float()")]
    DataType {
        /// `states`, `outputs`, or the name of a tensor of the recurrent state, such as `h`.
        tensor: Cow<'static, str>,
        /// The type, as the runtime names it.
        found: String,
    },
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
    /// The run was not begun, since loading was stopped.
    #[error("loading was stopped")]
    Stopped,
    /// Two runs of the same input differ.
    #[error(
        "two runs of the same input differ by {difference} in {tensor}: a network must give the same bits each time (is \
         there noise, dropout or a counter in forward?)"
    )]
    Unsteady {
        /// `states`, `outputs`, or the name of a tensor of the recurrent state, such as `h`.
        tensor: Cow<'static, str>,
        /// The largest distance, as `1.2e-7`; 0 when only the signs of zeros differ.
        difference: String,
    },
    /// The network gave NaN or an infinity.
    #[error("{tensor} holds a number that is not finite")]
    NotFinite {
        /// `states`, `outputs`, or the name of a tensor of the recurrent state, such as `h`.
        tensor: Cow<'static, str>,
    },
}

impl NetworkError {
    /// The same without the runtime's message, for logs: the network's own code may have raised it, with values of the input.
    #[must_use]
    pub fn without_message(self) -> Self {
        match self {
            Self::Backend { backend, fault, .. } => Self::Backend {
                backend,
                fault,
                message: "(its message may hold values of the input)".to_owned(),
            },
            other => other,
        }
    }
}
