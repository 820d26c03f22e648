//! `LEAKY_RELU`: `x`, and `alpha * x` below 0.

use super::Prepared;
use super::elementwise::{map, map_stored, operands_of_one_type, quantization};
use crate::dtype::DType;
use crate::node::{Node, Refused};
use crate::quant::Multiplier;

/// Option 0 is alpha, of any sign.
///
/// Source: TensorFlow Lite's `QuantizeLeakyRelu`.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    let (x, _) = operands_of_one_type(node)?;
    let alpha = node.option_f32(0)?;
    if !alpha.is_finite() {
        return Err(node.invalid(format_args!("a finite alpha"), format_args!("another one")));
    }
    match x.dtype {
        DType::F32 => Ok(map("scalar f32", move |x: f32| if x > 0.0 { x } else { x * alpha })),
        DType::I8 | DType::U8 | DType::I16 => {
            let (input, output) = quantization(node)?;
            let above = Multiplier::new(f64::from(input.scale / output.scale));
            let below = Multiplier::new(f64::from(input.scale * alpha / output.scale));
            Ok(map_stored(x.dtype, x.dtype, move |x| {
                let x = x - input.zero_point;
                (if x >= 0 { above } else { below }).apply(x).saturating_add(output.zero_point)
            }))
        }
        _ => Err(node.unsupported_types("int8, uint8, int16 or float32")),
    }
}
