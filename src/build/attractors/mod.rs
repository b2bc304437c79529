//! Attractors: fixed points of the network's dynamics under a profile that is held.

mod basins;
mod fixed_point;
mod held_profile;
mod jacobian;
mod recurrent_state;
mod search;
mod settling;

pub(crate) use held_profile::HeldProfile;
pub(crate) use search::{Search, search};
