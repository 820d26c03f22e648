//! Tables and paragraphs that fit the terminal.

use std::fmt;

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table as Cells, Width, presets};
use terminal_size::terminal_size;

use super::{Align, Table};

/// Columns of the terminal that a wrapped column keeps, however narrow the terminal: a short word and the padding.
const LEAST_WRAPPED: u16 = 12;

/// Fits the terminal by wrapping the columns that may; elsewhere lines are as long as they need.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        cells(self).lines().try_for_each(|line| writeln!(f, "{}", line.trim_end()))
    }
}

fn cells(table: &Table) -> Cells {
    let mut cells = Cells::new();
    cells.load_style(presets::NOTHING).set_header(table.columns().iter().map(|(title, _)| title));
    if let Some((width, _)) = terminal_size() {
        cells.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.0);
    }
    for (column, (_, align)) in cells.column_iter_mut().zip(table.columns()) {
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
    cells.add_rows(table.rows());
    cells
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
