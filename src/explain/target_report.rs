//! Report of one target: its parts ranked and added up, its verdict, and its reasons.

use super::asked_target::AskedTarget;
use super::fidelity::Fidelity;
use super::findings::LinearModel;
use super::level::Level;
use super::method_version::MethodVersion;
use super::pair_report::interactions;
use super::part::Part;
use super::stability::{Stability, by_size};
use super::target_context::Context;
use super::target_explanation::{
    Contribution, Folded, Note, NoteReason, Other, Shown, TargetExplanation,
};
use super::target_reasons::reasons;
use super::verdict;

impl Context<'_> {
    /// Ranks the contributions of a target, adds them up and judges them.
    pub(super) fn explain_target(&self, name: &str, model: &LinearModel) -> TargetExplanation {
        let parts = self.parts();
        let order = ranked(model, parts);
        let listed = &order[..self.options.top.get().min(order.len())];
        let contributions: Vec<Contribution> = listed
            .iter()
            .enumerate()
            .map(|(place, &index)| self.contribution(place + 1, model, index))
            .collect();
        let other = other(model, parts, listed, self.options.level);
        let explained = model.surrogate.intercept
            + contributions
                .iter()
                .map(|one| one.contribution)
                .sum::<f64>()
            + other.contribution;
        let residual = model.value - explained;
        let quality = match self.version {
            MethodVersion::One => None,
            MethodVersion::Two => {
                let scope = self.options.method.scope();
                Some(verdict::of_target(model, parts.len(), scope, self.policy))
            }
        };
        let verdict = quality.as_ref().map(|quality| quality.verdict);
        TargetExplanation {
            name: name.to_owned(),
            segment: model.segment.clone(),
            rival: model.rival.clone(),
            value: model.value,
            base_value: model.base_value,
            intercept: model.surrogate.intercept,
            unassigned: { model.is_changed }
                .then_some(model.surrogate.intercept - model.base_value),
            residual,
            contributions,
            other,
            shown: self.shown(model),
            interactions: { model.surrogate.interactions.as_ref() }
                .map(|pairs| interactions(pairs, parts, self.options.top.get(), self.names)),
            notes: self.notes(model),
            quality,
            fidelity: Fidelity::new(model.surrogate.measures, residual),
            stability: match self.version {
                MethodVersion::One => model.surrogate.stability,
                MethodVersion::Two => Stability {
                    csi: None,
                    ..model.surrogate.stability
                },
            },
            reasons: reasons(self, name, model, &order, verdict),
        }
    }

    fn contribution(&self, rank: usize, model: &LinearModel, index: usize) -> Contribution {
        let (part, coefficient) = (self.parts()[index], model.surrogate.coefficients[index]);
        let name = self.names.of(part);
        let surrogate = &model.surrogate;
        Contribution {
            rank,
            class: name.class,
            title: name.title,
            period: name.period,
            event: name.event,
            field: name.field,
            share: part.share,
            coefficient,
            contribution: coefficient,
            main_effect: { surrogate.interactions.as_ref() }.map(|pairs| pairs.main_effects[index]),
            ci95: { surrogate.margins.as_ref() }
                .map(|margins| [coefficient - margins[index], coefficient + margins[index]]),
        }
    }

    /// What a decision is shown as.
    fn shown(&self, model: &LinearModel) -> Option<Shown> {
        let AskedTarget::Decision(decision) = &self.options.target else {
            return None;
        };
        Some(Shown {
            link: decision.link,
            value: decision.link.shown(model.value),
            base_value: decision.link.shown(model.base_value),
        })
    }

    /// The parts that were hardly tested; the first version of the methods has sentences about them instead.
    fn notes(&self, model: &LinearModel) -> Vec<Note> {
        if self.version == MethodVersion::One {
            return Vec::new();
        }
        let note = |untested: &super::findings::Untested| {
            let mut places = self.parts().iter();
            let index = places.position(|part| part.place == untested.part.place);
            let without = index.and_then(|index| *model.removals.get(index)?);
            Note {
                reason: if untested.is_far {
                    NoteReason::LargePart
                } else {
                    NoteReason::RarelyRemoved
                },
                part: self.names.of(untested.part),
                without,
                adds: without.map(|without| model.value - without),
            }
        };
        self.findings.untested.iter().map(note).collect()
    }
}

/// The parts that have a name, strongest first; those of one size stay in the order of periods and of the taxonomy.
fn ranked(model: &LinearModel, parts: &[Part]) -> Vec<usize> {
    let mut order = by_size(&model.surrogate.coefficients);
    order.retain(|&index| parts[index].has_name());
    order
}

/// All parts that are not listed, in one.
fn other(model: &LinearModel, parts: &[Part], listed: &[usize], level: Level) -> Other {
    let mut is_listed = vec![false; parts.len()];
    for &index in listed {
        is_listed[index] = true;
    }
    let mut holds = 0;
    let (mut share, mut contribution) = (0.0, 0.0);
    let all = parts
        .iter()
        .zip(&model.surrogate.coefficients)
        .zip(is_listed);
    for ((part, coefficient), _) in all.filter(|(_, listed)| !listed) {
        holds += part.holds;
        share += part.share;
        contribution += coefficient;
    }
    Other {
        folded: match level {
            Level::Class => Folded::Classes(holds),
            Level::Period => Folded::Periods(holds),
            Level::Cell => Folded::Cells(holds),
            Level::Event => Folded::Events(holds),
            Level::Field => Folded::Fields(holds),
        },
        share,
        contribution,
    }
}
