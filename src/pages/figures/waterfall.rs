//! Waterfall of one target: from the surrogate's number without the parts, part by part, to the network's number.
//!
//! The conventions are those of SHAP's figures: what raises is red and points to the right, what lowers is blue and points to
//! the left. A whisker is the 95 % interval of a part's coefficient.

use crate::documents::{Contribution, Target};
use crate::numbers::{float, percent, plain, signed, tick};
use crate::svg::{Element, Figure, Mark, Scale, Table, shortened};

const WIDTH: f64 = 460.0;
const ROW: f64 = 25.0;
const TOP: f64 = 8.0;
/// The plot lies between the names and the values.
const LEFT: f64 = 168.0;
const RIGHT: f64 = 392.0;

/// One step of the sum.
struct Step {
    name: String,
    share: Option<f64>,
    amount: f64,
    /// The ends of the interval of its amount.
    interval: Option<[f64; 2]>,
    class: &'static str,
}

pub(crate) fn figure(target: &Target, id: String) -> Figure {
    let steps = steps(target);
    let height = TOP + ROW * (float(steps.len()) + 2.0) + 26.0;
    let scale = scale(target, &steps);
    let mut ground = axis(&scale, height - 24.0);
    let mut marks = vec![total(
        &scale,
        0,
        "start: the surrogate without these",
        target.intercept,
    )];
    let mut sum = target.intercept;
    for (index, step) in steps.iter().enumerate() {
        let row = index + 1;
        ground.push(
            Element::line(
                (scale.at(sum), middle(row) - ROW),
                (scale.at(sum), middle(row)),
            )
            .class("link"),
        );
        marks.push(mark(&scale, row, sum, step));
        sum += step.amount;
    }
    let last = steps.len() + 1;
    ground.push(
        Element::line(
            (scale.at(sum), middle(last) - ROW),
            (scale.at(sum), middle(last)),
        )
        .class("link"),
    );
    marks.push(total(&scale, last, "the network's number", target.value));
    Figure {
        id,
        title: format!("What makes {}", described(target)),
        caption: format!(
            "Read from above: the surrogate's number without these parts is {}, each part raises or lowers it, and the sum is \
            the network's {}. The network's own number for the baseline is {}. Whiskers are 95 % intervals.",
            plain(target.intercept),
            plain(target.value),
            plain(target.base_value)
        ),
        width: WIDTH,
        height,
        ground,
        marks,
        table: table(target, &steps),
    }
}

/// A target's name in words.
pub(crate) fn described(target: &Target) -> String {
    match &target.segment {
        Some(segment) => format!("the margin of micro-segment {segment}"),
        None => target.name.clone(),
    }
}

fn steps(target: &Target) -> Vec<Step> {
    let mut steps: Vec<Step> = target.contributions.iter().map(Step::of).collect();
    if let Some(name) = target.other.name() {
        steps.push(Step {
            name,
            share: Some(target.other.share),
            amount: target.other.contribution,
            interval: None,
            class: if target.other.contribution < 0.0 {
                "lowers pale"
            } else {
                "raises pale"
            },
        });
    }
    steps.push(Step {
        name: "what the surrogate misses".to_owned(),
        share: None,
        amount: target.residual,
        interval: None,
        class: "missed",
    });
    steps
}

impl Step {
    fn of(part: &Contribution) -> Self {
        let amount = part.amount;
        // The interval is that of the coefficient; a contribution may be a multiple of it.
        let times = if part.coefficient == 0.0 {
            1.0
        } else {
            amount / part.coefficient
        };
        Self {
            name: part.name(),
            share: Some(part.share),
            amount,
            interval: part.ci95.map(|ends| ends.map(|end| end * times)),
            class: if amount < 0.0 { "lowers" } else { "raises" },
        }
    }

    fn label(&self) -> String {
        let share = self.share.map_or(String::new(), |share| {
            format!(" ({} of the spending)", percent(share))
        });
        let interval = self.interval.map_or(String::new(), |[low, high]| {
            format!(", 95 % interval {} to {}", signed(low), signed(high))
        });
        format!("{}{share}: {}{interval}", self.name, signed(self.amount))
    }
}

fn scale(target: &Target, steps: &[Step]) -> Scale {
    let mut met = vec![target.intercept, target.value];
    let mut sum = target.intercept;
    for step in steps {
        let ends = step.interval.unwrap_or([step.amount; 2]);
        met.extend(ends.map(|end| sum + end));
        sum += step.amount;
        met.push(sum);
    }
    Scale::around(met, LEFT, RIGHT)
}

fn middle(row: usize) -> f64 {
    TOP + ROW * (float(row) + 0.5)
}

fn axis(scale: &Scale, bottom: f64) -> Vec<Element> {
    let ticks = scale.ticks(4).into_iter();
    let of_tick = |value: f64| {
        let x = scale.at(value);
        [
            Element::line((x, TOP), (x, bottom)).class("grid"),
            Element::text(x, bottom + 15.0, tick(value))
                .class("tick")
                .set("text-anchor", "middle"),
        ]
    };
    ticks.flat_map(of_tick).collect()
}

fn name_and_value(row: usize, name: &str, value: String, class: &str) -> [Element; 2] {
    let y = middle(row) + 4.0;
    [
        Element::text(LEFT - 8.0, y, shortened(name, 25))
            .class("name")
            .set("text-anchor", "end"),
        Element::text(WIDTH - 4.0, y, value)
            .class(class)
            .set("text-anchor", "end"),
    ]
}

fn total(scale: &Scale, row: usize, name: &str, value: f64) -> Mark {
    let (x, y) = (scale.at(value), middle(row));
    let short = if row == 0 { "start" } else { "the network" };
    let dot = Element::points(
        "polygon",
        &[(x - 6.0, y), (x, y - 6.0), (x + 6.0, y), (x, y + 6.0)],
    );
    let shapes = std::iter::once(dot.class("total")).chain(name_and_value(
        row,
        short,
        plain(value),
        "value strong",
    ));
    Mark {
        label: format!("{name}: {}", plain(value)),
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

fn table(target: &Target, steps: &[Step]) -> Table {
    let row = |name: &str, share: String, amount: String, interval: String| {
        vec![name.to_owned(), share, amount, interval]
    };
    let mut rows = vec![row(
        "start: the surrogate without these",
        String::new(),
        plain(target.intercept),
        String::new(),
    )];
    rows.extend(steps.iter().map(|step| {
        let interval = step.interval.map_or(String::new(), |[low, high]| {
            format!("{} to {}", signed(low), signed(high))
        });
        row(
            &step.name,
            step.share.map_or(String::new(), percent),
            signed(step.amount),
            interval,
        )
    }));
    rows.push(row(
        "the network's number",
        String::new(),
        plain(target.value),
        String::new(),
    ));
    Table {
        heads: ["part", "of the spending", "adds", "95 % interval"]
            .map(str::to_owned)
            .to_vec(),
        rows,
    }
}
