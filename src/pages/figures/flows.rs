//! Flows of customers between micro-segments: a column for each period, or for each of two runs.
//!
//! Bands of those who stay are grey, those of the others have a colour: no micro-segment needs a colour of its own.

use std::collections::BTreeMap;

use crate::numbers::{float, grouped, percent_of_tenths};
use crate::svg::{Element, Figure, Mark, Table, shortened};

const WIDTH: f64 = 760.0;
const TOP: f64 = 28.0;
const HEIGHT: f64 = 340.0;
const GAP: f64 = 7.0;
const LEFT: f64 = 54.0;
const RIGHT: f64 = 706.0;
const BLOCK: f64 = 9.0;

/// A band: between which columns, from and to which micro-segment, and of how many customers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Band {
    /// The column that it begins at.
    pub(crate) column: usize,
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) customers: f64,
}

/// What is drawn.
pub(crate) struct Flows<'a> {
    pub(crate) id: &'static str,
    pub(crate) title: String,
    pub(crate) caption: String,
    /// The heads of the columns.
    pub(crate) columns: Vec<String>,
    /// The names of the micro-segments.
    pub(crate) segments: Vec<&'a str>,
    pub(crate) bands: Vec<Band>,
}

pub(crate) fn figure(flows: Flows<'_>) -> Figure {
    let sizes = sizes(&flows);
    let most = sizes.iter().map(|column| column.iter().sum::<f64>());
    let most = most.fold(1.0, f64::max);
    let gaps = GAP * float(flows.segments.len().saturating_sub(1));
    let drawn = Drawn {
        scale: (HEIGHT - gaps).max(60.0) / most,
        flows: &flows,
        sizes,
    };
    let marks = drawn.marks();
    Figure {
        id: flows.id.to_owned(),
        width: WIDTH,
        height: TOP + HEIGHT + 8.0,
        ground: drawn.ground(),
        marks,
        table: table(&flows),
        title: flows.title,
        caption: flows.caption,
    }
}

/// How many customers each micro-segment has in each column: the larger of those that come and those that go.
fn sizes(flows: &Flows<'_>) -> Vec<Vec<f64>> {
    let empty = vec![0.0; flows.segments.len()];
    let (mut going, mut coming) = (
        vec![empty.clone(); flows.columns.len()],
        vec![empty; flows.columns.len()],
    );
    for band in &flows.bands {
        going[band.column][band.from] += band.customers;
        coming[band.column + 1][band.to] += band.customers;
    }
    let columns = going.into_iter().zip(coming);
    columns
        .map(|(going, coming)| {
            going
                .into_iter()
                .zip(coming)
                .map(|(a, b)| a.max(b))
                .collect()
        })
        .collect()
}

struct Drawn<'a> {
    flows: &'a Flows<'a>,
    sizes: Vec<Vec<f64>>,
    /// The height of one customer.
    scale: f64,
}

impl Drawn<'_> {
    fn x(&self, column: usize) -> f64 {
        let steps = float(self.flows.columns.len().saturating_sub(1).max(1));
        LEFT + (RIGHT - LEFT) * float(column) / steps
    }

    /// The upper end of a micro-segment's block.
    fn y(&self, column: usize, segment: usize) -> f64 {
        let above = &self.sizes[column][..segment];
        let customers: f64 = above.iter().sum();
        TOP + customers * self.scale + GAP * float(segment)
    }

    fn ground(&self) -> Vec<Element> {
        let mut ground = Vec::new();
        let last = self.flows.columns.len() - 1;
        for (column, head) in self.flows.columns.iter().enumerate() {
            let x = self.x(column);
            let head = Element::text(x, 14.0, shortened(head, 16));
            ground.push(head.class("tick strong").set("text-anchor", "middle"));
            for (segment, size) in self.sizes[column].iter().enumerate() {
                let (y, height) = (self.y(column, segment), size * self.scale);
                if *size > 0.0 {
                    let block = Element::rect(x - BLOCK / 2.0, y, BLOCK, height.max(1.0));
                    ground.push(block.class("block"));
                }
                let side = match column {
                    0 => Some((x - BLOCK, "end")),
                    column if column == last => Some((x + BLOCK, "start")),
                    _ => None,
                };
                if let Some((x, anchor)) = side.filter(|_| *size > 0.0) {
                    let name =
                        Element::text(x, y + height / 2.0 + 4.0, self.flows.segments[segment]);
                    ground.push(name.class("tick").set("text-anchor", anchor));
                }
            }
        }
        ground
    }

    fn marks(&self) -> Vec<Mark> {
        // How much of each block is taken by the bands that were drawn.
        let mut taken: BTreeMap<(usize, usize, bool), f64> = BTreeMap::new();
        let mut place = |column: usize, segment: usize, is_coming: bool, customers: f64| {
            let taken = taken.entry((column, segment, is_coming)).or_default();
            let y = self.y(column, segment) + *taken * self.scale;
            *taken += customers;
            y
        };
        let bands = self.flows.bands.iter();
        bands
            .map(|band| {
                let from = place(band.column, band.from, false, band.customers);
                let to = place(band.column + 1, band.to, true, band.customers);
                let shape = self.band(band, from, to);
                Mark {
                    label: self.label(band),
                    shapes: vec![shape.class(if band.from == band.to { "stay" } else { "flow" })],
                }
            })
            .collect()
    }

    fn band(&self, band: &Band, from: f64, to: f64) -> Element {
        let (start, end) = (
            self.x(band.column) + BLOCK / 2.0,
            self.x(band.column + 1) - BLOCK / 2.0,
        );
        let middle = f64::midpoint(start, end);
        let thick = band.customers * self.scale;
        let (low, high) = (from + thick, to + thick);
        let path = format!(
            "M{start:.1},{from:.1} C{middle:.1},{from:.1} {middle:.1},{to:.1} {end:.1},{to:.1} \
            L{end:.1},{high:.1} C{middle:.1},{high:.1} {middle:.1},{low:.1} {start:.1},{low:.1} Z"
        );
        Element::new("path").set("d", path)
    }

    fn label(&self, band: &Band) -> String {
        let columns = &self.flows.columns;
        let segments = &self.flows.segments;
        let all: f64 = self.sizes[band.column].iter().sum();
        format!(
            "{} → {}: {} → {}: {} customers ({})",
            columns[band.column],
            columns[band.column + 1],
            segments[band.from],
            segments[band.to],
            grouped(band.customers),
            percent_of_tenths(band.customers / all.max(1.0))
        )
    }
}

fn table(flows: &Flows<'_>) -> Table {
    let rows = flows.bands.iter().map(|band| {
        vec![
            format!(
                "{} → {}",
                flows.columns[band.column],
                flows.columns[band.column + 1]
            ),
            flows.segments[band.from].to_owned(),
            flows.segments[band.to].to_owned(),
            grouped(band.customers),
        ]
    });
    Table {
        heads: ["when", "from", "to", "customers"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.collect(),
    }
}
