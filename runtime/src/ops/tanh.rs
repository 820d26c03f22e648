//! `TANH`.

use super::Prepared;
use super::elementwise::{expect_output, map, map_f32, map_real, operands_of_one_type};
use super::logistic::{fixed_point_table, table_scale};
use crate::dtype::DType;
use crate::fixed_point;
use crate::kernels::scalar::logistic::LogisticTable;
use crate::node::{Node, Refused};
use crate::quant::rounding_divide_by_pot;
use crate::real;

/// The output's quantization is prescribed: it covers -1 to 1.
///
/// Source: int8 and int16 as TensorFlow Lite Micro's `Tanh`, uint8 as LiteRT's lookup table.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    let (x, _) = operands_of_one_type(node)?;
    match x.dtype {
        DType::F32 => Ok(map_f32(real::tanh)),
        DType::I8 => {
            expect_output(node, 1.0 / 128.0, 0)?;
            fixed_point_table(node, fixed_point::tanh, |y| rounding_divide_by_pot(y, 24))
        }
        DType::U8 => {
            expect_output(node, 1.0 / 128.0, 128)?;
            map_real(node, &real::tanh)
        }
        DType::I16 => {
            let (table, scale) = (LogisticTable::new(), table_scale(node, 1)?);
            Ok(map("scalar int16", move |x: i16| table.tanh(scale, x)))
        }
        _ => Err(node.unsupported_types("int8, uint8, int16 or float32")),
    }
}
