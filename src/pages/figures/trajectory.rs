//! Trajectory through the state space: a customer's states period by period, over the micro-segments and the attractors.

use super::projection::Projection;
use crate::documents::{Attractor, Attractors, PeriodScore, Scoring, Segment, Segments};
use crate::numbers::{percent, plain};
use crate::svg::{Element, Figure, Mark, Scale, Table, shortened};

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 400.0;
/// With more periods than this, only the first and the last have their names beside them.
const MOST_NAMES: usize = 8;
/// With more periods than this, only the first and the last are marks.
const MOST_MARKS: usize = 24;

/// `None` where the tables have no plane.
pub(crate) fn figure(
    scoring: &Scoring,
    segments: &Segments,
    attractors: Option<&Attractors>,
) -> Option<Figure> {
    let projection = Projection::of(segments)?;
    let radius = cloud_radius(segments);
    let path: Vec<(f64, f64)> = scoring
        .trajectory
        .iter()
        .map(|score| projection.point(&score.state))
        .collect();
    let centers: Vec<(f64, f64)> = segments
        .leaves()
        .map(|leaf| projection.point(&leaf.center))
        .collect();
    let plot = Plot::around(centers.iter().chain(&path), radius);
    let mut marks = clouds(&plot, scoring, segments, &centers, radius);
    let mut ground = Vec::new();
    let drawn: Vec<(f64, f64)> = path.iter().map(|&point| plot.at(point)).collect();
    if let Some(attractors) = attractors {
        marks.extend(diamonds(&plot, &projection, attractors));
    }
    // Behind the marks there is nothing; the line lies over the clouds, so it is a mark without a value of its own.
    ground.push(Element::rect(0.5, 0.5, WIDTH - 1.0, HEIGHT - 1.0).class("panel"));
    let inset = Inset::of(&drawn, centers.iter().map(|&center| plot.at(center)));
    marks.push(Mark {
        label: movement(&projection, scoring),
        shapes: vec![
            Element::points("polyline", &drawn).class("path halo"),
            Element::points("polyline", &drawn).class("path"),
        ],
    });
    marks.extend(states(scoring, &drawn, !is_short(&drawn)));
    if let Some(inset) = inset {
        marks.push(inset.mark(scoring, &drawn));
    }
    Some(Figure {
        id: "trajectory".to_owned(),
        title: "Trajectory through the state space".to_owned(),
        caption: format!(
            "Principal components of the micro-segments' centers: this plane shows {} of the variance between the centers. {} \
            Each disc is a micro-segment, about one standard deviation of its customers wide; diamonds are attractors; the \
            line goes from the first period (hollow) to the last one (filled).",
            percent(projection.variance),
            movement(&projection, scoring)
        ),
        width: WIDTH,
        height: HEIGHT,
        ground,
        marks,
        table: table(scoring, &path),
    })
}

fn movement(projection: &Projection, scoring: &Scoring) -> String {
    let states = scoring.trajectory.iter().map(|score| &score.state);
    projection
        .movement(states)
        .map_or("The customer has one state only.".to_owned(), |part| {
            format!("It shows {} of this customer's movement.", percent(part))
        })
}

/// The deviation of customers around their segment's center, in one dimension, where the tables tell it.
fn cloud_radius(segments: &Segments) -> f64 {
    let within = 1.0 - segments.explained_variance().unwrap_or(0.75);
    within.clamp(0.04, 1.0).sqrt()
}

/// How wide a way is along one axis, and its middle.
fn extent(drawn: &[(f64, f64)], along: fn(&(f64, f64)) -> f64) -> (f64, f64) {
    let ends = drawn.iter().map(along);
    let ends = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), one| {
        (low.min(one), high.max(one))
    });
    (ends.1 - ends.0, f64::midpoint(ends.0, ends.1))
}

/// Whether a way fills so little of the drawing that its names would lie on each other.
fn is_short(drawn: &[(f64, f64)]) -> bool {
    const PART: f64 = 0.25;
    let (wide, high) = (
        extent(drawn, |point| point.0).0,
        extent(drawn, |point| point.1).0,
    );
    wide < WIDTH * PART && high < HEIGHT * PART
}

/// A short way, drawn larger in the corner that is the emptiest.
struct Inset {
    corner: (f64, f64),
    times: f64,
    middle: (f64, f64),
}

impl Inset {
    const WIDTH: f64 = 150.0;
    const HEIGHT: f64 = 118.0;
    /// A drawing that is hardly larger says no more.
    const LEAST: f64 = 2.5;

    fn of(drawn: &[(f64, f64)], centers: impl Iterator<Item = (f64, f64)>) -> Option<Self> {
        let ((wide, x), (high, y)) = (
            extent(drawn, |point| point.0),
            extent(drawn, |point| point.1),
        );
        let times =
            ((Self::WIDTH - 60.0) / wide.max(1e-9)).min((Self::HEIGHT - 50.0) / high.max(1e-9));
        if drawn.len() < 2 || !is_short(drawn) || !(Self::LEAST..1e4).contains(&times) {
            return None;
        }
        let (right, below) = (WIDTH - Self::WIDTH - 6.0, HEIGHT - Self::HEIGHT - 6.0);
        let corners = [(right, below), (6.0, below), (right, 6.0), (6.0, 6.0)];
        let taken: Vec<(f64, f64)> = centers.chain(drawn.iter().copied()).collect();
        let filled = |corner: &(f64, f64)| {
            let is_in = |(x, y): &&(f64, f64)| {
                let (right, below) = (x - corner.0 - Self::WIDTH, y - corner.1 - Self::HEIGHT);
                *x > corner.0 - 25.0 && right < 25.0 && *y > corner.1 - 25.0 && below < 25.0
            };
            taken.iter().filter(is_in).count()
        };
        let corner = corners.into_iter().min_by_key(filled)?;
        Some(Self {
            corner,
            times,
            middle: (x, y),
        })
    }

    fn mark(&self, scoring: &Scoring, drawn: &[(f64, f64)]) -> Mark {
        let center = (
            self.corner.0 + Self::WIDTH / 2.0,
            self.corner.1 + Self::HEIGHT / 2.0 + 8.0,
        );
        let larger: Vec<(f64, f64)> = drawn
            .iter()
            .map(|(x, y)| {
                (
                    center.0 + (x - self.middle.0) * self.times,
                    center.1 + (y - self.middle.1) * self.times,
                )
            })
            .collect();
        let title = format!("the way, {:.0} times larger", self.times);
        let (x, y) = self.corner;
        let text = Element::text(x + 8.0, y + 15.0, title.clone()).class("tick");
        let mut shapes = vec![
            Element::rect(x, y, Self::WIDTH, Self::HEIGHT).class("inset"),
            text,
            Element::points("polyline", &larger).class("path"),
        ];
        shapes.extend(
            states(scoring, &larger, true)
                .into_iter()
                .flat_map(|state| state.shapes),
        );
        Mark {
            label: title,
            shapes,
        }
    }
}

/// Both axes have the same scale, so that distances can be compared.
struct Plot {
    x: Scale,
    y: Scale,
    unit: f64,
}

impl Plot {
    fn around<'a>(points: impl Iterator<Item = &'a (f64, f64)>, margin: f64) -> Self {
        let (mut left, mut right) = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut low, mut high) = (left, right);
        for &(x, y) in points {
            (left, right) = (left.min(x - margin), right.max(x + margin));
            (low, high) = (low.min(y - margin), high.max(y + margin));
        }
        let unit = ((WIDTH - 24.0) / (right - left)).min((HEIGHT - 24.0) / (high - low));
        let half = (WIDTH / unit / 2.0, HEIGHT / unit / 2.0);
        let middle = (f64::midpoint(left, right), f64::midpoint(low, high));
        Self {
            x: Scale::of(middle.0 - half.0, middle.0 + half.0, 0.0, WIDTH),
            y: Scale::of(middle.1 - half.1, middle.1 + half.1, HEIGHT, 0.0),
            unit,
        }
    }

    fn at(&self, point: (f64, f64)) -> (f64, f64) {
        (self.x.at(point.0), self.y.at(point.1))
    }
}

fn clouds(
    plot: &Plot,
    scoring: &Scoring,
    segments: &Segments,
    centers: &[(f64, f64)],
    radius: f64,
) -> Vec<Mark> {
    let leaves = segments.leaves().zip(centers);
    let cloud = |(leaf, &center): (&Segment, &(f64, f64))| {
        let at = plot.at(center);
        let is_own = leaf.id == scoring.segment.id;
        let class = if is_own { "cloud own" } else { "cloud" };
        let own = if is_own { ", the customer's own" } else { "" };
        Mark {
            label: format!(
                "micro-segment {}{own}: {}; {} of the population",
                leaf.id,
                leaf.label,
                percent(leaf.share)
            ),
            shapes: vec![
                Element::circle(at, radius * plot.unit).class(class),
                Element::text(at.0, at.1 + 4.0, shortened(&leaf.id, 8))
                    .class(if is_own { "place strong" } else { "place" })
                    .set("text-anchor", "middle"),
            ],
        }
    };
    leaves.map(cloud).collect()
}

fn diamonds(plot: &Plot, projection: &Projection, attractors: &Attractors) -> Vec<Mark> {
    let diamond = |attractor: &Attractor| {
        let (x, y) = plot.at(projection.point(&attractor.state));
        let shape = [(x - 5.0, y), (x, y - 5.0), (x + 5.0, y), (x, y + 5.0)];
        Mark {
            label: format!(
                "attractor {}: {}; {} of the searched starts end in it",
                attractor.id,
                attractor.label,
                percent(attractor.basin)
            ),
            shapes: vec![Element::points("polygon", &shape).class("attractor")],
        }
    };
    // One beyond the drawing would be cut off.
    let is_within = |attractor: &&Attractor| {
        let (x, y) = plot.at(projection.point(&attractor.state));
        (0.0..=WIDTH).contains(&x) && (0.0..=HEIGHT).contains(&y)
    };
    attractors
        .attractors
        .iter()
        .filter(is_within)
        .map(diamond)
        .collect()
}

/// The states; with room, all of a short way have their names.
fn states(scoring: &Scoring, drawn: &[(f64, f64)], has_room: bool) -> Vec<Mark> {
    let count = drawn.len();
    let middle = extent(drawn, |point| point.0).1;
    let is_end = |index: usize| index == 0 || index + 1 == count;
    let mark = |(index, (score, &point)): (usize, (&PeriodScore, &(f64, f64)))| {
        let class = match index {
            0 => "state first",
            _ if index + 1 == count => "state last",
            _ => "state",
        };
        let mut shapes =
            vec![Element::circle(point, if is_end(index) { 5.5 } else { 3.6 }).class(class)];
        if has_room && count <= MOST_NAMES || index + 1 == count {
            // The names stand on the outer side of the way.
            let (x, anchor) = if point.0 < middle {
                (point.0 - 8.0, "end")
            } else {
                (point.0 + 8.0, "start")
            };
            let name = || {
                Element::text(x, point.1 + 4.0, shortened(&score.period, 10))
                    .set("text-anchor", anchor)
            };
            shapes.extend([name().class("place halo"), name().class("place")]);
        }
        Mark {
            label: format!("after {}", score.period),
            shapes,
        }
    };
    let scores = scoring.trajectory.iter().zip(drawn).enumerate();
    scores
        .filter(|(index, _)| count <= MOST_MARKS || is_end(*index))
        .map(mark)
        .collect()
}

fn table(scoring: &Scoring, path: &[(f64, f64)]) -> Table {
    let rows = scoring.trajectory.iter().zip(path);
    Table {
        heads: ["period", "first component", "second component"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows
            .map(|(score, point)| vec![score.period.clone(), plain(point.0), plain(point.1)])
            .collect(),
    }
}
