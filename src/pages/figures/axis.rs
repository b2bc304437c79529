//! Horizontal axis below the bars of a figure.

use crate::numbers::tick;
use crate::svg::{Element, Scale};

/// The lines of about so many ticks over the height of the bars, and their numbers below.
pub(super) fn axis(scale: &Scale, (top, bottom): (f64, f64), ticks: u32) -> Vec<Element> {
    let of_tick = |value: f64| {
        let x = scale.at(value);
        [
            Element::line((x, top), (x, bottom)).class("grid"),
            Element::text(x, bottom + 15.0, tick(value))
                .class("tick")
                .set("text-anchor", "middle"),
        ]
    };
    let ticks = scale.ticks(ticks).into_iter();
    ticks.flat_map(of_tick).collect()
}
