//! Recourse: the least change of spending that brings a customer into another micro-segment, or a number of the network past a value.
//!
//! Shares of the last period are moved between the classes that the caller allows. `search` finds where a wish is reached, and every
//! answer is checked with its rounded amounts on the network itself, run as a scoring runs it.

mod goal;
mod moves;
mod point;
mod report;
mod search;

use microseg_encoding::Totals;
use microseg_history::Class;
use microseg_model::Model;
use microseg_timing::Timing;

use super::bounded::Bounded;
use super::error::{ExplainError, MethodFault};
use super::evaluation::run_customer;
use super::level::Level;
use super::method::Method;
use super::method_version::MethodVersion;
use super::options::Options;
use super::recourse_fault::RecourseFault;
use super::target::Targets;
use super::wish::Wish;
use goal::Goal;
use moves::unit;
use point::{LastPeriod, Point};
use search::{Found, Search};

pub use report::{Alternative, ClassChange, Recourse, RecourseStatus};

/// The most that may be moved unless the caller says otherwise, as a share of the period's spending.
const BUDGET: f64 = 0.5;

/// How many alternatives there are at the most, unless the caller says otherwise.
const ALTERNATIVES: usize = 3;

/// How much farther an answer goes where rounding of its amounts has undone it.
const FARTHER: [f64; 4] = [1.0, 1.000_1, 1.001, 1.01];

/// Checks what is asked for, before there is a history.
pub(crate) fn check(model: &Model, options: &Options) -> Result<(), ExplainError> {
    if options.method != Method::Recourse {
        let given = [
            ("wish", options.wish.is_some()),
            ("allow", options.allow.is_some()),
            ("freeze", options.freeze.is_some()),
            ("budget", options.budget.is_some()),
            ("alternatives", options.alternatives.is_some()),
        ];
        let unused = given.into_iter().find(|(_, is_given)| *is_given);
        return unused.map_or(Ok(()), |(member, _)| {
            Err(RecourseFault::NotUsed(member).into())
        });
    }
    if !model.reads_shares_alone() {
        return Err(MethodFault::Recourse.into());
    }
    if options.level != Level::Class {
        return Err(RecourseFault::Level.into());
    }
    free_classes(model.encoder().taxonomy().classes(), options)?;
    let leaves: Vec<&str> = { model.manifest().space.segments().leaves() }
        .map(|leaf| leaf.id.as_str())
        .collect();
    let has_rivals = leaves.len() > 1;
    let is_known = match options.wish.as_ref().ok_or(RecourseFault::Missing)? {
        Wish::AnyOtherSegment => has_rivals,
        Wish::Segment(id) => has_rivals && leaves.contains(&id.as_str()),
        Wish::Number { .. } => {
            let targets = Targets::find(&options.target, model, MethodVersion::CURRENT);
            // One that the model does not have is named elsewhere.
            if targets.is_some_and(|targets| targets.names().count() != 1) {
                return Err(RecourseFault::Target.into());
            }
            true
        }
    };
    let segments = leaves.join(", ");
    is_known
        .then_some(())
        .ok_or_else(|| RecourseFault::Segment { segments }.into())
}

/// Which classes spending may be moved between.
fn free_classes(classes: &[Class], options: &Options) -> Result<Vec<bool>, RecourseFault> {
    let named = |member: &'static str, ids: &[String]| {
        let mut is_named = vec![false; classes.len()];
        for (place, id) in ids.iter().enumerate() {
            let class = classes.iter().position(|class| class.id == *id);
            let class = class.filter(|&class| !is_named[class]);
            is_named[class.ok_or(RecourseFault::Class { member, place })?] = true;
        }
        Ok(is_named)
    };
    let mut is_free = match &options.allow {
        Some(ids) => named("allow", ids)?,
        None => vec![true; classes.len()],
    };
    if let Some(ids) = &options.freeze {
        let frozen = named("freeze", ids)?;
        is_free
            .iter_mut()
            .zip(frozen)
            .for_each(|(free, frozen)| *free &= !frozen);
    }
    let free = is_free.iter().filter(|free| **free).count();
    (free > 1)
        .then_some(is_free)
        .ok_or(RecourseFault::TooFewClasses)
}

/// Finds the least changes that fulfil the wish.
pub(crate) async fn find(
    model: &Model,
    totals: &Totals,
    options: &Options,
    targets: &Targets,
    timing: &mut Timing,
) -> Result<Recourse, ExplainError> {
    let wish = options.wish.as_ref().ok_or(RecourseFault::Missing)?;
    let is_free = free_classes(model.encoder().taxonomy().classes(), options)?;
    let customer = run_customer(model, totals, timing).await?;
    let reader = match wish {
        Wish::Number { .. } => Some(targets.reader(model, &customer)),
        Wish::AnyOtherSegment | Wish::Segment(_) => None,
    };
    let period = LastPeriod::after(model, totals, timing).await?;
    let point = period.point_of(reader.as_ref(), &customer);
    let spending = totals.spending();
    let amounts = spending.rows().into_iter().next_back();
    let amounts: Vec<f64> = amounts.map_or_else(Vec::new, |row| row.to_vec());
    let total: f64 = amounts.iter().sum();
    let goals = Goal::all(wish, period.segments(), point.leaf());
    let is_fulfilled = goals.iter().any(|goal| goal.is_reached(&point));
    let mut search = Search {
        period,
        reader: reader.as_ref(),
        goals,
        shares: amounts.iter().map(|amount| amount / total).collect(),
        is_free,
        budget: options.budget.map_or(BUDGET, Bounded::get),
    };
    let mut alternatives = Vec::new();
    if !is_fulfilled && total > 0.0 {
        let most = options.alternatives.map_or(ALTERNATIVES, Bounded::get);
        for found in search.run(timing).await? {
            if alternatives.len() < most {
                let checked = search.check(&amounts, &found, timing).await?;
                alternatives.extend(checked);
            }
        }
    }
    let classes = model.encoder().taxonomy().classes();
    let answer = Answer { amounts, classes };
    let alternatives = answer.ranked(alternatives, search.period.segments());
    let last = totals.periods().last();
    Ok(Recourse {
        status: if is_fulfilled {
            RecourseStatus::Fulfilled
        } else if alternatives.is_empty() {
            RecourseStatus::NotFound
        } else {
            RecourseStatus::Found
        },
        period: last.map_or_else(String::new, |(period, _)| period.to_string()),
        spending: total,
        segment: point.segment(search.period.segments()),
        value: point.value,
        robustness: { *wish == Wish::AnyOtherSegment }
            .then(|| alternatives.first().map(|least| least.moved_share)),
        alternatives,
        evaluations: search.period.evaluations,
    })
}

/// Amounts of the last period that were seen to fulfil the wish, and what they lead to.
struct Checked {
    amounts: Vec<f64>,
    point: Point,
}

impl Search<'_> {
    /// Rounds the amounts of what was found, and runs them as a scoring does. `None` where they do not fulfil the wish, or go
    /// beyond the budget.
    async fn check(
        &mut self,
        own: &[f64],
        found: &Found,
        timing: &mut Timing,
    ) -> Result<Option<Checked>, ExplainError> {
        let total: f64 = own.iter().sum();
        for farther in FARTHER {
            let moved = (found.moved * farther).min(found.path.longest);
            let amounts = found.path.amounts(own, moved, unit(total));
            let run = self.period.scored(&amounts, timing).await?;
            let point = self.period.point_of(self.reader, &run);
            if self.goals.iter().any(|goal| goal.is_reached(&point)) {
                return Ok(Some(Checked { amounts, point }));
            }
        }
        Ok(None)
    }
}

/// What answers have in common.
struct Answer<'a> {
    amounts: Vec<f64>,
    classes: &'a [Class],
}

impl Answer<'_> {
    /// The alternatives, least first.
    fn ranked(
        &self,
        checked: Vec<Checked>,
        segments: &microseg_space::Segments,
    ) -> Vec<Alternative> {
        let total: f64 = self.amounts.iter().sum();
        let mut all: Vec<Alternative> = { checked.into_iter() }
            .map(|Checked { amounts, point }| {
                let pairs = self.amounts.iter().zip(&amounts);
                let moved_amount = pairs.map(|(old, new)| (old - new).max(0.0)).sum::<f64>();
                Alternative {
                    rank: 0,
                    moved_share: moved_amount / total,
                    moved_amount,
                    segment: point.segment(segments),
                    value: point.value,
                    changes: self.changes(&amounts),
                }
            })
            .collect();
        all.sort_by(|one, other| one.moved_share.total_cmp(&other.moved_share));
        for (place, one) in all.iter_mut().enumerate() {
            one.rank = place + 1;
        }
        all
    }

    /// The classes that change: those with less, most first, and then the one with more.
    fn changes(&self, amounts: &[f64]) -> Vec<ClassChange> {
        let totals = [&self.amounts[..], amounts].map(|amounts| amounts.iter().sum::<f64>());
        let pairs = self.amounts.iter().zip(amounts).zip(self.classes);
        let changed = pairs.filter(|((old, new), _)| old.to_bits() != new.to_bits());
        let mut sorted: Vec<ClassChange> = changed
            .map(|((&amount, &new_amount), class)| ClassChange {
                class: class.id.clone(),
                title: class.title.clone(),
                amount,
                new_amount,
                share: amount / totals[0],
                new_share: new_amount / totals[1],
            })
            .collect();
        let change = |one: &ClassChange| one.new_amount - one.amount;
        sorted.sort_by(|one, other| change(one).total_cmp(&change(other)));
        sorted
    }
}
