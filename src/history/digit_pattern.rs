//! Patterns of eight characters, compared as the bytes of one integer and so without a branch for each.

/// The highest bit of every byte.
pub(crate) const HIGHEST: u64 = u64::from_le_bytes([0x80; 8]);
/// Added to a digit's value it leaves the highest bit clear, and sets it for anything from ten on.
pub(crate) const BEYOND_NINE: u8 = 0x80 - 10;

/// Eight characters of which some must be digits and the others are given.
pub(super) struct DigitPattern {
    characters: u64,
    /// Added to a value it sets the highest bit of each byte that does not fit.
    excess: u64,
}

impl DigitPattern {
    /// Digits where there is a `0`.
    pub(super) const fn new(pattern: [u8; 8]) -> Self {
        let mut excess = [0x7f; 8];
        let mut place = 0;
        while place < excess.len() {
            if pattern[place] == b'0' {
                excess[place] = BEYOND_NINE;
            }
            place += 1;
        }
        Self {
            characters: u64::from_le_bytes(pattern),
            excess: u64::from_le_bytes(excess),
        }
    }

    /// The number of each digit and the character after it, at the digit's place: 0..=99 where that is a digit too.
    /// `None` for a text that does not fit the pattern.
    #[inline]
    pub(super) fn pairs(&self, text: [u8; 8]) -> Option<[u8; 8]> {
        // A given character becomes zero, and a digit its value.
        let values = u64::from_le_bytes(text) ^ self.characters;
        let faults = (values.wrapping_add(self.excess) | values) & HIGHEST;
        (faults == 0).then(|| (values * 10 + (values >> 8)).to_le_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_without_digits_in_its_places_does_not_fit(text in "[0-9/:\\-T]{8}") {
            const PATTERN: DigitPattern = DigitPattern::new(*b"00-0T:00");
            let text: [u8; 8] = text.into_bytes().try_into().unwrap();
            let fits = text.iter().zip(b"00-0T:00").all(|(character, pattern)| match pattern {
                b'0' => character.is_ascii_digit(),
                given => character == given,
            });
            let pairs = PATTERN.pairs(text);
            prop_assert_eq!(pairs.is_some(), fits);
            if let Some(pairs) = pairs {
                let number = |place: usize| std::str::from_utf8(&text[place..place + 2]).unwrap().parse().unwrap();
                prop_assert_eq!((pairs[0], pairs[6]), (number(0), number(6)));
            }
        }
    }
}
