//! `CONCATENATION`: tensors one behind the other along an axis.

use alloc::format;
use alloc::vec::Vec;

use super::activation::Activation;
use super::split::rows_of;
use super::{Prepared, movement};
use crate::dtype::DType;
use crate::kernels::scalar::movement::Walk;
use crate::node::{Node, Refused};
use crate::quant::PerTensor;
use crate::real;

/// An input's way into the output.
struct Part {
    walk: Walk,
    /// What each byte becomes on the way, where its input has another scale than the output.
    rescale: Option<Vec<u8>>,
}

/// All inputs, in order. Only `uint8` inputs may have another scale or zero point than the output: TensorFlow Lite refuses the
/// others, and TensorFlow Lite Micro copies their bytes as they are.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(1..=usize::MAX, 1)?;
    let (first, y) = movement::operands(node, 0)?;
    if Activation::of(node, 1)? != Activation::None {
        return Err(
            node.unsupported(format_args!("a concatenation without activation"), format_args!("a fused activation"))
        );
    }
    let axis = movement::axis_of(node, node.option_i32(0)?, &y.shape)?;
    let rows: usize = y.shape[..axis].iter().product();
    let row: usize = y.shape[axis..].iter().product();
    let mut at = 0;
    let mut parts = Vec::with_capacity(node.inputs.len());
    for k in 0..node.inputs.len() {
        let x = node.input(k)?;
        node.expect_dtype("an input", x, first.dtype)?;
        let mut expected = y.shape.to_vec();
        expected[axis] = x.shape.get(axis).copied().unwrap_or(0);
        node.expect_shape("an input", &x.shape, &expected)?;
        let run: usize = x.shape[axis..].iter().product();
        if at + run > row {
            break;
        }
        let walk = rows_of(y.dtype.size(), rows, (0, run), (at, row), run);
        parts.push(Part { walk, rescale: rescale(node, k)? });
        at += run;
    }
    if at != row || parts.len() != node.inputs.len() {
        return Err(
            node.invalid(format_args!("inputs that fill axis {axis} of {}", y.shape), format_args!("more or less"))
        );
    }
    let joins = rows == 1 && parts.iter().all(|part| part.rescale.is_none());
    let step = Prepared::new("scalar concatenation", move |io| {
        if io.in_place().is_some() {
            return Ok(());
        }
        for (k, part) in parts.iter().enumerate() {
            let x = io.input::<u8>(k);
            match &part.rescale {
                None => part.walk.run(x, io.output::<u8>(0)),
                Some(table) => {
                    let rescaled: Vec<u8> = x.iter().map(|&v| table[usize::from(v)]).collect();
                    part.walk.run(&rescaled, io.output::<u8>(0));
                }
            }
        }
        Ok(())
    });
    Ok(step.joins(joins))
}

/// Source: TensorFlow Lite's `ConcatenationWithScaling`: `round(stored * scale + bias) + zero_point` in single precision, with
/// `scale = input scale * (1 / output scale)` and `bias = -input zero point * scale`.
fn rescale(node: &Node<'_>, k: usize) -> Result<Option<Vec<u8>>, Refused> {
    let (x, y) = (node.input(k)?, node.output(0)?);
    if x.tensor.quant.is_none() || y.tensor.quant.is_none() {
        return Ok(None);
    }
    let from = node.per_tensor("an input", x)?;
    let to = node.per_tensor("an output", y)?;
    if from == to {
        return Ok(None);
    }
    if x.dtype != DType::U8 {
        let show = |q: PerTensor| format!("zero point {}, scale bits {}", q.zero_point, q.scale.to_bits());
        let expected = format_args!("input {k} quantized as the output ({}): put a QUANTIZE before it", show(to));
        return Err(node.unsupported(expected, format_args!("{}", show(from))));
    }
    let scale = from.scale * (1.0 / to.scale);
    let bias = -(from.zero_point as f32) * scale;
    let table = (0..=255u8).map(|v| {
        let value = real::round_f32(f32::from(v) * scale + bias) as i32;
        value.saturating_add(to.zero_point).clamp(0, 255) as u8
    });
    Ok(Some(table.collect()))
}
