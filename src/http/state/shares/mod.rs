//! Resources that all callers share: bytes and places, of which no caller can take all.

mod counts;
mod policy;
mod resource;
mod waiting;

pub(crate) use policy::SharePolicy;
pub(crate) use resource::{Held, Resource, SharedResource};
