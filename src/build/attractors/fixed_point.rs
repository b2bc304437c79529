//! Fixed points: settled recurrent states that are checked for a small residual and for attraction.

use ndarray::{ArrayView1, Axis};

use super::held_profile::HeldProfile;
use super::jacobian::spectral_radius_at;
use super::recurrent_state::{SAME, flat};
use microseg_runtime::{Batch, Network, NetworkError, RecurrentState};
use microseg_space::{Attractor, GlobalSurrogate, RecurrentStateDocument};

/// The largest ‖f(s) - s‖ of a fixed point.
pub(super) const TOLERANCE: f64 = 1e-5;

/// The attractor at a settled recurrent state; `None` when it is not a fixed point to the tolerance, or does not
/// attract.
pub(super) fn attractor_at(
    network: &dyn Network,
    held: &HeldProfile,
    recurrent_state: &RecurrentState,
    surrogate: &GlobalSurrogate,
) -> Result<Option<Attractor>, NetworkError> {
    let profile = ArrayView1::from(held.profile.as_slice());
    let input = profile.insert_axis(Axis(0)).insert_axis(Axis(0)).to_owned();
    let next = network.run(&Batch::continued(input, recurrent_state.clone()))?;
    let moved = flat(&next.recurrent_state) - flat(recurrent_state);
    let residual = moved
        .mapv(f64::from)
        .mapv(|number| number * number)
        .sum()
        .sqrt();
    let spectral_radius = spectral_radius_at(network, &held.profile, recurrent_state)?;
    // With a radius near 1 the distance to the fixed point is many times the residual.
    let rests = residual < TOLERANCE && residual < f64::from(SAME) * (1.0 - spectral_radius);
    if !rests {
        return Ok(None);
    }
    let state = next.states.index_axis(Axis(0), 0).row(0).to_vec();
    let wide: Vec<f64> = state.iter().copied().map(f64::from).collect();
    let tensors = recurrent_state.tensors().iter().map(|tensor| {
        let rows = tensor.values.index_axis(Axis(1), 0);
        let rows = rows.rows().into_iter().map(|row| row.to_vec()).collect();
        (tensor.name.to_string(), rows)
    });
    Ok(Some(Attractor {
        id: String::new(),
        label: String::new(),
        held: held.name.clone(),
        input: held.profile.clone(),
        memory: RecurrentStateDocument(tensors.collect()),
        outputs: next.outputs.index_axis(Axis(0), 0).row(0).to_vec(),
        traits: surrogate.outputs(&wide),
        state,
        residual,
        spectral_radius,
        basin: 0.0,
    }))
}
