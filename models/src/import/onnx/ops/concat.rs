//! `Concat`: `CONCATENATION`, in the order that the first computed part has.

use super::super::importer::Importer;
use super::super::node::{Node, axis_of};
use super::super::refusal::{Outcome, invalid};
use super::super::view::View;
use crate::graph::{Activation, Op, Value};

/// `Concat`.
pub(super) fn import<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let parts = (0..node.inputs()).map(|k| importer.view(node, k)).collect::<Outcome<Vec<_>>>()?;
    let first = parts.first().ok_or_else(|| invalid("at least one input", "none"))?;
    let axis = axis_of(node.int("axis", 1)?, first.rank())?;
    let y = join(importer, &parts, axis)?;
    importer.bind(node, 0, y)
}

/// Tensors one behind the other along an axis.
pub(super) fn join(importer: &mut Importer<'_>, parts: &[View], axis: usize) -> Outcome<View> {
    if let [one] = parts {
        return Ok(one.clone());
    }
    let computed = parts.iter().filter(|part| importer.constant_of(part.value).is_none());
    // One that is not in the file's order leads: most likely an image among images.
    let lead = computed.clone().find(|part| !part.is_plain()).or_else(|| computed.clone().next()).or(parts.first());
    let lead = lead.ok_or_else(|| invalid("at least one part", "none"))?.clone();
    let (lead, axes, place) = importer.apart_along(&lead, axis)?;
    let (mut values, mut shape) = (Vec::new(), lead.shape());
    shape[axis] = 0;
    for part in parts {
        let extents = part.shape();
        let fits = extents.len() == shape.len() && (0..shape.len()).all(|k| k == axis || extents[k] == shape[k]);
        if !fits {
            return Err(invalid(format!("inputs that differ along axis {axis} only"), format!("{extents:?}")));
        }
        shape[axis] += extents[axis];
        let dims: Vec<Vec<usize>> =
            axes.iter().map(|axis| axis.map_or_else(Vec::new, |axis| part.axis(axis).to_vec())).collect();
        values.push(Some(importer.arrange(part, &dims)?.value));
    }
    let Value { dtype, quantization, .. } = importer.graph.value(lead.value).clone();
    let along = i32::try_from(place).map_err(|_| invalid("an axis", place.to_string()))?;
    let op = Op::Concatenation { axis: along, activation: Activation::None };
    let value = importer.emit_with(op, &values, dtype, quantization)?;
    Ok(View::ordered(value, &shape, &axes))
}
