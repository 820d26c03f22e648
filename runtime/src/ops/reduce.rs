//! `MEAN`, `SUM`, `REDUCE_MAX`.

use super::Prepared;
use crate::error::Error;
use crate::node::Node;

/// Not run yet.
pub(super) fn mean(node: &Node<'_>) -> Result<Prepared, Error> {
    Err(node.unsupported("an operator that Mote runs", node.op))
}

/// Not run yet.
pub(super) fn sum(node: &Node<'_>) -> Result<Prepared, Error> {
    Err(node.unsupported("an operator that Mote runs", node.op))
}

/// Not run yet.
pub(super) fn reduce_max(node: &Node<'_>) -> Result<Prepared, Error> {
    Err(node.unsupported("an operator that Mote runs", node.op))
}
