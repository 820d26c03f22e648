//! Operators that only move elements: exact, for every element type.

use mote_models::data::{DType, Elements};
use mote_models::tflite::{Activation, Model, Op, Tensor};

use super::run::run;

/// The types that both arrays and the runtime's tensors have.
const TYPES: [DType; 7] =
    [DType::Bool, DType::Int8, DType::UInt8, DType::Int16, DType::Int32, DType::Int64, DType::Float32];

/// Seeded elements: bits of any kind, but truth values 0 or 1.
fn seeded(rng: &mut fastrand::Rng, dtype: DType, count: usize) -> Elements {
    match dtype {
        DType::Bool => Elements::Bool((0..count).map(|_| rng.bool()).collect()),
        DType::Int8 => Elements::Int8((0..count).map(|_| rng.i8(..)).collect()),
        DType::UInt8 => Elements::UInt8((0..count).map(|_| rng.u8(..)).collect()),
        DType::Int16 => Elements::Int16((0..count).map(|_| rng.i16(..)).collect()),
        DType::UInt16 => Elements::UInt16((0..count).map(|_| rng.u16(..)).collect()),
        DType::Int32 => Elements::Int32((0..count).map(|_| rng.i32(..)).collect()),
        DType::UInt32 => Elements::UInt32((0..count).map(|_| rng.u32(..)).collect()),
        DType::Int64 => Elements::Int64((0..count).map(|_| rng.i64(..)).collect()),
        DType::UInt64 => Elements::UInt64((0..count).map(|_| rng.u64(..)).collect()),
        DType::Float32 => Elements::Float32((0..count).map(|_| f32::from_bits(rng.u32(..))).collect()),
        DType::Float64 => Elements::Float64((0..count).map(|_| f64::from_bits(rng.u64(..))).collect()),
    }
}

fn tensor(name: &str, dtype: DType, shape: &[i32]) -> Tensor {
    let tensor = Tensor::new(name, dtype.into(), shape);
    // Quantized types carry a scale in real files, the same before and after.
    match dtype {
        DType::Int8 | DType::UInt8 | DType::Int16 => tensor.quantized(0.5, 0),
        _ => tensor,
    }
}

#[test]
fn reshape_keeps_every_byte() {
    let mut rng = fastrand::Rng::with_seed(11);
    for dtype in TYPES {
        let x = seeded(&mut rng, dtype, 30);
        let shape = Tensor::constant("shape", &[3], &Elements::Int32(vec![3, 1, 10]));
        let inputs = vec![tensor("x", dtype, &[1, 5, 6]), shape];
        let op = Op::Reshape { shape: vec![3, 1, 10] };
        let model = Model::single(op, 1, inputs, vec![tensor("y", dtype, &[3, 1, 10])]);
        assert_eq!(run(dtype.name(), &model, &[&x]), x.to_le_bytes(), "{dtype}");
    }
}

#[test]
fn transpose_exchanges_axes() {
    let mut rng = fastrand::Rng::with_seed(12);
    for dtype in TYPES {
        let x = seeded(&mut rng, dtype, 2 * 3 * 5);
        let order = Tensor::constant("order", &[3], &Elements::Int32(vec![2, 0, 1]));
        let inputs = vec![tensor("x", dtype, &[2, 3, 5]), order];
        let model = Model::single(Op::Transpose, 1, inputs, vec![tensor("y", dtype, &[5, 2, 3])]);
        let bytes = x.to_le_bytes();
        let mut expected = Vec::new();
        for (k, i, j) in (0..5).flat_map(|k| (0..2).flat_map(move |i| (0..3).map(move |j| (k, i, j)))) {
            let at = ((i * 3 + j) * 5 + k) * dtype.size();
            expected.extend_from_slice(&bytes[at..at + dtype.size()]);
        }
        assert_eq!(run(dtype.name(), &model, &[&x]), expected, "{dtype}");
    }
}

#[test]
fn concatenation_lines_rows_up() {
    let mut rng = fastrand::Rng::with_seed(13);
    for dtype in TYPES {
        let (a, b) = (seeded(&mut rng, dtype, 2 * 3), seeded(&mut rng, dtype, 2 * 4));
        let op = Op::Concatenation { axis: 1, activation: Activation::None };
        let inputs = vec![tensor("a", dtype, &[2, 3]), tensor("b", dtype, &[2, 4])];
        let model = Model::single(op, 1, inputs, vec![tensor("y", dtype, &[2, 7])]);
        let (left, right) = (a.to_le_bytes(), b.to_le_bytes());
        let rows = left.chunks(3 * dtype.size()).zip(right.chunks(4 * dtype.size()));
        let expected: Vec<u8> = rows.flat_map(|(l, r)| [l, r].concat()).collect();
        assert_eq!(run(dtype.name(), &model, &[&a, &b]), expected, "{dtype}");
    }
}
