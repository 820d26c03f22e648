//! `Reshape`, `Flatten`, `Squeeze`, `Unsqueeze`, and what passes a tensor through: the same elements in the same order.

use super::super::importer::Importer;
use super::super::node::{Node, axes_of, axis_of};
use super::super::refusal::{Outcome, invalid, unsupported};
use super::super::tensor::within_limits;
use super::super::view::View;

/// The shape of the result.
pub(in super::super) fn new_shape(importer: &Importer<'_>, node: &Node<'_>, shape: &[usize]) -> Outcome<Vec<usize>> {
    let elements: usize = shape.iter().product();
    // An input since operator set 13.
    let axes = || importer.attribute_or_integers(node, "axes", 1, "axes");
    let new = match node.op() {
        "Reshape" => reshape(importer, node, shape)?,
        "Flatten" => {
            let axis = node.int("axis", 1)?;
            // The axis may be the one behind the last.
            let at = axis_of(axis, shape.len() + usize::from(axis >= 0))?;
            vec![shape[..at].iter().product(), shape[at..].iter().product()]
        }
        "Squeeze" => {
            let axes = match axes()? {
                Some(axes) => axes_of(&axes, shape.len())?,
                None => (0..shape.len()).filter(|&k| shape[k] == 1).collect(),
            };
            if let Some(&axis) = axes.iter().find(|&&axis| shape[axis] != 1) {
                return Err(invalid(format!("extent 1 at axis {axis}"), format!("{shape:?}")));
            }
            (0..shape.len()).filter(|k| !axes.contains(k)).map(|k| shape[k]).collect()
        }
        "Unsqueeze" => {
            let axes = axes()?.ok_or_else(|| invalid("axes", "none"))?;
            let rank = shape.len().saturating_add(axes.len());
            let axes = axes_of(&axes, rank)?;
            let mut old = shape.iter();
            (0..rank).filter_map(|k| if axes.contains(&k) { Some(1) } else { old.next().copied() }).collect()
        }
        _ => shape.to_vec(),
    };
    within_limits(&new, 1)?;
    if new.iter().product::<usize>() == elements {
        return Ok(new);
    }
    Err(invalid(format!("a shape of {elements} elements"), format!("{new:?}")))
}

fn reshape(importer: &Importer<'_>, node: &Node<'_>, shape: &[usize]) -> Outcome<Vec<usize>> {
    let wanted = importer.integers(node, 1, "a shape")?.ok_or_else(|| invalid("a shape", "none"))?;
    let keeps_zeros = node.flag("allowzero", false)?;
    let wrong = || invalid(format!("a shape for {shape:?}"), format!("{wanted:?}"));
    let extent = |(k, &d): (usize, &i64)| match d {
        -1 => Ok(None),
        0 if !keeps_zeros => shape.get(k).copied().map(Some).ok_or_else(wrong),
        d => usize::try_from(d).map(Some).map_err(|_| wrong()),
    };
    let extents: Vec<Option<usize>> = wanted.iter().enumerate().map(extent).collect::<Outcome<_>>()?;
    let known = extents.iter().flatten().try_fold(1usize, |n, &d| n.checked_mul(d)).ok_or_else(wrong)?;
    let elements: usize = shape.iter().product();
    let open = extents.iter().filter(|d| d.is_none()).count();
    if open > 1 || open == 1 && (known == 0 || !elements.is_multiple_of(known)) {
        return Err(wrong());
    }
    Ok(extents.into_iter().map(|d| d.unwrap_or(elements / known.max(1))).collect())
}

/// The view under another shape of the file; computed only where the old order allows no other way.
pub(super) fn reshaped(importer: &mut Importer<'_>, x: &View, shape: &[usize]) -> Outcome<View> {
    if let Some(view) = x.reshaped(shape) {
        return Ok(view);
    }
    let plain = importer.plain(x)?;
    let value = importer.reshape(plain.value, shape)?;
    Ok(View::plain(value, shape))
}

/// `Reshape`, `Flatten`, `Squeeze`, `Unsqueeze`.
pub(super) fn import<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let x = importer.view(node, 0)?;
    let shape = new_shape(importer, node, &x.shape())?;
    let y = reshaped(importer, &x, &shape)?;
    importer.bind(node, 0, y)
}

/// `Identity`, and `Dropout`, which does nothing in a trained model.
pub(super) fn identity<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    if node.op() == "Dropout" && node.opset < 7 && !node.flag("is_test", false)? {
        return Err(unsupported("drops values at random", "export the model for inference: model.eval()"));
    }
    if let Some(known) = importer.known(node, 2)?
        && node.op() == "Dropout"
        && known.scalar() != Some(0.0)
    {
        return Err(unsupported("drops values at random", "export the model for inference: model.eval()"));
    }
    let x = importer.view(node, 0)?;
    importer.bind(node, 0, x)
}
