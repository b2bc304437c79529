//! Context of the targets of an explanation: what all of them share.

use super::findings::Findings;
use super::method_version::MethodVersion;
use super::options::Options;
use super::part::Part;
use super::part_names::PartNames;
use super::policy::Policy;
use microseg_reasons::Catalogue;

/// What all targets of an explanation share.
pub(super) struct Context<'a> {
    pub(super) findings: &'a Findings,
    pub(super) options: &'a Options,
    pub(super) policy: Policy,
    pub(super) version: MethodVersion,
    pub(super) names: &'a PartNames<'a>,
    pub(super) catalogue: &'a Catalogue,
}

impl Context<'_> {
    pub(super) fn parts(&self) -> &[Part] {
        &self.findings.parts
    }
}
