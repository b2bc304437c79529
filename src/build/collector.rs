//! Collector of a population's statistics: every customer runs through the network once, in groups of one length.

use std::collections::BTreeMap;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::comparator::Comparator;
use super::error::BuildError;
use super::generator::{Stream, generator};
use super::inputs::BuildInputs;
use super::main_network::MainNetwork;
use super::statistics::{Customer, Statistics};
use microseg_encoding::History;
use microseg_model::NetworkDocument;
use microseg_runtime::Batch;

/// The most sequences of one batch.
const BATCH: usize = 256;

/// The most numbers of one batch, and of all pending groups together.
const PENDING_NUMBERS: usize = 1 << 24;

/// One customer of each block of this many is kept from every fit.
const HELD_OUT_BLOCK: u64 = 10;

/// The statistics so far, and the customers that are not yet in them.
pub(super) struct Collector<'n> {
    main: &'n MainNetwork,
    comparators: &'n [Comparator],
    /// Pending groups of customers, by their number of steps.
    pending: BTreeMap<usize, Vec<Customer>>,
    customers: u64,
    /// The steps of all pending customers.
    pending_steps: usize,
    /// The place of the held-out customer in the present block.
    held_out: u64,
    random: ChaCha8Rng,
    statistics: Statistics,
}

impl<'n> Collector<'n> {
    pub(super) fn new(inputs: &'n BuildInputs) -> Self {
        let (main, comparators) = (&inputs.main, &inputs.comparators);
        let seed = inputs.config.seed;
        Self {
            main,
            comparators,
            pending: BTreeMap::new(),
            customers: 0,
            pending_steps: 0,
            held_out: 0,
            random: generator(seed, Stream::HeldOut),
            statistics: Statistics::new(
                main,
                inputs.taxonomy.classes().len(),
                comparators.len(),
                seed,
            ),
        }
    }

    /// Adds one customer; a group that is large enough is run.
    pub(super) fn add(&mut self, history: &History) -> Result<(), BuildError> {
        let inputs = history.inputs();
        let steps = inputs.steps();
        let transactions: u64 = history
            .totals
            .periods()
            .map(|(_, sum)| sum.transactions)
            .sum();
        self.statistics.transactions += transactions;
        let held_out = self.is_next_held_out();
        let group = self.pending.entry(steps).or_default();
        let shares = match &self.main.document {
            NetworkDocument::Shares(_) => None,
            NetworkDocument::Declared(_) => Some(history.totals.profile()),
        };
        group.push(Customer {
            held_out,
            shares,
            inputs,
        });
        self.pending_steps += steps;
        if group.len() >= self.batch(steps) {
            return self.run(steps);
        }
        if self.pending_steps * self.numbers() > PENDING_NUMBERS {
            // Many lengths with a few customers each: the largest group is run first.
            let groups = self.pending.iter();
            let largest = groups.max_by_key(|(steps, group)| *steps * group.len());
            if let Some((&steps, _)) = largest {
                return self.run(steps);
            }
        }
        Ok(())
    }

    /// Whether the next customer is kept from the fits: one of each block, drawn, since a file may be in an order.
    fn is_next_held_out(&mut self) -> bool {
        let place = self.customers % HELD_OUT_BLOCK;
        if place == 0 {
            self.held_out = self.random.random_range(0..HELD_OUT_BLOCK);
        }
        self.customers += 1;
        place == self.held_out
    }

    /// Numbers of one step.
    fn numbers(&self) -> usize {
        let shape = self.main.shape();
        shape.input_width() + shape.hidden_size + shape.outputs
    }

    /// The most sequences of this many steps in one batch.
    fn batch(&self, steps: usize) -> usize {
        (PENDING_NUMBERS / (steps * self.numbers())).clamp(1, BATCH)
    }

    /// Runs the pending groups, and gives the statistics of all customers.
    pub(super) fn finish(mut self) -> Result<Statistics, BuildError> {
        let lengths: Vec<usize> = self.pending.keys().copied().collect();
        for steps in lengths {
            self.run(steps)?;
        }
        Ok(self.statistics)
    }

    /// Runs the group of one length.
    fn run(&mut self, steps: usize) -> Result<(), BuildError> {
        let Some(group) = self.pending.remove(&steps) else {
            return Ok(());
        };
        self.pending_steps -= steps * group.len();
        let batches = group.iter().map(|customer| {
            let inputs = customer.inputs.clone();
            Batch::of_steps(inputs.numbers, inputs.categories)
        });
        let batches: Vec<Batch> = batches.collect();
        let batch = Batch::join(&batches.iter().collect::<Vec<_>>());
        let found = self.main.network.run(&batch);
        let found = found.map_err(BuildError::network(&self.main.file))?;
        let mut compared = Vec::with_capacity(self.comparators.len());
        for comparator in self.comparators {
            let other = comparator.network.run(&batch);
            compared.push(other.map_err(BuildError::network(&comparator.file))?);
        }
        self.statistics.add(&group, &found, &compared);
        Ok(())
    }
}
