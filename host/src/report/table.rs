//! Tables for the terminal.

use std::fmt;

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table as Cells, Width, presets};
use terminal_size::terminal_size;

/// Where a column's text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Words that may go on in the next line where the terminal is narrow.
    Wrap,
    /// Numbers.
    Right,
}

/// Columns of the terminal that a wrapped column keeps, however narrow the terminal: a short word and the padding.
const LEAST_WRAPPED: u16 = 12;

/// Rows under a header. Fits the terminal by wrapping the columns that may; elsewhere lines are as long as they need.
#[derive(Debug)]
pub struct Table(Cells);

impl Table {
    /// An empty table with its columns.
    #[must_use]
    pub fn new(columns: &[(&str, Align)]) -> Self {
        let mut cells = Cells::new();
        cells.load_style(presets::NOTHING).set_header(columns.iter().map(|(title, _)| title));
        if let Some((width, _)) = terminal_size() {
            cells.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.0);
        }
        for (column, (_, align)) in cells.column_iter_mut().zip(columns) {
            column.set_padding((0, 2));
            column.set_cell_alignment(match align {
                Align::Left | Align::Wrap => CellAlignment::Left,
                Align::Right => CellAlignment::Right,
            });
            column.set_constraint(match align {
                Align::Left | Align::Right => ColumnConstraint::ContentWidth,
                Align::Wrap => ColumnConstraint::LowerBoundary(Width::Fixed(LEAST_WRAPPED)),
            });
        }
        Self(cells)
    }

    /// Adds a row.
    pub fn row<T: fmt::Display>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.0.add_row(cells.into_iter().map(|cell| cell.to_string()));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.lines().try_for_each(|line| writeln!(f, "{}", line.trim_end()))
    }
}
