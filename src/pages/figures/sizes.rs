//! Sizes of micro-segments in a run: a bar for each, beside the model's population and another run.

use crate::numbers::{float, percent_of_tenths};
use crate::svg::{Element, Figure, Mark, Scale, Table, fitted};
use crate::tally::Tally;

const WIDTH: f64 = 460.0;
const ROW: f64 = 30.0;
const TOP: f64 = 26.0;
const LEFT: f64 = 190.0;
const RIGHT: f64 = 404.0;

pub(crate) fn figure(run: &Tally, other: Option<&Tally>) -> Figure {
    let shares = run
        .segments
        .iter()
        .enumerate()
        .flat_map(|(place, (.., share))| {
            let other = other.map_or(0.0, |other| other.share(place));
            [run.share(place), *share, other]
        });
    let most = shares.fold(0.05_f64, f64::max);
    let scale = Scale::of(0.0, most * 1.04, LEFT, RIGHT);
    let bottom = TOP + ROW * float(run.segments.len());
    let mut ground = legend(other.is_some());
    for value in scale.ticks(4) {
        let x = scale.at(value);
        ground.push(Element::line((x, TOP), (x, bottom)).class("grid"));
        let text = Element::text(
            x,
            bottom + 15.0,
            percent_of_tenths(value).replace(".0 ", " "),
        );
        ground.push(text.class("tick").set("text-anchor", "middle"));
    }
    let rows = 0..run.segments.len();
    Figure {
        id: "sizes".to_owned(),
        title: "How large the micro-segments are".to_owned(),
        caption: "The share of the customers in each micro-segment after the last period. The line is its share in the population \
            that the model was built on: where a bar is far from it, these customers are others."
            .to_owned(),
        width: WIDTH,
        height: bottom + 22.0,
        ground,
        marks: rows.map(|place| mark(run, other, place, &scale)).collect(),
        table: table(run, other),
    }
}

fn legend(has_other: bool) -> Vec<Element> {
    let mut legend = vec![
        Element::rect(LEFT, 5.0, 14.0, 9.0).class("size"),
        Element::text(LEFT + 19.0, 13.0, "this run").class("tick"),
        Element::line((LEFT + 82.0, 4.0), (LEFT + 82.0, 15.0)).class("whisker"),
        Element::text(LEFT + 88.0, 13.0, "the model").class("tick"),
    ];
    if has_other {
        legend.push(Element::circle((LEFT + 158.0, 9.5), 4.5).class("measure c"));
        legend.push(Element::text(LEFT + 167.0, 13.0, "the other run").class("tick"));
    }
    legend
}

fn mark(run: &Tally, other: Option<&Tally>, place: usize, scale: &Scale) -> Mark {
    let (id, label, expected) = &run.segments[place];
    let y = TOP + ROW * (float(place) + 0.5);
    let share = run.share(place);
    let name = fitted(&format!("{id} {label}"), LEFT - 12.0, 12.0);
    let mut shapes = vec![
        Element::rect(0.0, y - ROW / 2.0, WIDTH, ROW).class("target"),
        Element::rect(LEFT, y - 8.0, scale.at(share) - LEFT, 16.0).class("size"),
        Element::line(
            (scale.at(*expected), y - 12.0),
            (scale.at(*expected), y + 12.0),
        )
        .class("whisker"),
    ];
    let beside = other.map(|other| other.share(place));
    if let Some(beside) = beside {
        shapes.push(Element::circle((scale.at(beside), y), 4.5).class("measure c"));
    }
    shapes.push(Element::text(LEFT - 8.0, y + 4.0, name).set("text-anchor", "end"));
    let value = Element::text(WIDTH - 4.0, y + 4.0, percent_of_tenths(share));
    shapes.push(value.class("value").set("text-anchor", "end"));
    let beside = beside.map_or(String::new(), |beside| {
        format!(", in the other run {}", percent_of_tenths(beside))
    });
    Mark {
        label: format!(
            "{id} {label}: {} of the customers, in the model's population {}{beside}",
            percent_of_tenths(share),
            percent_of_tenths(*expected)
        ),
        shapes,
    }
}

fn table(run: &Tally, other: Option<&Tally>) -> Table {
    let heads = [
        "micro-segment",
        "customers",
        "share",
        "in the model",
        "in the other run",
    ];
    let columns = if other.is_some() { 5 } else { 4 };
    let rows = run
        .segments
        .iter()
        .enumerate()
        .map(|(place, (id, label, expected))| {
            let mut row = vec![
                format!("{id} {label}"),
                run.sizes[place].to_string(),
                percent_of_tenths(run.share(place)),
                percent_of_tenths(*expected),
            ];
            row.extend(other.map(|other| percent_of_tenths(other.share(place))));
            row
        });
    Table {
        heads: heads[..columns]
            .iter()
            .map(|head| (*head).to_owned())
            .collect(),
        rows: rows.collect(),
    }
}
