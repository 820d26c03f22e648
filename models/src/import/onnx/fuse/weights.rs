//! Known tensors in TensorFlow Lite's scheme: int8 weights with zero points of 0, int32 biases in the scale of the products.

use crate::data::{Array, Elements};
use crate::graph::{Graph, Node, Op, Quantization, TensorType, Value, ValueId};

/// The stored integers of a known tensor that `DEQUANTIZE` makes real.
pub(super) fn stored(graph: &Graph, nodes: &[Node], real: ValueId) -> Option<ValueId> {
    let node = nodes.iter().find(|node| node.op == Op::Dequantize && node.outputs.contains(&real))?;
    node.input(0).filter(|&id| graph.value(id).constant.is_some())
}

/// int8 weights of that tensor with scales along `axis` and zero points of 0; none when int8 has no room for them.
pub(super) fn weights(graph: &mut Graph, stored: ValueId, axis: usize) -> Option<(ValueId, Vec<f32>)> {
    let value = graph.value(stored);
    let quantization = value.quantization.clone()?;
    let channels = *value.shape.get(axis)?;
    let along = usize::try_from(quantization.axis).ok();
    let fits = quantization.scales.len() == 1 || along == Some(axis) && quantization.scales.len() == channels;
    if value.dtype != TensorType::Int8 || !fits {
        return None;
    }
    let scales = quantization.scales.clone();
    if quantization.zero_points.iter().all(|&z| z == 0) {
        return Some((stored, scales));
    }
    // Their differences from the zero point, if these are int8 too.
    let Elements::Int8(elements) = value.constant.as_ref()?.elements() else { return None };
    let inner: usize = value.shape[axis + 1..].iter().product();
    let zero = |k: usize| quantization.zero_points[if scales.len() == 1 { 0 } else { k / inner % channels }];
    let moved = elements.iter().enumerate().map(|(k, &v)| i8::try_from(i64::from(v) - zero(k)).ok());
    let array = Array::new(value.shape.clone(), moved.collect::<Option<Vec<i8>>>()?).ok()?;
    let zero_points = vec![0; scales.len()];
    let quantization = Some(Quantization { scales: scales.clone(), zero_points, axis: quantization.axis });
    let name = format!("{}/symmetric", value.name);
    Some((graph.add(Value { quantization, ..Value::constant(name, array) }), scales))
}

/// An int32 bias of a known real one.
pub(super) fn bias(graph: &mut Graph, real: &[f64], name: String, x_scale: f32, scales: &[f32]) -> Option<ValueId> {
    let steps: Vec<f32> = scales.iter().map(|s| s * x_scale).collect();
    let step = |k: usize| f64::from(scales[if scales.len() == 1 { 0 } else { k }]) * f64::from(x_scale);
    // A bias beyond 32 bits has no place in the sum.
    let stored = |(k, v): (usize, &f64)| {
        let steps = (v / step(k)).round();
        (steps.abs() <= f64::from(i32::MAX)).then_some(steps as i32)
    };
    let stored = real.iter().enumerate().map(stored).collect::<Option<Vec<i32>>>()?;
    let quantization = Quantization { zero_points: vec![0; steps.len()], scales: steps, axis: 0 };
    Some(graph.add(Value { quantization: Some(quantization), ..Value::constant(name, Array::vector(stored)) }))
}

/// The real numbers of a known tensor, float or stored.
pub(super) fn reals(graph: &Graph, nodes: &[Node], id: ValueId) -> Option<Vec<f64>> {
    if let Some(array) = &graph.value(id).constant {
        return Some(array.elements().reals());
    }
    let value = graph.value(stored(graph, nodes, id)?);
    dequantized(value)
}

/// What the stored integers of a known tensor stand for.
pub(super) fn dequantized(value: &Value) -> Option<Vec<f64>> {
    let (array, quantization) = (value.constant.as_ref()?, value.quantization.as_ref()?);
    let many = quantization.scales.len() > 1;
    let axis = usize::try_from(quantization.axis).ok()?;
    let inner: usize = if many { value.shape.get(axis + 1..)?.iter().product() } else { 1 };
    let channels = if many { *value.shape.get(axis)? } else { 1 };
    let elements = array.elements();
    (0..elements.len())
        .map(|k| {
            let channel = k / inner % channels;
            let (scale, zero) = (*quantization.scales.get(channel)?, *quantization.zero_points.get(channel)?);
            Some(f64::from(scale) * elements.integer(k)?.checked_sub(zero)? as f64)
        })
        .collect()
}

/// A known float operand of an operator on int8: stored as it was in the file, or with a scale of its own.
pub(super) fn operand(graph: &mut Graph, nodes: &[Node], id: ValueId) -> Option<ValueId> {
    if let Some(stored) = stored(graph, nodes, id) {
        return (graph.value(stored).dtype == TensorType::Int8).then_some(stored);
    }
    const MOST: f64 = 127.0;
    let reals = reals(graph, nodes, id)?;
    let largest = reals.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    let scale = if largest > 0.0 { largest / MOST } else { 1.0 } as f32;
    quantized(graph, id, &reals, (scale, 0))
}

/// Known numbers in a scale that they must fit.
pub(super) fn quantized(graph: &mut Graph, id: ValueId, reals: &[f64], scale: (f32, i64)) -> Option<ValueId> {
    let stored = |v: &f64| i8::try_from((v / f64::from(scale.0)).round() as i64 + scale.1).ok();
    let elements = reals.iter().map(stored).collect::<Option<Vec<i8>>>()?;
    let Value { name, shape, .. } = graph.value(id).clone();
    let array = Array::new(shape, elements).ok()?;
    let quantization = Some(Quantization { scales: vec![scale.0], zero_points: vec![scale.1], axis: 0 });
    Some(graph.add(Value { quantization, ..Value::constant(format!("{name}/int8"), array) }))
}
