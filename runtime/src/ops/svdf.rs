//! `SVDF`: a dense layer with a memory, and weights over that memory.

use super::Prepared;
use super::activation::Activation;
use crate::dtype::{DType, Element};
use crate::io::Io;
use crate::kernels::scalar::svdf::{Operands, Quantized, Svdf, svdf_f32, svdf_i8};
use crate::node::{Node, Refused};
use crate::quant::Multiplier;

/// Inputs: `x`, feature weights, time weights, bias or none, and the state, which is a variable.
///
/// Quantized, as TensorFlow Lite Micro: the state keeps its zero point, the scales are multiplied and divided in single
/// precision, and a fused activation is only what the output's range makes of it.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(5..=5, 1)?;
    let shape = geometry(node)?;
    let step = match (node.input(0)?.dtype, node.input(4)?.dtype) {
        (DType::F32, DType::F32) => float(node, shape)?,
        (DType::I8, DType::I8) => quantized::<i8>(node, shape)?,
        (DType::I8, DType::I16) => quantized::<i16>(node, shape)?,
        _ => return Err(node.unsupported_types("float32, or int8 with a state of int8 or int16")),
    };
    let Svdf { batches, inputs, filters, memory, .. } = shape;
    Ok(step.macs((batches * filters) as u64 * (inputs + memory) as u64))
}

fn geometry(node: &Node<'_>) -> Result<Svdf, Refused> {
    let (x, feature, time, state) = (node.input(0)?, node.input(1)?, node.input(2)?, node.input(4)?);
    let rank = node.option_positive(0, "a rank", 0)?;
    let (&[batches, inputs], &[filters, _], &[_, memory]) = (&*x.shape, &*feature.shape, &*time.shape) else {
        let found = format_args!("{}, {} and {}", x.shape, feature.shape, time.shape);
        return Err(node.invalid(format_args!("an input and two weights of rank 2"), found));
    };
    node.expect_shape("feature weights", &feature.shape, &[filters, inputs])?;
    node.expect_shape("time weights", &time.shape, &[filters, memory])?;
    node.expect_shape("a state", &state.shape, &[batches, filters.saturating_mul(memory)])?;
    if filters % rank != 0 {
        return Err(
            node.invalid(format_args!("a number of filters that rank {rank} divides"), format_args!("{filters}"))
        );
    }
    if let Some(bias) = node.optional_input(3) {
        node.expect_shape("a bias", &bias.shape, &[filters / rank])?;
    }
    node.expect_shape("an output", &node.output(0)?.shape, &[batches, filters / rank])?;
    if !state.tensor.is_variable {
        return Err(
            node.invalid(format_args!("a variable as input 4, the state"), format_args!("a tensor that is none"))
        );
    }
    Ok(Svdf { batches, inputs, filters, rank, memory })
}

fn expect_types(node: &Node<'_>, x: DType, time: DType, bias: DType) -> Result<(), Refused> {
    node.expect_dtype("feature weights", node.input(1)?, x)?;
    node.expect_dtype("time weights", node.input(2)?, time)?;
    node.optional_input(3).map_or(Ok(()), |b| node.expect_dtype("a bias", b, bias))?;
    node.expect_dtype("an output", node.output(0)?, x)
}

fn float(node: &Node<'_>, shape: Svdf) -> Result<Prepared, Refused> {
    expect_types(node, DType::F32, DType::F32, DType::F32)?;
    let range = Activation::of(node, 1)?.range();
    let has_bias = node.optional_input(3).is_some();
    Ok(Prepared::new("scalar svdf f32", move |io| {
        svdf_f32(operands(io, has_bias), shape, range);
        Ok(())
    }))
}

fn quantized<W: Element + Into<i32> + TryFrom<i32>>(node: &Node<'_>, shape: Svdf) -> Result<Prepared, Refused> {
    expect_types(node, DType::I8, W::DTYPE, DType::I32)?;
    let q = parameters(node)?;
    let has_bias = node.optional_input(3).is_some();
    Ok(Prepared::new("scalar svdf i8", move |io| {
        svdf_i8(operands::<i8, W, i32>(io, has_bias), shape, q);
        Ok(())
    }))
}

fn parameters(node: &Node<'_>) -> Result<Quantized, Refused> {
    let x = node.per_tensor("an input", node.input(0)?)?;
    let feature = node.channel_scales(node.input(1)?, 1, 0)?[0];
    let time = node.channel_scales(node.input(2)?, 1, 0)?[0];
    let state = node.per_tensor("a state", node.input(4)?)?;
    let y = node.per_tensor("an output", node.output(0)?)?;
    Ok(Quantized {
        input_zero: x.zero_point,
        state_zero: state.zero_point,
        state_range: node.input(4)?.dtype.quantized_range().unwrap_or((0, 0)),
        output_zero: y.zero_point,
        to_state: Multiplier::new(f64::from(x.scale * feature / state.scale)),
        to_output: Multiplier::new(f64::from(state.scale * time / y.scale)),
    })
}

fn operands<'a, X: Element, W: Element, B: Element>(io: &mut Io<'a>, has_bias: bool) -> Operands<'a, X, W, B> {
    let (x, feature, time) = (io.input(0), io.input(1), io.input(2));
    let bias = if has_bias { Some(io.input(3)) } else { None };
    let (y, state) = (io.take_output(0), io.take_variable(4));
    Operands { x, feature, time, bias, state, y }
}
