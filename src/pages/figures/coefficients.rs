//! Coefficients of the global surrogate by class or other input and by output, and how well that surrogate follows the network.

use std::collections::BTreeMap;

use super::attractors::diverging;
use crate::documents::Surrogate;
use crate::numbers::{float, plain, signed, tick};
use crate::svg::{Element, Figure, Mark, Scale, Table, shortened};

const ROW: f64 = 20.0;
const TOP: f64 = 30.0;
const LEFT: f64 = 200.0;
const CELL: f64 = 58.0;
/// The inputs with the largest coefficients; the table has all of them.
const MOST_INPUTS: usize = 32;

/// What the columns of B are, in words.
struct Columns<'a> {
    names: &'a [String],
    singular: &'static str,
    plural: &'static str,
    /// The heading.
    title: &'static str,
    /// What a coefficient says.
    meaning: &'static str,
}

impl<'a> Columns<'a> {
    fn of(surrogate: &'a Surrogate) -> Self {
        if surrogate.classes.is_empty() {
            Self {
                names: &surrogate.inputs,
                singular: "input",
                plural: "inputs",
                title: "What an input does to the outputs, in the surrogate of the whole population",
                meaning: "What 1 more of this input adds to each output at the same step",
            }
        } else {
            Self {
                names: &surrogate.classes,
                singular: "class",
                plural: "classes",
                title: "What a class does to the outputs, in the surrogate of the whole population",
                meaning: "What a share of 1 in this class adds to each output in the same period",
            }
        }
    }
}

/// `D B`: what 1 of an input, such as a share of 1, adds to each output at the same step.
fn effects(surrogate: &Surrogate, inputs: usize) -> Vec<(usize, Vec<f64>)> {
    let effect = |output: &Vec<f64>, input: usize| {
        let states = output.iter().zip(&surrogate.inputs_to_states);
        states
            .map(|(weight, inputs)| weight * inputs.get(input).copied().unwrap_or(0.0))
            .sum::<f64>()
    };
    let of_input = |input: usize| {
        let outputs = surrogate.states_to_outputs.iter();
        (input, outputs.map(|output| effect(output, input)).collect())
    };
    (0..inputs).map(of_input).collect()
}

fn largest(effects: &[f64]) -> f64 {
    effects
        .iter()
        .fold(0.0, |largest, effect| effect.abs().max(largest))
}

pub(crate) fn figure(surrogate: &Surrogate, titles: &BTreeMap<String, String>) -> Figure {
    let columns = Columns::of(surrogate);
    let mut inputs = effects(surrogate, columns.names.len());
    inputs.sort_by(|(_, a), (_, b)| largest(b).total_cmp(&largest(a)));
    let scale = inputs
        .first()
        .map_or(1.0, |(_, effects)| largest(effects).max(1e-12));
    let title = |input: usize| {
        let id = &columns.names[input];
        titles.get(id).unwrap_or(id).clone()
    };
    let shown = inputs.len().min(MOST_INPUTS);
    let mut ground: Vec<Element> = surrogate
        .outputs
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let x = LEFT + CELL * (float(index) + 0.5);
            Element::text(x, TOP - 8.0, shortened(name, 9))
                .class("tick")
                .set("text-anchor", "middle")
        })
        .collect();
    let mut marks = Vec::new();
    for (row, (input, effects)) in inputs.iter().take(shown).enumerate() {
        let y = TOP + ROW * float(row);
        let name = Element::text(LEFT - 8.0, y + 14.0, shortened(&title(*input), 30));
        ground.push(name.class("name").set("text-anchor", "end"));
        for (index, effect) in effects.iter().enumerate() {
            let x = LEFT + CELL * float(index);
            let shade = diverging(effect / scale);
            let output = surrogate.outputs.get(index).map_or("", String::as_str);
            let text = Element::text(x + CELL / 2.0, y + 14.0, signed(*effect));
            marks.push(Mark {
                label: format!("{} on {output}: {}", title(*input), signed(*effect)),
                shapes: vec![
                    Element::rect(x + 0.5, y + 0.5, CELL - 1.0, ROW - 1.0)
                        .class(&format!("shade {shade}")),
                    text.class(if shade.ends_with('4') {
                        "cell light"
                    } else {
                        "cell"
                    })
                    .set("text-anchor", "middle"),
                ],
            });
        }
    }
    Figure {
        id: "coefficients".to_owned(),
        title: columns.title.to_owned(),
        caption: format!(
            "{} (D B of the surrogate): red raises, blue lowers. The {shown} of {} {} with the largest coefficients; the \
            table has all.",
            columns.meaning,
            inputs.len(),
            columns.plural
        ),
        width: LEFT + CELL * float(surrogate.outputs.len()) + 4.0,
        height: TOP + ROW * float(shown) + 4.0,
        ground,
        marks,
        table: Table {
            heads: std::iter::once(columns.singular.to_owned())
                .chain(surrogate.outputs.iter().cloned())
                .collect(),
            rows: inputs
                .iter()
                .map(|(input, effects)| {
                    let effects = effects.iter().map(|effect| signed(*effect));
                    std::iter::once(title(*input)).chain(effects).collect()
                })
                .collect(),
        },
    }
}

/// R² of the surrogate, for each output and each dimension of the state.
pub(crate) fn fidelity(surrogate: &Surrogate) -> Figure {
    const WIDTH: f64 = 460.0;
    const NAMES: f64 = 132.0;
    let fidelity = &surrogate.fidelity;
    let outputs = surrogate.outputs.iter().zip(&fidelity.outputs);
    let outputs = outputs.map(|(name, one)| (name.clone(), one.free_running, one.from_state));
    let states = fidelity.states.iter().enumerate();
    let states =
        states.map(|(index, one)| (format!("state.{index}"), one.free_running, one.one_step));
    let rows: Vec<(String, Option<f64>, Option<f64>)> = outputs.chain(states).collect();
    let numbers = rows.iter().flat_map(|(_, a, b)| [*a, *b]).flatten();
    let least = numbers.fold(0.9_f64, f64::min).max(0.0);
    let scale = Scale::of(
        (least * 10.0).floor() / 10.0,
        1.0,
        NAMES + 8.0,
        WIDTH - 16.0,
    );
    let bottom = TOP + ROW * float(rows.len());
    let mut ground = vec![
        Element::circle((NAMES + 8.0, 9.0), 5.0).class("measure a"),
        Element::text(NAMES + 18.0, 13.0, "running on its own states").class("tick"),
        Element::circle((NAMES + 178.0, 9.0), 4.5).class("measure b"),
        Element::text(NAMES + 188.0, 13.0, "from the network's state").class("tick"),
    ];
    for value in scale.ticks(5) {
        let x = scale.at(value);
        ground.push(Element::line((x, TOP - 6.0), (x, bottom)).class("grid"));
        let text = Element::text(x, bottom + 15.0, tick(value));
        ground.push(text.class("tick").set("text-anchor", "middle"));
    }
    let mut marks = Vec::new();
    for (row, (name, own, given)) in rows.iter().enumerate() {
        let y = TOP + ROW * (float(row) + 0.5);
        let text = Element::text(NAMES - 8.0, y + 4.0, shortened(name, 18));
        ground.push(text.class("name").set("text-anchor", "end"));
        for (number, class, how) in [
            (given, "measure b", "from the network's state"),
            (own, "measure a", "running on its own states"),
        ] {
            if let Some(number) = number {
                let at = (scale.at(number.clamp(0.0, 1.0)), y);
                marks.push(Mark {
                    label: format!("{name}, {how}: R² {}", plain(*number)),
                    shapes: vec![Element::circle(at, 5.0).class(class)],
                });
            }
        }
    }
    let shown = |number: &Option<f64>| number.map_or("–".to_owned(), plain);
    Figure {
        id: "surrogate-fidelity".to_owned(),
        title: "How well that surrogate follows the network".to_owned(),
        caption: "R² over the periods of customers that it was not fitted to; 1 is perfect."
            .to_owned(),
        width: WIDTH,
        height: bottom + 22.0,
        ground,
        marks,
        table: Table {
            heads: [
                "number",
                "running on its own states",
                "from the network's state",
            ]
            .map(str::to_owned)
            .to_vec(),
            rows: rows
                .iter()
                .map(|(name, own, given)| vec![name.clone(), shown(own), shown(given)])
                .collect(),
        },
    }
}
