//! Waterfall of one target: from the surrogate's number without the parts, part by part, to the network's number.
//!
//! The conventions are those of SHAP's figures: what raises is red and points to the right, what lowers is blue and points to
//! the left. A whisker is the 95 % interval of a part's coefficient.

use super::axis::axis;
use super::sum::{End, Step, Sum};
use crate::documents::{Explanation, Target};
use crate::numbers::{float, percent, plain, signed};
use crate::svg::{Element, Figure, Mark, Scale, Table, fitted};

const WIDTH: f64 = 460.0;
const ROW: f64 = 25.0;
const TOP: f64 = 8.0;
/// The plot lies between the names and the values.
const LEFT: f64 = 168.0;
const RIGHT: f64 = 392.0;

pub(crate) fn figure(explanation: &Explanation, target: &Target, id: String) -> Figure {
    let sum = Sum::of(explanation, target);
    let last = sum.steps.len() + 1;
    let height = TOP + ROW * (float(last) + 1.0) + 26.0;
    let scale = scale(&sum);
    let mut ground = axis(&scale, (TOP, height - 24.0), 4);
    let mut marks = vec![total(&scale, 0, &sum.start)];
    let mut reached = sum.start.value;
    for (index, step) in sum.steps.iter().enumerate() {
        ground.push(link(&scale, index + 1, reached));
        marks.push(mark(&scale, index + 1, reached, step));
        reached += step.amount;
    }
    ground.push(link(&scale, last, reached));
    marks.push(total(&scale, last, &sum.end));
    Figure {
        id,
        width: WIDTH,
        height,
        ground,
        marks,
        table: table(&sum),
        title: sum.title,
        caption: sum.caption,
    }
}

/// From a row to the next one, where the sum is.
fn link(scale: &Scale, row: usize, sum: f64) -> Element {
    let x = scale.at(sum);
    Element::line((x, middle(row) - ROW), (x, middle(row))).class("link")
}

fn scale(sum: &Sum) -> Scale {
    let mut met = vec![sum.start.value, sum.end.value];
    let mut reached = sum.start.value;
    for step in &sum.steps {
        let ends = step.interval.unwrap_or([step.amount; 2]);
        met.extend(ends.map(|end| reached + end));
        reached += step.amount;
        met.push(reached);
    }
    Scale::around(met, LEFT, RIGHT)
}

fn middle(row: usize) -> f64 {
    TOP + ROW * (float(row) + 0.5)
}

fn name_and_value(row: usize, name: &str, value: String, class: &str) -> [Element; 2] {
    let y = middle(row) + 4.0;
    [
        Element::text(LEFT - 8.0, y, fitted(name, LEFT - 5.0, 12.0))
            .class("name")
            .set("text-anchor", "end"),
        Element::text(WIDTH - 4.0, y, value)
            .class(class)
            .set("text-anchor", "end"),
    ]
}

fn total(scale: &Scale, row: usize, end: &End) -> Mark {
    let (x, y) = (scale.at(end.value), middle(row));
    let dot = Element::points(
        "polygon",
        &[(x - 6.0, y), (x, y - 6.0), (x + 6.0, y), (x, y + 6.0)],
    );
    let shapes = std::iter::once(dot.class("total")).chain(name_and_value(
        row,
        &end.short,
        plain(end.value),
        "value strong",
    ));
    Mark {
        label: format!("{}: {}", end.name, plain(end.value)),
        shapes: shapes.collect(),
    }
}

/// A bar that ends in a point, from the sum before it to the sum after it.
fn mark(scale: &Scale, row: usize, sum: f64, step: &Step) -> Mark {
    let (from, to) = (scale.at(sum), scale.at(sum + step.amount));
    let (y, half) = (middle(row), ROW * 0.33);
    let tip = 5.0_f64.min((to - from).abs()) * (to - from).signum();
    let bar = Element::points(
        "polygon",
        &[
            (from, y - half),
            (to - tip, y - half),
            (to, y),
            (to - tip, y + half),
            (from, y + half),
        ],
    );
    let mut shapes = vec![
        // Something to point at, however short the bar is.
        Element::rect(0.0, y - ROW / 2.0, WIDTH, ROW).class("target"),
        bar.class(step.class),
    ];
    if let Some([low, high]) = step.interval {
        let (low, high) = (scale.at(sum + low), scale.at(sum + high));
        let end = |x: f64| Element::line((x, y - 4.0), (x, y + 4.0)).class("whisker");
        shapes.push(Element::line((low, y), (high, y)).class("whisker"));
        shapes.extend([end(low), end(high)]);
    }
    let class = match step.class {
        "missed" => "value",
        _ if step.amount < 0.0 => "value lowered",
        _ => "value raised",
    };
    shapes.extend(name_and_value(row, &step.name, signed(step.amount), class));
    Mark {
        label: step.label(),
        shapes,
    }
}

fn table(sum: &Sum) -> Table {
    let has_alone = sum.steps.iter().any(|step| step.alone.is_some());
    let row = |name: &str, share: String, amount: String, alone: String, interval: String| {
        let alone = has_alone.then_some(alone);
        let cells = [name.to_owned(), share, amount].into_iter();
        cells.chain(alone).chain([interval]).collect()
    };
    let of_end = |end: &End| {
        let empty = String::new;
        row(&end.name, empty(), plain(end.value), empty(), empty())
    };
    let of_step = |step: &Step| {
        row(
            &step.name,
            step.share.map_or(String::new(), percent),
            signed(step.amount),
            step.alone.map_or(String::new(), signed),
            step.interval.map_or(String::new(), |[low, high]| {
                format!("{} to {}", signed(low), signed(high))
            }),
        )
    };
    let mut rows = vec![of_end(&sum.start)];
    rows.extend(sum.steps.iter().map(of_step));
    rows.push(of_end(&sum.end));
    let text = str::to_owned;
    Table {
        heads: row(
            "part",
            text("of the spending"),
            text("adds"),
            text("alone, without its pairs"),
            text("95 % interval"),
        ),
        rows,
    }
}
