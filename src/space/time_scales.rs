//! Time scales of the global surrogate: how long a network remembers, from the eigenvalues of A and from what inputs leave behind.

use nalgebra::{DMatrix, Schur};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long a network remembers, as the linear model of all customers has it.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct TimeScales {
    /// What one step is.
    #[schemars(example = &"year")]
    pub step: String,
    /// The modes of A, those that fade last first: every state is a sum of them. A pair that turns is one mode.
    pub modes: Vec<Mode>,
    /// One for each dimension of the state: the steps at the end of a history that half of what is left of all its inputs comes from;
    /// `null` where that does not fade, or where no input reaches it.
    #[schemars(example = [0.8, 1.4])]
    pub states: Vec<Option<f64>>,
    /// The same for each output.
    #[schemars(example = [0.9])]
    pub outputs: Vec<Option<f64>>,
    /// The same in words, a sentence for each thing to know.
    #[schemars(example = ["Half of what the network holds of a customer comes from about the last year."])]
    pub in_words: Vec<String>,
    /// What the network itself keeps, where it is an LSTM and its bundle is validated; absent for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forget_gates: Option<ForgetGates>,
}

/// How much the cells of an LSTM keep of their memory from one step to the next.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForgetGates {
    /// How many steps of simulated customers they were measured at.
    #[schemars(example = 520)]
    pub steps: u64,
    /// One for each cell of each layer.
    pub cells: Vec<ForgetGate>,
}

/// The forget gate of one cell.
#[derive(Debug, Clone, Copy, PartialEq, JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForgetGate {
    /// Which layer, from 0.
    #[schemars(example = 0)]
    pub layer: usize,
    /// Which cell, from 0; of the last layer that of the same dimension of the state.
    #[schemars(example = 3)]
    pub cell: usize,
    /// The mean of the gate, 0 to 1: what is left of its memory after one step, as new memory is added.
    #[schemars(example = 0.62)]
    pub mean: f64,
    /// Steps until half of it is left, at this mean; `null` where nothing fades.
    #[schemars(example = 1.45)]
    pub half_life: Option<f64>,
}

impl ForgetGate {
    /// Of a cell that keeps so much of its memory on average, 0 to 1.
    #[must_use]
    pub fn new(layer: usize, cell: usize, mean: f64) -> Self {
        Self {
            layer,
            cell,
            mean,
            half_life: half_life(mean),
        }
    }
}

/// A part of the state that fades by itself.
#[derive(Debug, Clone, Copy, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "SurrogateMode")]
pub struct Mode {
    /// What is left of it after one step: the size of its eigenvalue.
    #[schemars(example = 0.46)]
    pub left_after_one_step: f64,
    /// Steps until half of it is left; `null` where it does not fade, 0 where nothing is left after one step.
    #[schemars(example = 0.89)]
    pub half_life: Option<f64>,
    /// Steps of one turn, of a mode that swings to and fro; absent for others. An eigenvalue below 0 turns once in two steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 7.5)]
    pub turn: Option<f64>,
}

/// The most multiplications that are spent on what inputs leave behind.
const MOST_WORK: f64 = 1e9;

/// The most steps that are looked back.
const MOST_STEPS: usize = 10_000;

/// What is left of the inputs of one step has faded when it is this part of the whole.
const FADED: f64 = 1e-6;

/// Sizes of eigenvalues below this are rounding.
const ROUNDING: f64 = 1e-9;

impl TimeScales {
    /// Of `s_t = A s_{t-1} + B x_t` and outputs `D s_t`, with the names of the outputs; `step` is what one step is.
    pub(super) fn new(
        (a, b, d): (&DMatrix<f64>, &DMatrix<f64>, &DMatrix<f64>),
        step: &str,
        outputs: &[String],
    ) -> Self {
        let dimensions = a.nrows();
        let mut rows = DMatrix::identity(dimensions, dimensions);
        rows = rows.insert_rows(dimensions, d.nrows(), 0.0);
        rows.rows_mut(dimensions, d.nrows()).copy_from(d);
        let halves = halves(a, b, rows);
        let (states, of_outputs) = halves.split_at(dimensions);
        let modes = modes(a);
        let in_words = words(&modes, states, (outputs, of_outputs), step);
        Self {
            step: step.to_owned(),
            modes,
            states: states.to_vec(),
            outputs: of_outputs.to_vec(),
            in_words,
            forget_gates: None,
        }
    }
}

/// The modes of A, slowest first; none where its eigenvalues were not found.
fn modes(a: &DMatrix<f64>) -> Vec<Mode> {
    let Some(schur) = Schur::try_new(a.clone(), f64::EPSILON, 10_000) else {
        return Vec::new();
    };
    let values = schur.complex_eigenvalues();
    // Of a pair the one above the axis stands for both.
    let ones = values.iter().filter(|value| value.im >= 0.0);
    let mut modes: Vec<Mode> = ones
        .map(|value| {
            let size = value.re.hypot(value.im);
            let angle = value.im.atan2(value.re);
            let turns = size > ROUNDING && angle > ROUNDING;
            Mode {
                left_after_one_step: size,
                half_life: half_life(size),
                turn: turns.then(|| std::f64::consts::TAU / angle),
            }
        })
        .collect();
    modes.sort_by(|one, other| {
        other
            .left_after_one_step
            .total_cmp(&one.left_after_one_step)
    });
    modes
}

/// Steps until half is left, from what is left after one.
fn half_life(left: f64) -> Option<f64> {
    if left >= 1.0 {
        None
    } else if left <= ROUNDING {
        Some(0.0)
    } else {
        Some(-std::f64::consts::LN_2 / left.ln())
    }
}

/// For each row w the steps that half of `Σ_n |w Aⁿ B|` comes from, counted from the last one.
fn halves(a: &DMatrix<f64>, b: &DMatrix<f64>, mut rows: DMatrix<f64>) -> Vec<Option<f64>> {
    let count = rows.nrows();
    let work = rows.len() * (a.ncols() + b.ncols());
    let most = (MOST_WORK / to_float(work.max(1))).clamp(1.0, to_float(MOST_STEPS));
    let mut left: Vec<Vec<f64>> = vec![Vec::new(); count];
    let mut totals = vec![0.0; count];
    let mut has_faded = false;
    let mut steps = 0.0;
    while steps < most && !has_faded {
        let effects = &rows * b;
        has_faded = true;
        for (row, effects) in effects.row_iter().enumerate() {
            let size = effects.norm();
            left[row].push(size);
            totals[row] += size;
            has_faded &= size <= FADED * totals[row];
        }
        rows *= a;
        steps += 1.0;
    }
    let of_row = |(left, total): (&Vec<f64>, &f64)| {
        let is_known = has_faded && total.is_finite() && *total > 0.0;
        is_known.then(|| half(left, total / 2.0))
    };
    left.iter().zip(&totals).map(of_row).collect()
}

/// How many of the first numbers sum to this, the last one in part.
fn half(numbers: &[f64], wanted: f64) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for number in numbers {
        if sum + number >= wanted {
            return count + (wanted - sum) / number;
        }
        sum += number;
        count += 1.0;
    }
    count
}

#[expect(clippy::cast_precision_loss, reason = "sizes of matrices")]
fn to_float(count: usize) -> f64 {
    count as f64
}

fn words(
    modes: &[Mode],
    states: &[Option<f64>],
    (names, outputs): (&[String], &[Option<f64>]),
    step: &str,
) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut known: Vec<f64> = states.iter().copied().flatten().collect();
    known.sort_by(f64::total_cmp);
    if let Some(middle) = known.get(known.len() / 2) {
        sentences.push(format!(
            "Half of what the network holds of a customer comes from {}.",
            last(*middle, step)
        ));
    }
    match modes.first().map(|slowest| slowest.half_life) {
        Some(Some(half_life)) => sentences.push(format!(
            "What fades last is half gone after {}.",
            about(half_life, step)
        )),
        Some(None) => sentences.push("Part of what it holds does not fade.".to_owned()),
        None => {}
    }
    for (name, half) in names.iter().zip(outputs) {
        if let Some(half) = half {
            let name = name.replace(['_', '-'], " ");
            sentences.push(format!("Half of {name} comes from {}.", last(*half, step)));
        }
    }
    sentences
}

/// `about the last three years`.
fn last(steps: f64, step: &str) -> String {
    match in_numbers(steps) {
        None => format!("the last {step} alone"),
        Some(Number::Digits(number)) => format!("about the last {number} {step}s"),
        Some(Number::One) => format!("about the last {step}"),
    }
}

/// `about three years`.
fn about(steps: f64, step: &str) -> String {
    match in_numbers(steps) {
        None => format!("less than one {step}"),
        Some(Number::Digits(number)) => format!("about {number} {step}s"),
        Some(Number::One) => format!("about one {step}"),
    }
}

enum Number {
    One,
    Digits(String),
}

/// A number of steps for reading; `None` for less than one.
fn in_numbers(steps: f64) -> Option<Number> {
    const WORDS: [&str; 9] = [
        "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    ];
    if steps < 0.75 {
        return None;
    }
    let whole = steps.round();
    let word = WORDS
        .iter()
        .zip(2_u8..)
        .find(|(_, number)| (f64::from(*number) - whole).abs() < 0.5);
    Some(match word {
        Some((word, _)) => Number::Digits((*word).to_owned()),
        None if whole <= 1.0 => Number::One,
        None => Number::Digits(format!("{whole}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }

    fn scales(a: &DMatrix<f64>) -> TimeScales {
        let (b, d) = (
            DMatrix::identity(a.nrows(), a.nrows()),
            DMatrix::from_row_slice(1, 2, &[1.0, 0.0]),
        );
        TimeScales::new((a, &b, &d), "year", &["openness".to_owned()])
    }

    #[test]
    fn half_lives_of_modes_are_those_of_the_eigenvalues() {
        let found = scales(&DMatrix::from_row_slice(2, 2, &[0.5, 0.0, 0.3, 0.25]));
        close(found.modes[0].half_life.unwrap(), 1.0);
        close(found.modes[1].half_life.unwrap(), 0.5);
        assert!(found.modes.iter().all(|mode| mode.turn.is_none()));
        // A turn by a quarter each step, at 0.9 of the size.
        let turning = scales(&DMatrix::from_row_slice(2, 2, &[0.0, -0.9, 0.9, 0.0]));
        assert_eq!(turning.modes.len(), 1);
        close(turning.modes[0].turn.unwrap(), 4.0);
        close(turning.modes[0].left_after_one_step, 0.9);
    }

    #[test]
    fn half_of_what_is_left_comes_from_the_last_steps() {
        // 1 + 1/2 + 1/4 + ...: the last step alone is half. Of 1 + 0.9 + 0.81 + ... = 10 it takes 6.5 steps.
        let found = scales(&DMatrix::from_row_slice(2, 2, &[0.5, 0.0, 0.0, 0.9]));
        assert!((found.states[0].unwrap() - 1.0).abs() < 1e-4);
        let reached = 6.0 + (5.0 - 10.0 * (1.0 - 0.9_f64.powi(6))) / 0.9_f64.powi(6);
        assert!((found.states[1].unwrap() - reached).abs() < 1e-3);
        assert_eq!(found.outputs[0], found.states[0]);
        let text = &found.in_words;
        assert!(text.contains(&"What fades last is half gone after about seven years.".to_owned()));
        assert!(text.contains(&"Half of openness comes from about the last year.".to_owned()));
    }

    #[test]
    fn what_does_not_fade_has_no_half_and_what_nothing_reaches_neither() {
        let found = scales(&DMatrix::from_row_slice(2, 2, &[1.0, 0.0, 0.0, 0.0]));
        assert_eq!(found.modes[0].half_life, None);
        assert_eq!(found.modes[1].half_life, Some(0.0));
        assert_eq!(found.states, [None, None]);
        let a = DMatrix::from_row_slice(1, 1, &[0.5]);
        let b = DMatrix::zeros(1, 1);
        let silent = TimeScales::new(
            (&a, &b, &DMatrix::from_row_slice(1, 1, &[1.0])),
            "month",
            &[],
        );
        assert_eq!(silent.states, [None]);
    }
}
