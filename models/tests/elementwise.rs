//! Element-wise operators and reductions in the runtime: what recorded vectors cannot show. Refusals, errors of a run, results that
//! do not depend on where an output lies, ranks and scales that no reference interpreter takes.

use mote_models::data::Elements;
use mote_models::tflite::TensorType::{Float32, Int8, Int16, Int32, UInt8};
use mote_models::tflite::{Activation, Model, Op, Operator, Subgraph, Tensor, TensorType, write};
use mote_runtime::{ErrorKind, LoadOptions, Session};

const ADD: Op = Op::Add { activation: Activation::None, pot_scale_int16: false };
const DIV: Op = Op::Div { activation: Activation::None };

fn load(model: &Model) -> Result<Session, mote_runtime::Error> {
    Session::load(&write(model), &LoadOptions::default())
}

fn run(model: &Model, inputs: &[&[u8]]) -> Result<Vec<u8>, mote_runtime::Error> {
    let mut session = load(model)?;
    for (k, bytes) in inputs.iter().enumerate() {
        session.input_mut(k).unwrap().copy_from_slice(bytes);
    }
    session.run()?;
    Ok(session.output(session.outputs().len() - 1).unwrap().to_vec())
}

fn bytes_of(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn real(shape: &[i32]) -> Tensor {
    Tensor::new("real", Float32, shape)
}

fn stored(dtype: TensorType, shape: &[i32]) -> Tensor {
    Tensor::new("stored", dtype, shape).quantized(0.5, 0)
}

fn axes(axes: &[i32]) -> Tensor {
    Tensor::constant("axes", &[axes.len() as i32], &Elements::Int32(axes.to_vec()))
}

struct Refusal {
    name: &'static str,
    op: Op,
    inputs: Vec<Tensor>,
    output: Tensor,
    kind: ErrorKind,
    expected: &'static str,
}

#[test]
fn contradictions_are_refused_by_name() {
    use ErrorKind::{Invalid, Unsupported};
    let refusal = |name, op, inputs, output, kind, expected| Refusal { name, op, inputs, output, kind, expected };
    let cases = [
        refusal("one operand", ADD, vec![real(&[2])], real(&[2]), Invalid, "2 to 2 inputs"),
        refusal("shapes that do not meet", ADD, vec![real(&[2]), real(&[3])], real(&[3]), Invalid, "equal or 1"),
        refusal(
            "an output too small",
            ADD,
            vec![real(&[4]), real(&[4])],
            real(&[2]),
            Invalid,
            "an output of shape [4]",
        ),
        refusal("an output that is repeated", ADD, vec![real(&[1]), real(&[1])], real(&[4]), Invalid, "of shape [1]"),
        refusal("two types", ADD, vec![real(&[4]), stored(Int8, &[4])], real(&[4]), Unsupported, "one type"),
        refusal(
            "no scale",
            ADD,
            vec![stored(Int8, &[4]), Tensor::new("bare", Int8, &[4])],
            stored(Int8, &[4]),
            Invalid,
            "input 1 with a scale",
        ),
        refusal(
            "scales of channels",
            ADD,
            vec![stored(Int8, &[2]), stored(Int8, &[2]).quantized_along(0, vec![0.5, 0.25], vec![0, 0])],
            stored(Int8, &[2]),
            Invalid,
            "one scale",
        ),
        refusal(
            "a bool",
            ADD,
            vec![Tensor::new("b", TensorType::Bool, &[1]); 2],
            Tensor::new("y", TensorType::Bool, &[1]),
            Unsupported,
            "int8",
        ),
        refusal(
            "scales that differ",
            Op::Maximum,
            vec![stored(Int8, &[4]), stored(Int8, &[4]).quantized(0.25, 0)],
            stored(Int8, &[4]),
            Unsupported,
            "one scale and zero point",
        ),
        refusal("another shape", Op::Relu, vec![real(&[2, 3])], real(&[3, 2]), Invalid, "an output of shape [2, 3]"),
        refusal("another type", Op::Relu, vec![real(&[2])], stored(Int8, &[2]), Invalid, "an output of float32"),
        refusal(
            "a type without a kernel",
            Op::Elu,
            vec![stored(Int16, &[2])],
            stored(Int16, &[2]),
            Unsupported,
            "int8 or float32",
        ),
        refusal(
            "an alpha that is no number",
            Op::LeakyRelu { alpha: f32::NAN },
            vec![real(&[2])],
            real(&[2]),
            Invalid,
            "alpha",
        ),
        refusal(
            "an alpha for more",
            Op::Prelu,
            vec![real(&[1, 2]), real(&[3, 2])],
            real(&[3, 2]),
            Invalid,
            "of shape [1, 2]",
        ),
        refusal(
            "a free scale",
            Op::Softmax { beta: 1.0 },
            vec![stored(Int8, &[4])],
            stored(Int8, &[4]),
            Invalid,
            "scale 1/256",
        ),
        refusal("no axis", Op::Softmax { beta: 1.0 }, vec![real(&[])], real(&[]), Invalid, "at least one axis"),
        refusal(
            "a beta of nothing",
            Op::Softmax { beta: 0.0 },
            vec![stored(Int8, &[4])],
            stored(Int8, &[4]).quantized(1.0 / 256.0, -128),
            Invalid,
            "beta",
        ),
        refusal("a free scale", Op::Tanh, vec![stored(Int16, &[4])], stored(Int16, &[4]), Invalid, "scale 1/32768"),
        refusal(
            "an offset zero",
            Op::Logistic,
            vec![stored(Int16, &[4]).quantized(0.5, 3)],
            stored(Int16, &[4]).quantized(1.0 / 32768.0, 0),
            Invalid,
            "zero point 0",
        ),
        refusal(
            "an offset zero",
            Op::Neg,
            vec![stored(Int8, &[4]).quantized(0.5, 1)],
            stored(Int8, &[4]).quantized(0.5, 1),
            Unsupported,
            "zero point 0",
        ),
        refusal(
            "a steep output",
            Op::HardSwish,
            vec![stored(Int8, &[4])],
            stored(Int8, &[4]).quantized(1e-4, 0),
            Unsupported,
            "1/128",
        ),
        refusal(
            "an unknown pair",
            Op::Quantize,
            vec![stored(UInt8, &[4])],
            stored(Int32, &[4]),
            Unsupported,
            "to another",
        ),
        refusal(
            "scales along no axis",
            Op::Dequantize,
            vec![stored(Int8, &[2, 3]).quantized_along(1, vec![0.5, 0.25], vec![0, 0])],
            real(&[2, 3]),
            Invalid,
            "scale",
        ),
        refusal(
            "an axis too many",
            Op::Mean { keep_dims: false },
            vec![real(&[2, 3]), axes(&[2])],
            real(&[2]),
            Invalid,
            "an axis of [2, 3]",
        ),
        refusal(
            "an axis kept",
            Op::Sum { keep_dims: false },
            vec![real(&[2, 3]), axes(&[1])],
            real(&[2, 1]),
            Invalid,
            "without the axes",
        ),
        refusal(
            "an axis lost",
            Op::ReduceMax { keep_dims: true },
            vec![real(&[2, 3]), axes(&[1])],
            real(&[2]),
            Invalid,
            "kept as 1",
        ),
        refusal(
            "axes known too late",
            Op::Mean { keep_dims: false },
            vec![real(&[2, 3]), Tensor::new("axes", Int32, &[1])],
            real(&[2]),
            Unsupported,
            "a constant as input 1",
        ),
        refusal(
            "an index that is real",
            Op::ArgMax { output: Int32 },
            vec![real(&[2, 3]), axes(&[1])],
            real(&[2]),
            Unsupported,
            "int32 or int64",
        ),
        refusal(
            "an output of another extent",
            Op::ArgMin { output: Int32 },
            vec![real(&[2, 3]), axes(&[1])],
            Tensor::new("y", Int32, &[3]),
            Invalid,
            "an output of shape [2]",
        ),
    ];
    for Refusal { name, op, inputs, output, kind, expected } in cases {
        let what = format!("{op:?}: {name}");
        let error = load(&Model::single(op, 1, inputs, vec![output])).err().unwrap_or_else(|| panic!("{what} loads"));
        assert_eq!(error.kind, kind, "{what}: {error}");
        assert!(error.to_string().contains(expected), "{what}: {error}");
    }
}

#[test]
fn values_without_a_result_are_errors_of_the_run() {
    let int32 = || Tensor::new("int32", Int32, &[2]);
    let quotient = Model::single(DIV, 1, vec![int32(), int32()], vec![int32()]);
    let bytes = |values: [i32; 2]| values.map(i32::to_le_bytes).concat();
    assert_eq!(run(&quotient, &[&bytes([7, i32::MIN]), &bytes([-2, -1])]).unwrap(), bytes([-3, i32::MIN]));
    assert_eq!(run(&quotient, &[&bytes([7, 7]), &bytes([1, 0])]).unwrap_err().kind, ErrorKind::Run);

    let code = || Tensor::new("int8", Int8, &[1]).quantized(0.5, 3);
    let quotient = Model::single(DIV, 1, vec![code(), code()], vec![code()]);
    assert_eq!(run(&quotient, &[&[9], &[3]]).unwrap_err().kind, ErrorKind::Run, "stored 3 stands for zero");
    for op in [Op::Sqrt, Op::Rsqrt] {
        let root = Model::single(op, 1, vec![code()], vec![code()]);
        assert!(run(&root, &[&[3]]).is_ok(), "zero");
        assert_eq!(run(&root, &[&[2]]).unwrap_err().kind, ErrorKind::Run, "less than zero");
    }
}

/// `y = sqrt(|a + b| * b)`, whose steps may each write over what they read unless `outputs` keeps it.
fn chain(outputs: &[u32]) -> Model {
    let mut graph = Subgraph { inputs: vec![0, 1], outputs: outputs.to_vec(), ..Subgraph::default() };
    for name in ["a", "b", "sum", "distance", "product", "y"] {
        graph.push(Tensor::new(name, Float32, &[150]));
    }
    graph.operators = vec![
        Operator::new(ADD, &[0, 1], &[2]),
        Operator::new(Op::Abs, &[2], &[3]),
        Operator::new(Op::Mul { activation: Activation::None }, &[3, 1], &[4]),
        Operator::new(Op::Sqrt, &[4], &[5]),
    ];
    Model { subgraphs: vec![graph], ..Model::default() }
}

#[test]
fn outputs_over_inputs_equal_outputs_apart() {
    let (a, b): (Vec<f32>, Vec<f32>) = (0..150).map(|k| (k as f32 - 70.5, 3.25 + k as f32 / 8.0)).unzip();
    let expected: Vec<f32> = a.iter().zip(&b).map(|(a, b)| ((a + b).abs() * b).sqrt()).collect();
    let (over, apart) = (chain(&[5]), chain(&[2, 3, 4, 5]));
    let arena = |model: &Model| load(model).unwrap().memory().arena;
    assert!(arena(&over) < arena(&apart), "some step works in place");
    for model in [over, apart] {
        assert_eq!(run(&model, &[&bytes_of(&a), &bytes_of(&b)]).unwrap(), bytes_of(&expected));
    }
}

/// `y = sqrt of [|a|, [|b|, |a|]]` along `axis`, whose parts may be written where they are joined unless `outputs` keeps one.
fn joined(axis: i32, outputs: &[u32]) -> Model {
    let (part, two, three) = ([10, 12], [20, 12], [30, 12]);
    let along = |shape: [i32; 2]| if axis == 0 { shape } else { [shape[1], shape[0]] };
    let mut graph = Subgraph { inputs: vec![0, 1], outputs: outputs.to_vec(), ..Subgraph::default() };
    for (name, shape) in [
        ("a", part),
        ("b", part),
        ("|a|", part),
        ("|b|", part),
        ("again", part),
        ("two", two),
        ("three", three),
        ("y", three),
    ] {
        graph.push(Tensor::new(name, Float32, &along(shape)));
    }
    let concatenation = Op::Concatenation { axis, activation: Activation::None };
    graph.operators = vec![
        Operator::new(Op::Abs, &[0], &[2]),
        Operator::new(Op::Abs, &[2], &[4]),
        Operator::new(Op::Abs, &[1], &[3]),
        Operator::new(concatenation.clone(), &[3, 4], &[5]),
        Operator::new(concatenation, &[2, 5], &[6]),
        Operator::new(Op::Sqrt, &[6], &[7]),
    ];
    Model { subgraphs: vec![graph], ..Model::default() }
}

#[test]
fn parts_that_are_written_where_they_are_joined_equal_parts_that_are_copied() {
    let (a, b): (Vec<f32>, Vec<f32>) = (0..120).map(|k| (k as f32 - 70.5, 3.25 - k as f32 / 8.0)).unzip();
    let arena = |model: &Model| load(model).unwrap().memory().arena;
    let (over, kept) = (joined(0, &[7]), joined(0, &[2, 3, 4, 5, 7]));
    // Inputs are written where they are joined at the end; rows that are joined by columns are not one behind the other.
    assert_eq!(arena(&over), 3 * 480);
    assert!(arena(&joined(1, &[7])) > 3 * 480);
    let root = |values: &[f32]| values.iter().map(|v| v.abs().sqrt()).collect::<Vec<f32>>();
    let expected = [root(&a), root(&b), root(&a)].concat();
    for model in [over, kept] {
        let mut session = load(&model).unwrap();
        for (k, values) in [&a, &b].into_iter().enumerate() {
            session.input_mut(k).unwrap().copy_from_slice(&bytes_of(values));
        }
        session.run().unwrap();
        let last = session.outputs().len() - 1;
        assert_eq!(session.output(last).unwrap(), bytes_of(&expected));
    }
    let by_columns = run(&joined(1, &[7]), &[&bytes_of(&a), &bytes_of(&b)]).unwrap();
    let rows = root(&a).chunks(10).zip(root(&b).chunks(10)).map(|(a, b)| [a, b, a].concat()).collect::<Vec<_>>();
    assert_eq!(by_columns, bytes_of(&rows.concat()));
}

#[test]
fn operands_of_rank_8_meet() {
    let (a, b) = (real(&[2, 1, 2, 1, 2, 1, 2, 1]), real(&[1, 2, 1, 2, 1, 2, 1, 2]));
    let (left, right): (Vec<f32>, Vec<f32>) =
        ((0..16).map(|k| k as f32).collect(), (0..16).map(|k| k as f32 * 100.0).collect());
    let model = Model::single(ADD, 1, vec![a, b], vec![real(&[2; 8])]);
    let sums: Vec<f32> = (0..256)
        .map(|k| {
            let bit = |n: usize| k >> (7 - n) & 1;
            let of = |bits: [usize; 4]| bits.iter().fold(0, |at, &n| at * 2 + bit(n));
            left[of([0, 2, 4, 6])] + right[of([1, 3, 5, 7])]
        })
        .collect();
    assert_eq!(run(&model, &[&bytes_of(&left), &bytes_of(&right)]).unwrap(), bytes_of(&sums));
}

#[test]
fn each_channel_is_dequantized_by_its_own_scale() {
    let x = Tensor::new("x", Int8, &[2, 2, 2]).quantized_along(1, vec![0.5, 2.0], vec![1, -1]);
    let model = Model::single(Op::Dequantize, 1, vec![x], vec![real(&[2, 2, 2])]);
    let y = run(&model, &[&[1, 3, 0, 1, 127, 0x80, 0xFF, 0x80]]).unwrap();
    assert_eq!(y, bytes_of(&[0.0, 1.0, 2.0, 4.0, 63.0, -64.5, 0.0, -254.0]));
}

#[test]
fn numbers_beyond_a_type_saturate() {
    let y = Tensor::new("y", Int8, &[4]).quantized(0.5, 10);
    let model = Model::single(Op::Quantize, 1, vec![real(&[4])], vec![y]);
    let x = bytes_of(&[1e30, -1e30, f32::INFINITY, -5.25]);
    assert_eq!(run(&model, &[&x]).unwrap(), [127, 0x80, 127, 0xFF], "-5.25 is -10.5 steps, rounded away from zero");
}
