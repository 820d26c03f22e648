//! `MAXIMUM`, `MINIMUM`.

use super::Prepared;
use crate::error::Error;
use crate::node::Node;

/// Not run yet.
pub(super) fn maximum(node: &Node<'_>) -> Result<Prepared, Error> {
    Err(node.unsupported("an operator that Mote runs", node.op))
}

/// Not run yet.
pub(super) fn minimum(node: &Node<'_>) -> Result<Prepared, Error> {
    Err(node.unsupported("an operator that Mote runs", node.op))
}
