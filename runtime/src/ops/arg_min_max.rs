//! `ARG_MAX`, `ARG_MIN`.

use super::Prepared;
use crate::error::Error;
use crate::node::Node;

/// Not run yet.
pub(super) fn arg_max(node: &Node<'_>) -> Result<Prepared, Error> {
    Err(node.unsupported("an operator that Mote runs", node.op))
}

/// Not run yet.
pub(super) fn arg_min(node: &Node<'_>) -> Result<Prepared, Error> {
    Err(node.unsupported("an operator that Mote runs", node.op))
}
