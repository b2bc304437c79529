//! Positions of one customer's rows, for faults that are found when all of them have been read.

use crate::position::Position;

/// The positions of a customer's rows. Nearly all come right after the row before, so only the others are kept.
#[derive(Debug, Default)]
pub(super) struct RowPositions {
    /// Rows that do not come right after the row before, by their places from 0, in order.
    begins: Vec<(u64, Position)>,
    rows: u64,
}

impl RowPositions {
    /// Adds the next row.
    pub(super) fn push(&mut self, position: Position) {
        let next = self.begins.last();
        let next = next.map(|&(place, begin)| begin.farther(self.rows - place));
        if next != Some(position) {
            self.begins.push((self.rows, position));
        }
        self.rows += 1;
    }

    /// The position of a row by its place, from 0.
    pub(super) fn get(&self, place: usize) -> Option<Position> {
        let place = u64::try_from(place)
            .ok()
            .filter(|&place| place < self.rows)?;
        let after = self.begins.partition_point(|&(begin, _)| begin <= place);
        let (from, begin) = self.begins.get(after.checked_sub(1)?)?;
        Some(begin.farther(place - from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn position_of_every_row_is_found_again() {
        let lines = [2, 3, 4, 9, 10, 12, 20];
        let mut positions = RowPositions::default();
        assert_eq!(positions.get(0), None);
        for line in lines {
            positions.push(Position::Line(line));
        }
        for (place, line) in lines.into_iter().enumerate() {
            assert_eq!(positions.get(place), Some(Position::Line(line)), "{place}");
        }
        assert_eq!(positions.get(lines.len()), None);
        assert_eq!(positions.begins.len(), 4);
    }
}
