//! `SignalRfft`: the spectrum of real samples.

use super::Prepared;
use crate::dtype::{DType, Element};
use crate::kernels::scalar::fft::{Number, Rfft};
use crate::node::{Node, Refused};

/// Samples `[.., n]`, padded with zeros to `fft_length`, to bins `[.., fft_length + 2]` of pairs `re, im`.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(1..=1, 1)?;
    let (x, y) = (node.input(0)?, node.output(0)?);
    node.expect_dtype("an output", y, x.dtype)?;
    let Some((&samples, outer)) = x.shape.split_last() else {
        return Err(node.invalid(format_args!("samples of rank 1 at least"), format_args!("a scalar")));
    };
    let length = node.custom_integer("fft_length", 4..=1 << 16)? as usize;
    if !length.is_power_of_two() {
        return Err(node.unsupported(format_args!("an fft_length that is a power of two"), format_args!("{length}")));
    }
    if samples > length {
        return Err(node.invalid(format_args!("at most {length} samples"), format_args!("{samples}")));
    }
    node.expect_shape("an output", &y.shape, &[outer, &[length + 2]].concat())?;
    match x.dtype {
        DType::I16 => Ok(step::<i16>(samples, length)),
        DType::I32 => Ok(step::<i32>(samples, length)),
        DType::F32 => Ok(step::<f32>(samples, length)),
        _ => Err(node.unsupported_types("int16, int32 or float32")),
    }
}

fn step<T: Element + Number + Send + Sync>(samples: usize, length: usize) -> Prepared {
    let fft = Rfft::<T>::new(length);
    let step = Prepared::new("scalar rfft", move |io| {
        let x = io.input::<T>(0);
        let (y, scratch) = (io.take_output::<T>(0), io.take_scratch::<T>());
        let (padded, work) = scratch.split_at_mut(length);
        for (x, y) in x.chunks_exact(samples).zip(y.chunks_exact_mut(length + 2)) {
            padded[..samples].copy_from_slice(x);
            padded[samples..].fill(T::zeroed());
            fft.run(padded.as_chunks().0, work.as_chunks_mut().0, y.as_chunks_mut().0);
        }
        Ok(())
    });
    step.scratch(2 * length * size_of::<T>())
}
