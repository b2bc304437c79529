//! A folder of parts, one for each unit. A part is there as a whole or not at all: what is there need not be done again.
//!
//! ```text
//! DIR/part-000000.ndjson    the answers of unit 0, in order
//! DIR/_plan.json            what the parts are of: a run with another plan is refused
//! DIR/_customers/…          for each part: how many customers, how many refused, and a mark for each of a table's
//! DIR/.part-000001.ndjson   a part that is being written
//! ```

mod marks;
mod part;
mod plan;
mod write;

pub use write::{Outcome, OutputFormat};
