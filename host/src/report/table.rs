//! Tables for the terminal.

use std::fmt;

use comfy_table::{CellAlignment, ContentArrangement, Table as Cells, presets};
use terminal_size::{Width, terminal_size};

/// Where a column's text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Rows under a header. Fits the terminal by wrapping its widest columns; elsewhere lines are as long as they need.
#[derive(Debug)]
pub struct Table(Cells);

impl Table {
    /// An empty table with its columns.
    #[must_use]
    pub fn new(columns: &[(&str, Align)]) -> Self {
        let mut cells = Cells::new();
        cells.load_style(presets::NOTHING).set_header(columns.iter().map(|(title, _)| title));
        if let Some((Width(width), _)) = terminal_size() {
            cells.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        for (column, (_, align)) in cells.column_iter_mut().zip(columns) {
            column.set_padding((0, 2));
            column.set_cell_alignment(match align {
                Align::Left => CellAlignment::Left,
                Align::Right => CellAlignment::Right,
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
