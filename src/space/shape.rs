//! Sizes of a network.

/// The sizes of a network's input and outputs, all at least 1; every table agrees with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// K, the classes of a profile.
    pub classes: usize,
    /// L, the layers of the LSTM.
    pub layers: usize,
    /// H, the dimensions of the state.
    pub hidden_size: usize,
    /// O, the outputs.
    pub outputs: usize,
}
