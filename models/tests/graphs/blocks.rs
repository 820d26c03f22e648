//! Pieces of networks in which channels depend on one another, one of each kind.

use mote_models::graph::{Activation, Op, Padding, ValueId};

use crate::net::{ADD, MUL, Net, SUB, conv, pool};

type Block = fn(&mut Net, ValueId) -> ValueId;

const SAME: mote_models::graph::Conv2d = conv(Padding::Same, 1, Activation::Relu);

/// Each takes an image and gives one, of at least 3 rows and columns if it gets as many.
pub(crate) const BLOCKS: [(&str, Block); 21] = [
    ("chain", |net, x| {
        let y = net.conv(x, 9, [3, 3], SAME);
        net.conv(y, 6, [1, 1], SAME)
    }),
    ("depthwise separable", |net, x| {
        let y = net.depthwise(x, 1, [3, 3], SAME);
        net.conv(y, 8, [1, 1], SAME)
    }),
    ("depthwise with a multiplier", |net, x| {
        let y = net.conv(x, 5, [1, 1], SAME);
        let y = net.depthwise(y, 2, [3, 3], conv(Padding::Same, 1, Activation::Relu6));
        net.conv(y, 7, [1, 1], SAME)
    }),
    ("inverted residual", |net, x| {
        let channels = net.shape(x)[3];
        let y = net.conv(x, 12, [1, 1], SAME);
        let y = net.depthwise(y, 1, [3, 3], SAME);
        let y = net.conv(y, channels, [1, 1], conv(Padding::Same, 1, Activation::None));
        net.node(ADD, &[x, y])
    }),
    ("sum, difference, product", |net, x| {
        let branches: Vec<ValueId> = (0..4).map(|_| net.conv(x, 6, [3, 3], SAME)).collect();
        let y = net.node(ADD, &branches[..2]);
        let y = net.node(SUB, &[y, branches[2]]);
        net.node(MUL, &[branches[3], y])
    }),
    ("residual with a projection", |net, x| {
        let slide = conv(Padding::Same, 1, Activation::None);
        let y = net.conv(x, 8, [3, 3], SAME);
        let y = net.conv(y, 10, [3, 3], slide);
        let z = net.conv(x, 10, [1, 1], slide);
        let y = net.node(Op::Add { activation: Activation::Relu, pot_scale_int16: false }, &[y, z]);
        let z = net.conv(y, 10, [3, 3], slide);
        net.node(ADD, &[z, y])
    }),
    ("concatenation", |net, x| {
        let (a, b) = (net.conv(x, 5, [3, 3], SAME), net.conv(x, 4, [1, 1], SAME));
        let y = net.node(Op::Concatenation { axis: -1, activation: Activation::None }, &[a, x, b]);
        net.conv(y, 8, [1, 1], SAME)
    }),
    ("concatenation that is added to", |net, x| {
        let (a, b) = (net.conv(x, 3, [3, 3], SAME), net.conv(x, 4, [1, 1], SAME));
        let y = net.node(Op::Concatenation { axis: 3, activation: Activation::None }, &[a, b]);
        let z = net.conv(x, 7, [1, 1], SAME);
        net.node(ADD, &[y, z])
    }),
    ("side by side", |net, x| {
        let (a, b) = (net.conv(x, 5, [3, 3], SAME), net.conv(x, 5, [1, 1], SAME));
        net.node(Op::Concatenation { axis: 1, activation: Activation::None }, &[a, b])
    }),
    ("pools", |net, x| {
        let y = net.conv(x, 6, [3, 3], SAME);
        let y = net.node(Op::MaxPool2d(pool(Padding::Same, 3, 1)), &[y]);
        net.node(Op::AveragePool2d(pool(Padding::Same, 2, 1)), &[y])
    }),
    ("pad", |net, x| {
        let y = net.conv(x, 6, [1, 1], SAME);
        let y = net.pad(y, &[[0, 0], [1, 1], [0, 2], [0, 0]]);
        net.conv(y, 5, [3, 3], conv(Padding::Valid, 1, Activation::Relu))
    }),
    ("pad of channels", |net, x| {
        let y = net.conv(x, 4, [1, 1], SAME);
        let y = net.pad(y, &[[0, 0], [0, 0], [0, 0], [1, 2]]);
        net.conv(y, 5, [1, 1], SAME)
    }),
    ("batch normalization", |net, x| {
        let y = net.conv(x, 7, [3, 3], conv(Padding::Same, 1, Activation::None));
        let factor = net.weights(&[7], 1.0);
        let scale = net.constant(&[], vec![0.5]);
        let y = net.node(MUL, &[y, factor]);
        let y = net.node(MUL, &[scale, y]);
        net.node(Op::Relu, &[y])
    }),
    ("activations", |net, x| {
        let y = net.conv(x, 6, [3, 3], conv(Padding::Same, 1, Activation::None));
        let slopes = net.weights(&[1, 1, 6], 0.3);
        let y = net.node(Op::Prelu, &[y, slopes]);
        let y = net.node(Op::HardSwish, &[y]);
        let y = net.node(Op::LeakyRelu { alpha: 0.1 }, &[y]);
        net.conv(y, 5, [1, 1], conv(Padding::Same, 1, Activation::None))
    }),
    ("squeeze and excite", |net, x| {
        let y = net.conv(x, 8, [3, 3], SAME);
        let z = net.mean(y, false);
        let z = net.dense(z, 4, Activation::Relu);
        let z = net.dense(z, 8, Activation::None);
        let z = net.node(Op::Logistic, &[z]);
        let z = net.reshape(z, &[1, 1, 1, 8]);
        net.node(MUL, &[y, z])
    }),
    ("attention over places", |net, x| {
        let y = net.conv(x, 6, [3, 3], SAME);
        let z = net.conv(x, 1, [1, 1], SAME);
        net.node(MUL, &[y, z])
    }),
    ("transposed", |net, x| {
        let &[_, h, w, c] = net.shape(x).as_slice() else { panic!("an image") };
        let extents = [1, 2 * h, 2 * w, 6].map(|d| i32::try_from(d).unwrap());
        let (shape, weights, bias) =
            (net.integers(&[4], &extents), net.weights(&[6, 2, 2, c], 0.4), net.weights(&[6], 0.2));
        let op = Op::TransposeConv { padding: Padding::Same, stride: [2, 2], activation: Activation::Relu };
        let y = net.node(op, &[shape, weights, x, bias]);
        net.node(Op::AveragePool2d(pool(Padding::Valid, 2, 2)), &[y])
    }),
    ("groups", |net, x| {
        let y = net.conv(x, 6, [1, 1], SAME);
        let (w, b) = (net.weights(&[4, 3, 3, 3], 0.4), net.weights(&[4], 0.2));
        let y = net.node(Op::Conv2d(SAME), &[y, w, b]);
        net.conv(y, 5, [1, 1], SAME)
    }),
    ("shared weights", |net, x| {
        let y = net.conv(x, 6, [1, 1], SAME);
        let (w, b) = (net.weights(&[6, 3, 3, 6], 0.3), net.weights(&[6], 0.2));
        let y = net.node(Op::Conv2d(SAME), &[y, w, b]);
        net.node(Op::Conv2d(SAME), &[y, w, b])
    }),
    ("resize", |net, x| {
        let y = net.conv(x, 6, [1, 1], SAME);
        let size = net.integers(&[2], &[5, 4]);
        net.node(Op::ResizeBilinear { align_corners: false, half_pixel_centers: false }, &[y, size])
    }),
    ("apart and together", |net, x| {
        let y = net.conv(x, 6, [3, 3], SAME);
        let (begin, size) = (net.integers(&[4], &[0, 0, 0, 2]), net.integers(&[4], &[-1, -1, -1, 4]));
        let y = net.node(Op::Slice, &[y, begin, size]);
        net.conv(y, 5, [1, 1], SAME)
    }),
];

type Head = fn(&mut Net, ValueId) -> ValueId;

/// Each takes an image and gives a vector.
pub(crate) const HEADS: [(&str, Head); 5] = [
    ("flatten", |net, x| {
        let y = net.flatten(x);
        net.dense(y, 9, Activation::Relu)
    }),
    ("dense over the image", |net, x| net.dense(x, 9, Activation::Relu)),
    ("channels first", |net, x| {
        let axes = net.integers(&[4], &[0, 3, 1, 2]);
        let y = net.node(Op::Transpose, &[x, axes]);
        let y = net.flatten(y);
        net.dense(y, 9, Activation::Relu)
    }),
    ("mean", |net, x| {
        let y = net.mean(x, true);
        let y = net.node(Op::Squeeze { axes: vec![1, 2] }, &[y]);
        net.dense(y, 9, Activation::Relu)
    }),
    ("dense in rows", |net, x| {
        let channels = net.shape(x)[3];
        let (w, b) = (net.weights(&[6, channels], 0.4), net.weights(&[6], 0.2));
        let y = net.node(Op::FullyConnected { activation: Activation::Relu, keep_num_dims: true }, &[x, w, b]);
        net.mean(y, false)
    }),
];
