//! Report of interactions: pairs of parts ranked and added up.

use super::findings::PairModel;
use super::part::Part;
use super::part_names::PartNames;
use super::stability::by_size;
use super::target_explanation::{Interaction, Interactions, OtherPairs};

/// Lists the strongest pairs, and folds all others into one. The remainder of the parts has no name: it is not listed.
pub(super) fn interactions(
    model: &PairModel,
    parts: &[Part],
    top: usize,
    names: &PartNames<'_>,
) -> Interactions {
    let sizes: Vec<f64> = model.pairs.iter().map(|(_, _, size)| *size).collect();
    let mut pairs = Vec::new();
    let mut other = OtherPairs {
        pairs: 0,
        interaction: 0.0,
    };
    for index in by_size(&sizes) {
        let (one, another, interaction) = model.pairs[index];
        let both = [parts[one], parts[another]];
        if pairs.len() < top && both.iter().all(Part::has_name) {
            pairs.push(Interaction {
                rank: pairs.len() + 1,
                parts: both.map(|part| names.of(part)),
                interaction,
            });
        } else {
            other.pairs += 1;
            other.interaction += interaction;
        }
    }
    Interactions {
        r2: model.r2,
        pairs,
        other,
    }
}
