//! Taxonomy: the model's spending classes, and the class that each MCC (ISO 18245) falls into.

use std::ops::RangeInclusive;

use rustc_hash::FxHashMap;

/// The group whose classes are money coming in: known to the taxonomy, but not spending.
pub const INCOME_GROUP: &str = "income";

/// How many codes ISO 18245 can express: four decimal digits.
const MCC_CODES: usize = 10_000;

/// The columns before the trait coefficients, in this order.
const LEADING_COLUMNS: [&str; 4] = ["class", "title", "group", "mcc"];

/// The place of a spending class in the model's input, `0..K`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassIndex(u16);

impl ClassIndex {
    /// The column of this class in a profile.
    #[must_use]
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

/// The place of an income class among [`Taxonomy::income_classes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IncomeIndex(u16);

impl IncomeIndex {
    /// The place.
    #[must_use]
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

/// What a transaction of a class or an MCC is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Booking {
    /// Spending in this class.
    Spending(ClassIndex),
    /// Money coming in (salary, pension): recognised, but no part of a profile.
    Income(IncomeIndex),
}

/// One row of `taxonomy.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// The name used in histories and answers, such as `restaurants`.
    pub id: String,
    /// The name people read, such as `Restaurants`.
    pub title: String,
    /// The group that the class belongs to, such as `food`.
    pub group: String,
    /// The ISO 18245 codes that fall into this class.
    pub mcc: Vec<RangeInclusive<u16>>,
    /// One coefficient for each of [`Taxonomy::traits`]; zero where no source gives a sign.
    pub coefficients: Vec<f64>,
}

/// Spending classes in the order of the model's input, with an index by name and one by MCC.
#[derive(Debug, Clone)]
pub struct Taxonomy {
    spending: Vec<Class>,
    income: Vec<Class>,
    traits: Vec<String>,
    by_name: FxHashMap<Vec<u8>, Booking>,
    by_mcc: Vec<Option<Booking>>,
}

/// Why a `taxonomy.csv` was refused.
#[derive(Debug, thiserror::Error)]
pub enum TaxonomyError {
    /// The file is not CSV, or a row has more or fewer cells than the header.
    #[error("not a readable CSV: {0}")]
    Csv(#[from] csv::Error),
    /// The header lacks a column or names it in another place.
    #[error("the header must begin with class,title,group,mcc and end with source")]
    Header,
    /// A cell has no value that its column may have.
    #[error("line {line}, column {column}: {reason}")]
    Cell {
        /// The line in the file, from 1.
        line: u64,
        /// The column's name.
        column: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no spending class.
    #[error("no spending class")]
    Empty,
}

impl Taxonomy {
    /// Reads the text of a `taxonomy.csv`: `class,title,group,mcc`, one column for each trait, `source`.
    ///
    /// `mcc` holds codes and ranges with blanks between them: `5812-5814 5462`.
    ///
    /// # Errors
    /// When a class is named twice, an MCC falls into two classes, or a cell does not parse: the line is named.
    pub fn from_csv(text: &str) -> Result<Self, TaxonomyError> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let traits = trait_columns(reader.headers()?)?;
        let mut taxonomy = Self {
            spending: Vec::new(),
            income: Vec::new(),
            traits,
            by_name: FxHashMap::default(),
            by_mcc: vec![None; MCC_CODES],
        };
        for row in reader.records() {
            taxonomy.add_row(&row?)?;
        }
        if taxonomy.spending.is_empty() {
            return Err(TaxonomyError::Empty);
        }
        Ok(taxonomy)
    }

    /// The spending classes, in the order of a profile's K columns.
    #[must_use]
    pub fn classes(&self) -> &[Class] {
        &self.spending
    }

    /// The classes of money coming in.
    #[must_use]
    pub fn income_classes(&self) -> &[Class] {
        &self.income
    }

    /// The traits that the classes have coefficients for, in column order.
    #[must_use]
    pub fn traits(&self) -> &[String] {
        &self.traits
    }

    /// The spending class at a place, `0..K`.
    pub(crate) fn spending_class(&self, place: usize) -> Option<ClassIndex> {
        let index = u16::try_from(place).ok().map(ClassIndex)?;
        (place < self.spending.len()).then_some(index)
    }

    /// The income class at a place among [`Taxonomy::income_classes`].
    pub(crate) fn income_class(&self, place: usize) -> Option<IncomeIndex> {
        let index = u16::try_from(place).ok().map(IncomeIndex)?;
        (place < self.income.len()).then_some(index)
    }

    /// The class that transactions of a booking belong to; `None` for a booking of another taxonomy.
    #[must_use]
    pub fn class_of(&self, booking: Booking) -> Option<&Class> {
        match booking {
            Booking::Spending(class) => self.spending.get(class.get()),
            Booking::Income(class) => self.income.get(class.get()),
        }
    }

    /// The class of this name, if the taxonomy has it.
    #[must_use]
    pub fn booking_of_class(&self, name: &str) -> Option<Booking> {
        self.booking_of_class_text(name.as_bytes())
    }

    /// As [`Taxonomy::booking_of_class`], for bytes that need not be text.
    #[inline]
    pub(crate) fn booking_of_class_text(&self, name: &[u8]) -> Option<Booking> {
        self.by_name.get(name).copied()
    }

    /// The class that this MCC falls into, if any does.
    #[inline]
    #[must_use]
    pub fn booking_of_mcc(&self, mcc: u16) -> Option<Booking> {
        self.by_mcc.get(usize::from(mcc)).copied().flatten()
    }

    fn add_row(&mut self, row: &csv::StringRecord) -> Result<(), TaxonomyError> {
        let line = row.position().map_or(0, csv::Position::line);
        let fault = |column: &str, reason: String| TaxonomyError::Cell {
            line,
            column: column.to_owned(),
            reason,
        };

        let id = row[0].to_owned();
        let well_formed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if id.is_empty() || !id.chars().all(well_formed) {
            return Err(fault(
                "class",
                "a class is named with a-z, 0-9 and hyphens".to_owned(),
            ));
        }
        let mcc = ranges(&row[3]).map_err(|reason| fault("mcc", reason))?;
        let coefficients = self
            .traits
            .iter()
            .zip(row.iter().skip(LEADING_COLUMNS.len()))
            .map(|(name, cell)| coefficient(cell).map_err(|reason| fault(name, reason)))
            .collect::<Result<Vec<f64>, _>>()?;
        let class = Class {
            id: id.clone(),
            title: row[1].to_owned(),
            group: row[2].to_owned(),
            mcc,
            coefficients,
        };

        let booking = if class.group == INCOME_GROUP {
            let index = u16::try_from(self.income.len())
                .map_err(|_| fault("class", "more than 65,536 income classes".to_owned()))?;
            Booking::Income(IncomeIndex(index))
        } else {
            let index = u16::try_from(self.spending.len())
                .map_err(|_| fault("class", "more than 65,536 classes".to_owned()))?;
            Booking::Spending(ClassIndex(index))
        };
        for code in class.mcc.iter().cloned().flatten() {
            if self.by_mcc[usize::from(code)].replace(booking).is_some() {
                return Err(fault("mcc", format!("{code:04} is in another class too")));
            }
        }
        if self.by_name.insert(id.into_bytes(), booking).is_some() {
            return Err(fault("class", "another row has the same class".to_owned()));
        }
        match booking {
            Booking::Spending(_) => self.spending.push(class),
            Booking::Income(_) => self.income.push(class),
        }
        Ok(())
    }
}

fn trait_columns(header: &csv::StringRecord) -> Result<Vec<String>, TaxonomyError> {
    let names: Vec<&str> = header.iter().collect();
    let Some((&"source", before_source)) = names.split_last() else {
        return Err(TaxonomyError::Header);
    };
    before_source
        .strip_prefix(&LEADING_COLUMNS)
        .map(|traits| traits.iter().map(|&name| name.to_owned()).collect())
        .ok_or(TaxonomyError::Header)
}

fn ranges(cell: &str) -> Result<Vec<RangeInclusive<u16>>, String> {
    cell.split_ascii_whitespace()
        .map(|item| {
            let (first, last) = item.split_once('-').unwrap_or((item, item));
            let (first, last) = (code(first)?, code(last)?);
            if first > last {
                return Err(format!("{item} runs backwards"));
            }
            Ok(first..=last)
        })
        .collect()
}

fn code(text: &str) -> Result<u16, String> {
    if text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_err(|_| format!("{text} is not an MCC"))
    } else {
        Err(format!("{text} is not an MCC of four digits"))
    }
}

fn coefficient(cell: &str) -> Result<f64, String> {
    if cell.is_empty() {
        return Ok(0.0);
    }
    match cell.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(format!("{cell} is not a coefficient")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "class,title,group,mcc,openness,source\n";

    fn taxonomy(rows: &str) -> Result<Taxonomy, TaxonomyError> {
        Taxonomy::from_csv(&format!("{HEADER}{rows}"))
    }

    #[test]
    fn class_is_found_by_name_and_by_every_code_of_its_ranges() {
        let taxonomy =
            taxonomy("rent,Rent,home,6513,,\npubs,Pubs,food,5811-5813 5921,1.5,own\n").unwrap();
        let pubs = taxonomy.booking_of_class("pubs");
        assert_eq!(pubs, Some(Booking::Spending(ClassIndex(1))));
        for code in [5811, 5812, 5813, 5921] {
            assert_eq!(taxonomy.booking_of_mcc(code), pubs);
        }
        assert_eq!(taxonomy.booking_of_mcc(5814), None);
        assert_eq!(taxonomy.booking_of_mcc(u16::MAX), None);
        assert_eq!(taxonomy.classes()[1].coefficients, [1.5]);
    }

    #[test]
    fn income_class_is_known_and_has_no_column() {
        let taxonomy = taxonomy("salary,Salary,income,,,\nrent,Rent,home,,,\n").unwrap();
        let booking = taxonomy.booking_of_class("salary").unwrap();
        assert_eq!(booking, Booking::Income(IncomeIndex(0)));
        assert_eq!(taxonomy.class_of(booking).unwrap().id, "salary");
        assert_eq!(taxonomy.classes().len(), 1);
        assert_eq!(taxonomy.income_classes().len(), 1);
    }

    #[test]
    fn bad_cell_is_named_by_line_and_column() {
        for (rows, part) in [
            ("a,A,g,5812,,\nb,B,g,5812,,\n", "line 3, column mcc: 5812"),
            ("a,A,g,,,\na,A,g,,,\n", "line 3, column class"),
            ("a,A,g,5814-5812,,\n", "line 2, column mcc"),
            ("a,A,g,581,,\n", "line 2, column mcc"),
            ("a,A,g,,NaN,\n", "line 2, column openness"),
            ("A b,A,g,,,\n", "line 2, column class"),
        ] {
            let message = taxonomy(rows).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
        assert!(matches!(taxonomy(""), Err(TaxonomyError::Empty)));
        assert!(matches!(
            Taxonomy::from_csv("class,title\n"),
            Err(TaxonomyError::Header)
        ));
    }
}
