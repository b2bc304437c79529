//! Share of a run for one of several processes.

use std::fmt;
use std::str::FromStr;

/// `2/3` is the second of three: it takes the units 1, 4, 7 …, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    number: u64,
    of: u64,
}

impl Default for Shard {
    /// The whole run.
    fn default() -> Self {
        Self { number: 1, of: 1 }
    }
}

impl Shard {
    /// Whether this is one of several.
    #[must_use]
    pub fn is_one_of_several(self) -> bool {
        self.of > 1
    }

    /// Whether this process scores a unit.
    #[must_use]
    pub fn takes(self, unit: u64) -> bool {
        unit % self.of == self.number - 1
    }
}

impl FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected two numbers such as 1/4: the first of four";
        let (number, of) = text.split_once('/').ok_or(EXPECTED)?;
        let parse = |text: &str| text.parse::<u64>().map_err(|_| EXPECTED);
        let (number, of) = (parse(number)?, parse(of)?);
        if number == 0 || number > of {
            return Err(EXPECTED);
        }
        Ok(Self { number, of })
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_taken_by_exactly_one_shard() {
        let shards: Vec<Shard> = ["1/3", "2/3", "3/3"]
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        for unit in 0..10 {
            assert_eq!(shards.iter().filter(|shard| shard.takes(unit)).count(), 1);
        }
    }

    #[test]
    fn shard_that_is_no_share_is_refused() {
        for text in ["0/3", "4/3", "1", "a/b", "1/0", "-1/2"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
