//! What a file computes from constants alone: shapes above all, as exporters write them around `Reshape`.
//!
//! To fold one more operator: a row in the table below. An operator that is not here and reads constants only is imported as
//! any other, and the runtime folds it when it loads the model.

mod arithmetic;
mod movement;
mod reduce;

use super::importer::{Importer, Tensor};
use super::node::Node;
use super::refusal::{Outcome, invalid};
use crate::data::{Array, DType, Elements};

/// Computes the outputs of a node whose inputs are all known.
type Fold = fn(&Importer<'_>, &Node<'_>) -> Outcome<Vec<Array>>;

const FOLDS: &[(&str, Fold)] = &[
    ("Abs", arithmetic::unary),
    ("Add", arithmetic::binary),
    ("And", arithmetic::logic),
    ("Cast", arithmetic::cast),
    ("Ceil", arithmetic::unary),
    ("Concat", movement::concat),
    ("Constant", movement::constant),
    ("ConstantOfShape", movement::constant_of_shape),
    ("Div", arithmetic::binary),
    ("Dropout", movement::same_elements),
    ("Equal", arithmetic::compare),
    ("Expand", movement::expand),
    ("Flatten", movement::same_elements),
    ("Floor", arithmetic::unary),
    ("Gather", movement::gather),
    ("Greater", arithmetic::compare),
    ("GreaterOrEqual", arithmetic::compare),
    ("Identity", movement::same_elements),
    ("Less", arithmetic::compare),
    ("LessOrEqual", arithmetic::compare),
    ("Max", arithmetic::binary),
    ("Min", arithmetic::binary),
    ("Mod", arithmetic::binary),
    ("Mul", arithmetic::binary),
    ("Neg", arithmetic::unary),
    ("Not", arithmetic::unary),
    ("Or", arithmetic::logic),
    ("Pow", arithmetic::binary),
    ("Range", arithmetic::range),
    ("Reciprocal", arithmetic::unary),
    ("ReduceMax", reduce::reduce),
    ("ReduceMin", reduce::reduce),
    ("ReduceProd", reduce::reduce),
    ("ReduceSum", reduce::reduce),
    ("Reshape", movement::same_elements),
    ("Slice", movement::slice),
    ("Split", movement::split),
    ("Sqrt", arithmetic::unary),
    ("Squeeze", movement::same_elements),
    ("Sub", arithmetic::binary),
    ("Tile", movement::tile),
    ("Transpose", movement::transpose),
    ("Unsqueeze", movement::same_elements),
    ("Where", arithmetic::choose),
    ("Xor", arithmetic::logic),
];

/// The outputs of a node whose inputs are all known; none for any other node, and for operators that are not folded.
pub(super) fn fold(importer: &Importer<'_>, node: &Node<'_>) -> Outcome<Option<Vec<Array>>> {
    let Some((_, fold)) = FOLDS.iter().find(|(op, _)| *op == node.op()) else { return Ok(None) };
    // Before operator set 7 operands stretch by an attribute, which the importers of these operators read.
    if node.opset < 7 && node.proto.attributes.iter().any(|a| a.name == "broadcast") {
        return Ok(None);
    }
    for k in 0..node.inputs() {
        if node.input(k).is_some() && importer.known(node, k)?.is_none() {
            return Ok(None);
        }
    }
    fold(importer, node).map(Some)
}

/// Input `k`, which is known.
fn operand<'i>(importer: &'i Importer<'_>, node: &Node<'_>, k: usize) -> Outcome<&'i Array> {
    match importer.optional(node, k)? {
        Some(Tensor::Constant(constant)) => Ok(&constant.array),
        _ => Err(invalid(format!("input {k}"), "none")),
    }
}

/// Integers as elements of a type; cut to it as a cast cuts them.
pub(super) fn of_integers(dtype: DType, values: Vec<i64>) -> Elements {
    match dtype {
        DType::Bool => Elements::Bool(values.into_iter().map(|v| v != 0).collect()),
        DType::Int8 => Elements::Int8(values.into_iter().map(|v| v as i8).collect()),
        DType::UInt8 => Elements::UInt8(values.into_iter().map(|v| v as u8).collect()),
        DType::Int16 => Elements::Int16(values.into_iter().map(|v| v as i16).collect()),
        DType::UInt16 => Elements::UInt16(values.into_iter().map(|v| v as u16).collect()),
        DType::Int32 => Elements::Int32(values.into_iter().map(|v| v as i32).collect()),
        DType::UInt32 => Elements::UInt32(values.into_iter().map(|v| v as u32).collect()),
        DType::Int64 => Elements::Int64(values),
        DType::UInt64 => Elements::UInt64(values.into_iter().map(i64::cast_unsigned).collect()),
        DType::Float32 => Elements::Float32(values.into_iter().map(|v| v as f32).collect()),
        DType::Float64 => Elements::Float64(values.into_iter().map(|v| v as f64).collect()),
    }
}

/// Real numbers as elements of a type; cut towards zero where it is an integer type.
fn of_reals(dtype: DType, values: Vec<f64>) -> Elements {
    match dtype {
        DType::Float32 => Elements::Float32(values.into_iter().map(|v| v as f32).collect()),
        DType::Float64 => Elements::Float64(values),
        DType::Bool => Elements::Bool(values.into_iter().map(|v| v != 0.0).collect()),
        DType::UInt64 => Elements::UInt64(values.into_iter().map(|v| v as u64).collect()),
        integer => of_integers(integer, values.into_iter().map(|v| v as i64).collect()),
    }
}

fn integers(array: &Array) -> Outcome<Vec<i64>> {
    array.elements().integers().ok_or_else(|| invalid("integers below 2^63", array.dtype().name()))
}

fn shaped(shape: &[usize], elements: Elements) -> Outcome<Array> {
    let found = elements.len();
    Array::new(shape, elements).map_err(|_| invalid(format!("elements for {shape:?}"), found.to_string()))
}
