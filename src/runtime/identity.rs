//! Identity of a runtime, as records name it.

/// Name, version and device of the runtime that executes a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeIdentity {
    /// The runtime, such as `libtorch`.
    pub backend: &'static str,
    /// Its version, such as `2.13.0`.
    pub version: String,
    /// The device that it runs on, such as `cpu`.
    pub device: String,
}
