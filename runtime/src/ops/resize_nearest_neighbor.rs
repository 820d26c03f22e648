//! `RESIZE_NEAREST_NEIGHBOR`: each output position takes the element nearest to it.

use alloc::vec::Vec;

use super::resize_bilinear::{Grid, images};
use super::{Prepared, movement};
use crate::kernels::scalar::movement::Pick;
use crate::node::{Node, Refused};
use crate::real;

/// Any type: elements are copied.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(2..=2, 1)?;
    let (x, _) = movement::operands(node, 0)?;
    let (from, to) = images(node)?;
    let grid = Grid::of(node, 0)?;
    let bytes = x.dtype.size();
    let strides = x.shape.strides();
    let axis = |d: usize| -> Vec<usize> {
        (0..to[d]).map(|k| nearest(k, from[d], to[d], grid) * strides[d] * bytes).collect()
    };
    let batches = (0..from[0]).map(|n| n * strides[0] * bytes).collect();
    let pick = Pick { block: from[3] * bytes, sources: alloc::vec![batches, axis(1), axis(2)] };
    Ok(Prepared::new("scalar nearest", move |io| {
        let x = io.input::<u8>(0);
        pick.run(x, io.output::<u8>(0));
        Ok(())
    })
    .keeps(1, 0))
}

/// Source: TensorFlow Lite's `GetNearestNeighbor`, in single precision.
fn nearest(k: usize, from: usize, to: usize, grid: Grid) -> usize {
    let scale =
        if grid.align_corners && to > 1 { (from - 1) as f32 / (to - 1) as f32 } else { from as f32 / to as f32 };
    let offset = if grid.half_pixel_centers { 0.5 } else { 0.0 };
    let at = (k as f32 + offset) * scale;
    let at = if grid.align_corners { real::round_f32(at) } else { real::floor(f64::from(at)) as f32 };
    (at as usize).min(from - 1)
}
