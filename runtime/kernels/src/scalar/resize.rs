//! Images of another size.

use alloc::vec::Vec;

/// Between which two input positions an output position lies along one axis, and how far from the lower one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Between<W> {
    /// The lower one.
    pub low: usize,
    /// The upper one; the same at an edge.
    pub high: usize,
    /// The distance from the lower one; in fixed point 1024 is a whole step.
    pub weight: W,
}

/// Shape of the input: `[batches, from[0], from[1], channels]`.
#[derive(Debug, Clone, Copy)]
pub struct Images {
    /// Images.
    pub batches: usize,
    /// Height and width.
    pub from: [usize; 2],
    /// Channels.
    pub channels: usize,
}

/// Calls `mix([x00, x10, x01, x11], row weight, column weight)` for each output element in order.
fn resize<T: Copy, W: Copy>(
    x: &[T],
    y: &mut [T],
    Images { batches, from: [height, width], channels }: Images,
    [rows, columns]: &[Vec<Between<W>>; 2],
    mix: impl Fn([T; 4], W, W) -> T,
) {
    let mut y = y.iter_mut();
    for n in 0..batches {
        for row in rows {
            for column in columns {
                for c in 0..channels {
                    let at = |h: usize, w: usize| x[((n * height + h) * width + w) * channels + c];
                    let around = [
                        at(row.low, column.low),
                        at(row.high, column.low),
                        at(row.low, column.high),
                        at(row.high, column.high),
                    ];
                    if let Some(y) = y.next() {
                        *y = mix(around, row.weight, column.weight);
                    }
                }
            }
        }
    }
}

fn mix_real([x00, x10, x01, x11]: [f32; 4], dy: f32, dx: f32) -> f32 {
    x00 * (1.0 - dy) * (1.0 - dx) + x10 * dy * (1.0 - dx) + x01 * (1.0 - dy) * dx + x11 * dy * dx
}

/// `float32`.
pub fn bilinear_f32(x: &[f32], y: &mut [f32], images: Images, axes: &[Vec<Between<f32>>; 2]) {
    resize(x, y, images, axes, mix_real);
}

/// `uint8`: the mix of stored values, rounded half up.
pub fn bilinear_u8(x: &[u8], y: &mut [u8], images: Images, axes: &[Vec<Between<f32>>; 2]) {
    resize(x, y, images, axes, |around, dy, dx| (mix_real(around.map(f32::from), dy, dx) + 0.5) as u8);
}

/// `int8` and `int16`: the mix of stored values with twenty bits behind the point, rounded half away from zero.
pub fn bilinear<T: Copy + Into<i64> + TryFrom<i64>>(
    x: &[T],
    y: &mut [T],
    images: Images,
    axes: &[Vec<Between<i32>>; 2],
) {
    resize(x, y, images, axes, |around, dy, dx| {
        let (dy, dx) = (i64::from(dy), i64::from(dx));
        let [x00, x10, x01, x11] = around.map(Into::into);
        let sum = x00 * (1024 - dy) * (1024 - dx) + x10 * dy * (1024 - dx) + x01 * (1024 - dy) * dx + x11 * dy * dx;
        let half = if sum > 0 { 1 << 19 } else { -(1 << 19) };
        T::try_from((sum + half) / (1 << 20)).unwrap_or(around[0])
    });
}
