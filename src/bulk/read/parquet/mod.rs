//! Tables of transactions as Parquet: only the columns that are needed are read from the disk.

mod arrays;
mod read;
mod table;

pub(crate) use read::read;
pub(crate) use table::{ParquetTable, RowGroups};
