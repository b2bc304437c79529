//! Spending on each class: how many people do, how much, how often, when, and how the bank books it.

use serde::Deserialize;

use super::error::SimulationError;
use super::season::Season;
use microseg_history::Taxonomy;

const TABLE: &str = "spending.csv";

/// One row of `spending.csv`, in the order of the taxonomy.
#[derive(Debug)]
pub(super) struct ClassSpending {
    /// The logit of the fraction of average people who spend on the class; infinite where all do.
    pub(super) reach: f64,
    /// The class's weight among what a customer spends on, in percent of an average budget.
    pub(super) share: f64,
    pub(super) rhythm: Rhythm,
    /// The place of the class's season in the table of seasons.
    pub(super) season: usize,
    pub(super) hours: Hours,
    /// The usual code of a card payment; without one the class is paid by transfer.
    pub(super) mcc: Option<u16>,
    /// All codes of the class.
    pub(super) codes: Vec<u16>,
}

/// How often money goes out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rhythm {
    /// On fixed days of the year.
    Bills {
        per_year: usize,
        /// The standard deviation of the amount's logarithm.
        spread: f64,
    },
    /// Whenever the customer likes.
    Purchases {
        /// The median amount of a purchase.
        ticket: f64,
        /// The standard deviation of the amount's logarithm.
        spread: f64,
    },
}

/// When in the day a booking happens.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Hours {
    /// Standing orders and direct debits, before the working day.
    Early,
    /// Practices and services.
    Office,
    /// Shops.
    Day,
    /// Going out, and shopping from home.
    Evening,
}

impl Hours {
    /// The first and the last hour, exclusive.
    pub(super) fn span(self) -> (f64, f64) {
        match self {
            Self::Early => (1.0, 6.0),
            Self::Office => (8.0, 18.0),
            Self::Day => (8.0, 21.0),
            Self::Evening => (16.0, 24.0),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum RhythmName {
    Purchase,
    Monthly,
    Quarterly,
}

#[derive(Deserialize)]
struct Row {
    class: String,
    reach: f64,
    share: f64,
    rhythm: RhythmName,
    ticket: Option<f64>,
    spread: f64,
    season: String,
    hours: Hours,
    mcc: Option<u16>,
}

/// Reads the table: one row for each spending class of the taxonomy, in the same order.
pub(super) fn read_spending(
    text: &str,
    taxonomy: &Taxonomy,
    seasons: &[Season],
) -> Result<Vec<ClassSpending>, SimulationError> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut rows = reader.deserialize::<Row>();
    let mut table = Vec::with_capacity(taxonomy.classes().len());
    for class in taxonomy.classes() {
        let fault = |reason| SimulationError::Row {
            table: TABLE,
            row: class.id.clone(),
            reason,
        };
        let row = rows
            .next()
            .ok_or_else(|| fault("the table ends before this class of the taxonomy"))?
            .map_err(SimulationError::csv(TABLE))?;
        if row.class != class.id {
            return Err(fault(
                "the taxonomy has this class where the table has another",
            ));
        }
        let booked_as_class = row
            .mcc
            .is_none_or(|mcc| taxonomy.booking_of_mcc(mcc) == taxonomy.booking_of_class(&class.id));
        if !booked_as_class {
            return Err(fault("the MCC falls into another class"));
        }
        let codes = class.mcc.iter().cloned().flatten().collect();
        let entry = entry(row, seasons, codes).map_err(fault)?;
        table.push(entry);
    }
    match rows.next() {
        None => Ok(table),
        Some(Err(source)) => Err(SimulationError::Csv {
            table: TABLE,
            source,
        }),
        Some(Ok(row)) => Err(SimulationError::Row {
            table: TABLE,
            row: row.class,
            reason: "the taxonomy does not have this spending class",
        }),
    }
}

fn entry(row: Row, seasons: &[Season], codes: Vec<u16>) -> Result<ClassSpending, &'static str> {
    if !(row.reach > 0.0 && row.reach <= 1.0) {
        return Err("reach is above 0 and at most 1");
    }
    if !(row.share > 0.0 && row.share <= 100.0) {
        return Err("share is above 0 and at most 100");
    }
    if !(0.0..=2.0).contains(&row.spread) {
        return Err("spread is from 0 to 2");
    }
    let spread = row.spread;
    let rhythm = match (row.rhythm, row.ticket) {
        (RhythmName::Purchase, Some(ticket)) if ticket > 0.0 && ticket.is_finite() => {
            Rhythm::Purchases { ticket, spread }
        }
        (RhythmName::Purchase, _) => return Err("a purchase needs a ticket above 0"),
        (_, Some(_)) => return Err("the amount of a bill follows from its share, not a ticket"),
        (RhythmName::Monthly, None) => Rhythm::Bills {
            per_year: 12,
            spread,
        },
        (RhythmName::Quarterly, None) => Rhythm::Bills {
            per_year: 4,
            spread,
        },
    };
    let season = seasons
        .iter()
        .position(|season| season.name == row.season)
        .ok_or("seasons.csv does not have this season")?;
    Ok(ClassSpending {
        reach: libm::log(row.reach / (1.0 - row.reach)),
        share: row.share,
        rhythm,
        season,
        hours: row.hours,
        mcc: row.mcc,
        codes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::season::read_seasons;

    const HEADER: &str = "class,reach,share,rhythm,ticket,spread,season,hours,mcc\n";
    const FUEL: &str = "fuel,0.5,3,purchase,50,0.4,even,day,5541\n";
    const RENT: &str = "rent,1,20,monthly,,0,even,early,\n";

    fn read(rows: &[&str]) -> Result<Vec<ClassSpending>, SimulationError> {
        let taxonomy = Taxonomy::from_csv(
            "class,title,group,mcc,source\nfuel,Fuel,t,5541-5542,\nrent,Rent,h,6513,\npay,Pay,income,,\n",
        )?;
        let seasons =
            read_seasons("season,1,2,3,4,5,6,7,8,9,10,11,12\neven,1,1,1,1,1,1,1,1,1,1,1,1\n")?;
        read_spending(&format!("{HEADER}{}", rows.concat()), &taxonomy, &seasons)
    }

    #[test]
    fn table_has_one_row_for_each_class() {
        let table = read(&[FUEL, RENT]).unwrap();
        assert!(matches!(table[0].rhythm, Rhythm::Purchases { ticket, .. } if ticket > 49.0));
        assert!(matches!(
            table[1].rhythm,
            Rhythm::Bills { per_year: 12, .. }
        ));
        assert!(table[0].reach.abs() < 1e-12 && table[1].reach.is_infinite());
        assert_eq!(table[0].codes, [5541, 5542]);
    }

    #[test]
    fn row_that_does_not_fit_is_named() {
        for (rows, part) in [
            (&[FUEL][..], "rent: the table ends"),
            (&[RENT, FUEL], "fuel: the taxonomy has this class where"),
            (&[FUEL, RENT, RENT], "rent: the taxonomy does not have"),
            (&[&FUEL.replace("5541", "6513"), RENT], "fuel: the MCC"),
            (&[&FUEL.replace("5541", "9999"), RENT], "fuel: the MCC"),
            (&[&FUEL.replace("even", "odd"), RENT], "fuel: seasons.csv"),
            (&[&FUEL.replace("50", ""), RENT], "fuel: a purchase"),
            (&[&FUEL.replace("50", "-1"), RENT], "fuel: a purchase"),
            (&[&FUEL.replace("0.4", "NaN"), RENT], "fuel: spread"),
            (&[&FUEL.replace("0.5", "1.5"), RENT], "fuel: reach"),
            (&[&FUEL.replace(",3,", ",0,"), RENT], "fuel: share"),
            (
                &[FUEL, &RENT.replace(",,0", ",9,0")],
                "rent: the amount of a bill",
            ),
        ] {
            let message = read(rows).unwrap_err().to_string();
            assert!(
                message.starts_with(&format!("spending.csv, {part}")),
                "{message}"
            );
        }
        let error = read(&[&FUEL.replace("day", "noon"), RENT]).unwrap_err();
        assert!(matches!(error, SimulationError::Csv { .. }), "{error}");
    }
}
