//! Global surrogate: one linear model for all customers, the papers' explanation of the network.
//!
//! `s_t ≈ A s_{t-1} + B x_t + c`, fitted by ordinary least squares on a population, and `p_t ≈ D s_t + e` for the
//! outputs (Maree & Omlin, arXiv 2109.11871; the recursive form is this project's reading of it).

use std::sync::OnceLock;

use nalgebra::{DMatrix, DVector, RowDVector};
use ndarray::{Array2, ArrayView2};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::SpaceError;
use super::functional::Functional;
use super::shape::Shape;
use super::time_scales::TimeScales;

const TABLE: &str = "surrogate";

/// The surrogate as a manifest holds it.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurrogateDocument {
    /// `[H][H]`: what a state keeps of the one before.
    #[serde(rename = "A")]
    pub a: Vec<Vec<f64>>,
    /// `[H][U]`: what the inputs of a step add, such as the shares of a period.
    #[serde(rename = "B")]
    pub b: Vec<Vec<f64>>,
    /// `[H]`: what is added in any case.
    pub c: Vec<f64>,
    /// `[O][H]`: the outputs from the state, by inverse regression.
    #[serde(rename = "D")]
    pub d: Vec<Vec<f64>>,
    /// `[O]`: the outputs' constant.
    pub e: Vec<f64>,
    /// The spectral radius of A: below 1, the surrogate has one fixed point for each input.
    pub spectral_radius: f64,
    /// The customers that it was fitted to and tested on.
    pub customers: SurrogateCustomers,
    /// How well it gives the network's numbers again.
    pub fidelity: SurrogateFidelity,
    /// How well its coefficients recover the rule and the co-spending, where these are known.
    pub recovery: Recovery,
}

/// Customers of the fit and of the tests: no customer is in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurrogateCustomers {
    /// Those that A, B, c, D and e were fitted to.
    pub fitted: u64,
    /// Those of the one-step R².
    pub held_out: u64,
    /// Those of the free-running R², some of the held-out ones.
    pub free_running: u64,
}

/// R² of every number.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurrogateFidelity {
    /// One for each state dimension.
    pub states: Vec<StateFidelity>,
    /// One for each output.
    pub outputs: Vec<OutputFidelity>,
}

/// R² of one state dimension; at most 1.
#[derive(Debug, Clone, Copy, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateFidelity {
    /// On held-out customers, each step from the network's own state before.
    pub one_step: f64,
    /// On held-out customers, from the zero state to the end on the surrogate's own states.
    pub free_running: f64,
    /// One step on held-out customers without A: `s_t ≈ B x_t + c`, fitted anew.
    pub without_memory: f64,
    /// One step on the customers that it was fitted to.
    pub one_step_fit: f64,
}

/// R² of one output; at most 1.
#[derive(Debug, Clone, Copy, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputFidelity {
    /// On held-out customers, from the network's own state.
    pub from_state: f64,
    /// On held-out customers, from the free-running surrogate's state.
    pub free_running: f64,
    /// From the network's own state, on the customers that it was fitted to.
    pub from_state_fit: f64,
}

/// How well the surrogate's coefficients recover effects that are known.
#[derive(Debug, Clone, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SurrogateRecovery")]
pub struct Recovery {
    /// Against the taxonomy's coefficients, one for each output that has any.
    pub rule: Vec<RuleRecovery>,
    /// Against relations that no coefficient lists; `null` when none were given.
    pub relations: Option<RelationsRecovery>,
}

/// How well D B gives an output's coefficients in the taxonomy.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleRecovery {
    /// The output.
    pub output: String,
    /// How many classes have a coefficient that is not zero.
    pub coefficients: usize,
    /// Pearson's correlation over all classes.
    pub correlation: f64,
}

/// How well D B gives the co-spending that was planted in a simulated population.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelationsRecovery {
    /// How many pairs of class and output, none of which has a coefficient.
    pub relations: usize,
    /// Pearson's correlation of the effects (coefficient times the class's deviation) with the expected ones.
    pub correlation: f64,
    /// Spearman's rank correlation of the same.
    pub rank_correlation: f64,
    /// Of the pairs with the quarter of strongest expected effects, the part whose sign is right.
    pub sign_agreement: f64,
    /// The part of random assignments of effects to pairs that reach this correlation.
    pub permutation_p: f64,
    /// How many random assignments were tried.
    pub permutations: usize,
}

/// The surrogate as matrices, which runs and unrolls.
#[derive(Debug, Clone, PartialEq)]
pub struct GlobalSurrogate {
    document: SurrogateDocument,
    a: DMatrix<f64>,
    b: DMatrix<f64>,
    c: DVector<f64>,
    /// Computed when they are asked for first.
    time_scales: OnceLock<TimeScales>,
}

/// One linear functional of the state, traced back to every period and class.
#[derive(Debug, Clone, PartialEq)]
pub struct Unrolled {
    /// What the surrogate gives without any spending: the constants' part.
    pub intercept: f64,
    /// What each share adds to the functional of the last state, `[T, K]`.
    pub contributions: Array2<f64>,
}

impl GlobalSurrogate {
    /// Takes the tables if they fit the network.
    ///
    /// # Errors
    /// [`SpaceError`] names the first member that does not.
    pub fn new(document: SurrogateDocument, shape: &Shape) -> Result<Self, SpaceError> {
        let (hidden_size, outputs) = (shape.hidden_size, shape.outputs);
        let inputs = shape.input_width();
        SpaceError::expect_shape(TABLE, "A", &document.a, (hidden_size, hidden_size))?;
        SpaceError::expect_shape(TABLE, "B", &document.b, (hidden_size, inputs))?;
        SpaceError::expect_shape(TABLE, "D", &document.d, (outputs, hidden_size))?;
        for (member, found, expected) in [
            ("c", document.c.len(), hidden_size),
            ("e", document.e.len(), outputs),
            (
                "fidelity.states",
                document.fidelity.states.len(),
                hidden_size,
            ),
            ("fidelity.outputs", document.fidelity.outputs.len(), outputs),
        ] {
            SpaceError::expect_length(TABLE, member, found, expected)?;
        }
        Ok(Self {
            a: matrix(&document.a, hidden_size),
            b: matrix(&document.b, inputs),
            c: DVector::from_column_slice(&document.c),
            document,
            time_scales: OnceLock::new(),
        })
    }

    /// The tables.
    #[must_use]
    pub fn document(&self) -> &SurrogateDocument {
        &self.document
    }

    /// How long the network remembers, by this surrogate: `step` is what one step is, such as `year`.
    #[must_use]
    pub fn time_scales(&self, step: &str, outputs: &[String]) -> TimeScales {
        let found = self.time_scales.get_or_init(|| {
            let d = matrix(&self.document.d, self.c.len());
            TimeScales::new((&self.a, &self.b, &d), step, outputs)
        });
        found.clone()
    }

    /// The surrogate's own states for a profile `[T, K]`, from the zero state: `[T, H]`.
    #[must_use]
    pub fn run(&self, profile: ArrayView2<'_, f32>) -> Array2<f64> {
        let mut states = Array2::zeros((profile.nrows(), self.c.len()));
        let mut state = DVector::zeros(self.c.len());
        for (shares, mut out) in profile.rows().into_iter().zip(states.rows_mut()) {
            let shares =
                DVector::from_iterator(shares.len(), shares.iter().copied().map(f64::from));
            state = &self.a * state + &self.b * shares + &self.c;
            out.iter_mut()
                .zip(state.iter())
                .for_each(|(out, value)| *out = *value);
        }
        states
    }

    /// The outputs that inverse regression reads from a state of H numbers: `D s + e`.
    #[must_use]
    pub fn outputs(&self, state: &[f64]) -> Vec<f64> {
        let rows = self.document.d.iter().zip(&self.document.e);
        rows.map(|(row, constant)| {
            constant + row.iter().zip(state).map(|(d, s)| d * s).sum::<f64>()
        })
        .collect()
    }

    /// Unrolls a functional of the last state, `weights · s_T + constant`, over a profile `[T, K]`: exact for the surrogate, to rounding.
    ///
    /// `s_T = Σ_t A^(T-t) (B x_t + c)`, so the share of class k in period t adds `(weights A^(T-t) B)_k x_tk`.
    #[must_use]
    pub fn unroll(&self, functional: &Functional, profile: ArrayView2<'_, f32>) -> Unrolled {
        let mut contributions = Array2::zeros(profile.raw_dim());
        let mut intercept = functional.constant;
        let mut back = RowDVector::from_row_slice(&functional.weights);
        for (shares, mut out) in profile
            .rows()
            .into_iter()
            .zip(contributions.rows_mut())
            .rev()
        {
            let effects = &back * &self.b;
            for ((out, share), effect) in out.iter_mut().zip(shares).zip(effects.iter()) {
                *out = effect * f64::from(*share);
            }
            intercept += (&back * &self.c)[(0, 0)];
            back *= &self.a;
        }
        Unrolled {
            intercept,
            contributions,
        }
    }
}

fn matrix(rows: &[Vec<f64>], columns: usize) -> DMatrix<f64> {
    DMatrix::from_row_iterator(rows.len(), columns, rows.iter().flatten().copied())
}
