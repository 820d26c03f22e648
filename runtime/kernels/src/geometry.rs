//! How a window slides over an image: what the convolutions and the pools share. Tensors are NHWC.

use alloc::vec::Vec;

/// Elements around an image that are real zeros: before and after its rows, and its columns.
pub type Margins = [[usize; 2]; 2];

/// Rows or columns of an image, and the window that slides along them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Axis {
    /// Extent of the image.
    pub input: usize,
    /// Positions of the window.
    pub output: usize,
    /// Extent of the window, in elements that it reads.
    pub taps: usize,
    /// Distance between positions.
    pub stride: usize,
    /// Distance between taps.
    pub dilation: usize,
    /// Elements by which the first position lies before the image.
    pub padding: usize,
}

impl Axis {
    /// Elements that the window reaches over at one position.
    #[must_use]
    pub fn reach(&self) -> usize {
        (self.taps - 1) * self.dilation + 1
    }

    /// Elements that it reaches over at all positions together.
    #[must_use]
    pub fn span(&self) -> usize {
        (self.output - 1) * self.stride + self.reach()
    }

    /// Where in the image tap `tap` of position `output` lies; none in the padding.
    #[must_use]
    pub fn at(&self, output: usize, tap: usize) -> Option<usize> {
        (output * self.stride + tap * self.dilation).checked_sub(self.padding).filter(|&i| i < self.input)
    }

    /// Whether all taps of position `output` lie in the image.
    fn is_inside(&self, output: usize) -> bool {
        self.at(output, 0).is_some() && self.at(output, self.taps - 1).is_some()
    }

    /// The tap under which position `output` sees index `input` of the image; none if it does not. For `dilation` 1.
    #[must_use]
    pub fn tap_at(&self, output: usize, input: usize) -> Option<usize> {
        (input + self.padding).checked_sub(output * self.stride).filter(|&t| t < self.taps)
    }
}

/// An element of a window, and what lies on its other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tap {
    /// Its index in the window.
    pub index: usize,
    /// The index of the pixel under it, or, seen from a pixel, of the window's position.
    pub pixel: usize,
}

/// A window that slides over a batch of images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Images.
    pub batches: usize,
    /// Along the height.
    pub rows: Axis,
    /// Along the width.
    pub columns: Axis,
}

impl Window {
    /// Positions of the window in the whole batch.
    #[must_use]
    pub fn positions(&self) -> usize {
        self.batches * self.rows.output * self.columns.output
    }

    /// Whether there is a position for each pixel, and each sees the pixels around its own.
    #[must_use]
    pub fn keeps_extents(&self) -> bool {
        [self.rows, self.columns].iter().all(|axis| axis.stride == 1 && axis.input == axis.output)
    }

    /// Whether the image is seen pixel by pixel.
    #[must_use]
    #[inline]
    pub fn is_pointwise(&self) -> bool {
        self.keeps_extents() && [self.rows, self.columns].iter().all(|axis| axis.taps == 1 && axis.padding == 0)
    }

    /// Elements that the window reads at one position, for each channel.
    #[must_use]
    pub fn taps(&self) -> usize {
        self.rows.taps.saturating_mul(self.columns.taps)
    }

    /// Calls `visit` with the index of each position, in order, and the taps there, row by row; those in the padding are left out.
    pub fn for_each_position(&self, visit: &mut dyn FnMut(usize, &[Tap])) {
        let mut taps: Vec<Tap> = Vec::new();
        for n in 0..self.batches {
            for oy in 0..self.rows.output {
                let mut was_inside = false;
                for ox in 0..self.columns.output {
                    let is_inside = self.columns.is_inside(ox);
                    if was_inside && is_inside {
                        taps.iter_mut().for_each(|tap| tap.pixel += self.columns.stride);
                    } else {
                        taps.clear();
                        for ky in 0..self.rows.taps {
                            let Some(iy) = self.rows.at(oy, ky) else { continue };
                            for kx in 0..self.columns.taps {
                                let Some(ix) = self.columns.at(ox, kx) else { continue };
                                let index = ky * self.columns.taps + kx;
                                taps.push(Tap { index, pixel: self.input_pixel(n, iy, ix) });
                            }
                        }
                    }
                    was_inside = is_inside;
                    visit(self.output_pixel(n, oy, ox), &taps);
                }
            }
        }
    }

    /// The reverse: calls `visit` with the index of each pixel of the image, in order, and for each position that sees it, in
    /// order, the position and the tap that lies on it.
    pub fn for_each_pixel(&self, visit: &mut dyn FnMut(usize, &[Tap])) {
        let mut taps = Vec::new();
        for n in 0..self.batches {
            for iy in 0..self.rows.input {
                for ix in 0..self.columns.input {
                    taps.clear();
                    for oy in 0..self.rows.output {
                        let Some(ky) = self.rows.tap_at(oy, iy) else { continue };
                        for ox in 0..self.columns.output {
                            let Some(kx) = self.columns.tap_at(ox, ix) else { continue };
                            taps.push(Tap { index: ky * self.columns.taps + kx, pixel: self.output_pixel(n, oy, ox) });
                        }
                    }
                    visit(self.input_pixel(n, iy, ix), &taps);
                }
            }
        }
    }

    /// Index of a pixel of the image, in pixels.
    #[must_use]
    pub fn input_pixel(&self, batch: usize, y: usize, x: usize) -> usize {
        (batch * self.rows.input + y) * self.columns.input + x
    }

    /// Index of a position of the window, in positions.
    #[must_use]
    pub fn output_pixel(&self, batch: usize, y: usize, x: usize) -> usize {
        (batch * self.rows.output + y) * self.columns.output + x
    }
}

/// A convolution: each group of output channels sees its own group of input channels. Weights are
/// `[out_channels, rows.taps, columns.taps, in_channels / groups]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conv2d {
    /// The window.
    pub window: Window,
    /// Channels of the image; a multiple of `groups`.
    pub in_channels: usize,
    /// Channels of the result; a multiple of `groups`.
    pub out_channels: usize,
    /// Groups.
    pub groups: usize,
}

impl Conv2d {
    /// Input channels that one output channel sees.
    #[must_use]
    pub fn filter_channels(&self) -> usize {
        self.in_channels / self.groups
    }

    /// Multiply-accumulates, those with padding included.
    #[must_use]
    pub fn macs(&self) -> u64 {
        product(&[self.window.positions(), self.window.taps(), self.filter_channels(), self.out_channels])
    }
}

/// A depthwise convolution: each channel gives `multiplier` channels, one after another. Weights are
/// `[1, rows.taps, columns.taps, channels * multiplier]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DepthwiseConv2d {
    /// The window.
    pub window: Window,
    /// Channels of the image.
    pub channels: usize,
    /// Output channels of each input channel.
    pub multiplier: usize,
}

impl DepthwiseConv2d {
    /// Channels of the result.
    #[must_use]
    pub fn out_channels(&self) -> usize {
        self.channels * self.multiplier
    }

    /// Multiply-accumulates, those with padding included.
    #[must_use]
    pub fn macs(&self) -> u64 {
        product(&[self.window.positions(), self.window.taps(), self.out_channels()])
    }
}

/// A transposed convolution. `window` slides over the *result*: its positions are the pixels of the input, and each pixel is
/// spread under its window. Weights are `[out_channels, rows.taps, columns.taps, in_channels]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransposeConv {
    /// The window over the result.
    pub window: Window,
    /// Channels of the input.
    pub in_channels: usize,
    /// Channels of the result.
    pub out_channels: usize,
}

impl TransposeConv {
    /// Multiply-accumulates, those beyond the result's edges included.
    #[must_use]
    pub fn macs(&self) -> u64 {
        product(&[self.window.positions(), self.window.taps(), self.in_channels, self.out_channels])
    }
}

/// A dense layer: `[batches, depth] x [units, depth]^T`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dense {
    /// Rows of the input.
    pub batches: usize,
    /// Elements of a row.
    pub depth: usize,
    /// Outputs of a row.
    pub units: usize,
}

impl Dense {
    /// Multiply-accumulates.
    #[must_use]
    pub fn macs(&self) -> u64 {
        product(&[self.batches, self.depth, self.units])
    }

    /// The same sums as a convolution: each row is a pixel under a window of one.
    #[must_use]
    pub fn as_conv(&self) -> Conv2d {
        let one = Axis { input: 1, output: 1, taps: 1, stride: 1, dilation: 1, padding: 0 };
        let columns = Axis { input: self.batches, output: self.batches, ..one };
        let window = Window { batches: 1, rows: one, columns };
        Conv2d { window, in_channels: self.depth, out_channels: self.units, groups: 1 }
    }
}

/// Exact up to 2^53, and then as near as a double comes.
fn product(factors: &[usize]) -> u64 {
    factors.iter().fold(1.0, |n, &f| n * f as f64) as u64
}
