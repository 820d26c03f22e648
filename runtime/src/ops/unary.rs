//! `EXP`, `NEG`, `LOG`, `SQRT`, `RSQRT`, `ABS`.

use super::Prepared;
use crate::error::Error;
use crate::node::Node;

/// Not run yet.
pub(super) fn exp(node: &Node<'_>) -> Result<Prepared, Error> {
    Err(node.unsupported("an operator that Mote runs", node.op))
}

/// Not run yet.
pub(super) fn neg(node: &Node<'_>) -> Result<Prepared, Error> {
    Err(node.unsupported("an operator that Mote runs", node.op))
}

/// Not run yet.
pub(super) fn log(node: &Node<'_>) -> Result<Prepared, Error> {
    Err(node.unsupported("an operator that Mote runs", node.op))
}

/// Not run yet.
pub(super) fn sqrt(node: &Node<'_>) -> Result<Prepared, Error> {
    Err(node.unsupported("an operator that Mote runs", node.op))
}

/// Not run yet.
pub(super) fn rsqrt(node: &Node<'_>) -> Result<Prepared, Error> {
    Err(node.unsupported("an operator that Mote runs", node.op))
}

/// Not run yet.
pub(super) fn abs(node: &Node<'_>) -> Result<Prepared, Error> {
    Err(node.unsupported("an operator that Mote runs", node.op))
}
