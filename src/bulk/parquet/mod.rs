//! Tables of transactions as Parquet: only the columns that are needed leave the disk.

mod arrays;
mod read;
mod table;

pub(super) use read::read;
pub(super) use table::{Groups, ParquetTable};
