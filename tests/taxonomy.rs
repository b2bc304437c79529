//! Reference taxonomy: every merchant category code of the standard has one class.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use microseg::history::{INCOME_GROUP, Taxonomy};
use microseg::simulation::REFERENCE_TAXONOMY;

/// The codes of ISO 18245, one a line.
const CODES: &str = include_str!("data/iso18245-codes.txt");

fn codes() -> impl Iterator<Item = u16> {
    CODES
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.parse().unwrap())
}

#[test]
fn every_code_of_the_standard_is_in_one_class() {
    let taxonomy = Taxonomy::from_csv(REFERENCE_TAXONOMY).unwrap();
    assert_eq!(codes().count(), 280);
    for code in codes() {
        let classes = taxonomy.classes().iter().chain(taxonomy.income_classes());
        let count = classes
            .filter(|class| class.mcc.iter().any(|range| range.contains(&code)))
            .count();
        assert_eq!(count, 1, "{code:04}");
        assert!(taxonomy.booking_of_mcc(code).is_some(), "{code:04}");
    }
}

#[test]
fn every_class_has_a_title_and_a_group() {
    let taxonomy = Taxonomy::from_csv(REFERENCE_TAXONOMY).unwrap();
    assert_eq!(taxonomy.classes().len(), 97);
    for class in taxonomy.classes() {
        assert!(
            !class.title.is_empty() && !class.group.is_empty(),
            "{}",
            class.id
        );
        assert_ne!(class.group, INCOME_GROUP);
    }
    assert!(taxonomy.booking_of_class("restaurants").is_some());
    assert!(taxonomy.booking_of_class("rent").is_some());
}

#[test]
fn every_trait_has_at_least_four_classes_with_coefficients_of_at_most_three() {
    let taxonomy = Taxonomy::from_csv(REFERENCE_TAXONOMY).unwrap();
    for (index, name) in taxonomy.traits().iter().enumerate() {
        let weighted = taxonomy
            .classes()
            .iter()
            .filter(|class| class.coefficients[index].abs() > 0.0)
            .count();
        assert!(weighted >= 4, "{name}: {weighted} classes");
        assert!(
            taxonomy
                .classes()
                .iter()
                .all(|class| class.coefficients[index].abs() <= 3.0),
            "{name}"
        );
    }
}
