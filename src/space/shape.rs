//! Sizes of a network.

/// The sizes of what a network takes and gives; every table agrees with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// N, the numbers that it reads at a step.
    pub numbers: usize,
    /// How many codes each category has that it reads at a step, C of them; most networks read none.
    pub codes: Vec<usize>,
    /// The tensors of its recurrent state, in the order of its signature.
    pub recurrent_state: Vec<StateShape>,
    /// H, the dimensions of the state, at least 1.
    pub hidden_size: usize,
    /// O, the outputs, at least 1.
    pub outputs: usize,
}

/// The sizes of one tensor of a recurrent state, `[L, B, size]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateShape {
    /// Its name, such as `h`.
    pub name: String,
    /// L, the layers, at least 1.
    pub layers: usize,
    /// How many numbers each layer has for a sequence, at least 1.
    pub size: usize,
}

impl Shape {
    /// An LSTM that reads numbers only, whose state is the hidden state of its last layer.
    #[must_use]
    pub fn lstm(numbers: usize, layers: usize, hidden_size: usize, outputs: usize) -> Self {
        let tensor = |name: &str| StateShape {
            name: name.to_owned(),
            layers,
            size: hidden_size,
        };
        Self {
            numbers,
            codes: Vec::new(),
            recurrent_state: ["h", "c"].map(tensor).into(),
            hidden_size,
            outputs,
        }
    }

    /// U, the width of an input when every category has one place for each of its codes.
    #[must_use]
    pub fn input_width(&self) -> usize {
        self.numbers + self.codes.iter().sum::<usize>()
    }

    /// L, the layers of the recurrent state's first tensor.
    #[must_use]
    pub fn layers(&self) -> usize {
        self.recurrent_state
            .first()
            .map_or(1, |tensor| tensor.layers)
    }

    /// All numbers of the recurrent state of one sequence.
    #[must_use]
    pub fn recurrent_numbers(&self) -> usize {
        let sizes = self.recurrent_state.iter();
        sizes.map(|tensor| tensor.layers * tensor.size).sum()
    }
}
