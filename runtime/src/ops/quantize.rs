//! `QUANTIZE`: real values to stored ones, or stored values to another scale, zero point or type.

use super::Prepared;
use super::elementwise::{convert, map_stored, operands, quantization};
use crate::dtype::DType;
use crate::kernels::scalar::cast::{self, Number};
use crate::node::{Node, Refused};
use crate::quant::Multiplier;
use crate::real;

const TYPES: &str = "float32 to int8, uint8, int16 or int32, or one of those but uint8 to int32 to another";

/// Out of range, values saturate.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    let (x, _) = operands(node)?;
    if x.dtype == DType::F32 { quantize(node) } else { requantize(node) }
}

/// `round(x / scale) + zero_point`, half away from zero.
///
/// Source: TensorFlow Lite's `AffineQuantize`.
fn quantize(node: &Node<'_>) -> Result<Prepared, Refused> {
    let y = node.output(0)?;
    let to = node.per_tensor("an output", y)?;
    let (low, high) = y.dtype.quantized_range().unwrap_or_default();
    let stored = move |x: f32| {
        let steps = real::round_f32(x / to.scale) as i32;
        steps.saturating_add(to.zero_point).clamp(low, high)
    };
    Ok(match y.dtype {
        DType::I8 => convert("scalar f32 to int8", move |x| stored(x) as i8),
        DType::U8 => convert("scalar f32 to uint8", move |x| stored(x) as u8),
        DType::I16 => convert("scalar f32 to int16", move |x| stored(x) as i16),
        DType::I32 => convert("scalar f32 to int32", stored),
        _ => return Err(node.unsupported_types(TYPES)),
    })
}

/// `(x - x_zero) * (x_scale / y_scale) + y_zero`.
///
/// Source: TensorFlow Lite's `Requantize`.
fn requantize(node: &Node<'_>) -> Result<Prepared, Refused> {
    let (x, y) = (node.input(0)?.dtype, node.output(0)?.dtype);
    let (Some(_), Some((low, high))) = (x.quantized_range(), y.quantized_range()) else {
        return Err(node.unsupported_types(TYPES));
    };
    let (from, to) = quantization(node)?;
    let multiplier = Multiplier::new(f64::from(from.scale) / f64::from(to.scale));
    let stored =
        move |x: i32| multiplier.apply(x.wrapping_sub(from.zero_point)).saturating_add(to.zero_point).clamp(low, high);
    match (x, y) {
        (DType::I8 | DType::U8, DType::I8 | DType::U8) | (DType::I16, DType::I16) => Ok(map_stored(x, y, stored)),
        (DType::I8, DType::I16 | DType::I32)
        | (DType::I16, DType::I8 | DType::I32)
        | (DType::I32, DType::I8 | DType::I16) => convert_stored(node, x, y, stored),
        _ => Err(node.unsupported_types(TYPES)),
    }
}

/// A step that computes each stored value by `f`, of another type. By the bytes: one piece of code for all pairs of types.
fn convert_stored(
    node: &Node<'_>,
    x: DType,
    y: DType,
    f: impl Fn(i32) -> i32 + Send + Sync + 'static,
) -> Result<Prepared, Refused> {
    let (x_bytes, y_bytes) = (x.size(), y.size());
    let (Some(read), Some(write)) = (cast::reader(x), cast::writer(y)) else {
        return Err(node.unsupported_types(TYPES));
    };
    Ok(Prepared::new("scalar requantize", move |io| {
        let x = io.input::<u8>(0);
        for (x, y) in x.chunks_exact(x_bytes).zip(io.output::<u8>(0).chunks_exact_mut(y_bytes)) {
            if let Number::Integer(stored) = read(x) {
                write(Number::Integer(f(stored as i32).into()), y);
            }
        }
        Ok(())
    }))
}
