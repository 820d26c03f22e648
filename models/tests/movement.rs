//! What the operators that move elements refuse, when a model is loaded and in a run.

use mote_models::data::Elements;
use mote_models::tflite::{Activation, Model, Op, StridedSlice, Tensor, TensorType, write};
use mote_runtime::{Error, ErrorKind, LoadOptions, Session};

fn tensor(shape: &[i32]) -> Tensor {
    Tensor::new("t", TensorType::Int8, shape)
}

fn integers(values: &[i32]) -> Tensor {
    shaped(&[values.len() as i32], values)
}

fn shaped(shape: &[i32], values: &[i32]) -> Tensor {
    Tensor::constant("i", shape, &Elements::Int32(values.to_vec()))
}

fn load(op: Op, inputs: Vec<Tensor>, outputs: Vec<Tensor>) -> Result<Session, Error> {
    Session::load(&write(&Model::single(op, 1, inputs, outputs)), &LoadOptions::default())
}

/// A name, a model of one operator, and what the refusal expects and has found.
type Case = (&'static str, Op, Vec<Tensor>, Vec<Tensor>, &'static str, &'static str);

fn rearrangements() -> Vec<Case> {
    let concatenation = |axis| Op::Concatenation { axis, activation: Activation::None };
    let pair = |a: Tensor, b: Tensor| vec![a, b];
    vec![
        (
            "an axis twice",
            Op::Transpose,
            pair(tensor(&[2, 3]), integers(&[0, 0])),
            vec![tensor(&[2, 2])],
            "each axis of [2, 3] once",
            "[0, 0]",
        ),
        (
            "too few axes",
            Op::Transpose,
            pair(tensor(&[2, 3]), integers(&[0])),
            vec![tensor(&[2])],
            "each axis of [2, 3] once",
            "[0]",
        ),
        (
            "a transposed shape that is not",
            Op::Transpose,
            pair(tensor(&[2, 3]), integers(&[1, 0])),
            vec![tensor(&[2, 3])],
            "shape [3, 2]",
            "[2, 3]",
        ),
        (
            "inputs too long",
            concatenation(0),
            pair(tensor(&[2, 3]), tensor(&[3, 3])),
            vec![tensor(&[4, 3])],
            "fill axis 0 of [4, 3]",
            "more or less",
        ),
        (
            "inputs too short",
            concatenation(0),
            pair(tensor(&[2, 3]), tensor(&[1, 3])),
            vec![tensor(&[4, 3])],
            "fill axis 0 of [4, 3]",
            "more or less",
        ),
        (
            "another extent beside the axis",
            concatenation(0),
            pair(tensor(&[2, 3]), tensor(&[2, 2])),
            vec![tensor(&[4, 3])],
            "shape [2, 3]",
            "[2, 2]",
        ),
        (
            "no such axis",
            concatenation(2),
            pair(tensor(&[2, 3]), tensor(&[2, 3])),
            vec![tensor(&[4, 3])],
            "an axis of [4, 3]",
            "axis 2",
        ),
        (
            "another scale",
            concatenation(0),
            pair(tensor(&[2]).quantized(0.5, 0), tensor(&[2]).quantized(0.25, 0)),
            vec![tensor(&[4]).quantized(0.5, 0)],
            "input 1 quantized as the output",
            "scale bits",
        ),
        (
            "a packed count",
            Op::Pack { count: 3, axis: 0 },
            pair(tensor(&[2]), tensor(&[2])),
            vec![tensor(&[2, 2])],
            "2 inputs",
            "3",
        ),
        (
            "a packed extent",
            Op::Pack { count: 2, axis: 0 },
            pair(tensor(&[2]), tensor(&[2])),
            vec![tensor(&[3, 2])],
            "extent 2 along axis 0",
            "[3, 2]",
        ),
        (
            "an unpacked extent",
            Op::Unpack { count: 2, axis: 1 },
            vec![tensor(&[2, 3])],
            vec![tensor(&[2]), tensor(&[2])],
            "3 outputs",
            "2 stated",
        ),
        (
            "a block of 0",
            Op::DepthToSpace { block: 0 },
            vec![tensor(&[1, 2, 2, 4])],
            vec![tensor(&[1, 4, 4, 1])],
            "a block size of at least 1",
            "0",
        ),
        (
            "a block that does not divide",
            Op::SpaceToDepth { block: 2 },
            vec![tensor(&[1, 3, 4, 1])],
            vec![tensor(&[1, 1, 2, 4])],
            "blocks of 2 x 2",
            "[1, 3, 4, 1]",
        ),
    ]
}

fn parts() -> Vec<Case> {
    let pair = |a: Tensor, b: Tensor| vec![a, b];
    let gather = |axis, batch_dims| Op::Gather { axis, batch_dims };
    let cut = |begin: &[i32], end: &[i32], stride: &[i32]| {
        vec![tensor(&[4, 5]), integers(begin), integers(end), integers(stride)]
    };
    let plain = Op::StridedSlice(StridedSlice::default());
    let shrink = Op::StridedSlice(StridedSlice { shrink_axis_mask: 1, ..StridedSlice::default() });
    let ellipses = Op::StridedSlice(StridedSlice { ellipsis_mask: 3, ..StridedSlice::default() });
    vec![
        (
            "unequal pieces",
            Op::Split { count: 2 },
            pair(shaped(&[], &[0]), tensor(&[3])),
            vec![tensor(&[2]), tensor(&[1])],
            "2 equal pieces",
            "2 pieces",
        ),
        (
            "pieces and outputs",
            Op::Split { count: 3 },
            pair(shaped(&[], &[0]), tensor(&[6])),
            vec![tensor(&[3]), tensor(&[3])],
            "2 equal pieces",
            "3 pieces",
        ),
        (
            "sizes beyond the axis",
            Op::SplitV { count: 2 },
            vec![tensor(&[3]), integers(&[2, 2]), shaped(&[], &[0])],
            vec![tensor(&[2]), tensor(&[2])],
            "sizes that make up axis 0",
            "[2, 2]",
        ),
        (
            "two sizes of -1",
            Op::SplitV { count: 2 },
            vec![tensor(&[3]), integers(&[-1, -1]), shaped(&[], &[0])],
            vec![tensor(&[3]), tensor(&[3])],
            "sizes that make up axis 0",
            "[-1, -1]",
        ),
        (
            "a slice past the end",
            Op::Slice,
            vec![tensor(&[4]), integers(&[3]), integers(&[2])],
            vec![tensor(&[2])],
            "a part of [4]",
            "begins [3] and sizes [2]",
        ),
        (
            "a negative begin",
            Op::Slice,
            vec![tensor(&[4]), integers(&[-1]), integers(&[1])],
            vec![tensor(&[1])],
            "a part of [4]",
            "begins [-1]",
        ),
        (
            "a stride of 0",
            plain.clone(),
            cut(&[0, 0], &[4, 5], &[1, 0]),
            vec![tensor(&[4, 5])],
            "a part of [4, 5]",
            "strides [1, 0]",
        ),
        (
            "an empty part",
            plain.clone(),
            cut(&[3, 0], &[2, 5], &[1, 1]),
            vec![tensor(&[1, 5])],
            "a part of [4, 5]",
            "begins [3, 0]",
        ),
        (
            "more entries than axes",
            plain,
            cut(&[0, 0, 0], &[1, 1, 1], &[1, 1, 1]),
            vec![tensor(&[1, 1])],
            "a part of [4, 5]",
            "begins [0, 0, 0]",
        ),
        (
            "a dropped axis past the end",
            shrink,
            cut(&[4, 0], &[5, 5], &[1, 1]),
            vec![tensor(&[5])],
            "a part of [4, 5]",
            "begins [4, 0]",
        ),
        (
            "two ellipses",
            ellipses,
            cut(&[0, 0], &[4, 5], &[1, 1]),
            vec![tensor(&[4, 5])],
            "one ellipsis",
            "ellipsis mask 3",
        ),
        (
            "no such gathered axis",
            gather(2, 0),
            pair(tensor(&[2, 3]), integers(&[0])),
            vec![tensor(&[2, 1])],
            "an axis of [2, 3]",
            "axis 2",
        ),
        (
            "batches that differ",
            gather(1, 1),
            pair(tensor(&[2, 3]), shaped(&[3, 1], &[0, 0, 0])),
            vec![tensor(&[2, 1])],
            "leading axes",
            "batch_dims 1",
        ),
    ]
}

fn surroundings() -> Vec<Case> {
    let pad = |x: &[i32], paddings: &[i32]| vec![tensor(x), shaped(&[x.len() as i32, 2], paddings)];
    let resize = |align_corners, half_pixel_centers| Op::ResizeBilinear { align_corners, half_pixel_centers };
    let size = |h: i32, w: i32| vec![tensor(&[1, 2, 2, 1]), integers(&[h, w])];
    vec![
        ("a negative padding", Op::Pad, pad(&[3], &[-1, 1]), vec![tensor(&[3])], "paddings of at least 0", "[-1, 1]"),
        ("a padded shape that is not", Op::Pad, pad(&[3], &[1, 1]), vec![tensor(&[6])], "shape [5]", "[6]"),
        (
            "paddings of another rank",
            Op::Pad,
            vec![tensor(&[3]), shaped(&[2, 2], &[0; 4])],
            vec![tensor(&[3])],
            "paddings of shape [1, 2]",
            "[2, 2]",
        ),
        (
            "a reflection of everything",
            Op::MirrorPad { symmetric: false },
            pad(&[3], &[3, 0]),
            vec![tensor(&[6])],
            "at most 2 mirrored",
            "3 and 0",
        ),
        (
            "a mirror image of more",
            Op::MirrorPad { symmetric: true },
            pad(&[3], &[4, 0]),
            vec![tensor(&[7])],
            "at most 3 mirrored",
            "4 and 0",
        ),
        (
            "a size of 0",
            resize(false, false),
            size(0, 2),
            vec![tensor(&[1, 1, 2, 1])],
            "a height and a width of at least 1",
            "[0, 2]",
        ),
        (
            "both grids",
            resize(true, true),
            size(4, 4),
            vec![tensor(&[1, 4, 4, 1])],
            "align_corners or half_pixel_centers",
            "both",
        ),
    ]
}

#[test]
fn contradictions_are_refused() {
    for (name, op, inputs, outputs, expected, found) in [rearrangements(), parts(), surroundings()].concat() {
        let error = load(op, inputs, outputs).expect_err(name);
        assert!(matches!(error.kind, ErrorKind::Invalid | ErrorKind::Unsupported), "{name}: {error}");
        assert!(error.expected.contains(expected) && error.found.contains(found), "{name}: {error}");
    }
}

#[test]
fn an_index_out_of_range_is_an_error_of_that_run() {
    let indexes = Tensor::new("i", TensorType::Int32, &[2]);
    let mut session =
        load(Op::Gather { axis: 0, batch_dims: 0 }, vec![tensor(&[3]), indexes], vec![tensor(&[2])]).unwrap();
    for (indexes, outcome) in [([2, 0], None), ([3, 0], Some("3")), ([0, -1], Some("-1")), ([1, 1], None)] {
        let bytes: Vec<u8> = indexes.iter().flat_map(|i: &i32| i.to_le_bytes()).collect();
        session.input_mut(1).unwrap().copy_from_slice(&bytes);
        let found = session.run().err().map(|e| (e.kind, e.found.clone()));
        assert_eq!(found, outcome.map(|f| (ErrorKind::Run, f.to_owned())), "{indexes:?}");
    }
}

#[test]
fn a_computed_begin_is_checked_in_each_run() {
    let begin = Tensor::new("b", TensorType::Int32, &[1]);
    let mut session = load(Op::Slice, vec![tensor(&[4]), begin, integers(&[2])], vec![tensor(&[2])]).unwrap();
    for (begin, outcome) in [(0, Some([10, 11])), (2, Some([12, 13])), (3, None), (-1, None)] {
        session.input_mut(0).unwrap().copy_from_slice(&[10, 11, 12, 13]);
        session.input_mut(1).unwrap().copy_from_slice(&i32::to_le_bytes(begin));
        match (session.run(), outcome) {
            (Ok(()), Some(expected)) => assert_eq!(session.output(0).unwrap(), expected, "begin {begin}"),
            (result, _) => {
                assert_eq!(result.unwrap_err().kind, ErrorKind::Run, "begin {begin}");
                assert_eq!(outcome, None, "begin {begin}");
            }
        }
    }
}
