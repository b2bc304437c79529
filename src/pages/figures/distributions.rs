//! Distributions of the outputs in a run: a panel for each, with the outline of another run.

use crate::histogram::Histogram;
use crate::numbers::{float, percent_of_tenths, plain, tick};
use crate::svg::{Element, Figure, Mark, Scale, Table, shortened};
use crate::tally::Tally;

const WIDTH: f64 = 460.0;
const ROW: f64 = 74.0;
const LEFT: f64 = 132.0;
const RIGHT: f64 = 440.0;
const HIGH: f64 = 46.0;

pub(crate) fn figure(run: &Tally, other: Option<&Tally>) -> Figure {
    let mut ground = Vec::new();
    let mut marks = Vec::new();
    for (row, (name, histogram)) in run.outputs.iter().enumerate() {
        let bottom = ROW * float(row) + HIGH + 8.0;
        let beside = other.map(|other| &other.outputs[row].1);
        let shares = histogram.shares();
        let most = shares
            .chain(beside.into_iter().flat_map(Histogram::shares))
            .fold(1e-9, f64::max);
        let scale = Scale::of(histogram.from, histogram.to, LEFT, RIGHT);
        ground.push(Element::rect(LEFT, bottom - HIGH, RIGHT - LEFT, HIGH).class("panel"));
        for value in scale.ticks(4) {
            let text = Element::text(scale.at(value), bottom + 13.0, tick(value));
            ground.push(text.class("tick").set("text-anchor", "middle"));
        }
        let text = Element::text(LEFT - 8.0, bottom - HIGH / 2.0 + 4.0, shortened(name, 18));
        ground.push(text.set("text-anchor", "end"));
        marks.push(panel(name, histogram, bottom, most));
        if let Some(beside) = beside {
            ground.push(outline(beside, bottom, most).class("path"));
        }
    }
    Figure {
        id: "distributions".to_owned(),
        title: "What the outputs are".to_owned(),
        caption: if other.is_some() {
            "The numbers of all customers after their last period, as bars; the red line is the other run. What is beyond the \
            ends is in the last bars."
        } else {
            "The numbers of all customers after their last period. What is beyond the ends is in the last bars."
        }
        .to_owned(),
        width: WIDTH,
        height: ROW * float(run.outputs.len()) + 2.0,
        ground,
        marks,
        table: table(run, other),
    }
}

fn panel(name: &str, histogram: &Histogram, bottom: f64, most: f64) -> Mark {
    let width = (RIGHT - LEFT) / float(histogram.bins.len());
    let bars = histogram.shares().enumerate().map(|(bin, share)| {
        let height = (HIGH - 4.0) * share / most;
        Element::rect(
            LEFT + width * float(bin) + 0.5,
            bottom - height,
            width - 1.0,
            height,
        )
        .class("size")
    });
    let mean = histogram.mean().map_or("–".to_owned(), plain);
    Mark {
        label: format!("{name}: mean {mean}"),
        shapes: bars.collect(),
    }
}

/// The tops of the bars as a line of steps.
fn outline(histogram: &Histogram, bottom: f64, most: f64) -> Element {
    let width = (RIGHT - LEFT) / float(histogram.bins.len());
    let steps = histogram.shares().enumerate().flat_map(|(bin, share)| {
        let (left, y) = (
            LEFT + width * float(bin),
            bottom - (HIGH - 4.0) * share / most,
        );
        [(left, y), (left + width, y)]
    });
    Element::points("polyline", &steps.collect::<Vec<_>>())
}

fn table(run: &Tally, other: Option<&Tally>) -> Table {
    let mut heads = vec!["output", "mean", "largest bar"];
    heads.extend(other.map(|_| "mean of the other run"));
    let shown = |mean: Option<f64>| mean.map_or("–".to_owned(), plain);
    let rows = run
        .outputs
        .iter()
        .enumerate()
        .map(|(row, (name, histogram))| {
            let largest = histogram.shares().fold(0.0, f64::max);
            let mut cells = vec![
                name.clone(),
                shown(histogram.mean()),
                percent_of_tenths(largest),
            ];
            cells.extend(other.map(|other| shown(other.outputs[row].1.mean())));
            cells
        });
    Table {
        rows: rows.collect(),
        heads: heads.into_iter().map(str::to_owned).collect(),
    }
}
