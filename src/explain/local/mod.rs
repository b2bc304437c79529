//! Local surrogates: fitted for one request to the network's numbers around one customer.
//!
//! A method (`shapley`, `lime`, `sensitivity`, and `kernel_shap` for old records) draws a plan of perturbations; `sampling` gets the network's numbers
//! for them; one weighted solve (`fit`, on `least_squares`) serves all methods and measures how far to trust it.

mod additivity;
mod customer;
mod effects;
mod equations;
mod events;
mod explain;
mod fit;
mod fresh;
mod interactions;
mod kernel;
mod kernel_shap;
mod least_squares;
mod left_out;
mod lime;
mod local_method;
mod neighbourhood;
mod outcome;
mod perturbation;
mod random;
mod removals;
mod sampling;
mod screening;
mod seed;
mod sensitivity;
mod shapley;
mod strata;
mod task;
#[cfg(test)]
mod tests;
mod uncertainty;

pub(crate) use explain::explain;
pub(crate) use kernel_shap::KernelShap;
pub(crate) use lime::Lime;
pub(crate) use local_method::LocalMethod;
pub(crate) use sensitivity::Sensitivity;
pub(crate) use shapley::Shapley;
pub(crate) use task::Task;
