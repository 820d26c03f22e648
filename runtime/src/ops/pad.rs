//! `PAD`, `PADV2`: a tensor with more around it. Real zeros around an image are left to the convolution behind them where that
//! pads by itself: see `../load/padding.rs`.

use alloc::vec::Vec;

use super::{Prepared, movement};
use crate::dtype::DType;
use crate::kernels::scalar::movement::{Axis, Walk, fill};
use crate::node::{Node, Operand, Refused};
use crate::shape::List;

/// Surrounds `x` with real zeros: the output's zero point where it is quantized.
pub(super) fn pad(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(2..=2, 1)?;
    let (_, y) = movement::operands(node, 0)?;
    around(node, zero(y))
}

/// A real zero, as it is stored.
fn zero(y: &Operand<'_>) -> Vec<u8> {
    // Wider types are symmetric, so that their zeros are zero bytes; so are float zeros.
    let zero_point = match y.dtype {
        DType::I8 | DType::U8 => y.tensor.quant.as_ref().map_or(0, |q| q.zero_points[0]),
        _ => 0,
    };
    let mut value = alloc::vec![0; y.dtype.size()];
    value[0] = zero_point.to_le_bytes()[0];
    value
}

/// Surrounds `x` with the one value of input 2, as it is stored.
pub(super) fn padv2(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(3..=3, 1)?;
    let (x, y) = movement::operands(node, 0)?;
    let value = node.input(2)?;
    node.expect_dtype("a padding value", value, x.dtype)?;
    if value.shape.elements() != 1 {
        return Err(node.invalid(format_args!("one padding value"), format_args!("shape {}", value.shape)));
    }
    let quant = |o: &Operand<'_>| o.tensor.quant.as_ref().map(|q| (q.scales[0], q.zero_points[0]));
    if quant(value).is_some_and(|of_value| quant(y).is_some_and(|of_output| of_value != of_output)) {
        return Err(node.invalid(
            format_args!("a padding value quantized as the output"),
            format_args!("another scale or zero point"),
        ));
    }
    Ok(around(node, node.constant_bytes(2)?.to_vec())?.keeps(2, 0))
}

fn around(node: &Node<'_>, value: Vec<u8>) -> Result<Prepared, Refused> {
    let (x, y) = movement::operands(node, 0)?;
    let before = before(node, x, y)?;
    let (from, to) = (x.shape.strides(), y.shape.strides());
    let axes: Vec<Axis> = (x.shape.iter().zip(from.iter().zip(&to)))
        .map(|(&extent, (from, to))| Axis { extent, from: from.cast_signed(), to: to.cast_signed() })
        .collect();
    let start = before.iter().zip(&to).map(|(b, stride)| b * stride).sum();
    let walk = Walk::new(x.dtype.size(), 0, start, &axes);
    let after = |k: usize| y.shape[k] - x.shape[k] - before[k];
    let margins = match *before {
        [0, rows, columns, 0] if after(0) == 0 && after(3) == 0 && value == zero(y) => {
            Some([[rows, after(1)], [columns, after(2)]])
        }
        _ => None,
    };
    let run = move |io: &mut crate::io::Io<'_>| {
        let x = io.input::<u8>(0);
        let y = io.output::<u8>(0);
        fill(&value, y);
        walk.run(x, y);
        Ok(())
    };
    Ok(Prepared::new("scalar pad", run).keeps(1, 0).margins(margins))
}

/// For each axis the elements that input 1 asks for before `x`; those behind it are in the output's shape.
pub(super) fn before(node: &Node<'_>, x: &Operand<'_>, y: &Operand<'_>) -> Result<Vec<usize>, Refused> {
    let rank = x.shape.len();
    node.expect_shape("paddings", &node.input(1)?.shape, &[rank, 2])?;
    let paddings = node.constant_integers(1)?;
    let wrong = || node.invalid(format_args!("paddings of at least 0"), format_args!("{}", List(&paddings)));
    let (mut before, mut expected) = (Vec::with_capacity(rank), Vec::with_capacity(rank));
    for (pair, extent) in paddings.chunks_exact(2).zip(x.shape.iter()) {
        let [left, right] = [pair[0], pair[1]].map(usize::try_from);
        let (left, right) = (left.map_err(|_| wrong())?, right.map_err(|_| wrong())?);
        before.push(left);
        expected.push(extent.saturating_add(left).saturating_add(right));
    }
    node.expect_shape("an output", &y.shape, &expected)?;
    Ok(before)
}
