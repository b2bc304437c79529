//! Which columns of a table hold what.

use super::BulkError;
use microseg_history::{Moment, UnknownClass};

/// The names of the columns that are read; others are left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnNames {
    /// Who the transaction is of.
    pub customer: String,
    /// When it was.
    pub timestamp: String,
    /// How much it was: money out is negative.
    pub amount: String,
    /// Its class of the model's taxonomy; a table may lack this column or the next one.
    pub class: String,
    /// Its merchant category code.
    pub mcc: String,
}

/// How tables of transactions are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSettings {
    /// The names of the columns.
    pub columns: ColumnNames,
    /// Where the window ends, exclusive; by default with each customer's last transaction.
    pub as_of: Option<Moment>,
    /// What becomes of a class that the taxonomy lacks.
    pub unknown_class: UnknownClass,
    /// What stands between two fields of CSV.
    pub delimiter: u8,
}

/// Where the columns stand in one table, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) customer: usize,
    pub(super) timestamp: usize,
    pub(super) amount: usize,
    pub(super) class: Option<usize>,
    pub(super) mcc: Option<usize>,
}

impl ColumnNames {
    /// Finds the columns among a table's.
    ///
    /// # Errors
    /// [`BulkError`] naming a column that is missing, and those that there are.
    pub(super) fn find(&self, input: &str, columns: &[String]) -> Result<Places, BulkError> {
        let find = |name: &String| {
            let mut places = (0..columns.len()).filter(|&place| columns[place] == *name);
            match (places.next(), places.next()) {
                (place, None) => Ok(place),
                _ => Err(BulkError::SeveralColumns {
                    input: input.to_owned(),
                    column: name.clone(),
                }),
            }
        };
        let missing = |column: String| BulkError::NoColumn {
            input: input.to_owned(),
            column,
            columns: columns.to_vec(),
        };
        let find_needed = |name: &String| find(name)?.ok_or_else(|| missing(name.clone()));
        let places = Places {
            customer: find_needed(&self.customer)?,
            timestamp: find_needed(&self.timestamp)?,
            amount: find_needed(&self.amount)?,
            class: find(&self.class)?,
            mcc: find(&self.mcc)?,
        };
        if places.class.is_none() && places.mcc.is_none() {
            return Err(missing(format!("{} or {}", self.class, self.mcc)));
        }
        Ok(places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(columns: &[&str]) -> Result<Places, String> {
        let names = ColumnNames {
            customer: "who".to_owned(),
            timestamp: "when".to_owned(),
            amount: "amount".to_owned(),
            class: "class".to_owned(),
            mcc: "mcc".to_owned(),
        };
        let columns: Vec<String> = columns.iter().map(|&name| name.to_owned()).collect();
        names
            .find("t.csv", &columns)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn columns_stand_anywhere_and_one_of_class_and_mcc_is_enough() {
        let places = find(&["mcc", "amount", "x", "x", "when", "who"]).unwrap();
        assert_eq!(
            (places.customer, places.timestamp, places.amount),
            (5, 4, 1)
        );
        assert_eq!((places.class, places.mcc), (None, Some(0)));
    }

    #[test]
    fn what_is_missing_is_named_with_what_there_is() {
        assert_eq!(
            find(&["who", "amount", "mcc"]).unwrap_err(),
            "t.csv: no column is named when; the columns are: who, amount, mcc"
        );
        let neither = find(&["who", "when", "amount"]).unwrap_err();
        assert!(
            neither.contains("no column is named class or mcc"),
            "{neither}"
        );
        let twice = find(&["who", "who", "when", "amount", "mcc"]).unwrap_err();
        assert_eq!(twice, "t.csv: several columns are named who");
    }
}
