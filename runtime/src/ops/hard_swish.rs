//! `HARD_SWISH`: `x * clamp(x + 3, 0, 6) / 6`.

use super::Prepared;
use super::elementwise::{map_f32, map_stored, operands_of_one_type, quantization};
use crate::dtype::DType;
use crate::kernels::scalar::hard_swish::HardSwish;
use crate::node::{Node, Refused};

/// Source: TensorFlow Lite's `HardSwishPrepare` and `HardSwish`.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    let (x, _) = operands_of_one_type(node)?;
    match x.dtype {
        DType::F32 => Ok(map_f32(|x| x * (x + 3.0).clamp(0.0, 6.0) / 6.0)),
        DType::I8 | DType::U8 => {
            let (input, output) = quantization(node)?;
            let params = HardSwish::new(input.scale, output.scale).ok_or_else(|| {
                node.unsupported(
                    format_args!("an output scale of at least 1/128 of the input's"),
                    format_args!("a smaller one"),
                )
            })?;
            Ok(map_stored(x.dtype, x.dtype, move |x| params.of((x - input.zero_point) as i16) + output.zero_point))
        }
        _ => Err(node.unsupported_types("int8, uint8 or float32")),
    }
}
