//! Tables: rows under a header.

use std::fmt;

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

/// Rows under a header.
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

    /// Titles of its columns, and where their text stands.
    #[must_use]
    pub fn columns(&self) -> &[(String, Align)] {
        &self.columns
    }

    /// Its rows.
    #[must_use]
    pub fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }
}
