//! Text of up to sixteen bytes, compared as one integer.

/// A text of up to sixteen bytes, found by one comparison.
#[derive(Clone, Copy)]
pub(super) struct Text {
    bytes: u128,
    mask: u128,
    length: usize,
}

impl Text {
    const SIZE: usize = 16;

    /// The parts one after the other. A text of more than sixteen bytes is never found.
    pub(super) const fn new(parts: &[&str]) -> Self {
        let (mut bytes, mut mask) = ([0; Self::SIZE], [0; Self::SIZE]);
        let mut length = 0;
        let mut number = 0;
        while number < parts.len() {
            let part = parts[number].as_bytes();
            let mut place = 0;
            while place < part.len() {
                if length < Self::SIZE {
                    (bytes[length], mask[length]) = (part[place], u8::MAX);
                }
                length += 1;
                place += 1;
            }
            number += 1;
        }
        Self {
            bytes: u128::from_le_bytes(bytes),
            mask: u128::from_le_bytes(mask),
            length,
        }
    }

    /// The text behind this one, if this one is next and at least sixteen bytes are left.
    #[inline]
    pub(super) fn strip<'a>(&self, rest: &'a [u8]) -> Option<&'a [u8]> {
        let next = u128::from_le_bytes(*rest.first_chunk()?);
        if (next ^ self.bytes) & self.mask != 0 || self.length > Self::SIZE {
            return None;
        }
        rest.get(self.length..)
    }
}
