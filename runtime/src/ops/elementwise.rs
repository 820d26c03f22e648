//! What operators of one operand share: an output of its shape, and each element computed from one element.

use alloc::boxed::Box;

use super::Prepared;
use crate::dtype::{DType, Element};
use crate::lookup::{self, Interpolated};
use crate::node::{Node, Operand, Refused};
use crate::quant::PerTensor;

/// The operand and the output, which has its shape.
pub(super) fn operands<'n, 'a>(node: &'n Node<'a>) -> Result<(&'n Operand<'a>, &'n Operand<'a>), Refused> {
    node.arity(1..=1, 1)?;
    let (x, y) = (node.input(0)?, node.output(0)?);
    node.expect_shape("an output", &y.shape, &x.shape)?;
    Ok((x, y))
}

/// The operand and the output, which has its shape and its type.
pub(super) fn operands_of_one_type<'n, 'a>(node: &'n Node<'a>) -> Result<(&'n Operand<'a>, &'n Operand<'a>), Refused> {
    let (x, y) = operands(node)?;
    node.expect_dtype("an output", y, x.dtype)?;
    Ok((x, y))
}

/// Scale and zero point of the operand and the output.
pub(super) fn quantization(node: &Node<'_>) -> Result<(PerTensor, PerTensor), Refused> {
    Ok((node.per_tensor("an input", node.input(0)?)?, node.per_tensor("an output", node.output(0)?)?))
}

/// Refuses an output of another quantization than the operator prescribes.
pub(super) fn expect_output(node: &Node<'_>, scale: f32, zero_point: i32) -> Result<(), Refused> {
    let PerTensor { scale: found_scale, zero_point: found } = node.per_tensor("an output", node.output(0)?)?;
    if found == zero_point && (found_scale - scale).abs() <= scale * 1e-3 {
        return Ok(());
    }
    let per_step = (1.0 / scale) as u32;
    Err(node.invalid(
        format_args!("an output of scale 1/{per_step} and zero point {zero_point}"),
        format_args!("zero point {found}, or another scale"),
    ))
}

/// A step that computes each element by `f`.
pub(super) fn map<T: Element>(kernel: &'static str, f: impl Fn(T) -> T + Send + Sync + 'static) -> Prepared {
    Prepared::new(kernel, move |io| {
        io.map_blocks::<T>(|x, y| {
            for (&x, y) in x.iter().zip(y) {
                *y = f(x);
            }
        });
        Ok(())
    })
    .in_place(0)
}

/// A step that computes each element by `f`, of another type.
pub(super) fn convert<X: Element, Y: Element>(
    kernel: &'static str,
    f: impl Fn(X) -> Y + Send + Sync + 'static,
) -> Prepared {
    Prepared::new(kernel, move |io| {
        let x = io.input::<X>(0);
        for (&x, y) in x.iter().zip(io.output::<Y>(0)) {
            *y = f(x);
        }
        Ok(())
    })
}

/// A step on real values.
pub(super) fn map_f32(f: fn(f32) -> f32) -> Prepared {
    map("scalar f32", f)
}

/// A step on quantized values: `f` maps stored values, and its results saturate. By a table for 8-bit types.
///
/// Both types are 8-bit, or both are int16.
pub(super) fn map_stored(x: DType, y: DType, f: impl Fn(i32) -> i32 + Send + Sync + 'static) -> Prepared {
    if x == DType::I16 {
        return map("scalar int16", move |x: i16| f(i32::from(x)).clamp(-32768, 32767) as i16);
    }
    table(x, y, &f)
}

/// A step that computes a real function of quantized values: by a table, exact for 8-bit types, interpolated for int16.
pub(super) fn map_real(node: &Node<'_>, function: &dyn Fn(f32) -> f32) -> Result<Prepared, Refused> {
    let (input, output) = quantization(node)?;
    let dtype = node.input(0)?.dtype;
    if dtype == DType::I16 {
        let table = Interpolated::quantized(function, input, output);
        return Ok(map("scalar table", move |x: i16| table.at(i32::from(x))));
    }
    Ok(table(dtype, dtype, &|code| lookup::quantized(function, input, output, code)))
}

/// A step that looks up every value of an 8-bit type.
fn table(x: DType, y: DType, f: &dyn Fn(i32) -> i32) -> Prepared {
    let (low, high) = y.quantized_range().unwrap_or_default();
    let mut table = Box::new([0; 256]);
    for (byte, entry) in (0..=255u8).zip(table.iter_mut()) {
        let stored = if x == DType::I8 { i32::from(byte as i8) } else { i32::from(byte) };
        *entry = f(stored).clamp(low, high) as u8;
    }
    map("scalar table", move |x: u8| table[usize::from(x)])
}
