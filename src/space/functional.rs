//! Linear functionals: weighted sums over a state.

/// A number as a linear function of the state: `weights · s + constant`.
#[derive(Debug, Clone, PartialEq)]
pub struct Functional {
    /// One weight for each dimension of the state, H of them.
    pub weights: Vec<f64>,
    /// The number at the zero state.
    pub constant: f64,
}

impl Functional {
    /// The number at a state of H numbers.
    #[must_use]
    pub fn at(&self, state: impl IntoIterator<Item = f64>) -> f64 {
        let products = self
            .weights
            .iter()
            .zip(state)
            .map(|(weight, number)| weight * number);
        self.constant + products.sum::<f64>()
    }
}
