//! Profiles that are held period after period.

/// A profile to hold.
pub(crate) struct HeldProfile {
    /// The segment whose mean it is, or `population`.
    pub(crate) name: String,
    /// K shares.
    pub(crate) profile: Vec<f32>,
}
