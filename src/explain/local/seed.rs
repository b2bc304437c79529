//! The seed of an explanation: the same model and parts draw the same perturbations.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::bounded::LARGEST_EXACT;
use crate::part::{Part, Place};

/// The seed for an input and a network, both given by their SHA-256 in hex, in the first version of the methods.
pub(super) fn of_input(input_sha256: &str, network_sha256: &str) -> u64 {
    derive(&format!("{input_sha256}\n{network_sha256}\n"))
}

/// The seed for a network, given by its SHA-256 in hex, and the parts that have coefficients: amounts change nothing, so that
/// a cent more draws the same perturbations.
pub(super) fn of_parts(network_sha256: &str, parts: &[Part]) -> u64 {
    let mut text = format!("{network_sha256}\n");
    for part in parts {
        let line = match part.place {
            Place::Class(class) => format!("class {class}"),
            Place::Period(period) => format!("period {period}"),
            Place::Cell { period, class } => format!("period {period} class {class}"),
            Place::Event(event) => format!("event {event}"),
            Place::Field(field) => format!("field {field}"),
            Place::Pruned => "pruned".to_owned(),
            Place::Rest => "rest".to_owned(),
        };
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{line}");
    }
    derive(&text)
}

/// The first 53 bits of the SHA-256 of a text.
fn derive(text: &str) -> u64 {
    let digest = Sha256::digest(text);
    let number = digest
        .iter()
        .take(8)
        .fold(0, |number, &byte| (number << 8) | u64::from(byte));
    (number >> 11) & LARGEST_EXACT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seed_of_an_input_is_the_first_53_bits_of_the_digest() {
        // printf 'a\nb\n' | sha256sum
        let digest = 0x9111_69dd_aaf1_46af_u64;
        assert_eq!(of_input("a", "b"), digest >> 11);
        assert_ne!(of_input("a", "b"), of_input("b", "a"));
    }

    #[test]
    fn seed_of_parts_depends_on_their_places_and_not_on_their_shares() {
        let part = |class, share| Part::of_spending(Place::Class(class), share, 1);
        let seed = of_parts("a", &[part(0, 0.4), part(3, 0.6)]);
        // printf 'a\nclass 0\nclass 3\n' | sha256sum
        assert_eq!(seed, SEED_DIGEST >> 11);
        assert_eq!(seed, of_parts("a", &[part(0, 0.5), part(3, 0.5)]));
        assert_ne!(seed, of_parts("a", &[part(0, 0.4), part(2, 0.6)]));
        assert_ne!(seed, of_parts("b", &[part(0, 0.4), part(3, 0.6)]));
    }

    const SEED_DIGEST: u64 = 0xc6cf_b398_0b21_1f09;
}
