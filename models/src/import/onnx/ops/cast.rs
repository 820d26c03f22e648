//! `Cast`, and `Shape` and `Size`, which are known however their input is computed.

use super::super::constant::Constant;
use super::super::importer::Importer;
use super::super::node::Node;
use super::super::refusal::{Outcome, invalid};
use super::super::tensor::{dtype, runtime_type};
use super::elementwise;
use crate::data::{Array, Elements};

/// `Cast`. To float16 means to float32.
pub(super) fn import<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let to = runtime_type(dtype(node.int("to", 0)?)?)?;
    let y = elementwise::cast(importer, &x, to)?;
    importer.bind(node, 0, y)
}

/// `Shape`, or a part of it since operator set 15.
pub(super) fn shape<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let shape = importer.shape_of(importer.input(node, 0)?);
    let rank = i64::try_from(shape.len()).unwrap_or(i64::MAX);
    let counted = |v: i64| usize::try_from(if v < 0 { v.saturating_add(rank) } else { v }.clamp(0, rank)).unwrap_or(0);
    let (start, end) = (counted(node.int("start", 0)?), counted(node.int("end", rank)?));
    let part = shape.get(start..end.max(start)).unwrap_or_default();
    let extents: Vec<i64> = part.iter().map(|&d| i64::try_from(d).unwrap_or(i64::MAX)).collect();
    importer.bind_known(node, 0, Constant::new(Array::vector(extents)))
}

/// `Size`.
pub(super) fn size<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let count: usize = importer.shape_of(importer.input(node, 0)?).iter().product();
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let array = Array::new([], Elements::Int64(vec![count])).map_err(|_| invalid("one number", "several"))?;
    importer.bind_known(node, 0, Constant::new(array))
}
