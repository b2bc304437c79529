//! Attractors and their basins, and cells that show how outputs differ from those of the population.

use crate::documents::{Attractors, Spread};
use crate::numbers::{float, percent, plain, signed};
use crate::svg::{Element, Figure, Mark, Scale, Table, shortened};

const ROW: f64 = 26.0;
const TOP: f64 = 30.0;
const NAMES: f64 = 292.0;
const BARS: f64 = 402.0;
const CELL: f64 = 48.0;

/// How the cells are read.
pub(super) const LEGEND: &str = "The cells show each output against the population's mean, in standard deviations: red is above it, blue is below.";

pub(crate) fn figure(attractors: &Attractors, population: &Spread) -> Figure {
    let largest = attractors.attractors.iter().map(|one| one.basin);
    let scale = Scale::of(0.0, largest.fold(0.01, f64::max), NAMES, BARS - 34.0);
    let mut ground = output_heads(&attractors.outputs, BARS + 12.0, CELL, TOP);
    let mut marks = Vec::new();
    for (row, attractor) in attractors.attractors.iter().enumerate() {
        let y = TOP + ROW * float(row);
        let name = format!("{}  {}", attractor.id, attractor.label);
        ground.push(Element::text(4.0, y + 17.0, shortened(&name, 46)).class("name"));
        let end = scale.at(attractor.basin);
        marks.push(Mark {
            label: format!(
                "{name}: {} of the searched starts end in it",
                percent(attractor.basin)
            ),
            shapes: vec![
                Element::rect(NAMES, y + 5.0, end - NAMES, ROW - 10.0).class("size"),
                Element::text(end + 5.0, y + 17.0, percent(attractor.basin)).class("tick"),
            ],
        });
        marks.extend(deviation_cells(
            &attractor.traits,
            population,
            &attractors.outputs,
            &name,
            (BARS + 12.0, y),
            (CELL, ROW),
        ));
    }
    Figure {
        id: "attractors".to_owned(),
        title: "Attractors and their basins".to_owned(),
        caption: format!(
            "States in which the network comes to rest when a customer's spending stays as it is, and the part of the searched \
            starts that ends in each. {LEGEND}"
        ),
        width: BARS + 12.0 + CELL * float(attractors.outputs.len()) + 4.0,
        height: TOP + ROW * float(attractors.attractors.len()) + 4.0,
        ground,
        marks,
        table: table(attractors),
    }
}

/// The outputs' names above a block of cells.
pub(super) fn output_heads(outputs: &[String], left: f64, cell: f64, top: f64) -> Vec<Element> {
    let heads = outputs.iter().enumerate().map(|(index, name)| {
        let x = left + cell * (float(index) + 0.5);
        Element::text(x, top - 8.0, shortened(name, 7))
            .class("tick")
            .set("text-anchor", "middle")
    });
    heads.collect()
}

/// A row of cells, one for each output.
pub(super) fn deviation_cells(
    numbers: &[f64],
    population: &Spread,
    outputs: &[String],
    of: &str,
    corner: (f64, f64),
    size: (f64, f64),
) -> Vec<Mark> {
    let spread = population.mean.iter().zip(&population.deviation);
    let cells = numbers.iter().zip(spread).zip(outputs).enumerate();
    cells
        .map(|(index, ((number, (mean, deviation)), output))| {
            let away = if *deviation > 0.0 {
                (number - mean) / deviation
            } else {
                0.0
            };
            let x = corner.0 + size.0 * float(index);
            let shade = diverging(away / 1.6);
            let text = Element::text(x + size.0 / 2.0, corner.1 + 17.0, one_decimal(away));
            Mark {
                label: format!(
                    "{of}: {output} {} ({} deviations)",
                    plain(*number),
                    signed(away)
                ),
                shapes: vec![
                    Element::rect(x + 0.5, corner.1 + 0.5, size.0 - 1.0, size.1 - 1.0)
                        .class(&format!("shade {shade}")),
                    text.class(if shade.ends_with('4') {
                        "cell light"
                    } else {
                        "cell"
                    })
                    .set("text-anchor", "middle"),
                ],
            }
        })
        .collect()
}

fn one_decimal(number: f64) -> String {
    match format!("{:.1}", number.abs()) {
        zero if zero == "0.0" => "0".to_owned(),
        size if number < 0.0 => format!("−{size}"),
        size => format!("+{size}"),
    }
}

/// The class of a colour between blue and red, for a number between -1 and 1.
pub(super) fn diverging(part: f64) -> String {
    let size = part.abs();
    let steps = [0.1, 0.3, 0.55, 0.8];
    let step = steps.iter().filter(|least| size >= **least).count();
    match step {
        0 => "none".to_owned(),
        step if part < 0.0 => format!("l{step}"),
        step => format!("r{step}"),
    }
}

fn table(attractors: &Attractors) -> Table {
    let heads = ["attractor", "label", "basin"].map(str::to_owned);
    let rows = attractors.attractors.iter().map(|attractor| {
        let traits = attractor.traits.iter().map(|number| format!("{number:.3}"));
        [
            attractor.id.clone(),
            attractor.label.clone(),
            percent(attractor.basin),
        ]
        .into_iter()
        .chain(traits)
        .collect()
    });
    Table {
        heads: heads
            .into_iter()
            .chain(attractors.outputs.iter().cloned())
            .collect(),
        rows: rows.collect(),
    }
}
