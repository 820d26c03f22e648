//! What is wrong with a graph.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a graph contradicts itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphError {
    /// Where: `node 3 (conv1, CONV_2D)`, `value 4 (w)`.
    pub place: String,
    /// What should have been there.
    pub expected: String,
    /// What was there.
    pub found: String,
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, expected, found } = self;
        write!(f, "{place}: expected {expected}, found {found}")
    }
}

impl std::error::Error for GraphError {}
