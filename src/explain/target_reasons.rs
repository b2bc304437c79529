//! Reasons of a target: its strongest contributions in sentences that fit the verdict.

use super::fidelity::is_rounding;
use super::findings::LinearModel;
use super::method_version::MethodVersion;
use super::quality::Verdict;
use super::target_context::Context;
use microseg_reasons::{Cause, Effect, Reason};

/// The strongest of the parts in `order`, as many as were asked for. Where the verdict says not to rely on the numbers, each
/// sentence says so, and a language that has no words for that has no reasons then.
pub(super) fn reasons(
    context: &Context<'_>,
    name: &str,
    model: &LinearModel,
    order: &[usize],
    verdict: Option<Verdict>,
) -> Vec<Reason> {
    let parts = context.parts();
    let mut strongest: Vec<(usize, Effect)> = { order.iter() }
        .filter(|&&index| parts[index].is_spending)
        .map(|&index| (index, effect(context.version, model, index)))
        .filter(|(_, effect)| !is_rounding(effect.change(), model.value))
        .collect();
    if context.options.adverse_only {
        let adverse = context.options.target.adverse();
        let harm = |effect: &Effect| adverse.of(effect.change());
        strongest.retain(|(_, effect)| harm(effect) > 0.0);
        strongest.sort_by(|(_, one), (_, other)| harm(other).total_cmp(&harm(one)));
    }
    let since = context.findings.cut.map(|cut| context.names.since(cut));
    let since = since.map(|since| since.period.unwrap_or(since.from));
    let is_uncertain = verdict.is_some_and(Verdict::is_distrust);
    let reason = |(index, effect): (usize, Effect)| {
        let part = parts[index];
        let cause = Cause {
            class: context.names.class(part).and_then(|class| class.id),
            period: context.names.period(part),
            target: name,
            share: part.share,
            effect,
        };
        let catalogue = context.catalogue;
        let reason = match &since {
            Some(since) => catalogue.reason_since(&cause, since)?,
            None => catalogue.reason(&cause),
        };
        if is_uncertain {
            catalogue.uncertain(reason)
        } else {
            Some(reason)
        }
    };
    let strongest = strongest.into_iter().take(context.options.reasons.get());
    strongest.filter_map(reason).collect()
}

/// The effect of a part: what the network itself says about it where that was measured, else its coefficient.
fn effect(version: MethodVersion, model: &LinearModel, index: usize) -> Effect {
    if let Some(counterfactuals) = &model.counterfactuals {
        return Effect::Counterfactual {
            value: model.value,
            counterfactual: counterfactuals[index],
        };
    }
    let measured = model.removals.get(index).copied().flatten();
    let measured = measured.filter(|_| version == MethodVersion::Two);
    Effect::Adds(
        measured.map_or(model.surrogate.coefficients[index], |without| {
            model.value - without
        }),
    )
}
