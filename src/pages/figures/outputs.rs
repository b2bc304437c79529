//! Outputs of the network period by period: a small drawing for each output, all with one scale.

use crate::documents::{Scoring, Spread};
use crate::numbers::{float, plain, tick};
use crate::svg::{Element, Figure, Mark, Scale, Table, shortened};

const WIDTH: f64 = 460.0;
const ROW: f64 = 66.0;
const TOP: f64 = 6.0;
const LEFT: f64 = 146.0;
const RIGHT: f64 = 398.0;
/// With more periods than this, only the first and the last of a line are marked.
const MOST_DOTS: usize = 12;
/// So many periods have their name below the drawings.
const MOST_NAMES: usize = 6;

/// The outputs after each period; `population` is their spread over customers and periods, in the order of `names`.
pub(crate) fn figure(scoring: &Scoring, names: &[String], population: Option<&Spread>) -> Figure {
    let periods = scoring.trajectory.len();
    let numbers = |name: &str| -> Vec<f64> {
        let of_period = scoring.trajectory.iter();
        of_period
            .map(|score| score.traits.get(name).copied().unwrap_or(f64::NAN))
            .collect()
    };
    let all: Vec<(&String, Vec<f64>)> = names.iter().map(|name| (name, numbers(name))).collect();
    let range = range(&all);
    let xs: Vec<f64> = (0..periods).map(|index| place(index, periods)).collect();
    let mut ground = Vec::new();
    let mut marks = Vec::new();
    for (row, (name, numbers)) in all.iter().enumerate() {
        let top = TOP + ROW * float(row);
        let scale = Scale::of(range.0, range.1, top + ROW - 8.0, top + 6.0);
        ground.extend(frame(&scale, top, name));
        if let Some(spread) = population {
            ground.extend(band(&scale, spread, row));
        }
        let points: Vec<(f64, f64)> = xs
            .iter()
            .zip(numbers)
            .map(|(&x, &number)| (x, scale.at(number)))
            .collect();
        ground.push(Element::points("polyline", &points).class("curve"));
        if let Some(&last) = numbers.last() {
            let y = scale.at(last) + 4.0;
            ground.push(Element::text(RIGHT + 10.0, y, plain(last)).class("value strong"));
        }
        let dots = points.iter().zip(numbers).enumerate();
        let is_marked = |index: usize| periods <= MOST_DOTS || index == 0 || index + 1 == periods;
        marks.extend(dots.filter(|(index, _)| is_marked(*index)).map(
            |(index, (&point, &number))| Mark {
                label: format!(
                    "{name} after {}: {}",
                    scoring.trajectory[index].period,
                    plain(number)
                ),
                shapes: vec![
                    Element::circle(point, 9.0).class("target"),
                    Element::circle(point, 3.6).class("dot"),
                ],
            },
        ));
    }
    let bottom = TOP + ROW * float(names.len());
    ground.extend(period_names(scoring, bottom + 14.0));
    Figure {
        id: "outputs".to_owned(),
        title: "The network's outputs after each period".to_owned(),
        caption: match population {
            Some(_) => "All have the same scale. The grey band is the population: its mean, and one standard deviation on both \
                sides."
                .to_owned(),
            None => "All have the same scale.".to_owned(),
        },
        width: WIDTH,
        height: bottom + 22.0,
        ground,
        marks,
        table: table(scoring, &all),
    }
}

/// Degrees of membership are shown from 0 to 1; other outputs as far as they go.
fn range(all: &[(&String, Vec<f64>)]) -> (f64, f64) {
    let numbers = all.iter().flat_map(|(_, numbers)| numbers.iter().copied());
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for number in numbers.filter(|number| number.is_finite()) {
        (low, high) = (low.min(number), high.max(number));
    }
    (low, high)
}

fn place(index: usize, periods: usize) -> f64 {
    if periods < 2 {
        return f64::midpoint(LEFT, RIGHT);
    }
    LEFT + 6.0 + (RIGHT - LEFT - 12.0) * float(index) / float(periods - 1)
}

fn frame(scale: &Scale, top: f64, name: &str) -> Vec<Element> {
    let mut frame = vec![
        Element::rect(LEFT, top + 2.0, RIGHT - LEFT, ROW - 6.0).class("panel"),
        Element::text(0.0, top + ROW / 2.0 + 2.0, shortened(name, 18)).class("name start"),
    ];
    for value in scale.ticks(2) {
        let y = scale.at(value);
        frame.push(Element::line((LEFT, y), (RIGHT, y)).class("grid"));
        let text = Element::text(LEFT - 5.0, y + 3.5, tick(value));
        frame.push(text.class("tick").set("text-anchor", "end"));
    }
    frame
}

fn band(scale: &Scale, spread: &Spread, row: usize) -> Vec<Element> {
    let (Some(mean), Some(deviation)) = (spread.mean.get(row), spread.deviation.get(row)) else {
        return Vec::new();
    };
    let (low, high) = (scale.at(mean - deviation), scale.at(mean + deviation));
    let y = scale.at(*mean);
    vec![
        Element::rect(LEFT, high, RIGHT - LEFT, low - high).class("band"),
        Element::line((LEFT, y), (RIGHT, y)).class("mean"),
    ]
}

fn period_names(scoring: &Scoring, y: f64) -> Vec<Element> {
    let periods = scoring.trajectory.len();
    let step = periods.div_ceil(MOST_NAMES).max(1);
    let named = scoring.trajectory.iter().enumerate().step_by(step);
    named
        .map(|(index, score)| {
            let text = Element::text(place(index, periods), y, shortened(&score.period, 10));
            text.class("tick").set("text-anchor", "middle")
        })
        .collect()
}

fn table(scoring: &Scoring, all: &[(&String, Vec<f64>)]) -> Table {
    let names = all.iter().map(|(name, _)| (*name).clone());
    let rows = scoring.trajectory.iter().enumerate().map(|(index, score)| {
        let numbers = all.iter().map(|(_, numbers)| plain(numbers[index]));
        std::iter::once(score.period.clone())
            .chain(numbers)
            .collect()
    });
    Table {
        heads: std::iter::once("period".to_owned()).chain(names).collect(),
        rows: rows.collect(),
    }
}
