//! `microseg simulate`: histories of simulated customers.

use std::process::ExitCode;

use clap::Args;
use indicatif::ProgressBar;
use microseg_simulation::Population;

use crate::outcome::CommandResult;
use crate::output::{self, JsonLines};
use crate::progress::progress_style;

/// Arguments of `microseg simulate`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// How many customers
    #[arg(long, value_name = "COUNT", required_unless_present = "relations")]
    customers: Option<u64>,
    /// The seed: the same seed gives the same customers
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    seed: u64,
    /// The number of the first customer: customer 7 is the same wherever the population begins
    #[arg(long, value_name = "NUMBER", default_value = "0")]
    first: u64,
    /// Print the planted co-spending instead of histories, as CSV: class, output, expected
    #[arg(long, conflicts_with_all = ["customers", "first"])]
    relations: bool,
}

/// Writes a history for each customer.
pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    let population = Population::new(arguments.seed)?;
    if arguments.relations {
        return write_relations(&population);
    }
    let customers = arguments.customers.unwrap_or_default();
    let progress = ProgressBar::new(customers)
        .with_style(progress_style("{pos} of {len} customers, {per_sec}"));
    let mut lines = JsonLines::new();
    let last = arguments.first.checked_add(customers);
    let last = last.ok_or("--first and --customers: there are no more than 2^64 customers")?;
    for index in progress.wrap_iter(arguments.first..last) {
        if !lines.write(&population.customer(index))? {
            return Ok(ExitCode::SUCCESS);
        }
    }
    lines.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn write_relations(population: &Population) -> CommandResult {
    let mut table = csv::Writer::from_writer(output::stdout());
    for relation in population.relations() {
        table.serialize(relation)?;
    }
    table.flush()?;
    Ok(ExitCode::SUCCESS)
}
