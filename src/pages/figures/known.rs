//! Figure of the evidence: relative standard errors of Shapley values, and the R² of sums over the parts.

use crate::documents::{Explanation, Target};
use crate::numbers::{float, plain};
use crate::svg::{Element, Figure, Mark, Scale, Table, shortened};

const WIDTH: f64 = 460.0;
const ROW: f64 = 26.0;
const TOP: f64 = 40.0;
const LEFT: f64 = 118.0;
/// The two plots, from left to right.
const ERRORS: [f64; 2] = [130.0, 262.0];
const SUMS: [f64; 2] = [306.0, 440.0];

/// What the verdict asks for where a document does not say it.
const USUAL: f64 = 0.1;

pub(crate) fn figure(explanation: &Explanation) -> Figure {
    let threshold = {
        explanation
            .quality
            .thresholds
            .get("relative_standard_error")
    }
    .copied()
    .flatten()
    .unwrap_or(USUAL);
    let targets = &explanation.targets;
    let bottom = TOP + ROW * float(targets.len());
    let errors = targets
        .iter()
        .filter_map(|target| target.fidelity.relative_standard_error);
    let most = errors.fold(threshold * 1.2, f64::max);
    let errors = Scale::of(0.0, most, ERRORS[0], ERRORS[1]);
    let sums = Scale::of(floor(targets), 1.0, SUMS[0], SUMS[1]);
    let mut ground = Vec::new();
    ground.extend(plot(&errors, ERRORS, bottom, "standard error / spread"));
    ground.extend(plot(&sums, SUMS, bottom, "R² of sums"));
    let at = errors.at(threshold);
    ground.push(Element::line((at, TOP - 4.0), (at, bottom)).class("threshold"));
    ground.extend(legend());
    let mut marks = Vec::new();
    for (row, target) in targets.iter().enumerate() {
        let y = TOP + ROW * (float(row) + 0.5);
        let name = Element::text(LEFT, y + 4.0, shortened(&target.name, 17));
        ground.push(name.class("name").set("text-anchor", "end"));
        for [start, end] in [ERRORS, SUMS] {
            ground.push(Element::line((start, y), (end, y)).class("grid"));
        }
        marks.extend(marks_of(target, y, &errors, &sums, threshold));
    }
    Figure {
        id: "fidelity".to_owned(),
        title: "How well the values are known".to_owned(),
        caption: caption(explanation, threshold),
        width: WIDTH,
        height: bottom + 22.0,
        ground,
        marks,
        table: table(targets),
    }
}

fn caption(explanation: &Explanation, threshold: f64) -> String {
    let mut targets = explanation.targets.iter();
    let drawn = if targets.all(|target| target.fidelity.exact == Some(true)) {
        "All combinations of parts were run, so the values are exact.".to_owned()
    } else {
        format!(
            "Left: how much another draw would change the values, beside their spread; the verdict asks for {} at the most \
            (dashed).",
            plain(threshold)
        )
    };
    format!(
        "{drawn} Right: how far the network is a sum over the parts, and with pairs of parts; 1 is a sum. It is a fact about the \
        network and decides no verdict: where it is low, what one part alone would change may differ from its value."
    )
}

/// The lowest R² in the plot, rounded down to a tenth.
fn floor(targets: &[Target]) -> f64 {
    let numbers = targets
        .iter()
        .filter_map(|target| target.fidelity.additivity_r2);
    let least = numbers.fold(0.8_f64, f64::min).max(0.0);
    (least * 10.0).floor() / 10.0
}

fn plot(scale: &Scale, [start, end]: [f64; 2], bottom: f64, name: &str) -> Vec<Element> {
    let head = Element::text(f64::midpoint(start, end), 13.0, name);
    let mut elements = vec![head.class("tick strong").set("text-anchor", "middle")];
    for value in scale.ticks(3) {
        let x = scale.at(value);
        elements.push(Element::line((x, TOP), (x, bottom)).class("grid"));
        let text = Element::text(x, bottom + 15.0, crate::numbers::tick(value));
        elements.push(text.class("tick").set("text-anchor", "middle"));
    }
    elements
}

fn legend() -> Vec<Element> {
    let mut legend = Vec::new();
    for (x, shape, name) in [
        (SUMS[0] + 4.0, dot as fn((f64, f64)) -> Element, "parts"),
        (SUMS[0] + 62.0, ring, "with pairs"),
    ] {
        legend.push(shape((x, 26.0)));
        legend.push(Element::text(x + 9.0, 30.0, name).class("tick"));
    }
    legend
}

fn dot(at: (f64, f64)) -> Element {
    Element::circle(at, 5.0).class("measure a")
}

fn ring(at: (f64, f64)) -> Element {
    Element::circle(at, 5.5).class("measure b")
}

fn marks_of(target: &Target, y: f64, errors: &Scale, sums: &Scale, threshold: f64) -> Vec<Mark> {
    let fidelity = &target.fidelity;
    let pairs = { target.interactions.as_ref() }.and_then(|pairs| pairs.r2);
    let of_sum = |number: f64, shape: fn((f64, f64)) -> Element, name: &str| Mark {
        label: format!("{}: R² of {name} {}", target.name, plain(number)),
        shapes: vec![shape((sums.at(number.clamp(0.0, 1.0)), y))],
    };
    let error = fidelity.relative_standard_error.map(|error| Mark {
        label: format!(
            "{}: relative standard error {}, at most {} is asked for",
            target.name,
            plain(error),
            plain(threshold)
        ),
        shapes: vec![dot((errors.at(error), y))],
    });
    let pairs = pairs.map(|r2| of_sum(r2, ring, "sums with pairs"));
    let parts = fidelity.additivity_r2;
    let parts = parts.map(|r2| of_sum(r2, dot, "sums over parts"));
    [error, pairs, parts].into_iter().flatten().collect()
}

fn table(targets: &[Target]) -> Table {
    let shown = |number: Option<f64>| number.map_or("–".to_owned(), plain);
    let heads = [
        "target",
        "relative standard error",
        "R² of sums over parts",
        "with pairs",
        "exact",
    ];
    let rows = targets.iter().map(|target| {
        let fidelity = &target.fidelity;
        vec![
            target.name.clone(),
            shown(fidelity.relative_standard_error),
            shown(fidelity.additivity_r2),
            shown({ target.interactions.as_ref() }.and_then(|pairs| pairs.r2)),
            if fidelity.exact == Some(true) {
                "yes"
            } else {
                "no"
            }
            .to_owned(),
        ]
    });
    Table {
        heads: heads.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}
