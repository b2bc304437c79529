//! Page of a run over many customers, and of the same beside another run.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::drawing::Drawing;
use crate::figures::flows::{Band, Flows};
use crate::figures::{distributions, flows, sizes};
use crate::frame::Frame;
use crate::numbers::{float, grouped, percent_of_tenths};
use crate::render::{PageError, page};
use crate::svg::Figure;
use crate::tally::{Tally, share};

/// How many periods the flows show: the last ones.
const PERIODS: usize = 6;

#[derive(Serialize)]
struct View {
    heading: String,
    sub: String,
    cards: Vec<Card>,
    figures: Vec<Drawing>,
}

#[derive(Serialize)]
struct Card {
    title: &'static str,
    text: String,
}

/// The page of a run, named by where it is; with another one beside it.
///
/// # Errors
/// [`PageError`] for a fault of the template.
pub fn population_page(
    (name, run): (&str, &Tally),
    other: Option<(&str, &Tally)>,
    frame: &Frame<'_>,
) -> Result<String, PageError> {
    let beside = other.map(|(_, other)| other);
    let moves = other.map(|(other_name, other)| moves((name, run), (other_name, other)));
    let figures = [
        Some(sizes::figure(run, beside)),
        Some(distributions::figure(run, beside)),
        periods(run),
        moves,
    ];
    let heading = format!("Customers of {name}");
    let view = View {
        sub: format!(
            "{} customers scored, {} refused{}",
            count(run.customers),
            count(run.refused),
            other.map_or(String::new(), |(name, other)| format!(
                "; beside {name} with {}",
                count(other.customers)
            ))
        ),
        cards: cards(run, beside),
        figures: figures.iter().flatten().map(Drawing::new).collect(),
        heading: heading.clone(),
    };
    let template = concat!(
        include_str!("templates/figure.html"),
        include_str!("templates/population.html")
    );
    page(frame, &heading, template, view)
}

fn count(number: u64) -> String {
    grouped(float(usize::try_from(number).unwrap_or(usize::MAX)))
}

fn cards(run: &Tally, other: Option<&Tally>) -> Vec<Card> {
    let mut cards = Vec::new();
    let places = 0..run.segments.len();
    if let Some(largest) = places.clone().max_by_key(|place| run.sizes[*place]) {
        let (id, label, expected) = &run.segments[largest];
        cards.push(Card {
            title: "Which micro-segment is the largest?",
            text: format!(
                "{id} ({label}): {} of the customers; {} of the model's population.",
                percent_of_tenths(run.share(largest)),
                percent_of_tenths(*expected)
            ),
        });
    }
    let difference = |place: usize| (run.share(place) - run.segments[place].2).abs();
    let moved: f64 = places.map(difference).sum::<f64>() / 2.0;
    cards.push(Card {
        title: "Are these customers like the model's?",
        text: format!(
            "{} of them would have to be in another micro-segment for the sizes to be those of the model's population.",
            percent_of_tenths(moved)
        ),
    });
    if let Some(([before, after], changed)) = lately(run) {
        cards.push(Card {
            title: "How many changed lately?",
            text: format!(
                "{} of the customers changed the micro-segment from {} to {}.",
                percent_of_tenths(changed),
                before,
                after
            ),
        });
    }
    if let Some(other) = other {
        let pairs = run.moves_to(other);
        let all: u64 = pairs.values().sum();
        let same = pairs.iter().filter(|([from, to], _)| from == to);
        let same: u64 = same.map(|(_, customers)| customers).sum();
        cards.push(Card {
            title: "What is different in the other run?",
            text: format!(
                "{} customers are in both; {} of them are in the same micro-segment.",
                count(all),
                percent_of_tenths(share(same, all))
            ),
        });
    }
    cards
}

/// The last two periods, and the share of the customers who changed the micro-segment between them.
fn lately(run: &Tally) -> Option<([String; 2], f64)> {
    let (last, _) = run.flows.iter().max_by_key(|(flow, _)| &flow.periods[1])?;
    let periods = last.periods.clone();
    let of_last = run.flows.iter().filter(|(flow, _)| flow.periods == periods);
    let (mut all, mut moved) = (0, 0);
    for (flow, customers) in of_last {
        all += customers;
        if flow.segments[0] != flow.segments[1] {
            moved += customers;
        }
    }
    Some((periods, share(moved, all)))
}

fn names(run: &Tally) -> Vec<&str> {
    run.segments.iter().map(|(id, ..)| &**id).collect()
}

/// From period to period; `None` where no customer has two.
fn periods(run: &Tally) -> Option<Figure> {
    let mut all: Vec<&String> = run.flows.keys().flat_map(|flow| &flow.periods).collect();
    all.sort();
    all.dedup();
    let columns = &all[all.len().saturating_sub(PERIODS)..];
    let column = |period: &String| columns.iter().position(|known| *known == period);
    let bands = run.flows.iter().filter_map(|(flow, customers)| {
        let [from, to] = &flow.periods;
        let column = column(from)?;
        // Of periods that follow one another, so that a band has its place.
        (columns.get(column + 1) == Some(&to)).then(|| band(column, flow.segments, *customers))
    });
    let bands: Vec<Band> = bands.collect();
    (!bands.is_empty()).then(|| {
        flows::figure(Flows {
            id: "flows",
            title: "Who moved between micro-segments".to_owned(),
            caption: "Each column is a period, each block a micro-segment, as high as it has customers. Grey bands stay in their \
                micro-segment, coloured ones move. Customers without a period are not in its column."
                .to_owned(),
            columns: columns.iter().map(|period| (*period).clone()).collect(),
            segments: names(run),
            bands,
        })
    })
}

/// From one run to the other, of the customers who are in both.
fn moves((name, run): (&str, &Tally), (other_name, other): (&str, &Tally)) -> Figure {
    let moves: BTreeMap<[usize; 2], u64> = run.moves_to(other);
    let bands = moves.iter();
    flows::figure(Flows {
        id: "runs",
        title: "Where the same customers are in the other run".to_owned(),
        caption: "Customers with the same id in both runs, by their last micro-segment. Grey bands are in the same one."
            .to_owned(),
        columns: vec![name.to_owned(), other_name.to_owned()],
        segments: names(run),
        bands: bands.map(|(segments, customers)| band(0, *segments, *customers)).collect(),
    })
}

fn band(column: usize, [from, to]: [usize; 2], customers: u64) -> Band {
    Band {
        column,
        from,
        to,
        customers: float(usize::try_from(customers).unwrap_or(usize::MAX)),
    }
}
