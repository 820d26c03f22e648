//! What a graph says of itself: shapes that follow from inputs, and what is refused as unsound.

use mote_models::data::Array;
use mote_models::graph::{Activation, Conv2d, Graph, Node, Op, Padding, Pool2d, TensorType, Value, ValueId, infer};
use mote_models::tflite::StridedSlice;

const SAME: Conv2d = Conv2d { padding: Padding::Same, stride: [2, 2], dilation: [1, 1], activation: Activation::None };
const VALID: Conv2d = Conv2d { padding: Padding::Valid, stride: [1, 2], dilation: [2, 1], ..SAME };
const POOL: Pool2d = Pool2d { padding: Padding::Valid, stride: [2, 3], window: [3, 2], activation: Activation::None };

/// An operand of a case: a shape, or constant integers.
enum Operand {
    Shape(&'static [usize]),
    Integers(&'static [i32]),
}
use Operand::{Integers, Shape};

/// A name, an operator, its operands, and the shapes of its outputs or words of the refusal.
type Case<Expected> = (&'static str, Op, Vec<Operand>, Expected);

fn shapes(op: Op, operands: &[Operand]) -> Result<Vec<Vec<usize>>, String> {
    let mut graph = Graph::default();
    let ids: Vec<ValueId> = operands
        .iter()
        .map(|operand| {
            graph.add(match operand {
                Shape(shape) => Value::new("x", TensorType::Float32, *shape),
                Integers(integers) => Value::constant("k", Array::vector(integers.to_vec())),
            })
        })
        .collect();
    infer(&graph, &Node::new("node", op, &ids, &[])).map_err(|e| e.to_string())
}

#[test]
fn shapes_follow_from_inputs() {
    let slice = |masks| Op::StridedSlice(masks);
    let masks = StridedSlice::default();
    let add = || Op::Add { activation: Activation::None, pot_scale_int16: false };
    let concatenation = |axis| Op::Concatenation { axis, activation: Activation::None };
    let dense = |keep_num_dims| Op::FullyConnected { activation: Activation::None, keep_num_dims };
    let image: &[usize] = &[1, 7, 9, 6];
    let cases: Vec<Case<Vec<Vec<usize>>>> = vec![
        ("same", Op::Conv2d(SAME), vec![Shape(image), Shape(&[4, 3, 3, 6])], vec![vec![1, 4, 5, 4]]),
        ("groups", Op::Conv2d(SAME), vec![Shape(image), Shape(&[4, 3, 3, 3])], vec![vec![1, 4, 5, 4]]),
        ("dilated", Op::Conv2d(VALID), vec![Shape(image), Shape(&[4, 3, 3, 6])], vec![vec![1, 3, 4, 4]]),
        (
            "depthwise",
            Op::DepthwiseConv2d { conv: VALID, multiplier: 2 },
            vec![Shape(image), Shape(&[1, 1, 1, 12])],
            vec![vec![1, 7, 5, 12]],
        ),
        ("pool", Op::MaxPool2d(POOL), vec![Shape(image)], vec![vec![1, 3, 3, 6]]),
        ("dense", dense(false), vec![Shape(&[1, 2, 6]), Shape(&[5, 12])], vec![vec![1, 5]]),
        ("dense in rows", dense(true), vec![Shape(&[1, 2, 6]), Shape(&[5, 6])], vec![vec![1, 2, 5]]),
        (
            "matrices",
            Op::BatchMatMul { adj_x: true, adj_y: true },
            vec![Shape(&[3, 4, 2]), Shape(&[1, 5, 4])],
            vec![vec![3, 2, 5]],
        ),
        ("stretched", add(), vec![Shape(&[4, 1, 3]), Shape(&[2, 1])], vec![vec![4, 2, 3]]),
        ("mean", Op::Mean { keep_dims: false }, vec![Shape(image), Integers(&[1, -2])], vec![vec![1, 6]]),
        ("kept", Op::Sum { keep_dims: true }, vec![Shape(image), Integers(&[1, 2])], vec![vec![1, 1, 1, 6]]),
        ("rest of a shape", Op::Reshape { shape: vec![] }, vec![Shape(image), Integers(&[3, -1])], vec![vec![3, 126]]),
        ("squeezed", Op::Squeeze { axes: vec![] }, vec![Shape(&[1, 3, 1])], vec![vec![3]]),
        ("one axis squeezed", Op::Squeeze { axes: vec![-1] }, vec![Shape(&[1, 3, 1])], vec![vec![1, 3]]),
        ("new axis", Op::ExpandDims, vec![Shape(&[2, 3]), Integers(&[-1])], vec![vec![2, 3, 1]]),
        ("transposed", Op::Transpose, vec![Shape(image), Integers(&[0, 3, 1, 2])], vec![vec![1, 6, 7, 9]]),
        ("padded", Op::Pad, vec![Shape(&[2, 3]), Integers(&[0, 1, 2, 0])], vec![vec![3, 5]]),
        ("joined", concatenation(-1), vec![Shape(&[2, 3]), Shape(&[2, 4])], vec![vec![2, 7]]),
        ("split", Op::Split { count: 3 }, vec![Integers(&[3]), Shape(image)], vec![vec![1, 7, 9, 2]; 3]),
        (
            "split by sizes",
            Op::SplitV { count: 2 },
            vec![Shape(&[2, 7]), Integers(&[3, -1]), Integers(&[1])],
            vec![vec![2, 3], vec![2, 4]],
        ),
        ("slice", Op::Slice, vec![Shape(&[4, 5]), Integers(&[1, 2]), Integers(&[2, -1])], vec![vec![2, 3]]),
        (
            "backwards",
            slice(StridedSlice { end_mask: 1, ..masks }),
            vec![Shape(&[7]), Integers(&[-1]), Integers(&[0]), Integers(&[-2])],
            vec![vec![4]],
        ),
        (
            "an axis taken out",
            slice(StridedSlice { shrink_axis_mask: 1, ..masks }),
            vec![Shape(&[3, 5]), Integers(&[1, 1]), Integers(&[2, 9]), Integers(&[1, 2])],
            vec![vec![2]],
        ),
        ("packed", Op::Pack { count: 2, axis: 1 }, vec![Shape(&[3, 4]), Shape(&[3, 4])], vec![vec![3, 2, 4]]),
        ("unpacked", Op::Unpack { count: 2, axis: 0 }, vec![Shape(&[2, 4])], vec![vec![4]; 2]),
        (
            "gathered",
            Op::Gather { axis: 1, batch_dims: 0 },
            vec![Shape(&[3, 4, 5]), Integers(&[1, 1])],
            vec![vec![3, 2, 5]],
        ),
        ("blocks out", Op::DepthToSpace { block: 2 }, vec![Shape(&[1, 2, 3, 8])], vec![vec![1, 4, 6, 2]]),
        ("blocks in", Op::SpaceToDepth { block: 2 }, vec![Shape(&[1, 4, 6, 2])], vec![vec![1, 2, 3, 8]]),
    ];
    for (name, op, operands, expected) in cases {
        assert_eq!(shapes(op, &operands), Ok(expected), "{name}");
    }
}

#[test]
fn inputs_that_do_not_fit_are_refused_with_what_was_expected() {
    let cases: Vec<Case<&str>> = vec![
        ("no input", Op::Relu, vec![], "expected an input 0, found none"),
        ("rank", Op::MaxPool2d(POOL), vec![Shape(&[7, 9, 6])], "expected input 0 of rank 4"),
        ("small", Op::MaxPool2d(POOL), vec![Shape(&[1, 2, 2, 1])], "expected an input of at least 3"),
        (
            "stride",
            Op::MaxPool2d(Pool2d { stride: [0, 1], ..POOL }),
            vec![Shape(&[1, 9, 9, 1])],
            "a stride of at least 1",
        ),
        ("groups", Op::Conv2d(SAME), vec![Shape(&[1, 5, 5, 6]), Shape(&[4, 3, 3, 4])], "weights whose groups divide"),
        ("reshape", Op::Reshape { shape: vec![4, -1] }, vec![Shape(&[6])], "expected a shape of 6 elements"),
        ("axis", Op::Mean { keep_dims: true }, vec![Shape(&[6]), Integers(&[1])], "expected an axis of rank 1"),
        ("permutation", Op::Transpose, vec![Shape(&[2, 2]), Integers(&[0, 0])], "expected a permutation of 2 axes"),
        ("computed axes", Op::Mean { keep_dims: true }, vec![Shape(&[6]), Shape(&[1])], "to be constant integers"),
    ];
    for (name, op, operands, expected) in cases {
        let error = shapes(op, &operands).unwrap_err();
        assert!(error.contains(expected), "{name}: {error}");
    }
}

/// x -> RELU -> y -> ABS -> z
fn chain() -> (Graph, [ValueId; 3]) {
    let mut graph = Graph::default();
    let [x, y, z] = ["x", "y", "z"].map(|name| graph.add(Value::new(name, TensorType::Float32, [1, 4])));
    graph.nodes = vec![Node::new("first", Op::Relu, &[x], &[y]), Node::new("second", Op::Abs, &[y], &[z])];
    (graph.inputs, graph.outputs) = (vec![x], vec![z]);
    (graph, [x, y, z])
}

#[test]
fn unsound_graphs_are_refused_with_the_place() {
    type Break = fn(&mut Graph, [ValueId; 3]);
    let cases: Vec<(&str, Break, &str)> = vec![
        ("order", |graph, _| graph.nodes.reverse(), "node 0 (second, ABS): expected inputs that earlier nodes"),
        (
            "twice",
            |graph, [_, y, _]| graph.nodes[1].outputs = vec![y],
            "node 1 (second, ABS): expected outputs that are written once",
        ),
        ("nobody", |graph, _| graph.nodes.truncate(1), "value 2 (z): expected an output that is computed"),
        (
            "shape",
            |graph, [_, y, _]| graph.value_mut(y).shape = vec![4],
            "node 0 (first, RELU): expected an output of shape [1, 4]",
        ),
        (
            "type",
            |graph, [_, y, _]| graph.value_mut(y).dtype = TensorType::Int8,
            "expected an output of Float32, found Int8",
        ),
        ("outputs", |graph, _| graph.nodes[0].outputs.clear(), "node 0 (first, RELU): expected 1 outputs, found 0"),
        (
            "constant",
            |graph, [x, ..]| {
                graph.inputs.clear();
                graph.value_mut(x).constant = Some(Array::vector(vec![1.0f32]));
            },
            "value 0 (x): expected a constant of Float32 [1, 4]",
        ),
    ];
    assert_eq!(chain().0.check(), Ok(()));
    for (name, break_it, expected) in cases {
        let (mut graph, ids) = chain();
        break_it(&mut graph, ids);
        let error = graph.check().unwrap_err().to_string();
        assert!(error.contains(expected), "{name}: {error}");
    }
}

#[test]
fn unused_values_go_and_the_rest_keeps_its_order() {
    let (mut graph, [x, _, z]) = chain();
    graph.nodes.remove(0);
    graph.nodes[0].inputs = vec![Some(x)];
    graph.drop_unused_values();
    let names: Vec<&str> = graph.values.iter().map(|value| value.name.as_str()).collect();
    assert_eq!(names, ["x", "z"]);
    assert_eq!(graph.check(), Ok(()));
    assert_ne!(graph.outputs, [z], "ids are places");
}

#[test]
fn uses_move_to_another_value_everywhere() {
    let (mut graph, [x, y, _]) = chain();
    graph.outputs.push(y);
    graph.replace_uses(y, x);
    assert_eq!(graph.nodes[1].inputs, [Some(x)]);
    assert_eq!(graph.outputs[1], x);
    assert_eq!(graph.consumers()[x.index()], [0, 1]);
    assert_eq!(graph.producers()[y.index()], Some(0));
}
