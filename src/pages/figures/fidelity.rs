//! Fidelity and stability of the surrogates of an explanation, against the thresholds of its verdict.

use crate::documents::{Explanation, Target};
use crate::numbers::{float, plain, tick};
use crate::svg::{Element, Figure, Mark, Scale, Table, shortened};

const WIDTH: f64 = 460.0;
const ROW: f64 = 26.0;
const TOP: f64 = 26.0;
const LEFT: f64 = 132.0;
const RIGHT: f64 = 440.0;

/// A measure: its name, its number, the threshold that it is held against, and the shape that stands for it.
struct Measure {
    name: &'static str,
    threshold: &'static str,
    number: fn(&Target) -> Option<f64>,
    shape: fn((f64, f64)) -> Element,
}

impl Measure {
    /// Those that a target of the explanation has.
    fn of(explanation: &Explanation) -> Vec<&'static Self> {
        let has = |measure: &&Self| {
            let mut targets = explanation.targets.iter();
            targets.any(|target| (measure.number)(target).is_some())
        };
        MEASURES.iter().filter(has).collect()
    }
}

static MEASURES: [Measure; 4] = [
    Measure {
        name: "held-out R²",
        threshold: "r2_holdout",
        number: |target| target.fidelity.held_out,
        shape: |at| Element::circle(at, 5.5).class("measure a"),
    },
    Measure {
        name: "R² of the fit",
        threshold: "",
        number: |target| target.fidelity.fit,
        shape: |at| Element::circle(at, 4.5).class("measure b"),
    },
    Measure {
        name: "VSI",
        threshold: "vsi",
        number: |target| target.stability.vsi,
        shape: |(x, y)| {
            let triangle = [(x - 5.5, y + 4.5), (x, y - 5.5), (x + 5.5, y + 4.5)];
            Element::points("polygon", &triangle).class("measure c")
        },
    },
    Measure {
        name: "CSI",
        threshold: "csi",
        number: |target| target.stability.csi,
        shape: |(x, y)| Element::rect(x - 4.5, y - 4.5, 9.0, 9.0).class("measure d"),
    },
];

pub(crate) fn figure(explanation: &Explanation) -> Figure {
    let measures = Measure::of(explanation);
    let numbers = explanation.targets.iter().flat_map(|target| {
        measures
            .iter()
            .filter_map(|measure| (measure.number)(target))
    });
    let least = numbers.fold(0.7_f64, f64::min).max(0.0);
    // What is below zero is drawn at zero; its label has the number.
    let scale = Scale::of((least * 10.0).floor() / 10.0, 1.0, LEFT + 8.0, RIGHT - 8.0);
    let bottom = TOP + ROW * float(explanation.targets.len());
    let mut ground = legend(&measures);
    for value in scale.ticks(5) {
        let x = scale.at(value);
        ground.push(Element::line((x, TOP), (x, bottom)).class("grid"));
        let text = Element::text(x, bottom + 15.0, tick(value));
        ground.push(text.class("tick").set("text-anchor", "middle"));
    }
    if let Some(Some(threshold)) = explanation.quality.thresholds.get("r2_holdout") {
        let x = scale.at(threshold.max(0.0));
        ground.push(Element::line((x, TOP - 2.0), (x, bottom)).class("threshold"));
    }
    let mut marks = Vec::new();
    for (row, target) in explanation.targets.iter().enumerate() {
        let y = TOP + ROW * (float(row) + 0.5);
        let name = Element::text(LEFT - 8.0, y + 4.0, shortened(&target.name, 18));
        ground.push(name.class("name").set("text-anchor", "end"));
        ground.push(Element::line((LEFT, y), (RIGHT, y)).class("grid"));
        for measure in measures.iter().rev() {
            let Some(number) = (measure.number)(target) else {
                continue;
            };
            let threshold = explanation.quality.thresholds.get(measure.threshold);
            let asked = threshold
                .copied()
                .flatten()
                .map_or(String::new(), |threshold| {
                    format!(", at least {} is asked for", plain(threshold))
                });
            marks.push(Mark {
                label: format!("{}: {} {}{asked}", target.name, measure.name, plain(number)),
                shapes: vec![(measure.shape)((scale.at(number.clamp(0.0, 1.0)), y))],
            });
        }
    }
    Figure {
        id: "fidelity".to_owned(),
        title: "How well the surrogate follows the network".to_owned(),
        caption: "On perturbations that it was not fitted to (held-out R²): 1 is perfect, and the dashed line is what the \
            verdict asks for. VSI says how much of the ranking stays the same when the perturbations are drawn again."
            .to_owned(),
        width: WIDTH,
        height: bottom + 22.0,
        ground,
        marks,
        table: table(explanation),
    }
}

fn legend(measures: &[&Measure]) -> Vec<Element> {
    let mut legend = Vec::new();
    for (index, measure) in measures.iter().enumerate() {
        let x = LEFT + 8.0 + 84.0 * float(index);
        legend.push((measure.shape)((x, 9.0)));
        legend.push(Element::text(x + 9.0, 13.0, measure.name).class("tick"));
    }
    legend
}

fn table(explanation: &Explanation) -> Table {
    let shown = |number: Option<f64>| number.map_or("–".to_owned(), plain);
    let heads = [
        "target",
        "held-out R²",
        "R² of the fit",
        "R² of the trajectory",
        "VSI",
        "CSI",
    ];
    let rows = explanation.targets.iter().map(|target| {
        vec![
            target.name.clone(),
            shown(target.fidelity.held_out),
            shown(target.fidelity.fit),
            shown(target.fidelity.trajectory),
            shown(target.stability.vsi),
            shown(target.stability.csi),
        ]
    });
    Table {
        heads: heads.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}
