//! Output into a folder of parts, one for each unit. A part exists as a whole or not at all; a later run skips it.
//!
//! ```text
//! DIR/part-000000.ndjson    the answers of unit 0, in order
//! DIR/_plan.json            what the parts depend on: a run with another plan is refused
//! DIR/_customers/…          for each part: the number of customers and of refusals, and a hash of each customer of a table
//! DIR/.part-000001.ndjson   a part that is being written
//! ```

mod durable;
mod format;
mod part;
mod plan;
mod run;
mod summaries;

pub use format::OutputFormat;
pub use run::FolderSummary;
