//! Tables: for the terminal, and for the report's page.

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
#[derive(Debug, Clone)]
pub struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with its columns.
    #[must_use]
    pub fn new<T: Into<String> + Clone>(columns: &[(T, Align)]) -> Self {
        Self {
            columns: columns.iter().map(|(title, align)| (title.clone().into(), *align)).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row<T: fmt::Display>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.rows.push(cells.into_iter().map(|cell| cell.to_string()).collect());
    }

    /// Whether it has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn columns(&self) -> &[(String, Align)] {
        &self.columns
    }

    pub(super) fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    fn cells(&self) -> Cells {
        let mut cells = Cells::new();
        cells.load_style(presets::NOTHING).set_header(self.columns.iter().map(|(title, _)| title));
        if let Some((width, _)) = terminal_size() {
            cells.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.0);
        }
        for (column, (_, align)) in cells.column_iter_mut().zip(&self.columns) {
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
        cells.add_rows(&self.rows);
        cells
    }
}

/// A paragraph in lines that fit the terminal; elsewhere it is one line.
#[must_use]
pub fn paragraph(text: &str) -> String {
    let width = terminal_size().map_or(usize::MAX, |(width, _)| usize::from(width.0));
    wrapped(text, width)
}

fn wrapped(text: &str, width: usize) -> String {
    let mut lines = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            lines.push('\n');
            column = 0;
        } else if column > 0 {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
    }
    lines
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cells().lines().try_for_each(|line| writeln!(f, "{}", line.trim_end()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_break_between_words() {
        for (width, expected) in [
            (usize::MAX, "one two three"),
            (13, "one two three"),
            (12, "one two\nthree"),
            (7, "one two\nthree"),
            (4, "one\ntwo\nthree"),
            (0, "one\ntwo\nthree"),
        ] {
            assert_eq!(wrapped("one two  three", width), expected, "{width}");
        }
    }
}
