//! The seed of an explanation: the same input and model draw the same perturbations.

use sha2::{Digest, Sha256};

use crate::bounded::LARGEST_EXACT;

/// The seed for an input and a network, both given by their SHA-256 in hex: the first 53 bits of the SHA-256 of the
/// two with a line feed after each.
pub(super) fn derive(input_sha256: &str, network_sha256: &str) -> u64 {
    let digest = Sha256::digest(format!("{input_sha256}\n{network_sha256}\n"));
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
    fn seed_is_the_first_53_bits_of_the_digest() {
        // printf 'a\nb\n' | sha256sum
        let digest = 0x9111_69dd_aaf1_46af_u64;
        assert_eq!(derive("a", "b"), digest >> 11);
        assert_ne!(derive("a", "b"), derive("b", "a"));
    }
}
