//! Operators that only move elements.

use super::operands::{Operands, axis, positive};
use super::{Shape, ShapeError};
use crate::tflite::StridedSlice;

pub(super) fn reshape(node: &Operands<'_>, option: &[i32]) -> Result<Shape, ShapeError> {
    let elements: usize = node.shape(0)?.iter().product();
    let wanted = match node.graph.input(node.node, 1) {
        Some(value) if value.constant.is_some() => node.integers(1)?,
        Some(_) => return node.stated(),
        None => option.iter().map(|&d| i64::from(d)).collect(),
    };
    let known: usize = wanted
        .iter()
        .filter(|&&d| d >= 0)
        .try_fold(1usize, |n, &d| n.checked_mul(usize::try_from(d).ok()?))
        .unwrap_or(0);
    let wrong = || ShapeError::new(format!("a shape of {elements} elements"), format!("{wanted:?}"));
    match wanted.iter().filter(|&&d| d < 0).count() {
        0 if known == elements => {}
        1 if known > 0 && elements.is_multiple_of(known) => {}
        _ => return Err(wrong()),
    }
    Ok(wanted.iter().map(|&d| usize::try_from(d).unwrap_or(elements / known.max(1))).collect())
}

pub(super) fn squeeze(node: &Operands<'_>, axes: &[i32]) -> Result<Shape, ShapeError> {
    let x = node.shape(0)?;
    // Nothing is left to take off, whatever the axes are.
    if x.is_empty() {
        return Ok(Shape::new());
    }
    let axes: Vec<usize> = axes.iter().map(|&a| axis(a.into(), x.len())).collect::<Result<_, _>>()?;
    let goes = |k: usize, d: usize| if axes.is_empty() { d == 1 } else { axes.contains(&k) };
    if let Some(&k) = axes.iter().find(|&&k| x[k] != 1) {
        return Err(ShapeError::new(format!("extent 1 at axis {k}"), format!("{x:?}")));
    }
    Ok(x.iter().enumerate().filter(|&(k, &d)| !goes(k, d)).map(|(_, &d)| d).collect())
}

pub(super) fn expand_dims(node: &Operands<'_>) -> Result<Shape, ShapeError> {
    let mut shape = node.shape(0)?.to_vec();
    let [at] = node.integers(1)?[..] else { return Err(ShapeError::new("one axis", "several")) };
    shape.insert(axis(at, shape.len() + 1)?, 1);
    Ok(shape)
}

pub(super) fn transpose(node: &Operands<'_>) -> Result<Shape, ShapeError> {
    let (x, permutation) = (node.shape(0)?, node.integers(1)?);
    let axes: Vec<usize> = permutation.iter().map(|&a| axis(a, x.len())).collect::<Result<_, _>>()?;
    if axes.len() != x.len() || (0..x.len()).any(|k| !axes.contains(&k)) {
        return Err(ShapeError::new(format!("a permutation of {} axes", x.len()), format!("{permutation:?}")));
    }
    Ok(axes.into_iter().map(|k| x[k]).collect())
}

pub(super) fn pad(node: &Operands<'_>) -> Result<Shape, ShapeError> {
    let (x, paddings) = (node.shape(0)?, node.extents_or_zero(1)?);
    if paddings.len() != 2 * x.len() {
        return Err(ShapeError::new(format!("{} paddings", 2 * x.len()), paddings.len().to_string()));
    }
    Ok(x.iter().zip(paddings.as_chunks::<2>().0).map(|(&d, [before, after])| d + before + after).collect())
}

pub(super) fn concatenation(node: &Operands<'_>, along: i32) -> Result<Shape, ShapeError> {
    let mut shape = node.shape(0)?.to_vec();
    let along = axis(along.into(), shape.len())?;
    for k in 1..node.node.inputs.len() {
        let other = node.shape(k)?;
        let fits = other.len() == shape.len() && (0..shape.len()).all(|a| a == along || other[a] == shape[a]);
        if !fits {
            return Err(ShapeError::new(
                format!("inputs that differ along axis {along} only"),
                format!("{shape:?} and {other:?}"),
            ));
        }
        shape[along] += other[along];
    }
    Ok(shape)
}

pub(super) fn split(node: &Operands<'_>, count: i32) -> Result<Vec<Shape>, ShapeError> {
    let mut shape = node.shape(1)?.to_vec();
    let [along] = node.integers(0)?[..] else { return Err(ShapeError::new("one axis", "several")) };
    let (along, count) = (axis(along, shape.len())?, positive(count, "a number of parts")?);
    if !shape[along].is_multiple_of(count) {
        return Err(ShapeError::new(format!("an extent in {count} parts"), shape[along].to_string()));
    }
    shape[along] /= count;
    Ok(vec![shape; count])
}

pub(super) fn split_v(node: &Operands<'_>, count: i32) -> Result<Vec<Shape>, ShapeError> {
    let (x, sizes) = (node.shape(0)?, node.integers(1)?);
    let [along] = node.integers(2)?[..] else { return Err(ShapeError::new("one axis", "several")) };
    let along = axis(along, x.len())?;
    let known: i64 = sizes.iter().filter(|&&s| s > 0).fold(0i64, |sum, &s| sum.saturating_add(s));
    let total = i64::try_from(x[along]).unwrap_or(i64::MAX);
    let wrong = || ShapeError::new(format!("{count} sizes whose sum is {total}"), format!("{sizes:?}"));
    let left = sizes.iter().filter(|&&s| s < 0).count();
    if usize::try_from(count) != Ok(sizes.len()) || left > 1 || known > total || left == 0 && known != total {
        return Err(wrong());
    }
    let part = |&size: &i64| {
        let mut shape = x.to_vec();
        shape[along] = usize::try_from(if size < 0 { total - known } else { size }).map_err(|_| wrong())?;
        Ok(shape)
    };
    sizes.iter().map(part).collect()
}

pub(super) fn slice(node: &Operands<'_>) -> Result<Shape, ShapeError> {
    let (x, begin, size) = (node.shape(0)?, node.integers(1)?, node.integers(2)?);
    let wrong = || ShapeError::new(format!("a part of {x:?}"), format!("from {begin:?}, of {size:?}"));
    if begin.len() != x.len() || size.len() != x.len() {
        return Err(wrong());
    }
    let extents = x.iter().zip(begin.iter().zip(&size)).map(|(&d, (&begin, &size))| {
        let rest = d.checked_sub(usize::try_from(begin).ok()?)?;
        if size < 0 { Some(rest) } else { usize::try_from(size).ok().filter(|&s| s <= rest) }
    });
    extents.collect::<Option<Shape>>().ok_or_else(wrong)
}

pub(super) fn strided_slice(node: &Operands<'_>, masks: StridedSlice) -> Result<Shape, ShapeError> {
    let (x, begin, end, step) = (node.shape(0)?, node.integers(1)?, node.integers(2)?, node.integers(3)?);
    let wrong = |what: &str| ShapeError::new(what, format!("{x:?} from {begin:?} to {end:?} by {step:?}"));
    if masks.ellipsis_mask != 0 || masks.new_axis_mask != 0 {
        return Err(wrong("a slice without ellipsis and without new axes"));
    }
    if begin.len() > x.len() || begin.len() != end.len() || begin.len() != step.len() {
        return Err(wrong("as many begins, ends and steps"));
    }
    let mut shape = Vec::new();
    for (k, &extent) in x.iter().enumerate() {
        let Some(&step) = step.get(k) else {
            shape.push(extent);
            continue;
        };
        let extent = i64::try_from(extent).unwrap_or(i64::MAX);
        let at = |value: i64, low: i64, high: i64| {
            (if value < 0 { value.saturating_add(extent) } else { value }).clamp(low, high)
        };
        let set = |mask: i32| mask >> k & 1 == 1;
        if step == 0 {
            return Err(wrong("steps other than 0"));
        }
        if set(masks.shrink_axis_mask) {
            continue;
        }
        let (low, high) = if step > 0 { (0, extent) } else { (-1, extent - 1) };
        let from = if set(masks.begin_mask) { if step > 0 { low } else { high } } else { at(begin[k], low, high) };
        let to = if set(masks.end_mask) { if step > 0 { high } else { low } } else { at(end[k], low, high) };
        let length = if step > 0 { to - from } else { from - to };
        let taken = u64::try_from(length).unwrap_or(0).div_ceil(step.unsigned_abs());
        shape.push(usize::try_from(taken).map_err(|_| wrong("fewer elements"))?);
    }
    Ok(shape)
}

pub(super) fn pack(node: &Operands<'_>, along: i32) -> Result<Shape, ShapeError> {
    let mut shape = node.shape(0)?.to_vec();
    for k in 1..node.node.inputs.len() {
        if node.shape(k)? != shape {
            return Err(ShapeError::new(format!("inputs of shape {shape:?}"), format!("{:?}", node.shape(k)?)));
        }
    }
    shape.insert(axis(along.into(), shape.len() + 1)?, node.node.inputs.len());
    Ok(shape)
}

pub(super) fn unpack(node: &Operands<'_>, count: i32, along: i32) -> Result<Vec<Shape>, ShapeError> {
    let mut shape = node.shape(0)?.to_vec();
    let along = axis(along.into(), shape.len())?;
    let extent = shape.remove(along);
    if usize::try_from(count) != Ok(extent) {
        return Err(ShapeError::new(format!("{extent} parts"), count.to_string()));
    }
    Ok(vec![shape; extent])
}

pub(super) fn gather(node: &Operands<'_>, along: i32, batch_dims: i32) -> Result<Shape, ShapeError> {
    let (x, indices) = (node.shape(0)?, node.shape(1)?);
    let along = axis(along.into(), x.len())?;
    let batch = usize::try_from(batch_dims).ok().filter(|&b| b <= along && b <= indices.len());
    let batch = batch.ok_or_else(|| ShapeError::new(format!("batch axes up to {along}"), batch_dims.to_string()))?;
    Ok([&x[..along], &indices[batch..], &x[along + 1..]].concat())
}

pub(super) fn depth_to_space(node: &Operands<'_>, block: i32) -> Result<Shape, ShapeError> {
    let ([n, h, w, c], block) = (node.rank(0)?, positive(block, "a block")?);
    if !c.is_multiple_of(block * block) {
        return Err(ShapeError::new(format!("channels in blocks of {}", block * block), c.to_string()));
    }
    Ok(vec![n, h * block, w * block, c / (block * block)])
}

pub(super) fn space_to_depth(node: &Operands<'_>, block: i32) -> Result<Shape, ShapeError> {
    let ([n, h, w, c], block) = (node.rank(0)?, positive(block, "a block")?);
    if !h.is_multiple_of(block) || !w.is_multiple_of(block) {
        return Err(ShapeError::new(format!("an image in blocks of {block}"), format!("{h} x {w}")));
    }
    Ok(vec![n, h / block, w / block, c * block * block])
}

pub(super) fn resize(node: &Operands<'_>) -> Result<Shape, ShapeError> {
    let [n, _, _, c] = node.rank(0)?;
    let size = node.extents(1)?;
    let [h, w] = size[..] else { return Err(ShapeError::new("rows and columns", format!("{size:?}"))) };
    Ok(vec![n, h, w, c])
}
