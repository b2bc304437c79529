//! Micro-segments as a tree: sizes of the groups and their parts, and how their outputs differ from the population.

use super::attractors::{LEGEND, deviation_cells, output_heads};
use crate::documents::{Segments, Spread};
use crate::numbers::{float, percent};
use crate::svg::{Element, Figure, Mark, Scale, Table, shortened};

const ROW: f64 = 26.0;
const TOP: f64 = 30.0;
const INDENT: f64 = 16.0;
const NAMES: f64 = 292.0;
const BARS: f64 = 402.0;
const CELL: f64 = 48.0;

/// `population` is the spread of the outputs, in the order of the tables.
pub(crate) fn figure(segments: &Segments, population: &Spread) -> Figure {
    let width = BARS + 12.0 + CELL * float(segments.outputs.len()) + 4.0;
    let scale = Scale::of(0.0, 1.0, NAMES, BARS - 34.0);
    let mut ground = output_heads(&segments.outputs, BARS + 12.0, CELL, TOP);
    let mut marks = Vec::new();
    for (row, segment) in segments.all.iter().enumerate() {
        let y = TOP + ROW * float(row);
        let depth = float(segment.id.matches('.').count());
        let name = format!("{}  {}", segment.id, segment.label);
        let class = if depth > 0.0 { "name" } else { "name strong" };
        let most = if depth > 0.0 { 45 } else { 43 };
        ground.push(
            Element::text(4.0 + INDENT * depth, y + 17.0, shortened(&name, most)).class(class),
        );
        let class = if depth > 0.0 { "size part" } else { "size" };
        marks.push(Mark {
            label: format!("{name}: {} of the population", percent(segment.share)),
            shapes: vec![
                Element::rect(NAMES, y + 5.0, scale.at(segment.share) - NAMES, ROW - 10.0)
                    .class(class),
                Element::text(
                    scale.at(segment.share) + 5.0,
                    y + 17.0,
                    percent(segment.share),
                )
                .class("tick"),
            ],
        });
        marks.extend(deviation_cells(
            &segment.traits,
            population,
            &segments.outputs,
            &name,
            (BARS + 12.0, y),
            (CELL, ROW),
        ));
    }
    Figure {
        id: "segments".to_owned(),
        title: "Micro-segments, their sizes and their outputs".to_owned(),
        caption: format!(
            "Groups of customers whose trajectories end close together, and their parts. {LEGEND}{}",
            segments.stability.map_or(String::new(), |stability| {
                format!(" Found again in resampled populations with an adjusted Rand index of {stability:.2}.")
            })
        ),
        width,
        height: TOP + ROW * float(segments.all.len()) + 4.0,
        ground,
        marks,
        table: table(segments),
    }
}

fn table(segments: &Segments) -> Table {
    let heads = ["segment", "label", "of the population"].map(str::to_owned);
    let rows = segments.all.iter().map(|segment| {
        let traits = segment.traits.iter().map(|number| format!("{number:.3}"));
        [
            segment.id.clone(),
            segment.label.clone(),
            percent(segment.share),
        ]
        .into_iter()
        .chain(traits)
        .collect()
    });
    Table {
        heads: heads
            .into_iter()
            .chain(segments.outputs.iter().cloned())
            .collect(),
        rows: rows.collect(),
    }
}
