//! The way through a grid of cells by keyboard.

/// A grid of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Cells down.
    pub rows: usize,
    /// Cells across.
    pub columns: usize,
}

impl Grid {
    /// The cell, by row and column, that a key leads to from another one; none for other keys. Arrows stop at the edges, Home and End go
    /// to the ends of the row.
    #[must_use]
    pub fn step(self, (row, column): (usize, usize), key: &str) -> Option<(usize, usize)> {
        let (bottom, right) = (self.rows.checked_sub(1)?, self.columns.checked_sub(1)?);
        Some(match key {
            "ArrowUp" => (row.saturating_sub(1), column),
            "ArrowDown" => ((row + 1).min(bottom), column),
            "ArrowLeft" => (row, column.saturating_sub(1)),
            "ArrowRight" => (row, (column + 1).min(right)),
            "Home" => (row, 0),
            "End" => (row, right),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_go_from_cell_to_cell_and_stop_at_the_edges() {
        let grid = Grid { rows: 2, columns: 3 };
        for (key, from, to) in [
            ("ArrowRight", (0, 0), Some((0, 1))),
            ("ArrowRight", (0, 2), Some((0, 2))),
            ("ArrowLeft", (1, 0), Some((1, 0))),
            ("ArrowDown", (0, 1), Some((1, 1))),
            ("ArrowDown", (1, 1), Some((1, 1))),
            ("ArrowUp", (1, 1), Some((0, 1))),
            ("Home", (1, 2), Some((1, 0))),
            ("End", (1, 0), Some((1, 2))),
            ("Tab", (1, 0), None),
        ] {
            assert_eq!(grid.step(from, key), to, "{key} from {from:?}");
        }
        assert_eq!(Grid { rows: 0, columns: 0 }.step((0, 0), "End"), None);
    }
}
