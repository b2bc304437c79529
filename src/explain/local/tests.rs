//! Tests of the solve of all local methods, on networks whose coefficients are known.

use nalgebra::DMatrix;

use super::additivity::Additivity;
use super::equations::{Data, Form};
use super::fit::Fit;
use super::interactions::Interactions;
use super::perturbation::{Perturbation, Plan};
use super::random::{Generator, Stream};
use super::{KernelShap, Lime, LocalMethod, Sensitivity, Shapley};
use crate::stability::Stability;

const PARTS: usize = 12;

fn generator(seed: u64) -> Generator {
    Generator::new(seed, Stream::Perturbations)
}

fn data<'a>(plan: &'a Plan, values: &'a DMatrix<f64>, form: Form<'a>, parts: usize) -> Data<'a> {
    Data {
        perturbations: &plan.perturbations,
        parts,
        values,
        form,
        exhaustive: plan.exhaustive,
        whole: plan.whole,
    }
}

fn weights(data: &Data<'_>) -> Vec<f64> {
    if data.whole {
        return Shapley.weights(data.perturbations, data.parts);
    }
    data.perturbations.iter().map(|one| one.weight).collect()
}

/// `5 + Σ k x_k`, and its opposite.
#[expect(clippy::cast_precision_loss, reason = "a dozen parts")]
fn linear(perturbation: &Perturbation) -> f64 {
    let moves = perturbation.moves.iter();
    5.0 + moves.map(|&(part, units)| part as f64 * units).sum::<f64>()
}

#[test]
fn linear_network_is_recovered_from_every_plan() {
    let absent = [5.0 - 66.0, -5.0 + 66.0];
    let plans = [
        (Lime.draw(&mut generator(3), PARTS, 256), Form::Free),
        (Sensitivity.draw(&mut generator(3), PARTS, 256), Form::Free),
        (
            KernelShap.draw(&mut generator(3), PARTS, 256),
            Form::Efficient(&absent),
        ),
        (
            KernelShap.draw(&mut generator(3), PARTS, 8_192),
            Form::Efficient(&absent),
        ),
        (
            Shapley.draw(&mut generator(3), PARTS, 256),
            Form::Efficient(&absent),
        ),
    ];
    for (number, (plan, form)) in plans.iter().enumerate() {
        let values = DMatrix::from_fn(plan.perturbations.len(), 2, |row, target| {
            let value = linear(&plan.perturbations[row]);
            if target == 0 { value } else { -value }
        });
        let data = data(plan, &values, *form, PARTS);
        let equations = data.equations();
        let fit = Fit::new(&data, &equations, weights(&data));
        assert_eq!(fit.ridge.to_bits(), 0.0_f64.to_bits(), "{number}");
        let uncertainty = fit.uncertainty().unwrap();
        for (target, sign) in [1.0, -1.0].into_iter().enumerate() {
            let surrogate = &fit.surrogates[target];
            assert!(
                (surrogate.at_customer - sign * 5.0).abs() < 1e-9,
                "{number}"
            );
            assert!(
                (surrogate.intercept() - absent[target]).abs() < 1e-9,
                "{number}"
            );
            for (part, coefficient) in (0_u32..).zip(&surrogate.coefficients) {
                assert!(
                    (coefficient - sign * f64::from(part)).abs() < 1e-9,
                    "{number}"
                );
            }
            assert!(
                uncertainty[target]
                    .margins
                    .iter()
                    .all(|&margin| margin < 1e-6),
                "{number}"
            );
            let (r2, rmse) = fit.held_out_agreement(target).unwrap();
            assert!(r2 > 1.0 - 1e-12 && rmse < 1e-9, "{number}: {r2} {rmse}");
        }
    }
}

/// What a function of the parts that are there, bit by bit, gives for each coalition.
fn of_coalitions(plan: &Plan, parts: usize, value: &impl Fn(usize) -> f64) -> DMatrix<f64> {
    let everything = (1_usize << parts) - 1;
    DMatrix::from_fn(plan.perturbations.len(), 1, |row, _| {
        let moves = plan.perturbations[row].moves.iter();
        let removed: usize = moves.map(|&(part, _)| 1 << part).sum();
        value(everything & !removed)
    })
}

/// Shapley values by definition: the mean over all orders in which the parts could come in.
fn shapley(parts: usize, value: &impl Fn(usize) -> f64) -> Vec<f64> {
    let mut values = vec![0.0; parts];
    let mut factorials = vec![1.0];
    for number in 1..=parts {
        factorials.push(factorials[number - 1] * f64::from(u32::try_from(number).unwrap()));
    }
    for present in 0_usize..1 << parts {
        let size = present.count_ones() as usize;
        for (part, total) in values.iter_mut().enumerate() {
            if present >> part & 1 == 0 {
                let orders = factorials[size] * factorials[parts - size - 1];
                let added = value(present | 1 << part) - value(present);
                *total += orders / factorials[parts] * added;
            }
        }
    }
    values
}

#[test]
fn exhaustive_coalitions_give_the_shapley_values() {
    for parts in 1..=9 {
        // Bends, and has interactions of every order.
        let bent = |present: usize| {
            let sum: u32 = (0..9)
                .map(|part| u32::from(present >> part & 1 == 1) * (part + 1))
                .sum();
            (f64::from(sum) / 7.0).sin() + f64::from(sum % 5)
        };
        let plan = KernelShap.draw(&mut generator(1), parts, 512);
        let values = of_coalitions(&plan, parts, &bent);
        let absent = [bent(0)];
        let data = data(&plan, &values, Form::Efficient(&absent), parts);
        let equations = data.equations();
        let fit = Fit::new(&data, &equations, weights(&data));
        let expected = shapley(parts, &bent);
        for (found, expected) in fit.surrogates[0].coefficients.iter().zip(&expected) {
            assert!(
                (found - expected).abs() < 1e-10,
                "{parts}: {found} {expected}"
            );
        }
        assert_eq!(
            fit.stability(1, fit.uncertainty().as_ref(), 10)[0].vsi,
            Some(1.0)
        );
    }
}

#[test]
fn sampled_coalitions_approximate_the_shapley_values_and_keep_their_sum() {
    let parts = 16;
    let bent = |present: usize| f64::from((present & 0x5a5a).count_ones()).powi(2) / 64.0;
    let plan = KernelShap.draw(&mut generator(9), parts, 2_048);
    assert!(!plan.exhaustive);
    let everything = (1_usize << parts) - 1;
    let values = of_coalitions(&plan, parts, &bent);
    let absent = [0.0];
    let data = data(&plan, &values, Form::Efficient(&absent), parts);
    let equations = data.equations();
    let fit = Fit::new(&data, &equations, weights(&data));
    let expected = shapley(parts, &bent);
    let coefficients = &fit.surrogates[0].coefficients;
    for (found, expected) in coefficients.iter().zip(&expected) {
        assert!((found - expected).abs() < 0.02, "{found} {expected}");
    }
    assert!((coefficients.iter().sum::<f64>() - bent(everything)).abs() < 1e-12);
}

#[test]
fn left_out_errors_are_those_of_a_fit_without_the_group() {
    let absent = [0.3];
    for (plan, form) in [
        (Lime.draw(&mut generator(4), PARTS, 64), Form::Free),
        (Sensitivity.draw(&mut generator(4), PARTS, 64), Form::Free),
        (
            KernelShap.draw(&mut generator(4), PARTS, 64),
            Form::Efficient(&absent[..]),
        ),
    ] {
        let bent = |one: &Perturbation| (linear(one) / 9.0).sin();
        let values = DMatrix::from_fn(plan.perturbations.len(), 1, |row, _| {
            bent(&plan.perturbations[row])
        });
        let all = data(&plan, &values, form, PARTS);
        let equations = all.equations();
        let fit = Fit::new(&all, &equations, weights(&all));
        for group in [1, 6, 12] {
            let rows = equations.groups[group].clone();
            let mut without = plan.clone();
            for row in rows.clone() {
                without.perturbations[equations.fitted[row]].held_out = true;
            }
            let less = data(&without, &values, form, PARTS);
            let fewer = less.equations();
            let refit = Fit::new(&less, &fewer, weights(&less));
            for row in rows {
                let index = equations.fitted[row];
                let fitted = refit.surrogates[0].value(&plan.perturbations[index]);
                let truth = values[(index, 0)] - fitted;
                let shortcut = fit.left_out[row].as_ref().unwrap()[0];
                assert!((truth - shortcut).abs() < 1e-8, "{truth} {shortcut}");
            }
        }
    }
}

/// The standard error of intervals relative to that of draws, for the first and the eighth of 40 parts.
fn calibration(
    draw: &impl Fn(u64) -> Plan,
    bent: &impl Fn(&Perturbation) -> f64,
    form: Form<'_>,
) -> [f64; 2] {
    let fits: Vec<(Vec<f64>, Vec<f64>)> = (0..60)
        .map(|seed| {
            let plan = draw(seed);
            let values = DMatrix::from_fn(plan.perturbations.len(), 1, |row, _| {
                bent(&plan.perturbations[row])
            });
            let data = data(&plan, &values, form, 40);
            let equations = data.equations();
            let fit = Fit::new(&data, &equations, weights(&data));
            let margins = fit.uncertainty().unwrap().remove(0).margins;
            (fit.surrogates[0].coefficients.clone(), margins)
        })
        .collect();
    [0, 7].map(|part| {
        let mean = fits.iter().map(|(found, _)| found[part]).sum::<f64>() / 60.0;
        let squares = fits.iter().map(|(found, _)| (found[part] - mean).powi(2));
        let deviation = (squares.sum::<f64>() / 59.0).sqrt();
        let variances = fits
            .iter()
            .map(|(_, margins)| (margins[part] / 1.96).powi(2));
        (variances.sum::<f64>() / 60.0).sqrt() / deviation
    })
}

#[test]
fn intervals_of_one_draw_match_the_spread_of_many() {
    // Has even and odd terms around the customer.
    let bent = |one: &Perturbation| {
        let moves = one.moves.iter();
        let change: f64 = moves
            .map(|&(part, units)| if part == 0 { 6.0 * units } else { units })
            .sum();
        let x = change / 10.0;
        x + 0.5 * x * x + 0.4 * (3.0 * x).sin()
    };
    let absent = [bent(&Perturbation {
        moves: (0..40).map(|part| (part, -1.0)).collect(),
        weight: 1.0,
        group: 0,
        held_out: false,
    })];
    let methods: [&dyn LocalMethod; 4] = [&Lime, &Sensitivity, &KernelShap, &Shapley];
    for method in methods {
        let draw = |seed: u64| method.draw(&mut generator(seed), 40, 512);
        for ratio in calibration(&draw, &bent, method.form(&absent)) {
            assert!((0.7..1.5).contains(&ratio), "{method:?}: {ratio}");
        }
    }
}

#[test]
fn stability_of_one_draw_matches_that_of_many() {
    // The share of the strongest parts that two draws have in common, and its estimate from the halves of one draw.
    let bent = |one: &Perturbation| {
        let moves = one.moves.iter();
        let change: f64 = moves
            .map(|&(part, units)| units / f64::from(4 + u8::try_from(part % 5).unwrap()))
            .sum();
        change + 0.2 * (4.0 * change).sin()
    };
    let methods: [&dyn LocalMethod; 2] = [&Lime, &Sensitivity];
    for method in methods {
        let fits: Vec<(Vec<f64>, f64)> = (0..40)
            .map(|seed| {
                let plan = method.draw(&mut generator(seed), 40, 512);
                let values = DMatrix::from_fn(plan.perturbations.len(), 1, |row, _| {
                    bent(&plan.perturbations[row])
                });
                let data = data(&plan, &values, Form::Free, 40);
                let equations = data.equations();
                let fit = Fit::new(&data, &equations, weights(&data));
                let stability = fit.stability(seed, fit.uncertainty().as_ref(), 10)[0];
                (
                    fit.surrogates[0].coefficients.clone(),
                    stability.vsi.unwrap(),
                )
            })
            .collect();
        let draws: Vec<Vec<f64>> = fits.iter().map(|(found, _)| found.clone()).collect();
        let truth = Stability::of(&draws, &[0.0; 40], 10).vsi.unwrap();
        let estimate = fits.iter().map(|(_, vsi)| vsi).sum::<f64>() / 40.0;
        assert!(
            (truth - estimate).abs() < 0.12,
            "{method:?}: {truth} {estimate}"
        );
    }
}

#[test]
fn too_few_perturbations_are_solved_with_a_ridge_and_have_no_uncertainty() {
    let plan = Lime.draw(&mut generator(3), PARTS, 32);
    let values = DMatrix::from_fn(8, 1, |row, _| linear(&plan.perturbations[row]));
    let data = Data {
        perturbations: &plan.perturbations[..8],
        ..data(&plan, &values, Form::Free, PARTS)
    };
    let equations = data.equations();
    let fit = Fit::new(&data, &equations, vec![1.0; 8]);
    assert!(fit.ridge > 0.0 && fit.uncertainty().is_none());
    assert_eq!(fit.stability(1, None, 10)[0].vsi, None);
}

#[test]
fn noise_gives_an_unstable_ranking() {
    let plan = Lime.draw(&mut generator(3), 40, 256);
    let mut noise = generator(8);
    let values = DMatrix::from_fn(256, 1, |_, _| noise.normals()[0]);
    let data = data(&plan, &values, Form::Free, 40);
    let equations = data.equations();
    let fit = Fit::new(&data, &equations, weights(&data));
    let stability = fit.stability(1, fit.uncertainty().as_ref(), 10)[0];
    assert!(stability.vsi.unwrap() < 0.6, "{stability:?}");
    assert!(stability.csi.unwrap() > 0.9, "{stability:?}");
}

/// The root mean square error of Shapley values over their spread, of a game with interactions of every order.
fn relative_error(method: &dyn LocalMethod, samples: usize, seed: u64) -> (f64, f64) {
    let bent = |present: usize| {
        let sum: u32 = (0..12)
            .map(|part| u32::from(present >> part & 1 == 1) * (part + 1))
            .sum();
        (f64::from(sum) / 20.0).sin() + f64::from(sum % 5) / 10.0
    };
    let plan = method.draw(&mut generator(seed), PARTS, samples);
    let values = of_coalitions(&plan, PARTS, &bent);
    let absent = [bent(0)];
    let data = data(&plan, &values, method.form(&absent), PARTS);
    let equations = data.equations();
    let fit = Fit::new(&data, &equations, weights(&data));
    let expected = shapley(PARTS, &bent);
    let mean = expected.iter().sum::<f64>() / 12.0;
    let spread: f64 = expected.iter().map(|one| (one - mean).powi(2)).sum();
    let found = fit.surrogates[0].coefficients.iter().zip(&expected);
    let errors: f64 = found.map(|(found, truth)| (found - truth).powi(2)).sum();
    let estimate = fit.uncertainty().unwrap()[0].relative_error(&fit.surrogates[0].coefficients);
    ((errors / spread).sqrt(), estimate)
}

#[test]
fn coalitions_that_are_all_fitted_give_far_better_values_than_with_every_fifth_held_out() {
    let (whole, _) = relative_error(&Shapley, 4_095, 3);
    let (held_out, _) = relative_error(&KernelShap, 4_095, 3);
    assert!(whole < 0.02 && held_out > 3.0 * whole, "{whole} {held_out}");
    let (exact, estimate) = relative_error(&Shapley, 4_096, 3);
    assert!(exact < 1e-9 && estimate <= 0.0, "{exact} {estimate}");
}

#[test]
fn relative_standard_error_is_about_the_true_error() {
    let squares = |errors: &[(f64, f64)], of: fn(&(f64, f64)) -> f64| -> f64 {
        errors.iter().map(|one| of(one).powi(2)).sum()
    };
    let errors: Vec<(f64, f64)> = (0..40)
        .map(|seed| relative_error(&Shapley, 512, seed))
        .collect();
    let ratio = (squares(&errors, |one| one.1) / squares(&errors, |one| one.0)).sqrt();
    assert!((0.9..1.8).contains(&ratio), "{ratio}");
}

/// Fits a game by `shapley`, with interactions of pairs: (additivity, main effects, pairs).
fn with_pairs(
    parts: usize,
    samples: usize,
    game: &impl Fn(usize) -> f64,
) -> (Additivity, Vec<f64>, Vec<(usize, usize, f64)>) {
    let plan = Shapley.draw(&mut generator(2), parts, samples);
    let values = of_coalitions(&plan, parts, game);
    let absent = [game(0)];
    let data = data(&plan, &values, Form::Efficient(&absent), parts);
    let equations = data.equations();
    let fit = Fit::new(&data, &equations, weights(&data));
    let fitted = (&equations.fitted[..], &equations.groups[..]);
    let found = Interactions::fit(&data, fitted, &absent).unwrap();
    let ends = [game(0), values[(0, 0)]];
    (
        Additivity::of(&fit, 0, ends, Some(&found)),
        found.main_effects(0),
        found.pairs(0),
    )
}

#[test]
fn interactions_of_a_game_of_pairs_are_found_and_not_smeared_into_main_effects() {
    // Parts 0 and 2 add 3 together beyond what each adds; part 1 takes 1 away.
    let game = |present: usize| {
        let has = |part: usize| f64::from(u8::from(present >> part & 1 == 1));
        0.5 + 2.0 * has(0) - has(1) + 3.0 * has(0) * has(2)
    };
    for (parts, samples) in [(3, 512), (5, 512), (12, 512), (20, 1_024)] {
        let (additivity, main, pairs) = with_pairs(parts, samples, &game);
        assert!(additivity.pairs.unwrap() > 1.0 - 1e-9, "{parts}");
        assert!(additivity.main.unwrap() < 0.95, "{parts}");
        for (part, found) in main.iter().enumerate() {
            let expected = [2.0, -1.0].get(part).copied().unwrap_or(0.0);
            assert!((found - expected).abs() < 1e-8, "{parts}: {part} {found}");
        }
        for (one, other, found) in pairs {
            let expected = if (one, other) == (0, 2) { 3.0 } else { 0.0 };
            assert!(
                (found - expected).abs() < 1e-8,
                "{parts}: {one} {other} {found}"
            );
        }
    }
}

#[test]
fn sum_over_parts_is_wholly_additive_and_product_of_all_is_not() {
    let sum = |present: usize| f64::from((present & 0b1011).count_ones());
    let (of_sum, _, _) = with_pairs(6, 512, &sum);
    assert!(of_sum.main.unwrap() > 1.0 - 1e-9);
    let product = |present: usize| f64::from(u8::from(present == 0b11_1111));
    let (of_product, _, _) = with_pairs(6, 512, &product);
    let (main, pairs) = (of_product.main.unwrap(), of_product.pairs.unwrap());
    // By hand: six sizes of seven are 0 and one is 1.
    assert!(main < 0.8 && pairs > main, "{main} {pairs}");
}
