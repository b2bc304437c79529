//! Versions of the methods: what the numbers of an explanation depend on beside its input, network and options.

/// The version of the methods that new explanations are made by, as records name it.
pub const METHOD_VERSION: u32 = 2;

/// The version of all methods together. A record names it, and is verified by the code of its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MethodVersion {
    /// That of records that name none: seeds from the amounts, every fifth coalition held out, margins of micro-segments, one
    /// verdict for all targets.
    One,
    /// Seeds from the parts, `shapley`, boundaries of micro-segments, a verdict for each target.
    Two,
}

impl MethodVersion {
    /// The one that new explanations are made by.
    pub(crate) const CURRENT: Self = Self::Two;

    /// As a record names it.
    pub(crate) fn number(self) -> Option<u32> {
        match self {
            Self::One => None,
            Self::Two => Some(METHOD_VERSION),
        }
    }

    /// That of a record; `None` for one that this program does not know.
    pub(crate) fn recorded(number: Option<u32>) -> Option<Self> {
        let all = [Self::One, Self::Two];
        all.into_iter().find(|version| version.number() == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_of_a_record_finds_its_version() {
        assert_eq!(MethodVersion::recorded(None), Some(MethodVersion::One));
        assert_eq!(MethodVersion::recorded(Some(2)), Some(MethodVersion::Two));
        assert_eq!(MethodVersion::recorded(Some(9)), None);
    }
}
