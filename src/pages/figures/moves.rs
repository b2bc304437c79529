//! Moves of one recourse: which classes spending comes from, where it goes, and what comes out.
//!
//! The height of a band is the money that it moves.

use serde_json::{Map, Value};

use crate::documents::{Alternative, ClassChange, Recourse};
use crate::numbers::{float, grouped, percent_of_tenths};
use crate::recourse::{classes, outcome};
use crate::svg::{Element, Figure, Mark, Table, fitted, shortened};

const WIDTH: f64 = 460.0;
/// The height of a class with its two lines of text.
const ROW: f64 = 46.0;
const TOP: f64 = 12.0;
/// The bands lie between the classes that lose and those that win.
const LEFT: f64 = 172.0;
const RIGHT: f64 = 288.0;
const BLOCK: f64 = 8.0;
/// The height of all bands together, and the least of one.
const THICK: f64 = 60.0;
const THIN: f64 = 2.0;

/// One class at an end of the bands.
struct Side<'a> {
    change: &'a ClassChange,
    /// What of the moved money is its own, 0 to 1.
    part: f64,
    /// The middle of its block.
    y: f64,
}

pub(crate) fn figure(
    recourse: &Recourse,
    alternative: &Alternative,
    options: &Map<String, Value>,
    rank: usize,
) -> Figure {
    let (taken, given) = (alternative.taken().count(), alternative.given().count());
    let bottom = TOP + ROW * float(taken.max(given).max(1));
    let taken = sides(alternative.taken(), bottom);
    let given = sides(alternative.given(), bottom);
    let mut ground: Vec<Element> = taken.iter().flat_map(|side| side.text(false)).collect();
    ground.extend(given.iter().flat_map(|side| side.text(true)));
    ground.extend(taken.iter().map(|side| side.block(LEFT)));
    ground.extend(given.iter().map(|side| side.block(RIGHT - BLOCK)));
    let outcome = outcome(recourse, alternative, options);
    ground.push(Element::line((8.0, bottom + 4.0), (WIDTH - 8.0, bottom + 4.0)).class("grid"));
    let result = Element::text(WIDTH / 2.0, bottom + 24.0, shortened(&outcome, 64));
    ground.push(result.class("strong").set("text-anchor", "middle"));
    let share = percent_of_tenths(alternative.moved_share);
    Figure {
        id: format!("recourse-{}", rank - 1),
        title: format!(
            "{rank}. Move {share} of the spending of {}",
            recourse.period
        ),
        caption: format!(
            "{} of {} goes from {} to {}; everything else stays. With these amounts the network gives: {outcome}.",
            grouped(alternative.moved_amount),
            grouped(recourse.spending),
            classes(alternative.taken()),
            classes(alternative.given()),
        ),
        width: WIDTH,
        height: bottom + 34.0,
        ground,
        marks: bands(&taken, &given),
        table: table(alternative),
    }
}

/// The classes of one end, spread over the height.
fn sides<'a>(changes: impl Iterator<Item = &'a ClassChange>, bottom: f64) -> Vec<Side<'a>> {
    let changes: Vec<&ClassChange> = changes.collect();
    let moved: f64 = changes.iter().map(|change| change.moved()).sum();
    let row = (bottom - TOP) / float(changes.len().max(1));
    let side = |(index, change): (usize, &&'a ClassChange)| Side {
        change,
        part: if moved > 0.0 {
            change.moved() / moved
        } else {
            0.0
        },
        y: TOP + row * (float(index) + 0.5),
    };
    changes.iter().enumerate().map(side).collect()
}

impl Side<'_> {
    fn thickness(&self) -> f64 {
        (self.part * THICK).max(THIN)
    }

    fn block(&self, x: f64) -> Element {
        let height = self.thickness();
        Element::rect(x, self.y - height / 2.0, BLOCK, height).class("block")
    }

    /// The class and its shares, at the end that it stands at.
    fn text(&self, is_receiver: bool) -> [Element; 2] {
        let (x, anchor) = if is_receiver {
            (RIGHT + 8.0, "start")
        } else {
            (LEFT - 8.0, "end")
        };
        let name = fitted(&self.change.title, LEFT - 12.0, 12.0);
        [
            Element::text(x, self.y - 3.0, name).set("text-anchor", anchor),
            Element::text(x, self.y + 13.0, self.change.shares())
                .class("tick")
                .set("text-anchor", anchor),
        ]
    }
}

impl ClassChange {
    /// What is moved from or to it.
    fn moved(&self) -> f64 {
        (self.new_amount - self.amount).abs()
    }

    /// Its share before and after.
    fn shares(&self) -> String {
        let shares = [self.share, self.new_share].map(percent_of_tenths);
        shares.join(" → ")
    }
}

/// A band from each class that loses to each class that wins.
fn bands(taken: &[Side<'_>], given: &[Side<'_>]) -> Vec<Mark> {
    let mut marks = Vec::new();
    for (place, from) in taken.iter().enumerate() {
        for (other, to) in given.iter().enumerate() {
            let before: f64 = taken[..place].iter().map(|side| side.part).sum();
            let earlier: f64 = given[..other].iter().map(|side| side.part).sum();
            let left = from.y + from.thickness() * (earlier - 0.5);
            let right = to.y + to.thickness() * (before - 0.5);
            let thick = [from.thickness() * to.part, to.thickness() * from.part];
            marks.push(Mark {
                label: format!(
                    "{} {}: to {} {}",
                    from.change.title,
                    from.change.shares(),
                    to.change.title,
                    to.change.shares()
                ),
                shapes: vec![band([left, right], thick).class("flow")],
            });
        }
    }
    marks
}

/// A band between two heights, as thick as at its ends.
fn band([left, right]: [f64; 2], [first, last]: [f64; 2]) -> Element {
    let (from, to, middle) = (LEFT + BLOCK, RIGHT - BLOCK, f64::midpoint(LEFT, RIGHT));
    let path = format!(
        "M{from:.1},{left:.1} C{middle:.1},{left:.1} {middle:.1},{right:.1} {to:.1},{right:.1} \
        L{to:.1},{:.1} C{middle:.1},{:.1} {middle:.1},{:.1} {from:.1},{:.1} Z",
        right + last,
        right + last,
        left + first,
        left + first
    );
    Element::new("path").set("d", path)
}

fn table(alternative: &Alternative) -> Table {
    let heads = ["class", "share now", "then", "amount now", "then"];
    let rows = alternative.changes.iter().map(|change| {
        vec![
            change.title.clone(),
            percent_of_tenths(change.share),
            percent_of_tenths(change.new_share),
            format!("{:.2}", change.amount),
            format!("{:.2}", change.new_amount),
        ]
    });
    Table {
        heads: heads.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}
