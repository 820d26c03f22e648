//! Operators evaluated in double precision, as their formulas say.

use mote_models::tflite::{Conv2d, Padding};

use super::run::Window;

/// A sum and what its rounding depends on.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sum {
    /// The sum.
    pub(crate) value: f64,
    /// The sum of its terms' sizes.
    pub(crate) magnitude: f64,
    /// How many terms.
    pub(crate) terms: u32,
}

impl Sum {
    fn add(&mut self, term: f64) {
        self.value += term;
        self.magnitude += term.abs();
        self.terms += 1;
    }

    /// How far single precision, summing in any order, may be from it: each of `terms` products and sums rounds by half an
    /// epsilon of at most `magnitude`; one more for writing the result.
    pub(crate) fn f32_error(&self) -> f64 {
        f64::from(self.terms + 2) * f64::from(f32::EPSILON) * self.magnitude
    }
}

/// How many elements of padding come before the first.
fn before(extent: i32, out: i32, axis: usize, kernel: [i32; 2], conv: &Conv2d) -> i32 {
    match conv.padding {
        Padding::Valid => 0,
        Padding::Same => {
            let reach = (kernel[axis] - 1) * conv.dilation[axis] + 1;
            ((out - 1) * conv.stride[axis] + reach - extent).max(0) / 2
        }
    }
}

/// A weight's place in its filter, and the row and column of the image that it meets.
type Tap = (usize, usize, usize);

/// For each position of the window: batch, and the taps that lie inside the image.
fn positions(window: &Window) -> Vec<(usize, Vec<Tap>)> {
    let ([n, h, w, _], [_, oh, ow, _]) = (window.x, window.y());
    let (top, left) = (before(h, oh, 0, window.kernel, &window.conv), before(w, ow, 1, window.kernel, &window.conv));
    let mut all = Vec::new();
    for batch in 0..n {
        for (oy, ox) in (0..oh).flat_map(|oy| (0..ow).map(move |ox| (oy, ox))) {
            let mut taps = Vec::new();
            for (ky, kx) in (0..window.kernel[0]).flat_map(|ky| (0..window.kernel[1]).map(move |kx| (ky, kx))) {
                let y = oy * window.conv.stride[0] + ky * window.conv.dilation[0] - top;
                let x = ox * window.conv.stride[1] + kx * window.conv.dilation[1] - left;
                if (0..h).contains(&y) && (0..w).contains(&x) {
                    taps.push(((ky * window.kernel[1] + kx) as usize, y as usize, x as usize));
                }
            }
            all.push((batch as usize, taps));
        }
    }
    all
}

fn at(window: &Window, batch: usize, y: usize, x: usize, channel: usize) -> usize {
    let [_, h, w, c] = window.x.map(|d| d as usize);
    ((batch * h + y) * w + x) * c + channel
}

/// `y[o] = b[o] + sum over taps and channels of x * w[o, tap, channel]`.
pub(crate) fn conv_2d(window: &Window, x: &[f64], w: &[f64], b: &[f64]) -> Vec<Sum> {
    let channels = window.x[3] as usize;
    let taps_of_kernel = (window.kernel[0] * window.kernel[1]) as usize;
    let mut out = Vec::new();
    for (batch, taps) in positions(window) {
        for (filter, &bias) in b.iter().enumerate() {
            let mut sum = Sum::default();
            sum.add(bias);
            for &(tap, row, column) in &taps {
                for channel in 0..channels {
                    let weight = w[(filter * taps_of_kernel + tap) * channels + channel];
                    sum.add(x[at(window, batch, row, column, channel)] * weight);
                }
            }
            out.push(sum);
        }
    }
    out
}

/// `y[o] = b[o] + sum over taps of x[o / multiplier] * w[tap, o]`.
pub(crate) fn depthwise_conv_2d(window: &Window, x: &[f64], w: &[f64], b: &[f64]) -> Vec<Sum> {
    let multiplier = b.len() / window.x[3] as usize;
    let mut out = Vec::new();
    for (batch, taps) in positions(window) {
        for (filter, &bias) in b.iter().enumerate() {
            let mut sum = Sum::default();
            sum.add(bias);
            for &(tap, row, column) in &taps {
                sum.add(x[at(window, batch, row, column, filter / multiplier)] * w[tap * b.len() + filter]);
            }
            out.push(sum);
        }
    }
    out
}

/// Mean of what lies inside the image.
pub(crate) fn average_pool_2d(window: &Window, x: &[f64]) -> Vec<Sum> {
    pool(window, x, |values| {
        let mut sum = Sum::default();
        values.iter().for_each(|&value| sum.add(value / values.len() as f64));
        sum
    })
}

/// Greatest of what lies inside the image.
pub(crate) fn max_pool_2d(window: &Window, x: &[f64]) -> Vec<Sum> {
    pool(window, x, |values| Sum { value: values.iter().copied().fold(f64::NEG_INFINITY, f64::max), ..Sum::default() })
}

fn pool(window: &Window, x: &[f64], reduce: impl Fn(&[f64]) -> Sum) -> Vec<Sum> {
    let mut out = Vec::new();
    for (batch, taps) in positions(window) {
        for channel in 0..window.x[3] as usize {
            let values: Vec<f64> =
                taps.iter().map(|&(_, row, column)| x[at(window, batch, row, column, channel)]).collect();
            out.push(reduce(&values));
        }
    }
    out
}

/// `y[row, o] = b[o] + sum of x[row, i] * w[o, i]`.
pub(crate) fn fully_connected(inputs: usize, x: &[f64], w: &[f64], b: &[f64]) -> Vec<Sum> {
    let mut out = Vec::new();
    for row in x.chunks(inputs) {
        for (weights, &bias) in w.chunks(inputs).zip(b) {
            let mut sum = Sum::default();
            sum.add(bias);
            row.iter().zip(weights).for_each(|(x, w)| sum.add(x * w));
            out.push(sum);
        }
    }
    out
}

/// `exp(beta x) / sum of exp(beta x)` along rows.
pub(crate) fn softmax(row: usize, beta: f64, x: &[f64]) -> Vec<f64> {
    let soft = |row: &[f64]| {
        let powers: Vec<f64> = row.iter().map(|x| (beta * x).exp()).collect();
        let sum: f64 = powers.iter().sum();
        powers.into_iter().map(move |power| power / sum)
    };
    x.chunks(row).flat_map(soft).collect()
}
