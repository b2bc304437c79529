//! Uncertainty of coefficients: how far another draw of perturbations could lead.

use super::random::{Generator, Stream};

/// Half the width of a 95 % interval, in standard errors.
const NORMAL_QUANTILE_975: f64 = 1.959_963_984_540_054;

/// The number of blocks that the fitted groups fall into; a repeat counts half of them up and half of them down.
pub(super) const BLOCKS: usize = 20;

/// The number of repeats: coefficients as other draws might have given them.
const REPEATS: usize = 10;

/// How far another draw of perturbations could lead from a target's coefficients.
pub(super) struct Uncertainty {
    /// Half the width of each coefficient's 95 % interval.
    pub(super) margins: Vec<f64>,
    /// The influence of each block of groups on the coefficients.
    blocks: Vec<Vec<f64>>,
}

impl Uncertainty {
    /// Of an exhaustive plan, which leaves nothing to chance.
    pub(super) fn none(parts: usize) -> Self {
        Self {
            margins: vec![0.0; parts],
            blocks: Vec::new(),
        }
    }

    /// Of coefficients whose variances, before `factor`, are the squares: the standard error is `factor` times the root.
    pub(super) fn new(factor: f64, squares: Vec<f64>, blocks: Vec<Vec<f64>>) -> Self {
        let margin = |square: f64| NORMAL_QUANTILE_975 * factor * square.sqrt();
        Self {
            margins: squares.into_iter().map(margin).collect(),
            blocks,
        }
    }

    /// The root mean square of the standard errors over the spread of the coefficients, which is their standard deviation; 0
    /// where nothing was left to chance, or all is the same.
    #[expect(clippy::cast_precision_loss, reason = "counts of parts")]
    pub(super) fn relative_error(&self, coefficients: &[f64]) -> f64 {
        let count = coefficients.len().max(1) as f64;
        let mean = coefficients.iter().sum::<f64>() / count;
        let squares = coefficients.iter().map(|one| (one - mean).powi(2));
        let spread = (squares.sum::<f64>() / count).sqrt();
        let margins = self.margins.iter().map(|margin| margin * margin);
        let error = (margins.sum::<f64>() / count).sqrt() / NORMAL_QUANTILE_975;
        if error > 0.0 { error / spread } else { 0.0 }
    }

    /// Coefficients as other draws might have given them: a random half of the blocks counts up, the other half down
    /// (the score bootstrap, Kline & Santos 2012). They have the covariance of the coefficients, and need no further solve.
    pub(super) fn repeats(&self, seed: u64, coefficients: &[f64]) -> Vec<Vec<f64>> {
        let mut generator = Generator::new(seed, Stream::Halves);
        let mut order: Vec<usize> = (0..self.blocks.len()).collect();
        let repeat = |_| {
            let half = self.blocks.len() / 2;
            generator.choose(&mut order, half);
            let mut repeat = coefficients.to_vec();
            for (place, &block) in order.iter().enumerate() {
                let sign = if place < half { 1.0 } else { -1.0 };
                for (coefficient, pull) in repeat.iter_mut().zip(&self.blocks[block]) {
                    *coefficient += sign * pull;
                }
            }
            repeat
        };
        (0..REPEATS).map(repeat).collect()
    }
}
