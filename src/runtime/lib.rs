//! Runtimes that execute networks: one trait for all, and one folder for each.
//!
//! A [`Backend`] loads the bytes of a network and gives a [`Network`]. A network runs a [`Batch`] of sequences and gives
//! their [`Trajectories`], with the [`RecurrentState`] that they can be continued from.
//!
//! To add a runtime: a folder beside `libtorch` that implements both traits, and its line in `backends.rs`.

mod backend;
mod backends;
mod batch;
mod error;
mod identity;
mod libtorch;
mod recurrent_state;
mod trajectories;

pub use backend::{Backend, Guarantees, KnownSizes, Network};
pub use backends::{backend_for_bundle, backend_for_file};
pub use batch::Batch;
pub use error::{NetworkError, RuntimeFault};
pub use identity::RuntimeIdentity;
pub use libtorch::LIBTORCH_VERSION;
pub use recurrent_state::{RecurrentState, StateTensor};
pub use trajectories::Trajectories;
