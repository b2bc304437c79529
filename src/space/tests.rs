//! Tests of the tables: the place of a state, the surrogate of a profile, and tables that are refused.

use ndarray::{Array2, array};

use super::example::{self, shape};
use super::{
    AttractorsDocument, Functional, Located, Population, SegmentsDocument, StateSpace,
    SurrogateDocument,
};

struct Tables {
    population: Population,
    segments: SegmentsDocument,
    attractors: AttractorsDocument,
    surrogate: SurrogateDocument,
}

impl Tables {
    fn example() -> Self {
        Self {
            population: example::population(),
            segments: example::segments(),
            attractors: example::attractors(),
            surrogate: example::surrogate(),
        }
    }

    fn check(self) -> Result<StateSpace, super::SpaceError> {
        let Self {
            population,
            segments,
            attractors,
            surrogate,
        } = self;
        StateSpace::new(population, segments, attractors, surrogate, 3, &shape())
    }
}

fn space() -> StateSpace {
    Tables::example().check().unwrap()
}

fn assert_close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
}

fn path(located: &Located) -> Vec<&str> {
    located.path.iter().map(|step| step.id.as_str()).collect()
}

#[test]
fn state_is_located_in_the_leaf_with_the_nearest_center_in_deviations() {
    let located = space().segments().locate(&[0.5, 0.05]);
    assert_eq!(located.id, "1.1");
    assert_eq!(path(&located), ["1", "1.1"]);
    assert_eq!(located.path[1].label, "group 1.1");
    // A deviation of the second dimension is 0.2: 0.05 to 1.1, three times as far to 1.2.
    assert_close(located.distance, 0.25);
    assert_close(located.margin.unwrap(), 0.5);

    // In plain units 2 would be nearer: distances count in the population's deviations.
    let located = space().segments().locate(&[-0.05, 0.3]);
    assert_eq!(
        (located.id.as_str(), path(&located)),
        ("1.1", vec!["1", "1.1"])
    );
    let distances = space().segments().distances(&[-0.05, 0.3]);
    assert_close(distances[0], (1.375_f64.powi(2) + 1.0).sqrt());
    assert_close(distances[2], (1.125_f64.powi(2) + 2.25).sqrt());
}

#[test]
fn group_with_parts_is_no_leaf() {
    let space = space();
    let leaves: Vec<&str> = space
        .segments()
        .leaves()
        .map(|leaf| leaf.id.as_str())
        .collect();
    assert_eq!(leaves, ["1.1", "1.2", "2"]);
    // The group's own center is between its parts.
    assert_ne!(space.segments().locate(&[0.5, 0.0]).id, "1");
}

#[test]
fn state_between_two_leaves_is_in_the_first_and_has_a_margin_of_zero() {
    let located = space().segments().locate(&[0.5, 0.0]);
    assert_eq!(located.id, "1.1");
    assert_close(located.margin.unwrap(), 0.0);
}

#[test]
fn single_segment_has_no_margin() {
    let mut tables = Tables::example();
    tables.segments.segments.truncate(1);
    let located = tables.check().unwrap().segments().locate(&[0.9, 0.9]);
    assert_eq!((path(&located), located.margin), (vec!["1"], None));
}

#[test]
fn segment_with_an_id_of_the_same_beginning_is_not_on_the_path() {
    let mut tables = Tables::example();
    let mut tenth = tables.segments.segments[3].clone();
    "10".clone_into(&mut tenth.id);
    tenth.center = vec![0.0, 3.0];
    tables.segments.segments.push(tenth);
    let located = tables.check().unwrap().segments().locate(&[0.0, 3.0]);
    assert_eq!(path(&located), ["10"]);
}

#[test]
fn nearest_attractor_is_nearest_in_deviations() {
    let near = space().attractors().near(&[0.5, 0.1]).unwrap();
    assert_eq!(
        (near.id.as_str(), near.label.as_str()),
        ("a1", "attractor a1")
    );
    assert_close(near.distance, 1.0);
    let mut tables = Tables::example();
    tables.attractors.attractors.clear();
    assert!(
        tables
            .check()
            .unwrap()
            .attractors()
            .near(&[0.5, 0.1])
            .is_none()
    );
}

#[test]
fn constant_dimension_counts_in_its_own_unit() {
    let mut tables = Tables::example();
    tables.population.final_states.deviation[0] = 0.0;
    let near = tables
        .check()
        .unwrap()
        .attractors()
        .near(&[0.5, 0.1])
        .unwrap();
    assert_close(near.distance, 0.4);
}

/// Three periods, the second without spending.
fn profile() -> Array2<f32> {
    array![[0.5, 0.25, 0.25], [0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
}

#[test]
fn surrogate_runs_by_its_formula() {
    let states = space().surrogate().run(profile().view());
    // By hand: s1 = B x1 + c, s2 = A s1 + c, s3 = A s2 + B x3 + c.
    let s1 = [0.5 - 0.125 + 0.0625 + 0.1, 0.1875 - 0.25 - 0.2];
    let s2 = [
        0.5 * s1[0] + 0.2 * s1[1] + 0.1,
        -0.1 * s1[0] + 0.4 * s1[1] - 0.2,
    ];
    let s3 = [
        0.5 * s2[0] + 0.2 * s2[1] - 0.5 + 0.1,
        -0.1 * s2[0] + 0.4 * s2[1] + 0.75 - 0.2,
    ];
    for (row, expected) in states.rows().into_iter().zip([s1, s2, s3]) {
        assert!(row.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12));
    }
}

#[test]
fn margin_equals_the_located_one_and_its_tangent_touches_it() {
    let space = space();
    let segments = space.segments();
    let state = vec![0.3_f32; shape().hidden_size];
    let margin = segments.margin(&state).unwrap();
    let located = segments.locate(&state);
    assert_eq!(margin.segment(), located.id);
    assert_eq!(Some(margin.at(&state)), located.margin);

    let tangent = margin.tangent(&state);
    let apart = |step: f32| {
        let moved: Vec<f32> = state.iter().map(|number| number + step).collect();
        let touching = tangent.at(moved.iter().copied().map(f64::from));
        (margin.at(&moved) - touching).abs()
    };
    assert!(apart(0.0) < 1e-12);
    assert!(apart(1e-3) < 1e-5, "{}", apart(1e-3));
}

#[test]
fn unrolled_contributions_sum_to_the_surrogates_number() {
    let space = space();
    let surrogate = space.surrogate();
    let last = |functional: &Functional, profile: &Array2<f32>| {
        let states = surrogate.run(profile.view());
        functional.at(states.row(2).iter().copied())
    };
    for weights in [[1.0, 0.0], [0.0, 1.0], [2.0, -1.0]] {
        let functional = Functional {
            weights: weights.to_vec(),
            constant: 0.3,
        };
        let unrolled = surrogate.unroll(&functional, profile().view());
        let whole = unrolled.intercept + unrolled.contributions.sum();
        let value = last(&functional, &profile());
        assert!((whole - value).abs() < 1e-12);
        // A class without spending in a period adds nothing there.
        assert!(
            unrolled
                .contributions
                .row(1)
                .iter()
                .all(|&part| part == 0.0)
        );

        // Without any spending only the constants are left.
        let bare = last(&functional, &Array2::zeros((3, 3)));
        assert!((bare - unrolled.intercept).abs() < 1e-12);
        // What one share adds is the difference that taking it away makes.
        let mut without = profile();
        without[(0, 1)] = 0.0;
        let difference = value - last(&functional, &without);
        assert!((difference - unrolled.contributions[(0, 1)]).abs() < 1e-12);
    }
}

#[test]
fn table_that_does_not_fit_is_refused_with_its_member() {
    type Fault = (&'static str, fn(&mut Tables));
    let faults: [Fault; 14] = [
        (
            "population: shares: expected 3 of them, found 2",
            |tables| {
                tables.population.shares.mean.truncate(2);
            },
        ),
        (
            "population: final_states: a deviation is below zero",
            |tables| {
                tables.population.final_states.deviation[1] = -0.1;
            },
        ),
        (
            "segments: segments: expected at least one segment",
            |tables| {
                tables.segments.segments.clear();
            },
        ),
        ("segments: center: expected 2 of them, found 1", |tables| {
            tables.segments.segments[1].center.truncate(1);
        }),
        ("segments: share: expected a number from 0 to 1", |tables| {
            tables.segments.segments[0].share = 1.5;
        }),
        ("segments: 1.1: the group above must come first", |tables| {
            tables.segments.segments.remove(0);
        }),
        ("segments: 2: expected an id of its own", |tables| {
            tables
                .segments
                .segments
                .push(example::segments().segments[3].clone());
        }),
        ("attractors: state: expected 2 of them, found 1", |tables| {
            tables.attractors.attractors[0].state.truncate(1);
        }),
        ("attractors: state: expected finite numbers", |tables| {
            tables.attractors.attractors[0].state[0] = f32::INFINITY;
        }),
        (
            "attractors: memory.c: expected 1 of them, found 2",
            |tables| {
                let memory = &mut tables.attractors.attractors[0].memory.0;
                memory.get_mut("c").unwrap().push(vec![0.0, 0.0]);
            },
        ),
        ("attractors: a1: expected an id of its own", |tables| {
            "a1".clone_into(&mut tables.attractors.attractors[1].id);
        }),
        ("surrogate: A: expected 2 of them, found 1", |tables| {
            tables.surrogate.a[1].truncate(1);
        }),
        ("surrogate: B: expected 3 of them, found 4", |tables| {
            tables.surrogate.b[0].push(0.0);
        }),
        (
            "surrogate: fidelity.outputs: expected 1 of them, found 0",
            |tables| {
                tables.surrogate.fidelity.outputs.clear();
            },
        ),
    ];
    for (message, spoil) in faults {
        let mut tables = Tables::example();
        spoil(&mut tables);
        assert_eq!(tables.check().unwrap_err().to_string(), message);
    }
}
