//! Running a described model, and sizes that are odd on purpose.

use mote_models::data::Elements;
use mote_models::tflite::{Conv2d, Model, Padding, write};
use mote_runtime::{LoadOptions, Session};

/// Writes, loads and runs a model of one output.
pub(crate) fn run(name: &str, model: &Model, inputs: &[&Elements]) -> Vec<u8> {
    let file = write(model);
    let mut session = Session::load(&file, &LoadOptions::default()).unwrap_or_else(|e| panic!("{name}: {e}"));
    for (k, input) in inputs.iter().enumerate() {
        session.input_mut(k).unwrap().copy_from_slice(&input.to_le_bytes());
    }
    session.run().unwrap_or_else(|e| panic!("{name}: {e}"));
    session.output(0).unwrap().to_vec()
}

/// The same, for a float32 output.
pub(crate) fn run_f32(name: &str, model: &Model, inputs: &[&Elements]) -> Vec<f64> {
    let bytes = run(name, model, inputs);
    bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b).into()).collect()
}

/// Seeded values between -1 and 1.
pub(crate) fn reals(rng: &mut fastrand::Rng, count: usize) -> Vec<f32> {
    (0..count).map(|_| rng.f32() * 2.0 - 1.0).collect()
}

pub(crate) fn elements(shape: &[i32]) -> usize {
    shape.iter().map(|&d| d as usize).product()
}

/// A convolution or pooling: input, filter, options.
pub(crate) struct Window {
    pub(crate) name: &'static str,
    pub(crate) x: [i32; 4],
    pub(crate) filters: i32,
    pub(crate) kernel: [i32; 2],
    pub(crate) conv: Conv2d,
}

impl Window {
    /// Extents of the result.
    pub(crate) fn y(&self) -> [i32; 4] {
        let Self { x: [n, h, w, _], filters, kernel, conv, .. } = *self;
        let out = |extent: i32, axis: usize| {
            let reach = (kernel[axis] - 1) * conv.dilation[axis];
            match conv.padding {
                Padding::Same => (extent + conv.stride[axis] - 1) / conv.stride[axis],
                Padding::Valid => (extent - reach + conv.stride[axis] - 1) / conv.stride[axis],
            }
        };
        [n, out(h, 0), out(w, 1), filters]
    }
}

const fn conv(padding: Padding, stride: [i32; 2], dilation: [i32; 2]) -> Conv2d {
    Conv2d { padding, stride, dilation, activation: mote_models::tflite::Activation::None }
}

/// Windows around the lanes of vector kernels: 1, lane - 1, lane, lane + 1, odd tails.
pub(crate) const WINDOWS: [Window; 9] = {
    use Padding::{Same, Valid};
    let plain = conv(Valid, [1, 1], [1, 1]);
    let same = conv(Same, [1, 1], [1, 1]);
    [
        Window { name: "one element", x: [1, 1, 1, 1], filters: 1, kernel: [1, 1], conv: plain },
        Window { name: "1x1, one lane less", x: [1, 3, 5, 7], filters: 15, kernel: [1, 1], conv: plain },
        Window { name: "1x1, whole lanes", x: [1, 4, 4, 16], filters: 16, kernel: [1, 1], conv: plain },
        Window { name: "1x1, one lane more", x: [1, 5, 3, 17], filters: 9, kernel: [1, 1], conv: plain },
        Window { name: "3x3 same", x: [1, 7, 5, 3], filters: 4, kernel: [3, 3], conv: same },
        Window { name: "3x3 stride 2", x: [2, 8, 9, 8], filters: 5, kernel: [3, 3], conv: conv(Same, [2, 2], [1, 1]) },
        Window { name: "2x5 valid", x: [1, 6, 11, 2], filters: 3, kernel: [2, 5], conv: conv(Valid, [3, 1], [1, 1]) },
        Window { name: "dilated", x: [1, 9, 9, 4], filters: 6, kernel: [3, 3], conv: conv(Same, [1, 1], [2, 3]) },
        Window { name: "kernel over all", x: [1, 10, 4, 1], filters: 8, kernel: [10, 4], conv: same },
    ]
};
