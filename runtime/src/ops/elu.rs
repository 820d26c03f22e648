//! `ELU`.

use super::Prepared;
use crate::error::Error;
use crate::node::Node;

/// Not run yet.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Error> {
    Err(node.unsupported("an operator that Mote runs", node.op))
}
