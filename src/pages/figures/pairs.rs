//! Pairs of one target: what two parts together add beyond what each of them adds alone.

use super::axis::axis;
use crate::documents::{Interactions, PartName, Target};
use crate::numbers::{float, plain, signed};
use crate::svg::{Element, Figure, Mark, Scale, Table, ems, fitted};

const WIDTH: f64 = 460.0;
const ROW: f64 = 25.0;
const TOP: f64 = 8.0;
/// The bars lie between the names and the values.
const LEFT: f64 = 236.0;
const RIGHT: f64 = 398.0;

/// The size of the names.
const SIZE: f64 = 12.0;

/// One bar.
struct Bar {
    name: String,
    /// The same where there is little room.
    short: String,
    amount: f64,
    is_pale: bool,
}

/// The pairs of a target; `None` where none are listed.
pub(crate) fn figure(target: &Target, id: String) -> Option<Figure> {
    let interactions = target.interactions.as_ref()?;
    let bars = bars(interactions);
    let bottom = TOP + ROW * float(bars.len());
    let amounts = bars.iter().map(|bar| bar.amount);
    let scale = Scale::around(amounts.chain([0.0]), LEFT, RIGHT);
    let mut ground = axis(&scale, (TOP, bottom), 3);
    let zero = scale.at(0.0);
    ground.push(Element::line((zero, TOP), (zero, bottom)).class("zero"));
    let marks = bars.iter().enumerate();
    Some(Figure {
        id,
        title: format!("What pairs add to {}", target.in_words()),
        caption: caption(target, interactions),
        width: WIDTH,
        height: bottom + 22.0,
        ground,
        marks: marks.map(|(row, bar)| mark(&scale, row, bar)).collect(),
        table: Table {
            heads: ["pair", "together beyond each alone"]
                .map(str::to_owned)
                .to_vec(),
            rows: { bars.iter() }
                .map(|bar| vec![bar.name.clone(), signed(bar.amount)])
                .collect(),
        },
    })
}

fn caption(target: &Target, interactions: &Interactions) -> String {
    let explained = match (target.fidelity.additivity_r2, interactions.r2) {
        (Some(alone), Some(pairs)) => format!(
            " Sums over parts alone explain {} of how the network's number varies, with pairs it is {}.",
            explained(alone),
            explained(pairs)
        ),
        _ => String::new(),
    };
    format!(
        "What two parts together add beyond what each adds alone.{explained} Half of each bar is in the contribution of each of \
        its two parts, so the bars are not added to the sum above once more."
    )
}

/// A share of the variance: no rounding makes nearly all of it all.
fn explained(r2: f64) -> String {
    if r2 > 0.99 {
        "more than 99 %".to_owned()
    } else if r2 < 0.0 {
        format!("nothing (R² {})", plain(r2))
    } else {
        format!("{:.0} %", r2 * 100.0)
    }
}

fn bars(interactions: &Interactions) -> Vec<Bar> {
    let listed = interactions.pairs.iter().map(|pair| {
        let [one, another] = [0, 1].map(|side| name(&pair.parts[side]));
        Bar {
            short: both_fitted(&one, &another),
            name: format!("{one} with {another}"),
            amount: pair.amount,
            is_pale: false,
        }
    });
    let other = &interactions.other;
    let folded = (other.pairs > 0).then(|| {
        let name = format!("{} other pairs", other.pairs);
        Bar {
            short: name.clone(),
            name,
            amount: other.amount,
            is_pale: true,
        }
    });
    listed.chain(folded).collect()
}

fn name(part: &PartName) -> String {
    part.in_words().unwrap_or_default()
}

/// Both names in one line, so that something is left of each.
fn both_fitted(one: &str, another: &str) -> String {
    let room = LEFT - 14.0 - SIZE * ems(" with ");
    let taken = |name: &str| (SIZE * ems(name)).min(room / 2.0);
    let first = fitted(one, room - taken(another), SIZE);
    let second = fitted(another, room - taken(one), SIZE);
    format!("{first} with {second}")
}

fn mark(scale: &Scale, row: usize, bar: &Bar) -> Mark {
    let y = TOP + ROW * (float(row) + 0.5);
    let (zero, end) = (scale.at(0.0), scale.at(bar.amount));
    let (left, width) = (zero.min(end), (end - zero).abs());
    let class = match (bar.amount < 0.0, bar.is_pale) {
        (true, false) => "lowers",
        (true, true) => "lowers pale",
        (false, false) => "raises",
        (false, true) => "raises pale",
    };
    let value = if bar.amount < 0.0 {
        "value lowered"
    } else {
        "value raised"
    };
    Mark {
        label: format!("{}: {}", bar.name, signed(bar.amount)),
        shapes: vec![
            // Something to point at, however short the bar is.
            Element::rect(0.0, y - ROW / 2.0, WIDTH, ROW).class("target"),
            Element::rect(left, y - ROW * 0.3, width.max(1.0), ROW * 0.6).class(class),
            Element::text(LEFT - 10.0, y + 4.0, &*bar.short)
                .class("name")
                .set("text-anchor", "end"),
            Element::text(WIDTH - 4.0, y + 4.0, signed(bar.amount))
                .class(value)
                .set("text-anchor", "end"),
        ],
    }
}
