//! Sampling: the network's numbers for the perturbations of a plan, portion by portion, until there are enough.

use std::time::{Duration, Instant};

use nalgebra::DMatrix;

use super::local_method::LocalMethod;
use super::neighbourhood::Neighbourhood;
use super::perturbation::{Perturbation, Plan};
use crate::error::ExplainError;
use microseg_timing::Timing;

/// The numbers that a plan has given so far.
pub(super) struct Samples<'a> {
    around: &'a Neighbourhood<'a>,
    method: &'static dyn LocalMethod,
    plan: &'a Plan,
    /// One row a perturbation, the customer's first.
    values: Vec<f64>,
    /// The numbers without any spending; empty until the first portion has run.
    absent: Vec<f64>,
    targets: usize,
    /// What the slowest portion took so far.
    slowest: Duration,
}

impl<'a> Samples<'a> {
    /// Begins with the customer, whose numbers are known.
    pub(super) fn new(
        around: &'a Neighbourhood<'a>,
        method: &'static dyn LocalMethod,
        plan: &'a Plan,
        customer: Vec<f64>,
    ) -> Self {
        Self {
            around,
            method,
            plan,
            targets: customer.len(),
            values: customer,
            absent: Vec::new(),
            slowest: Duration::ZERO,
        }
    }

    /// How many perturbations have their numbers, the customer counted.
    pub(super) fn len(&self) -> usize {
        self.values.len() / self.targets
    }

    pub(super) fn perturbations(&self) -> &'a [Perturbation] {
        &self.plan.perturbations[..self.len()]
    }

    /// The targets' numbers without one part alone, where that was sampled.
    pub(super) fn without(&self, part: usize) -> Option<Vec<f64>> {
        let perturbations = self.perturbations().iter();
        let is_alone = |moves: &[(usize, f64)]| matches!(moves, [(moved, units)] if *moved == part && *units <= -1.0);
        let row = { perturbations }.position(|one| is_alone(&one.moves))?;
        let values = &self.values[row * self.targets..][..self.targets];
        Some(values.to_vec())
    }

    /// The numbers without any spending, one a target.
    pub(super) fn absent(&self) -> &[f64] {
        &self.absent
    }

    /// `[perturbations, targets]`.
    pub(super) fn values(&self) -> DMatrix<f64> {
        DMatrix::from_row_slice(self.len(), self.targets, &self.values)
    }

    /// Runs perturbations until there are `wanted` or the deadline comes near, one portion at least.
    pub(super) async fn reach(
        &mut self,
        wanted: usize,
        deadline: Option<Instant>,
        timing: &mut Timing,
    ) -> Result<(), ExplainError> {
        loop {
            let begun = Instant::now();
            self.run_portion(wanted, timing).await?;
            self.slowest = self.slowest.max(begun.elapsed());
            if self.len() >= wanted || self.is_late(deadline) {
                return Ok(());
            }
        }
    }

    /// Whether another portion would miss the deadline.
    pub(super) fn is_late(&self, deadline: Option<Instant>) -> bool {
        deadline.is_some_and(|deadline| Instant::now() + self.slowest >= deadline)
    }

    async fn run_portion(
        &mut self,
        wanted: usize,
        timing: &mut Timing,
    ) -> Result<(), ExplainError> {
        // The first input of the first portion is no spending at all.
        let empty = usize::from(self.absent.is_empty());
        let first = self.len();
        let count = (self.around.divided.portion() - empty).min(wanted.saturating_sub(first));
        let perturbations = &self.plan.perturbations[first..first + count];
        let multiply = |input: usize, factors: &mut [f64]| match input.checked_sub(empty) {
            None => factors.fill(0.0),
            Some(index) => {
                for &(part, units) in &perturbations[index].moves {
                    factors[part] = self.method.factor(units);
                }
            }
        };
        let mut values = self.around.numbers(empty + count, multiply, timing).await?;
        let perturbed = values.split_off(empty * self.targets);
        if empty > 0 {
            self.absent = self.around.reader.as_in_scoring(&values);
        }
        self.values.extend(perturbed);
        Ok(())
    }
}
