//! `LOG_SOFTMAX`.

use super::Prepared;
use super::elementwise::{expect_output, operands_of_one_type};
use super::softmax::{depth, differences};
use crate::dtype::DType;
use crate::kernels::scalar::log_softmax::{log_softmax, log_softmax_f32};
use crate::node::{Node, Refused};
use crate::quant::Multiplier;

/// Over the last axis. The output's quantization is prescribed: it covers -16 to 0.
///
/// Source: TensorFlow Lite's `PreprocessLogSoftmaxScalingExp` and `LogSoftmax`.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    let (x, _) = operands_of_one_type(node)?;
    let depth = depth(node, x)?;
    let high = match x.dtype {
        DType::F32 => {
            return Ok(Prepared::new("scalar f32", move |io| {
                let x = io.input(0);
                log_softmax_f32(depth, x, io.output(0));
                Ok(())
            }));
        }
        DType::I8 => 127,
        DType::U8 => 255,
        _ => return Err(node.unsupported_types("int8, uint8 or float32")),
    };
    expect_output(node, 1.0 / 16.0, high)?;
    let differences = differences(node, 1.0)?;
    let Multiplier { value, shift } = differences.multiplier;
    let to_input = Multiplier::new(libm::ldexp(1.0, 31 - shift) / f64::from(value));
    Ok(if x.dtype == DType::I8 {
        Prepared::new("scalar int8", move |io| {
            let x = io.input(0);
            log_softmax::<i8>(&differences, to_input, depth, high, x, io.output(0));
            Ok(())
        })
    } else {
        Prepared::new("scalar uint8", move |io| {
            let x = io.input(0);
            log_softmax::<u8>(&differences, to_input, depth, high, x, io.output(0));
            Ok(())
        })
    })
}
