//! The scheme of numbers of an operator that sums products with constant weights: types, scales, bias and weights checked and
//! turned into what the kernels compute with.
//!
//! | activations | weights | bias | sum |
//! | --- | --- | --- | --- |
//! | float32 | float32 | float32 | float32 |
//! | int8 | int8 | int32 | int32 |
//! | uint8 | uint8 | int32 | int32 |
//! | int16 | int8 | int32 | int32 |
//! | int16 | int8 | int64, or none | int64 |
//!
//! Weights may also be computed at run time; a bias is always a constant.
//!
//! The factor from the sum's scale to the output's is `x_scale * w_scale / y_scale` in double precision. Where the reference has
//! one multiplier for the whole tensor (uint8, and dense layers without a scale for each unit), its first product is rounded
//! to single precision. Source: `PopulateConvolutionQuantizationParams` and `GetQuantizedConvolutionMultipler`.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::marker::PhantomData;

use super::Prepared;
use super::activation::Activation;
use crate::dtype::{DType, Element};
use crate::error::Error;
use crate::io::Io;
use crate::kernels::scalar::arithmetic::{Arithmetic, Float, Quantized, Rounding};
use crate::node::{Node, Operand, Refused};
use crate::quant::{Multiplier, PerTensor};

/// Which operand is what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    /// The input that holds activations.
    pub(super) x: usize,
    /// The input that holds weights.
    pub(super) weights: usize,
    /// The input that holds the bias, if any.
    pub(super) bias: usize,
    /// The axis of the weights that goes along output channels.
    pub(super) channel_axis: usize,
    /// Whether it is a dense layer: one scale of the weights then means one multiplier.
    pub(super) dense: bool,
}

/// Where the kernel finds the weights.
enum Weights<W> {
    /// A constant that it keeps.
    Kept(Vec<W>),
    /// The input, computed at run time.
    Input,
}

impl<W: Element> Weights<W> {
    fn of(node: &Node<'_>, place: usize) -> Result<Self, Refused> {
        match node.input(place)?.constant {
            Some(_) => Ok(Weights::Kept(node.constant(place)?)),
            None => Ok(Weights::Input),
        }
    }

    /// Bytes of the weights that the kernel keeps, if it does.
    fn kept(&self) -> Option<usize> {
        match self {
            Weights::Kept(weights) => Some(size_of_val(&**weights)),
            Weights::Input => None,
        }
    }
}

/// What an operator's sums go over, and the loop that computes them in any scheme of numbers.
pub(super) trait Sums: Send + Sync + 'static {
    /// Its operands.
    const PLACES: Places;
    /// Names of the loop for the schemes, in the order of the table above.
    const KERNELS: [&'static str; 5];

    /// Computes the output.
    fn compute<A: Arithmetic>(&self, a: &A, x: &[A::X], w: &[A::W], y: &mut [A::Y]);

    /// The int8 step with packed weights, if that pays.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    fn packed(&self, _: &Quantized<i8, i8, i32>, _: &[i8]) -> Option<Prepared> {
        None
    }

    /// The float32 step with packed weights, if that pays.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    fn packed_float(&self, _: &Float, _: &[f32]) -> Option<Prepared> {
        None
    }
}

/// The step of an operator that sums products, with the best kernel.
pub(super) fn step<G: Sums>(
    node: &Node<'_>,
    sums: G,
    channels: usize,
    activation: Activation,
) -> Result<Prepared, Refused> {
    let weighted = Weighted::of(node, &G::PLACES, channels, activation)?;
    let bias = node.optional_input(G::PLACES.bias).map_or(0, |b| b.shape.elements() * b.dtype.size());
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    if node.backend == crate::kernels::Backend::Simd128
        && let Some(step) = match &*weighted {
            Weighted::I8(a, Weights::Kept(w)) => sums.packed(a, w),
            Weighted::F32(a, Weights::Kept(w)) => sums.packed_float(a, w),
            Weighted::I8(..) | Weighted::F32(..) | Weighted::U8(..) | Weighted::I16(..) | Weighted::I16Wide(..) => None,
        }
    {
        return Ok(step.keeps(G::PLACES.bias, bias));
    }
    let (scheme, kept) = weighted.scheme();
    // One step for all schemes: what it owns is then freed by one piece of code.
    let step = Prepared::new(G::KERNELS[scheme], move |io| match &*weighted {
        Weighted::F32(a, w) => run(io, &sums, a, w),
        Weighted::I8(a, w) => run(io, &sums, a, w),
        Weighted::U8(a, w) => run(io, &sums, a, w),
        Weighted::I16(a, w) => run(io, &sums, a, w),
        Weighted::I16Wide(a, w) => run(io, &sums, a, w),
    });
    let step = if let Some(bytes) = kept { step.keeps(G::PLACES.weights, bytes) } else { step };
    Ok(step.keeps(G::PLACES.bias, bias))
}

fn run<A: Arithmetic, G: Sums>(io: &mut Io<'_>, sums: &G, a: &A, w: &Weights<A::W>) -> Result<(), Error> {
    let x = io.input(G::PLACES.x);
    let w = match w {
        Weights::Kept(w) => w,
        Weights::Input => io.input(G::PLACES.weights),
    };
    sums.compute(a, x, w, io.output(0));
    Ok(())
}

/// A step of a kernel that has packed its weights, which were input `weights`.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(super) fn packed_step<P: crate::kernels::simd128::Packed>(
    kernel: &'static str,
    &Places { x, weights, .. }: &Places,
    packed: P,
) -> Prepared {
    use crate::kernels::simd128::Images;
    let (bytes, scratch, in_place) = (packed.bytes(), packed.scratch(), packed.in_place());
    let step = Prepared::new(kernel, move |io| {
        let (y, scratch) = (io.take_output(0), io.take_scratch());
        let images = if io.in_place().is_some() { Images::Over(y) } else { Images::Apart(io.input(x), y) };
        packed.run(images, scratch);
        Ok(())
    });
    let step = step.keeps(weights, bytes).scratch(scratch);
    if in_place { step.in_place(x) } else { step }
}

/// A scheme of numbers with its weights.
enum Weighted {
    F32(Float, Weights<f32>),
    I8(Quantized<i8, i8, i32>, Weights<i8>),
    U8(Quantized<u8, u8, i32>, Weights<u8>),
    I16(Quantized<i16, i8, i32>, Weights<i8>),
    I16Wide(Quantized<i16, i8, i64>, Weights<i8>),
}

impl Weighted {
    /// Of a node with `channels` output channels.
    fn of(
        node: &Node<'_>,
        places: &'static Places,
        channels: usize,
        activation: Activation,
    ) -> Result<Box<Self>, Refused> {
        let (x, w, y) = (node.input(places.x)?, node.input(places.weights)?, node.output(0)?);
        let bias = node.optional_input(places.bias);
        node.expect_dtype("an output", y, x.dtype)?;
        if let Some(bias) = bias.filter(|b| b.shape.elements() != channels) {
            return Err(node.invalid(format_args!("a bias of {channels} elements"), format_args!("{}", bias.shape)));
        }
        let build = Build { node, places, channels, activation };
        let wide = match (x.dtype, w.dtype, bias.map(|b| b.dtype)) {
            (DType::F32, DType::F32, None | Some(DType::F32)) => {
                let (bias, weights) = (build.bias()?, Weights::of(node, places.weights)?);
                return Ok(Box::new(Weighted::F32(Float { bias, range: activation.range() }, weights)));
            }
            (DType::I8, DType::I8, None | Some(DType::I32))
            | (DType::U8, DType::U8, None | Some(DType::I32))
            | (DType::I16, DType::I8, Some(DType::I32)) => false,
            (DType::I16, DType::I8, None | Some(DType::I64)) => true,
            _ => {
                return Err(node.unsupported_types(
                    "float32, int8 with int32 bias, uint8 with int32 bias, or int16 with int8 weights and int32 or int64 bias",
                ));
            }
        };
        let scaling = build.scaling(wide)?;
        if wide {
            let (bias, weights) = (build.bias()?, Weights::of(node, places.weights)?);
            return Ok(Box::new(Weighted::I16Wide(scaling.with(bias), weights)));
        }
        let bias = build.bias()?;
        Ok(Box::new(match x.dtype {
            DType::U8 => Weighted::U8(scaling.with(bias), Weights::of(node, places.weights)?),
            DType::I16 => Weighted::I16(scaling.with(bias), Weights::of(node, places.weights)?),
            _ => Weighted::I8(scaling.with(bias), Weights::of(node, places.weights)?),
        }))
    }

    /// The scheme's place in the table above, and the bytes of the weights that the kernel keeps, if it does.
    fn scheme(&self) -> (usize, Option<usize>) {
        match self {
            Weighted::F32(_, w) => (0, w.kept()),
            Weighted::I8(_, w) => (1, w.kept()),
            Weighted::U8(_, w) => (2, w.kept()),
            Weighted::I16(_, w) => (3, w.kept()),
            Weighted::I16Wide(_, w) => (4, w.kept()),
        }
    }
}

/// What the parts of a scheme are made from.
#[derive(Clone, Copy)]
struct Build<'n, 'a> {
    node: &'n Node<'a>,
    places: &'static Places,
    channels: usize,
    activation: Activation,
}

/// What quantized schemes have in common, whatever their types: that is written once, and the types are given at the end.
pub(super) struct Scaling {
    /// Of activations, weights and output.
    pub(super) zero_points: [i32; 3],
    pub(super) multipliers: Vec<Multiplier>,
    pub(super) rounding: Rounding,
    pub(super) range: (i32, i32),
}

impl Scaling {
    pub(super) fn with<X, W, S>(self, bias: Vec<S>) -> Quantized<X, W, S> {
        let Self { zero_points, multipliers, rounding, range } = self;
        let [input_zero_point, weight_zero_point, output_zero_point] = zero_points;
        Quantized {
            input_zero_point,
            weight_zero_point,
            bias,
            multipliers,
            rounding,
            output_zero_point,
            range,
            stored: PhantomData,
        }
    }
}

impl Build<'_, '_> {
    fn bias<S: Element>(self) -> Result<Vec<S>, Refused> {
        let Self { node, places, .. } = self;
        node.optional_input(places.bias).map_or(Ok(Vec::new()), |_| node.constant(places.bias))
    }

    fn scaling(self, wide: bool) -> Result<Scaling, Refused> {
        let Self { node, places, channels, activation } = self;
        let (x, w, y) = (node.input(places.x)?, node.input(places.weights)?, node.output(0)?);
        let (x_quant, y_quant) = (activations(node, "an input", x)?, activations(node, "an output", y)?);
        let one_scale = w.tensor.quant.as_ref().is_some_and(|q| q.scales.len() == 1);
        let (weight_zero_point, multipliers) = if w.dtype == DType::U8 || places.dense && one_scale {
            let w_quant = node.per_tensor("weights", w)?;
            let product = f64::from(x_quant.scale * w_quant.scale);
            let multiplier = multiplier(node, product / f64::from(y_quant.scale), wide)?;
            (w_quant.zero_point, alloc::vec![multiplier; channels])
        } else {
            let scales = node.channel_scales(w, channels, places.channel_axis)?;
            let factor = |w: &f32| f64::from(x_quant.scale) * f64::from(*w) / f64::from(y_quant.scale);
            let multipliers = scales.iter().map(|w| multiplier(node, factor(w), wide));
            (0, multipliers.collect::<Result<_, _>>()?)
        };
        let once = places.dense && w.dtype == DType::U8;
        Ok(Scaling {
            zero_points: [x_quant.zero_point, weight_zero_point, y_quant.zero_point],
            multipliers,
            rounding: if once { Rounding::Once } else { Rounding::Twice },
            range: activation.quantized_range(y_quant, y.dtype.quantized_range().unwrap_or_default()),
        })
    }
}

/// Scale and zero point of activations; int16 ones are symmetric.
pub(super) fn activations(node: &Node<'_>, what: &str, operand: &Operand<'_>) -> Result<PerTensor, Refused> {
    let quant = node.per_tensor(what, operand)?;
    if operand.dtype == DType::I16 && quant.zero_point != 0 {
        return Err(
            node.invalid(format_args!("{what} of int16 with zero point 0"), format_args!("{}", quant.zero_point))
        );
    }
    Ok(quant)
}

/// The multiplier for a factor. One of a 64-bit sum must be below 128, where the reference's arithmetic ends.
pub(super) fn multiplier(node: &Node<'_>, factor: f64, wide: bool) -> Result<Multiplier, Refused> {
    let multiplier = Multiplier::new(factor);
    if wide && multiplier.shift > 7 {
        let found = format_args!("about 2^{}", multiplier.shift);
        return Err(node.unsupported(format_args!("input and weight scales below 128 times the output's"), found));
    }
    Ok(multiplier)
}
