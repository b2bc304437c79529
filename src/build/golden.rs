//! Golden cases for a network that came without any: the numbers of this libtorch, to be reproduced at every load.

use std::collections::BTreeMap;

use ndarray::{Array2, ArrayView2, Axis, Slice};
use serde::Serialize;
use serde_json::{Value, json};

use super::main_network::MainNetwork;
use super::statistics::Trajectory;
use microseg_model::NetworkDocument;
use microseg_runtime::{Batch, NetworkError, RecurrentState};

/// Histories of as many lengths.
const LENGTHS: usize = 6;

#[derive(Serialize)]
struct GoldenDocument {
    cases: Vec<Case>,
}

/// In the form of schema 2 or 3, whose members have other names.
#[derive(Serialize)]
struct Case {
    name: String,
    #[serde(flatten)]
    state: BTreeMap<String, Value>,
    #[serde(flatten)]
    inputs: BTreeMap<&'static str, Value>,
    states: Vec<Vec<f32>>,
    outputs: Vec<Vec<f32>>,
}

/// Cases from the mean profile of all trajectories: of several lengths, without spending, and continued in the middle.
///
/// No customer's profile is kept: each period is the mean over many trajectories.
pub(super) fn make(
    main: &MainNetwork,
    trajectories: &[Trajectory],
) -> Result<Vec<u8>, NetworkError> {
    let longest = trajectories
        .iter()
        .map(|one| one.profile.nrows())
        .max()
        .unwrap_or(1);
    let are_shares = main.outline.declaration.is_shares_alone();
    let mean = mean_profile(trajectories, longest, (main.shape().numbers, are_shares));
    let mut cases = Vec::new();
    for length in 1..=longest.min(LENGTHS) {
        let name = format!("periods-{length}");
        cases.push(case(main, name, periods(&mean, ..length), None)?.0);
    }
    let nothing = Array2::zeros((1, mean.ncols()));
    cases.push(case(main, "no-spending".to_owned(), nothing.view(), None)?.0);
    let half = longest.div_ceil(2);
    let (_, state) = case(main, String::new(), periods(&mean, ..half), None)?;
    let rest = if half < longest {
        periods(&mean, half..)
    } else {
        mean.view()
    };
    cases.push(
        case(
            main,
            "continued-from-a-memory".to_owned(),
            rest,
            Some(state),
        )?
        .0,
    );
    let mut text = serde_json::to_vec(&GoldenDocument { cases }).unwrap_or_default();
    text.push(b'\n');
    Ok(text)
}

/// The mean of the numbers of each step; codes have no mean.
fn mean_profile(
    trajectories: &[Trajectory],
    steps: usize,
    (numbers, are_shares): (usize, bool),
) -> Array2<f32> {
    let mut sums = Array2::<f32>::zeros((steps, numbers));
    let mut customers = vec![0.0_f32; steps];
    for trajectory in trajectories {
        let steps = trajectory.profile.nrows();
        let mut rows = sums.slice_axis_mut(Axis(0), Slice::from(..steps));
        rows += &trajectory
            .profile
            .slice_axis(Axis(1), Slice::from(..numbers));
        customers[..steps]
            .iter_mut()
            .for_each(|count| *count += 1.0);
    }
    for (mut row, customers) in sums.rows_mut().into_iter().zip(customers) {
        let total = if are_shares { row.sum() } else { customers };
        if total > 0.0 {
            row /= total;
        }
    }
    sums
}

fn case(
    main: &MainNetwork,
    name: String,
    numbers: ArrayView2<'_, f32>,
    state: Option<RecurrentState>,
) -> Result<(Case, RecurrentState), NetworkError> {
    let categories = Array2::<i64>::zeros((numbers.nrows(), main.shape().codes.len()));
    let batch = Batch::of_steps(numbers.to_owned(), categories.clone());
    let tensors = state.iter().flat_map(RecurrentState::tensors);
    let tensors = tensors.map(|tensor| {
        let rows = rows(tensor.values.index_axis(Axis(1), 0));
        (tensor.name.to_string(), json!(rows))
    });
    let tensors: BTreeMap<String, Value> = tensors.collect();
    let (inputs, state_members) = match &main.document {
        NetworkDocument::Shares(_) => ([("input", json!(rows(numbers)))].into(), tensors),
        NetworkDocument::Declared(_) => {
            let inputs = [
                ("numbers", json!(rows(numbers))),
                ("categories", json!(rows(categories.view()))),
            ];
            let member = ("state".to_owned(), json!(tensors));
            let is_continued = !tensors.is_empty();
            (
                inputs.into(),
                is_continued.then_some(member).into_iter().collect(),
            )
        }
    };
    let found = main.network.run(&batch.after(state))?;
    let case = Case {
        name,
        state: state_members,
        inputs,
        states: rows(found.states.index_axis(Axis(0), 0)),
        outputs: rows(found.outputs.index_axis(Axis(0), 0)),
    };
    Ok((case, found.recurrent_state))
}

fn periods(profile: &Array2<f32>, range: impl Into<Slice>) -> ArrayView2<'_, f32> {
    profile.slice_axis(Axis(0), range.into())
}

fn rows<T: Clone>(matrix: ArrayView2<'_, T>) -> Vec<Vec<T>> {
    matrix.rows().into_iter().map(|row| row.to_vec()).collect()
}
