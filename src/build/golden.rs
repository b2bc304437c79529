//! Golden cases for a network that came without any: the numbers of this libtorch, to be reproduced at every load.

use ndarray::{Array2, Array3, ArrayView2, Axis, Slice};
use serde::Serialize;

use super::statistics::Trajectory;
use microseg_runtime::{Batch, Network, NetworkError, RecurrentState};

/// Histories of as many lengths.
const LENGTHS: usize = 6;

#[derive(Serialize)]
struct GoldenDocument {
    cases: Vec<Case>,
}

#[derive(Serialize)]
struct Case {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    h: Option<Vec<Vec<f32>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    c: Option<Vec<Vec<f32>>>,
    input: Vec<Vec<f32>>,
    states: Vec<Vec<f32>>,
    outputs: Vec<Vec<f32>>,
}

/// Cases from the mean profile of all trajectories: of several lengths, without spending, and continued in the middle.
///
/// No customer's profile is kept: each period is the mean over many trajectories.
pub(super) fn make(
    network: &dyn Network,
    trajectories: &[Trajectory],
) -> Result<Vec<u8>, NetworkError> {
    let longest = trajectories
        .iter()
        .map(|one| one.profile.nrows())
        .max()
        .unwrap_or(1);
    let mean = mean_profile(trajectories, longest, network.shape().numbers);
    let mut cases = Vec::new();
    for length in 1..=longest.min(LENGTHS) {
        let name = format!("periods-{length}");
        cases.push(case(network, name, periods(&mean, ..length), None)?.0);
    }
    let nothing = Array2::zeros((1, mean.ncols()));
    cases.push(case(network, "no-spending".to_owned(), nothing.view(), None)?.0);
    let half = longest.div_ceil(2);
    let (_, state) = case(network, String::new(), periods(&mean, ..half), None)?;
    let rest = if half < longest {
        periods(&mean, half..)
    } else {
        mean.view()
    };
    cases.push(
        case(
            network,
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

fn mean_profile(trajectories: &[Trajectory], periods: usize, classes: usize) -> Array2<f32> {
    let mut sums = Array2::<f32>::zeros((periods, classes));
    for trajectory in trajectories {
        let mut rows = sums.slice_axis_mut(Axis(0), Slice::from(..trajectory.profile.nrows()));
        rows += &trajectory.profile;
    }
    for mut row in sums.rows_mut() {
        let total = row.sum();
        if total > 0.0 {
            row /= total;
        }
    }
    sums
}

fn case(
    network: &dyn Network,
    name: String,
    input: ArrayView2<'_, f32>,
    state: Option<RecurrentState>,
) -> Result<(Case, RecurrentState), NetworkError> {
    let inputs = input.insert_axis(Axis(0)).to_owned();
    let part = |name| {
        let values: &Array3<f32> = state.as_ref()?.get(name)?;
        Some(rows(values.index_axis(Axis(1), 0)))
    };
    let (h, c) = (part("h"), part("c"));
    let batch = match state {
        Some(state) => Batch::continued(inputs, state),
        None => Batch::new(inputs),
    };
    let found = network.run(&batch)?;
    let case = Case {
        name,
        h,
        c,
        input: rows(input),
        states: rows(found.states.index_axis(Axis(0), 0)),
        outputs: rows(found.outputs.index_axis(Axis(0), 0)),
    };
    Ok((case, found.recurrent_state))
}

fn periods(profile: &Array2<f32>, range: impl Into<Slice>) -> ArrayView2<'_, f32> {
    profile.slice_axis(Axis(0), range.into())
}

fn rows(matrix: ArrayView2<'_, f32>) -> Vec<Vec<f32>> {
    matrix.rows().into_iter().map(|row| row.to_vec()).collect()
}
