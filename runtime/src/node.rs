//! An operator as its `prepare` function sees it: operands, options, and the errors that name it.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::fmt::Arguments;
use core::ops::RangeInclusive;

use crate::dtype::{DType, Element};
use crate::error::{Error, ErrorKind, Place};
use crate::kernels::Backend;
use crate::kernels::geometry::Margins;
use crate::model::{Quant, Tensor};
use crate::quant::PerTensor;
use crate::read::flatbuf::Table;
use crate::read::flexbuf::Map;
use crate::shape::{List, Shape};

/// A tensor at one of an operator's places.
#[derive(Debug, Clone, Copy)]
pub struct Operand<'a> {
    /// The tensor.
    pub tensor: &'a Tensor<'a>,
    /// Its element type.
    pub dtype: DType,
    /// Its extents.
    pub shape: Shape,
    /// Its value, if that is known when the model is loaded (a constant of the file, or folded from such).
    pub constant: Option<&'a [u8]>,
}

/// An operator was refused, and its node knows why. What carries this is as small as its value, where an [`Error`] would double it:
/// the checks are many, and each hands its result to its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused(());

/// An operator with its operands.
#[derive(Debug)]
pub struct Node<'a> {
    /// Its index in the subgraph.
    pub index: usize,
    /// Its TFLite name; a custom operator's own name.
    pub op: &'a str,
    /// Version of the operator's definition.
    pub version: i32,
    /// Inputs; none for optional ones that are left out.
    pub inputs: Vec<Option<Operand<'a>>>,
    /// Outputs.
    pub outputs: Vec<Operand<'a>>,
    /// Tensors that carry only quantization parameters.
    pub intermediates: Vec<&'a Tensor<'a>>,
    /// Built-in options; a table without fields stands in where the file has none, so that defaults apply.
    pub options: Option<Table<'a>>,
    /// Options of a custom operator.
    pub custom_options: &'a [u8],
    /// The kernels that may be chosen.
    pub backend: Backend,
    /// What a convolution sees around the images of input 0 before any padding of its own.
    pub margins: Margins,
    /// Why it was refused last.
    pub(crate) refusal: RefCell<Option<Error>>,
}

impl<'a> Node<'a> {
    /// Where errors about it point to.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::Node { index: self.index, op: self.op.into() }
    }

    /// Notes an error; only by this is a node refused.
    fn refuse(&self, error: Error) -> Refused {
        *self.refusal.borrow_mut() = Some(error);
        Refused(())
    }

    /// What came of a step outside of this node.
    pub(crate) fn noted<T>(&self, result: Result<T, Error>) -> Result<T, Refused> {
        result.map_err(|error| self.refuse(error))
    }

    /// Why this node was refused.
    #[must_use]
    pub fn refusal(&self, Refused(()): Refused) -> Error {
        self.refusal.take().unwrap_or_else(|| Error::internal("a refusal is of the node that gave it"))
    }

    /// An error about this node.
    #[must_use]
    pub fn error(&self, kind: ErrorKind, expected: Arguments<'_>, found: Arguments<'_>) -> Error {
        Error::new(kind, self.place(), expected, found)
    }

    /// The graph contradicts itself here.
    #[must_use]
    pub fn invalid(&self, expected: Arguments<'_>, found: Arguments<'_>) -> Refused {
        self.refuse(self.error(ErrorKind::Invalid, expected, found))
    }

    /// Sound, but not run here.
    #[must_use]
    pub fn unsupported(&self, expected: Arguments<'_>, found: Arguments<'_>) -> Refused {
        self.refuse(self.error(ErrorKind::Unsupported, expected, found))
    }

    /// Refuses any other number of inputs (left-out ones at the end included) and outputs.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`].
    #[inline(always)]
    pub fn arity(&self, inputs: RangeInclusive<usize>, outputs: usize) -> Result<(), Refused> {
        // A range is passed in memory, its ends are not.
        self.arity_between(*inputs.start(), *inputs.end(), outputs)
    }

    fn arity_between(&self, least: usize, most: usize, outputs: usize) -> Result<(), Refused> {
        if !(least..=most).contains(&self.inputs.len()) {
            let expected = format_args!("{least} to {most} inputs");
            return Err(self.invalid(expected, format_args!("{}", self.inputs.len())));
        }
        if self.outputs.len() != outputs {
            return Err(self.invalid(format_args!("{outputs} outputs"), format_args!("{}", self.outputs.len())));
        }
        Ok(())
    }

    /// Input `k`, which must be there.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] when it is not.
    pub fn input(&self, k: usize) -> Result<&Operand<'a>, Refused> {
        self.optional_input(k).ok_or_else(|| self.invalid(format_args!("input {k}"), format_args!("none")))
    }

    /// Input `k`, if it is there.
    #[must_use]
    pub fn optional_input(&self, k: usize) -> Option<&Operand<'a>> {
        self.inputs.get(k)?.as_ref()
    }

    /// Output `k`.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] when it is not there.
    pub fn output(&self, k: usize) -> Result<&Operand<'a>, Refused> {
        self.outputs.get(k).ok_or_else(|| self.invalid(format_args!("output {k}"), format_args!("none")))
    }

    /// The value of input `k`, which must be known when the model is loaded.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when it is computed at run time, [`ErrorKind::Invalid`] for another element type.
    pub fn constant<T: Element>(&self, k: usize) -> Result<Vec<T>, Refused> {
        Ok(bytemuck::allocation::pod_collect_to_vec(self.constant_of(k, T::DTYPE)?))
    }

    /// The bytes of input `k`, which must be of that type; `u8` also stands for other types of one byte.
    fn constant_of(&self, k: usize, dtype: DType) -> Result<&'a [u8], Refused> {
        let found = self.input(k)?.dtype;
        if found != dtype && (dtype, found.size()) != (DType::U8, 1) {
            return Err(self.invalid(format_args!("input {k} of {}", dtype.name()), format_args!("{}", found.name())));
        }
        self.constant_bytes(k)
    }

    /// The bytes of input `k`, whatever its type; they must be known when the model is loaded.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when it is computed at run time.
    pub fn constant_bytes(&self, k: usize) -> Result<&'a [u8], Refused> {
        let operand = self.input(k)?;
        operand.constant.ok_or_else(|| {
            self.unsupported(format_args!("a constant as input {k}"), format_args!("a value computed at run time"))
        })
    }

    /// Integers (`int32` or `int64`) of input `k`, which must be a constant.
    ///
    /// # Errors
    /// As [`Node::constant`]; [`ErrorKind::Invalid`] for values outside 32 bits.
    pub fn constant_integers(&self, k: usize) -> Result<Vec<i32>, Refused> {
        if self.input(k)?.dtype != DType::I64 {
            return self.constant::<i32>(k);
        }
        let wide = self.constant::<i64>(k)?;
        let mut integers = Vec::with_capacity(wide.len());
        for v in wide {
            let outside = |_| self.invalid(format_args!("input {k} within 32 bits"), format_args!("{v}"));
            integers.push(i32::try_from(v).map_err(outside)?);
        }
        Ok(integers)
    }

    /// Refuses a shape that is not the expected one.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`].
    pub fn expect_shape(&self, what: &str, found: &Shape, expected: &[usize]) -> Result<(), Refused> {
        if **found == *expected {
            return Ok(());
        }
        Err(self.invalid(format_args!("{what} of shape {}", List(expected)), format_args!("{found}")))
    }

    /// Refuses an operand of another element type.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`].
    pub fn expect_dtype(&self, what: &str, operand: &Operand<'_>, expected: DType) -> Result<(), Refused> {
        if operand.dtype == expected {
            return Ok(());
        }
        Err(self.invalid(format_args!("{what} of {}", expected.name()), format_args!("{}", operand.dtype.name())))
    }

    /// The types that this operator does not run.
    #[must_use]
    pub fn unsupported_types(&self, expected: &'static str) -> Refused {
        let mut found = String::new();
        for operand in self.inputs.iter().flatten() {
            found.push_str(operand.dtype.name());
            found.push_str(", ");
        }
        found.push_str("-> ");
        for (k, operand) in self.outputs.iter().enumerate() {
            found.push_str(if k == 0 { "" } else { ", " });
            found.push_str(operand.dtype.name());
        }
        self.unsupported(format_args!("{expected}"), format_args!("{found}"))
    }

    /// The one scale and zero point of an operand.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] when it has none, or several.
    pub fn per_tensor(&self, what: &str, operand: &Operand<'_>) -> Result<PerTensor, Refused> {
        match &operand.tensor.quant {
            Some(Quant { scales, zero_points, .. }) if scales.len() == 1 => {
                Ok(PerTensor { scale: scales[0], zero_point: zero_points[0] })
            }
            Some(quant) => {
                Err(self.invalid(format_args!("{what} with one scale"), format_args!("{} scales", quant.scales.len())))
            }
            None => Err(self.invalid(format_args!("{what} with a scale"), format_args!("none"))),
        }
    }

    /// Refuses operands that are quantized in different ways, to 1e-6 of their scales.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`].
    pub fn expect_same_quantization(&self, a: &Operand<'_>, b: &Operand<'_>) -> Result<(), Refused> {
        let (Some(a), Some(b)) = (&a.tensor.quant, &b.tensor.quant) else { return Ok(()) };
        let near = |(&a, &b): (&f32, &f32)| (a - b).abs() <= a * 1e-6;
        if a.zero_points == b.zero_points && a.scales.iter().zip(&b.scales).all(near) {
            return Ok(());
        }
        Err(self.unsupported(format_args!("operands of one scale and zero point"), format_args!("different ones")))
    }

    /// Scales of a weight tensor for `channels` output channels along `axis`: one for each, or one for all.
    /// Its zero points must be 0.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] when they are missing, of another number, along another axis, or not symmetric.
    pub fn channel_scales(&self, weights: &Operand<'_>, channels: usize, axis: usize) -> Result<Vec<f32>, Refused> {
        let quant = weights
            .tensor
            .quant
            .as_ref()
            .ok_or_else(|| self.invalid(format_args!("weights with scales"), format_args!("none")))?;
        if quant.zero_points.iter().any(|&z| z != 0) {
            return Err(self
                .invalid(format_args!("weights with zero points of 0"), format_args!("{}", List(&quant.zero_points))));
        }
        match quant.scales.len() {
            1 => Ok(alloc::vec![quant.scales[0]; channels]),
            n if n == channels && quant.axis == axis => Ok(quant.scales.clone()),
            n => Err(self.invalid(
                format_args!("one scale, or {channels} along axis {axis}"),
                format_args!("{n} along axis {}", quant.axis),
            )),
        }
    }

    /// Option `id` as `i32`, 0 when it is not there.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] when it lies outside the file; so for all options.
    pub fn option_i32(&self, id: u16) -> Result<i32, Refused> {
        self.noted(self.options.map_or(Ok(0), |t| t.i32(id, 0)))
    }

    /// Option `id` as a positive `i32` (a stride, a block size), `default` when it is not there.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] when it is 0 or negative.
    pub fn option_positive(&self, id: u16, what: &str, default: i32) -> Result<usize, Refused> {
        let value = self.noted(self.options.map_or(Ok(default), |t| t.i32(id, default)))?;
        usize::try_from(value)
            .ok()
            .filter(|&v| v > 0)
            .ok_or_else(|| self.invalid(format_args!("{what} of at least 1"), format_args!("{value}")))
    }

    /// Option `id` as `f32`, 0 when it is not there.
    #[allow(clippy::missing_errors_doc)]
    pub fn option_f32(&self, id: u16) -> Result<f32, Refused> {
        self.noted(self.options.map_or(Ok(0.0), |t| t.f32(id, 0.0)))
    }

    /// Option `id` as a one-byte enum, 0 when it is not there.
    #[allow(clippy::missing_errors_doc)]
    pub fn option_i8(&self, id: u16) -> Result<i8, Refused> {
        self.noted(self.options.map_or(Ok(0), |t| t.i8(id, 0)))
    }

    /// Option `id` as a boolean, false when it is not there.
    #[allow(clippy::missing_errors_doc)]
    pub fn option_bool(&self, id: u16) -> Result<bool, Refused> {
        self.noted(self.options.map_or(Ok(false), |t| t.bool(id)))
    }

    /// The integer of that name in the options of a custom operator, within `range`.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] when it is not there or out of range.
    #[inline(always)]
    pub fn custom_integer(&self, name: &str, range: RangeInclusive<u32>) -> Result<u32, Refused> {
        self.custom_between(name, *range.start(), *range.end())
    }

    fn custom_between(&self, name: &str, least: u32, most: u32) -> Result<u32, Refused> {
        let value = Map::root(self.custom_options).and_then(|options| options.integer(name));
        let inside = value.and_then(|v| u32::try_from(v).ok()).filter(|v| (least..=most).contains(v));
        inside.ok_or_else(|| {
            let found = value.map_or("none".into(), |v| format!("{v}"));
            self.invalid(format_args!("an option {name} from {least} to {most}"), format_args!("{found}"))
        })
    }
}
