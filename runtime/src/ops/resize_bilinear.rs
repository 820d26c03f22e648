//! `RESIZE_BILINEAR`: each output position mixes the four elements around it.

use alloc::vec::Vec;

use super::Prepared;
use crate::dtype::{DType, Element};
use crate::kernels::scalar::resize::{Between, Images, bilinear, bilinear_f32, bilinear_u8};
use crate::node::{Node, Refused};
use crate::real;
use crate::shape::List;

/// How output positions lie over the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grid {
    /// The middles of the corner elements lie over each other.
    pub(super) align_corners: bool,
    /// Elements are areas, and their middles are what is scaled.
    pub(super) half_pixel_centers: bool,
}

impl Grid {
    /// From the two options that begin at `id`.
    pub(super) fn of(node: &Node<'_>, id: u16) -> Result<Self, Refused> {
        let grid = Self { align_corners: node.option_bool(id)?, half_pixel_centers: node.option_bool(id + 1)? };
        if grid.align_corners && grid.half_pixel_centers {
            return Err(node.invalid(format_args!("align_corners or half_pixel_centers"), format_args!("both")));
        }
        Ok(grid)
    }
}

/// The shapes of input 0 and of the output, `[n, h, w, c]` each, with the new height and width of input 1.
pub(super) fn images(node: &Node<'_>) -> Result<([usize; 4], [usize; 4]), Refused> {
    let (x, y) = (node.input(0)?, node.output(0)?);
    let size = node.constant_integers(1)?;
    let (&[n, h, w, c], &[height, width]) = (&*x.shape, &*size) else {
        return Err(node.invalid(
            format_args!("an image batch of rank 4 and two sizes"),
            format_args!("{} and {}", x.shape, List(&size)),
        ));
    };
    let positive = |v: i32| usize::try_from(v).ok().filter(|&v| v > 0);
    let (Some(height), Some(width)) = (positive(height), positive(width)) else {
        return Err(node.invalid(format_args!("a height and a width of at least 1"), format_args!("{}", List(&size))));
    };
    let to = [n, height, width, c];
    node.expect_shape("an output", &y.shape, &to)?;
    Ok(([n, h, w, c], to))
}

/// `float32` and `uint8` in single precision, `int8` and `int16` in integers with ten bits behind the point.
pub(super) fn prepare(node: &Node<'_>) -> Result<Prepared, Refused> {
    node.arity(2..=2, 1)?;
    let (x, y) = (node.input(0)?, node.output(0)?);
    node.expect_dtype("an output", y, x.dtype)?;
    let (from, to) = images(node)?;
    if from.iter().chain(&to).any(|&extent| extent >= 1 << 20) {
        return Err(
            node.unsupported(format_args!("extents below 1048576"), format_args!("{} and {}", List(&from), List(&to)))
        );
    }
    let grid = Grid::of(node, 2)?;
    let images = Images { batches: from[0], from: [from[1], from[2]], channels: from[3] };
    let real = || [real(from[1], to[1], grid), real(from[2], to[2], grid)];
    let fixed = || [fixed(from[1], to[1], grid), fixed(from[2], to[2], grid)];
    let step = match x.dtype {
        DType::F32 => step(images, real(), bilinear_f32),
        DType::U8 => step(images, real(), bilinear_u8),
        DType::I8 => step(images, fixed(), bilinear::<i8>),
        DType::I16 => step(images, fixed(), bilinear::<i16>),
        _ => return Err(node.unsupported_types("float32, int8, int16 or uint8")),
    };
    Ok(step.keeps(1, 0))
}

type Axes<W> = [Vec<Between<W>>; 2];

fn step<T, W>(images: Images, axes: Axes<W>, kernel: fn(&[T], &mut [T], Images, &Axes<W>)) -> Prepared
where
    T: Element,
    W: Send + Sync + 'static,
{
    Prepared::new("scalar bilinear", move |io| {
        let x = io.input(0);
        kernel(x, io.output(0), images, &axes);
        Ok(())
    })
}

/// Positions along an axis with ten bits behind the point.
///
/// Source: TensorFlow Lite's `ResizeBilinearInteger`. Its lower neighbour may fall behind the end when the input is much smaller
/// than the output; here it is the last element then.
fn fixed(from: usize, to: usize, grid: Grid) -> Vec<Between<i32>> {
    let (size, count) = (from as i64, to as i64);
    let scale = if grid.align_corners && count > 1 {
        (1024 * (size - 1) + (count - 1) / 2) / (count - 1)
    } else {
        (1024 * size + count / 2) / count
    };
    let between = |k: i64| {
        let at = if grid.half_pixel_centers { k * scale + scale / 2 - 512 } else { k * scale };
        let low = (at / 1024).clamp(0, size - 1);
        let high = ((at + 1023) / 1024).clamp(0, size - 1);
        Between { low: low as usize, high: high as usize, weight: (at - 1024 * low) as i32 }
    };
    (0..count).map(between).collect()
}

/// Positions along an axis in single precision.
///
/// Source: TensorFlow Lite's `ComputeInterpolationValues`.
fn real(from: usize, to: usize, grid: Grid) -> Vec<Between<f32>> {
    let scale =
        if grid.align_corners && to > 1 { (from - 1) as f32 / (to - 1) as f32 } else { from as f32 / to as f32 };
    let between = |k: usize| {
        let at = if grid.half_pixel_centers { (k as f32 + 0.5) * scale - 0.5 } else { k as f32 * scale };
        let low = (real::floor(f64::from(at)) as usize).min(from - 1);
        let high = (-real::floor(-f64::from(at)) as usize).min(from - 1);
        Between { low, high, weight: at - low as f32 }
    };
    (0..to).map(between).collect()
}
