//! Search of the least change: along paths on which the network's own slopes say that least has to be moved.
//!
//! The slope of what is wished for in the share of each class is measured by a small share of each class alone. Near a point the least
//! move takes from the classes with the smallest slope and gives to the one with the largest. The most promising paths are scanned
//! on the network, the place where the wish is reached is narrowed down, and slopes from there give better paths once more.

use super::goal::Goal;
use super::moves::Path;
use super::point::{LastPeriod, Point};
use crate::error::ExplainError;
use crate::evaluation::PORTION;
use crate::target::Reader;
use microseg_timing::Timing;

/// How many paths are scanned at once, and how many places on each: together one portion.
const PATHS: usize = 8;
const PLACES: usize = PORTION / PATHS;

/// How often the place where a wish is reached is narrowed down, each time to one of [`PLACES`].
const ROUNDS: usize = 3;

/// The share of a class that a slope is measured with.
const STEP: f64 = 0.02;

/// How many of the paths are improved.
const IMPROVED: usize = 4;

/// What is searched.
pub(super) struct Search<'a> {
    pub(super) period: LastPeriod<'a>,
    /// Reads the number that is wished for, if one is.
    pub(super) reader: Option<&'a Reader<'a>>,
    pub(super) goals: Vec<Goal>,
    /// The customer's own shares of the last period.
    pub(super) shares: Vec<f64>,
    /// Whether spending on a class may change.
    pub(super) is_free: Vec<bool>,
    /// The most that may be moved, as a share of the period's spending.
    pub(super) budget: f64,
}

/// A path, and how far along it the first goal is reached.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) path: Path,
    pub(super) moved: f64,
    /// Which of the goals is reached there.
    pub(super) goal: usize,
}

/// A path to one of the goals, and the part of it that is looked at.
#[derive(Clone)]
struct Candidate {
    goal: usize,
    path: Path,
    bracket: [f64; 2],
}

/// The end of a scan.
enum Scanned {
    Reached(Found),
    /// Where the goal of the candidate was nearest.
    Nearest {
        moved: f64,
        gap: f64,
    },
}

impl Search<'_> {
    /// Finds places where a goal is reached, least first; at most one for each receiving class and goal.
    pub(super) async fn run(&mut self, timing: &mut Timing) -> Result<Vec<Found>, ExplainError> {
        let own = self.shares.clone();
        let start = self.slopes(&[own], timing).await?;
        let Some(Slopes { gains, point }) = start.into_iter().next() else {
            return Ok(Vec::new());
        };
        let first = self.promising(&gains, &point);
        let scanned = self.scan(&first, timing).await?;
        let bases = bases(&first, &scanned);
        let inputs: Vec<Vec<f64>> = { bases.iter() }
            .map(|(candidate, moved)| candidate.path.shares(&self.shares, *moved))
            .collect();
        let slopes = self.slopes(&inputs, timing).await?;
        let mut better = Vec::new();
        for ((candidate, _), there) in bases.iter().zip(&slopes) {
            let goal = candidate.goal;
            // The way there crosses both slopes.
            let mean = gains[goal].iter().zip(&there.gains[goal]);
            let mean: Vec<f64> = mean.map(|(one, other)| (one + other) / 2.0).collect();
            let best = largest(&mean, &self.is_free);
            for receiver in [Some(candidate.path.receiver), best].into_iter().flatten() {
                let shares = (self.shares.as_slice(), self.is_free.as_slice());
                let path = Path::to(receiver, shares, &mean, self.budget);
                better.extend(path.map(|path| Candidate {
                    goal,
                    bracket: [0.0, path.longest],
                    path,
                }));
            }
        }
        better.dedup_by(|one, other| one.goal == other.goal && one.path == other.path);
        let again = self.scan(&better, timing).await?;
        Ok(least(scanned.into_iter().chain(again)))
    }

    /// The candidates whose wish is predicted to take least, for all goals and receiving classes.
    fn promising(&self, gains: &[Vec<f64>], point: &Point) -> Vec<Candidate> {
        let mut all = Vec::new();
        for (goal, gains) in gains.iter().enumerate() {
            let gap = self.goals[goal].gap(point);
            for receiver in (0..gains.len()).filter(|&class| self.is_free[class]) {
                let shares = (self.shares.as_slice(), self.is_free.as_slice());
                if let Some(path) = Path::to(receiver, shares, gains, self.budget) {
                    let predicted = path.predicted(gains, gap);
                    let most = gains[receiver] * path.longest - gap;
                    all.push((predicted, most, goal, path));
                }
            }
        }
        // Of those that would not reach it the ones that come nearest.
        all.sort_by(|one, other| {
            let nearer = other.1.total_cmp(&one.1);
            one.0
                .total_cmp(&other.0)
                .then(nearer)
                .then(one.2.cmp(&other.2))
        });
        let chosen = all.into_iter().take(PATHS);
        chosen
            .map(|(_, _, goal, path)| Candidate {
                goal,
                bracket: [0.0, path.longest],
                path,
            })
            .collect()
    }

    /// Looks for the first place on each path where a goal is reached.
    async fn scan(
        &mut self,
        candidates: &[Candidate],
        timing: &mut Timing,
    ) -> Result<Vec<Scanned>, ExplainError> {
        let mut scanned = Vec::with_capacity(candidates.len());
        for some in candidates.chunks(PATHS) {
            scanned.extend(self.scan_portion(some.to_vec(), timing).await?);
        }
        Ok(scanned)
    }

    async fn scan_portion(
        &mut self,
        mut candidates: Vec<Candidate>,
        timing: &mut Timing,
    ) -> Result<Vec<Scanned>, ExplainError> {
        let mut ends: Vec<Scanned> = { candidates.iter() }
            .map(|_| Scanned::Nearest {
                moved: 0.0,
                gap: f64::INFINITY,
            })
            .collect();
        for round in 0..ROUNDS {
            let places: Vec<f64> = { candidates.iter() }
                .flat_map(|one| places(one.bracket))
                .collect();
            let inputs: Vec<Vec<f64>> = { candidates.iter() }
                .flat_map(|one| places_of(one, &self.shares))
                .collect();
            let points = self.period.points(self.reader, &inputs, timing).await?;
            for (number, candidate) in candidates.iter_mut().enumerate() {
                let row = number * PLACES..(number + 1) * PLACES;
                let (places, points) = (&places[row.clone()], &points[row]);
                let reached = points.iter().enumerate().find_map(|(place, point)| {
                    let mut goals = 0..self.goals.len();
                    let goal = goals.find(|&goal| self.goals[goal].is_reached(point))?;
                    Some((place, goal))
                });
                match reached {
                    Some((place, goal)) => {
                        let from = if place == 0 {
                            candidate.bracket[0]
                        } else {
                            places[place - 1]
                        };
                        candidate.bracket = [from, places[place]];
                        ends[number] = Scanned::Reached(Found {
                            path: candidate.path.clone(),
                            moved: places[place],
                            goal,
                        });
                    }
                    None if round == 0 => {
                        let goal = self.goals[candidate.goal];
                        let gaps = places
                            .iter()
                            .zip(points.iter().map(|point| goal.gap(point)));
                        let nearest = gaps.min_by(|(_, one), (_, other)| one.total_cmp(other));
                        if let Some((&moved, gap)) = nearest {
                            ends[number] = Scanned::Nearest { moved, gap };
                        }
                    }
                    None => {}
                }
            }
        }
        Ok(ends)
    }

    /// What a share of 1 in each class adds to what each goal lacks at some points, and what they are.
    async fn slopes(
        &mut self,
        bases: &[Vec<f64>],
        timing: &mut Timing,
    ) -> Result<Vec<Slopes>, ExplainError> {
        let classes = self.shares.len();
        let mut inputs = Vec::with_capacity(bases.len() * (classes + 1));
        for base in bases {
            inputs.push(base.clone());
            for class in 0..classes {
                let mut mixed: Vec<f64> = base.iter().map(|share| share * (1.0 - STEP)).collect();
                mixed[class] += STEP;
                inputs.push(mixed);
            }
        }
        let points = self.period.points(self.reader, &inputs, timing).await?;
        let of_base = |points: &[Point]| {
            let gain = |goal: &Goal, point: &Point| (goal.gap(&points[0]) - goal.gap(point)) / STEP;
            let gains = |goal: &Goal| points[1..].iter().map(|point| gain(goal, point)).collect();
            Slopes {
                gains: self.goals.iter().map(gains).collect(),
                point: points[0].clone(),
            }
        };
        Ok(points.chunks(classes + 1).map(of_base).collect())
    }
}

/// The slopes at one point.
struct Slopes {
    /// For each goal and class.
    gains: Vec<Vec<f64>>,
    point: Point,
}

fn places([from, to]: [f64; 2]) -> impl Iterator<Item = f64> {
    (1..=PLACES).map(move |place| from + (to - from) * fraction(place))
}

fn places_of(candidate: &Candidate, own: &[f64]) -> Vec<Vec<f64>> {
    let places = places(candidate.bracket);
    places
        .map(|moved| candidate.path.shares(own, moved))
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "a few dozen places")]
fn fraction(place: usize) -> f64 {
    place as f64 / PLACES as f64
}

/// The candidates that slopes are measured for, and where: those that reached a goal with least, or else came nearest.
fn bases<'a>(candidates: &'a [Candidate], scanned: &[Scanned]) -> Vec<(&'a Candidate, f64)> {
    let key = |scanned: &Scanned| match scanned {
        Scanned::Reached(found) => (0, found.moved, found.moved),
        Scanned::Nearest { moved, gap } => (1, *gap, *moved),
    };
    let mut all: Vec<_> = candidates.iter().zip(scanned.iter().map(key)).collect();
    all.sort_by(|(_, one), (_, other)| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)));
    let chosen = all.into_iter().take(IMPROVED);
    chosen
        .map(|(candidate, (_, _, moved))| (candidate, moved))
        .collect()
}

/// The class with the largest gain that may get more.
fn largest(gains: &[f64], is_free: &[bool]) -> Option<usize> {
    let free = (0..gains.len()).filter(|&class| is_free[class]);
    free.max_by(|&one, &other| gains[one].total_cmp(&gains[other]).then(other.cmp(&one)))
}

/// What was found, least first: the least of each receiving class and goal.
fn least(scanned: impl Iterator<Item = Scanned>) -> Vec<Found> {
    let mut all: Vec<Found> = scanned
        .filter_map(|one| match one {
            Scanned::Reached(found) => Some(found),
            Scanned::Nearest { .. } => None,
        })
        .collect();
    all.sort_by(|one, other| one.moved.total_cmp(&other.moved));
    let mut kept: Vec<Found> = Vec::new();
    for found in all {
        let is_known =
            |other: &Found| other.goal == found.goal && other.path.receiver == found.path.receiver;
        if !kept.iter().any(is_known) {
            kept.push(found);
        }
    }
    kept
}
