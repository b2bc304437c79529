//! Properties of a whole population.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{Population, SimulatedCustomer, SimulatedTransaction};
use microseg_encoding::{Encoder, History, PeriodKind};
use microseg_history::{Booking, Limits};

const CUSTOMERS: u64 = 2_000;

fn json(customer: &SimulatedCustomer<'_>) -> Vec<u8> {
    serde_json::to_vec(customer).unwrap()
}

/// Customers with the histories that the service reads.
fn read(population: &Population) -> Vec<(SimulatedCustomer<'_>, History)> {
    let taxonomy = Arc::new(population.taxonomy().clone());
    let encoder = Encoder::new(taxonomy, PeriodKind::Year, 6, Limits::default());
    (0..CUSTOMERS)
        .map(|index| {
            let customer = population.customer(index);
            let history = encoder.read(&json(&customer)).unwrap();
            (customer, history)
        })
        .collect()
}

/// Each class's share of all that a customer spent, `[customers][K]`.
fn shares(read: &[(SimulatedCustomer<'_>, History)]) -> Vec<Vec<f64>> {
    read.iter()
        .map(|(_, history)| {
            let spending = history.totals.spending();
            let total = spending.sum();
            spending
                .columns()
                .into_iter()
                .map(|column| column.sum() / total)
                .collect()
        })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand")]
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn covariance(left: &[f64], right: &[f64]) -> f64 {
    let (left_mean, right_mean) = (mean(left), mean(right));
    let products = left
        .iter()
        .zip(right)
        .map(|(a, b)| (a - left_mean) * (b - right_mean));
    mean(&products.collect::<Vec<_>>())
}

fn correlation(left: &[f64], right: &[f64]) -> f64 {
    covariance(left, right) / (covariance(left, left) * covariance(right, right)).sqrt()
}

#[test]
fn same_seed_gives_the_same_bytes_and_another_seed_others() {
    let bytes = |seed| json(&Population::new(seed).unwrap().customer(3));
    assert_eq!(bytes(7), bytes(7));
    assert_ne!(bytes(7), bytes(8));
}

#[test]
fn customer_does_not_depend_on_the_order_of_drawing() {
    let population = Population::new(7).unwrap();
    let forwards: Vec<_> = (0..20).map(|index| population.customer(index)).collect();
    let backwards: Vec<_> = (0..20)
        .rev()
        .map(|index| population.customer(index))
        .collect();
    assert!(forwards.iter().eq(backwards.iter().rev()));
    assert_ne!(forwards[0].transactions, forwards[1].transactions);
    assert_eq!(population.customer(123).customer_id, "c-000123");
}

#[test]
fn population_of_the_reference_model_has_its_known_digest() {
    let population = Population::new(1).unwrap();
    let mut hasher = Sha256::new();
    for index in 0..20 {
        hasher.update(json(&population.customer(index)));
    }
    let digest = hex::encode(hasher.finalize());
    let known = "187452d902ac1d938a5b47a7bbfd33560d279bd0153c9aacd56de507071eeb44";
    assert_eq!(
        digest, known,
        "simulated customers changed: retrain the reference model"
    );
}

#[test]
fn every_history_is_read_and_within_the_expected_counts() {
    let population = Population::new(11).unwrap();
    let read = read(&population);
    let (mut spending_years, mut gaps) = (0, 0);
    let mut active = Vec::new();
    let (mut used, mut netted, mut unclassified) = (0, 0, 0);
    for (customer, history) in &read {
        let ordered = customer
            .transactions
            .is_sorted_by_key(SimulatedTransaction::second);
        assert!(ordered, "{}", customer.customer_id);
        let quality = &history.quality;
        assert_eq!(quality.out_of_window, 0);
        assert!(quality.warnings.is_empty());
        assert!(quality.income > 0);
        used += quality.used;
        netted += quality.netted;
        unclassified += quality.unclassified;

        let spending = history.totals.spending();
        assert_eq!(
            spending.nrows(),
            customer.life().len(),
            "{}",
            customer.customer_id
        );
        for ((period, sum), year) in history.totals.periods().zip(customer.life()) {
            assert_eq!(period.to_string(), year.year.to_string());
            assert_eq!(
                sum.spending > 0.0,
                !year.gap,
                "{} {period}",
                customer.customer_id
            );
            if year.gap {
                gaps += 1;
            } else {
                spending_years += 1;
                assert!(
                    (80..=420).contains(&sum.transactions),
                    "{} {period}: {sum:?}",
                    customer.customer_id
                );
            }
        }
        if customer.life().len() == 6 {
            let columns = spending.columns().into_iter();
            active.push(
                columns
                    .map(|column| f64::from(u8::from(column.sum() > 0.0)))
                    .sum(),
            );
        }
    }
    let active = mean(&active);
    assert!((42.0..47.0).contains(&active), "{active}");
    assert!((60..160).contains(&gaps), "{gaps}");
    assert!(
        (used / 120..used / 50).contains(&netted),
        "{netted} of {used}"
    );
    assert!(
        (spending_years / 2..spending_years * 2).contains(&unclassified),
        "{unclassified}"
    );
    let full = read
        .iter()
        .filter(|(customer, _)| customer.life().len() == 6)
        .count();
    assert!((1_440..1_560).contains(&full), "{full}");
}

#[test]
fn spending_follows_traits_by_the_sign_of_their_coefficients() {
    let population = Population::new(13).unwrap();
    let read = read(&population);
    let shares = shares(&read);
    let classes = population.taxonomy().classes();
    for (number, name) in population.taxonomy().traits().iter().enumerate() {
        let values: Vec<f64> = read
            .iter()
            .filter_map(|(customer, _)| customer.life().last().map(|year| year.traits[number]))
            .collect();
        // What each class adds to the linear functional that the network is to learn.
        let parts = |row: &[f64]| -> Vec<f64> {
            let parts = row.iter().zip(classes);
            parts
                .map(|(share, class)| share * class.coefficients[number])
                .collect()
        };
        let parts: Vec<Vec<f64>> = shares.iter().map(|row| parts(row)).collect();
        let functional: Vec<f64> = parts.iter().map(|row| row.iter().sum()).collect();
        let strength = correlation(&functional, &values);
        assert!((0.25..0.7).contains(&strength), "{name}: {strength}");

        let variance = covariance(&functional, &functional);
        assert!(variance.sqrt() > 0.03, "{name}: {variance}");
        for (index, class) in classes.iter().enumerate() {
            let part: Vec<f64> = parts.iter().map(|row| row[index]).collect();
            let part_of_variance = covariance(&part, &functional) / variance;
            assert!(
                part_of_variance < 0.45,
                "{name}, {}: {part_of_variance} of the variance",
                class.id
            );
            if class.coefficients[number].abs() >= 2.0 {
                // The part carries the coefficient's sign already.
                let direction = correlation(&part, &values);
                assert!(direction > 0.0, "{name}, {}: {direction}", class.id);
            }
        }
    }
}

#[test]
fn classes_of_a_habit_are_correlated() {
    let population = Population::new(17).unwrap();
    let shares = shares(&read(&population));
    for habit in population.habits() {
        let mut loadings = habit.loadings.clone();
        loadings.sort_by(|left, right| right.loading.total_cmp(&left.loading));
        let column = |place: usize| -> Vec<f64> {
            let class = loadings[place].class.get();
            shares.iter().map(|row| row[class]).collect()
        };
        let strength = correlation(&column(0), &column(1));
        assert!(strength > 0.06, "{}: {strength}", habit.name);
    }
}

#[test]
fn spending_follows_the_seasons() {
    let population = Population::new(19).unwrap();
    let taxonomy = population.taxonomy();
    let place = |name| match taxonomy.booking_of_class(name) {
        Some(Booking::Spending(class)) => class.get(),
        _ => panic!("{name}"),
    };
    let mut spent = vec![[0.0; 12]; taxonomy.classes().len()];
    for index in 0..1_000 {
        for transaction in population.customer(index).transactions {
            let booking = match (transaction.mcc(), transaction.class()) {
                (Some(code), _) => taxonomy.booking_of_mcc(code),
                (None, class) => class.and_then(|class| taxonomy.booking_of_class(class)),
            };
            let time = jiff::Timestamp::from_second(transaction.second()).unwrap();
            let month = jiff::tz::Offset::UTC.to_datetime(time).month();
            if let Some(Booking::Spending(class)) = booking {
                let month = usize::from(month.unsigned_abs()) - 1;
                spent[class.get()][month] -= transaction.amount();
            }
        }
    }
    let (january, june, july, december) = (0, 5, 6, 11);
    for (class, high, low) in [
        ("toys-and-games", december, june),
        ("gifts-and-flowers", december, june),
        ("airlines", july, december),
        ("energy-and-water", january, july),
        ("heating-fuel", january, july),
    ] {
        let year = spent[place(class)];
        assert!(year[high] > 2.5 * year[low], "{class}: {year:?}");
    }
    let groceries = spent[place("groceries")];
    assert!(groceries[december] < 1.3 * groceries[june], "{groceries:?}");
}
