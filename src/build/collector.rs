//! Collector of a population's statistics: every customer runs through the network once, in groups of one length.

use std::collections::BTreeMap;
use std::path::Path;

use ndarray::Array3;
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::comparator::Comparator;
use super::error::BuildError;
use super::generator::{Stream, generator};
use super::statistics::{Customer, Statistics};
use microseg_encoding::History;
use microseg_runtime::{Batch, Network};

/// The most sequences of one batch.
const BATCH: usize = 256;

/// The most numbers of one batch, and of all pending groups together.
const PENDING_NUMBERS: usize = 1 << 24;

/// One customer of each block of this many is kept from every fit.
const HELD_OUT_BLOCK: u64 = 10;

/// The statistics so far, and the customers that are not yet in them.
pub(super) struct Collector<'n> {
    network: &'n dyn Network,
    /// The network's file, for errors.
    file: &'n Path,
    comparators: &'n [Comparator],
    /// Pending groups of customers, by their number of periods.
    pending: BTreeMap<usize, Vec<Customer>>,
    customers: u64,
    /// The periods of all pending customers.
    pending_periods: usize,
    /// The place of the held-out customer in the present block.
    held_out: u64,
    random: ChaCha8Rng,
    statistics: Statistics,
}

impl<'n> Collector<'n> {
    pub(super) fn new(
        network: &'n dyn Network,
        file: &'n Path,
        comparators: &'n [Comparator],
        window: usize,
        seed: u64,
    ) -> Self {
        Self {
            network,
            file,
            comparators,
            pending: BTreeMap::new(),
            customers: 0,
            pending_periods: 0,
            held_out: 0,
            random: generator(seed, Stream::HeldOut),
            statistics: Statistics::new(network.shape(), window, comparators.len(), seed),
        }
    }

    /// Adds one customer; a group that is large enough is run.
    pub(super) fn add(&mut self, history: &History) -> Result<(), BuildError> {
        let profile = history.totals.profile();
        let periods = profile.shares().nrows();
        let transactions: u64 = history
            .totals
            .periods()
            .map(|(_, sum)| sum.transactions)
            .sum();
        self.statistics.transactions += transactions;
        let held_out = self.is_next_held_out();
        let group = self.pending.entry(periods).or_default();
        group.push(Customer { held_out, profile });
        self.pending_periods += periods;
        if group.len() >= self.batch(periods) {
            return self.run(periods);
        }
        if self.pending_periods * self.numbers() > PENDING_NUMBERS {
            // Many lengths with a few customers each: the largest group is run first.
            let groups = self.pending.iter();
            let largest = groups.max_by_key(|(periods, group)| *periods * group.len());
            if let Some((&periods, _)) = largest {
                return self.run(periods);
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

    /// Numbers of one period.
    fn numbers(&self) -> usize {
        let shape = self.network.shape();
        shape.input_width() + shape.hidden_size + shape.outputs
    }

    /// The most sequences of this many periods in one batch.
    fn batch(&self, periods: usize) -> usize {
        (PENDING_NUMBERS / (periods * self.numbers())).clamp(1, BATCH)
    }

    /// Runs the pending groups, and gives the statistics of all customers.
    pub(super) fn finish(mut self) -> Result<Statistics, BuildError> {
        let lengths: Vec<usize> = self.pending.keys().copied().collect();
        for periods in lengths {
            self.run(periods)?;
        }
        Ok(self.statistics)
    }

    /// Runs the group of one length.
    fn run(&mut self, periods: usize) -> Result<(), BuildError> {
        let Some(group) = self.pending.remove(&periods) else {
            return Ok(());
        };
        self.pending_periods -= periods * group.len();
        let classes = self.network.shape().numbers;
        let mut inputs = Array3::zeros((group.len(), periods, classes));
        for (mut row, customer) in inputs.outer_iter_mut().zip(&group) {
            row.assign(&customer.profile.shares());
        }
        let batch = Batch::new(inputs);
        let found = self.network.run(&batch);
        let found = found.map_err(BuildError::network(self.file))?;
        let mut compared = Vec::with_capacity(self.comparators.len());
        for comparator in self.comparators {
            let other = comparator.network.run(&batch);
            compared.push(other.map_err(BuildError::network(&comparator.file))?);
        }
        self.statistics.add(&group, &found, &compared);
        Ok(())
    }
}
