//! `QuantizeLinear` and `DequantizeLinear`. Between float operators they become `QUANTIZE` and `DEQUANTIZE`, and known integers
//! keep their scales; [`fuse`](super::super::fuse) makes int8 operators of what stands between them.
//!
//! `QUANTIZE` rounds halves away from zero where ONNX rounds them to even: a step of difference for numbers that lie in the
//! middle of two steps, exactly.

use super::super::constant::{Constant, Stored, strides};
use super::super::fold::of_integers;
use super::super::importer::Importer;
use super::super::node::{Node, axis_of};
use super::super::refusal::{Outcome, invalid, unsupported};
use super::super::view::View;
use super::elementwise::{ADD, DIV, MUL, SUB, binary, cast};
use super::rounding::rounded;
use crate::data::{Array, DType, Elements};
use crate::graph::{Op, Quantization, TensorType, Value};

/// Scales and zero points: one, or one for each index of an axis.
pub(super) struct Scales {
    pub(super) scales: Vec<f32>,
    pub(super) zero_points: Vec<i64>,
    pub(super) dtype: Option<DType>,
}

impl Scales {
    /// From two inputs of a node; the second may be left out.
    pub(super) fn of(importer: &Importer<'_>, node: &Node<'_>, scale: usize, zero_point: usize) -> Outcome<Self> {
        let scales = importer.constant(node, scale, "a scale")?.ok_or_else(|| invalid("a scale", "none"))?;
        if scales.shape().len() > 1 {
            return Err(unsupported("scales for blocks", "quantize it with one scale a tensor or a channel"));
        }
        let scales = scales.floats();
        if scales.is_empty() || scales.iter().any(|s| !s.is_finite() || *s <= 0.0) {
            return Err(invalid("scales above 0", format!("{scales:?}")));
        }
        let zero_points = importer.constant(node, zero_point, "a zero point")?;
        let dtype = zero_points.as_ref().map(|z| z.array.dtype());
        let zero_points = match zero_points {
            Some(z) => z
                .integers()
                .ok_or_else(|| unsupported("a zero point that is no integer", "quantize it to int8 or uint8"))?,
            None => vec![0; scales.len()],
        };
        if zero_points.len() != scales.len() {
            return Err(invalid(format!("{} zero points", scales.len()), zero_points.len().to_string()));
        }
        Ok(Self { scales, zero_points, dtype })
    }

    fn quantization(&self, axis: usize) -> Quantization {
        Quantization {
            scales: self.scales.clone(),
            zero_points: self.zero_points.clone(),
            axis: if self.scales.len() == 1 { 0 } else { i32::try_from(axis).unwrap_or(0) },
        }
    }

    /// The scale and the zero point of element `k` of a tensor of this shape.
    fn of_element(&self, shape: &[usize], axis: usize) -> impl Fn(usize) -> (f32, i64) {
        let step = strides(shape).get(axis).copied().unwrap_or(1);
        move |k| {
            let place = if self.scales.len() == 1 { 0 } else { k / step % self.scales.len() };
            (self.scales[place], self.zero_points[place])
        }
    }

    /// As constants that stretch to a tensor of this rank.
    fn operands(&self, importer: &mut Importer<'_>, axis: usize, rank: usize) -> Outcome<(View, View)> {
        let mut shape = vec![1; rank];
        if self.scales.len() > 1 {
            shape[axis] = self.scales.len();
        }
        let zero_points = self.zero_points.iter().map(|&z| z as f32).collect();
        let scales = importer.add_floats(&shape, self.scales.clone())?;
        let zero_points = importer.add_floats(&shape, zero_points)?;
        Ok((View::plain(scales, &shape), View::plain(zero_points, &shape)))
    }
}

/// The axis of several scales, checked.
fn axis(node: &Node<'_>, shape: &[usize], scales: &Scales) -> Outcome<usize> {
    if node.int("block_size", 0)? != 0 {
        return Err(unsupported("scales for blocks", "quantize it with one scale a tensor or a channel"));
    }
    let stated = node.int("axis", 1)?;
    if scales.scales.len() == 1 {
        return Ok(0);
    }
    let axis = axis_of(stated, shape.len())?;
    if shape[axis] == scales.scales.len() {
        return Ok(axis);
    }
    Err(invalid(format!("{} scales", shape[axis]), scales.scales.len().to_string()))
}

/// `DequantizeLinear`.
pub(super) fn dequantize<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let scales = Scales::of(importer, node, 1, 2)?;
    // To float16 means to float32.
    if !matches!(node.int("output_dtype", 0)?, 0 | 1 | 10 | 16) {
        return Err(unsupported("real numbers of another type", "dequantize to float32"));
    }
    if let Some(known) = importer.known(node, 0)? {
        let axis = axis(node, known.shape(), &scales)?;
        return importer.bind_known(node, 0, known_real(&known, &scales, axis)?);
    }
    let x = importer.view(node, 0)?;
    let axis = axis(node, &x.shape(), &scales)?;
    let y = real(importer, &x, &scales, axis)?;
    importer.bind(node, 0, y)
}

/// Known integers as real numbers that remember them. Those without a sign are stored with one.
pub(super) fn known_real(known: &Constant, scales: &Scales, axis: usize) -> Outcome<Constant> {
    let integers = known.integers().ok_or_else(|| invalid("integers to dequantize", known.array.dtype().name()))?;
    let of_element = scales.of_element(known.shape(), axis);
    let real = |(k, &v): (usize, &i64)| {
        let (scale, zero) = of_element(k);
        (v.saturating_sub(zero) as f64 * f64::from(scale)) as f32
    };
    let reals: Vec<f32> = integers.iter().enumerate().map(real).collect();
    let mut quantization = scales.quantization(axis);
    let stored = match known.array.elements() {
        Elements::Int8(_) | Elements::Int32(_) => Some(known.array.clone()),
        Elements::UInt8(values) => {
            quantization.zero_points.iter_mut().for_each(|z| *z -= 128);
            let signed: Vec<i8> = values.iter().map(|&v| (v ^ 0x80).cast_signed()).collect();
            Array::new(known.shape(), signed).ok()
        }
        _ => None,
    };
    let array = Array::new(known.shape(), reals).map_err(|_| invalid("as many numbers", "others"))?;
    Ok(Constant { array, stored: stored.map(|array| Stored { array, quantization }) })
}

/// Computed integers as real numbers.
pub(super) fn real(importer: &mut Importer<'_>, x: &View, scales: &Scales, axis: usize) -> Outcome<View> {
    let quantization = scales.quantization(axis);
    let Value { dtype, quantization: own, .. } = importer.graph.value(x.value);
    let fits = own.as_ref().is_none_or(|own| *own == quantization);
    let one = scales.scales.len() == 1 && matches!(dtype, TensorType::Int8 | TensorType::UInt8 | TensorType::Int16);
    if one && fits {
        importer.graph.value_mut(x.value).quantization = Some(quantization);
        return Ok(x.on(importer.emit(Op::Dequantize, &[x.value], TensorType::Float32)?));
    }
    let (scale, zero_point) = scales.operands(importer, axis, x.rank())?;
    let x = cast(importer, x, TensorType::Float32)?;
    let centred = binary(importer, SUB, &x, &zero_point)?;
    binary(importer, MUL, &centred, &scale)
}

/// `QuantizeLinear`.
pub(super) fn quantize<'a>(importer: &mut Importer<'a>, node: &Node<'a>) -> Outcome<()> {
    let scales = Scales::of(importer, node, 1, 2)?;
    let stated = node.optional_int("output_dtype")?;
    let dtype = match (scales.dtype, stated) {
        (Some(dtype), _) => dtype,
        (None, Some(number)) if number != 0 => super::super::tensor::dtype(number)?,
        (None, _) => DType::UInt8,
    };
    if let Some(known) = importer.known(node, 0)? {
        let axis = axis(node, known.shape(), &scales)?;
        return importer.bind_known(node, 0, known_stored(&known, &scales, axis, dtype)?);
    }
    let x = importer.view(node, 0)?;
    let axis = axis(node, &x.shape(), &scales)?;
    let y = stored(importer, &x, &scales, axis, dtype)?;
    importer.bind(node, 0, y)
}

/// The numbers of a type that is quantized to.
fn range(dtype: DType) -> Outcome<(i64, i64)> {
    match dtype {
        DType::Int8 => Ok((-128, 127)),
        DType::UInt8 => Ok((0, 255)),
        DType::Int16 => Ok((-32768, 32767)),
        DType::UInt16 => Ok((0, 65535)),
        other => Err(unsupported(format!("quantizes to {other}"), "quantize it to int8 or uint8")),
    }
}

/// Known real numbers as integers.
fn known_stored(known: &Constant, scales: &Scales, axis: usize, dtype: DType) -> Outcome<Constant> {
    let (low, high) = range(dtype)?;
    let of_element = scales.of_element(known.shape(), axis);
    let integer = |(k, &v): (usize, &f32)| {
        let (scale, zero) = of_element(k);
        let steps = (v / scale).round_ties_even() as i64;
        steps.saturating_add(zero).clamp(low, high)
    };
    let integers: Vec<i64> = known.floats().iter().enumerate().map(integer).collect();
    // Within the range of the type, so that nothing is cut.
    let elements = of_integers(dtype, integers);
    Ok(Constant::new(Array::new(known.shape(), elements).map_err(|_| invalid("as many numbers", "others"))?))
}

/// Computed real numbers as integers: by `QUANTIZE` where that has the type and one scale, else by arithmetic.
pub(super) fn stored(
    importer: &mut Importer<'_>,
    x: &View,
    scales: &Scales,
    axis: usize,
    dtype: DType,
) -> Outcome<View> {
    let (low, high) = range(dtype)?;
    if importer.dtype(x.value) != TensorType::Float32 {
        return Err(unsupported("quantizes integers", "quantize float32"));
    }
    super::super::tensor::runtime_type(dtype)?;
    if scales.scales.len() == 1 {
        let quantization = Some(scales.quantization(axis));
        return Ok(x.on(importer.emit_with(Op::Quantize, &[Some(x.value)], dtype.into(), quantization)?));
    }
    let (scale, zero_point) = scales.operands(importer, axis, x.rank())?;
    let steps = binary(importer, DIV, x, &scale)?;
    let whole = rounded(importer, &steps)?;
    let raised = binary(importer, ADD, &whole, &zero_point)?;
    let kept = super::activation::clamp(importer, &raised, Some(low as f32), Some(high as f32))?;
    cast(importer, &kept, dtype.into())
}
