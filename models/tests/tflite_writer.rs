//! What the writer puts into a file, the runtime's reader finds there.

use mote_models::data::Elements;
use mote_models::tflite::{Activation, Conv2d, Model, Op, Operator, Padding, Subgraph, Tensor, TensorType, write};
use mote_runtime::{DType, Limits, read};

const CONV: Conv2d =
    Conv2d { padding: Padding::Valid, stride: [2, 3], dilation: [4, 5], activation: Activation::Relu6 };

fn conv() -> Model {
    let weights = Elements::Int8((0..24).collect());
    Model::single(
        Op::Conv2d(CONV),
        3,
        vec![
            Tensor::new("x", TensorType::Int8, &[1, 8, 8, 3]).quantized(0.5, -7),
            Tensor::constant("w", &[2, 2, 2, 3], &weights).quantized_along(0, vec![0.25, 0.125], vec![0, 0]),
            Tensor::constant("b", &[2], &Elements::Int32(vec![-1, 1 << 20])),
        ],
        vec![Tensor::new("y", TensorType::Int8, &[1, 2, 1, 2]).quantized(1.5, 3)],
    )
}

#[test]
fn the_same_description_gives_the_same_bytes() {
    assert_eq!(write(&conv()), write(&conv()));
}

#[test]
fn tensors_come_back_whole() {
    let file = write(&conv());
    let model = read::read(&file, &Limits::default()).unwrap();
    let [graph] = &model.subgraphs[..] else { panic!("one subgraph") };
    let [x, w, b, y] = &graph.tensors[..] else { panic!("four tensors") };
    assert_eq!((graph.inputs.as_slice(), graph.outputs.as_slice()), (&[0][..], &[3][..]));
    assert_eq!([&x.name, &w.name, &b.name, &y.name], ["x", "w", "b", "y"]);
    assert_eq!([x.dtype, w.dtype, b.dtype].map(Option::unwrap), [DType::I8, DType::I8, DType::I32]);
    assert_eq!(w.shape.as_deref(), Some(&[2, 2, 2, 3][..]));
    let bytes: Vec<u8> = (0..24).collect();
    assert_eq!(w.constant.as_deref(), Some(bytes.as_slice()));
    assert_eq!(b.constant.as_deref(), Some(&[255, 255, 255, 255, 0, 0, 16, 0][..]));
    assert_eq!(x.constant, None);
    let quant = w.quant.as_ref().unwrap();
    assert_eq!(
        (quant.scales.as_slice(), quant.zero_points.as_slice(), quant.axis),
        (&[0.25, 0.125][..], &[0, 0][..], 0)
    );
    let quant = y.quant.as_ref().unwrap();
    assert_eq!((quant.scales.as_slice(), quant.zero_points.as_slice()), (&[1.5][..], &[3][..]));
    assert_eq!(b.quant, None);
}

#[test]
fn constants_lie_at_multiples_of_sixteen_bytes() {
    for length in [1, 15, 16, 17] {
        let elements = Elements::UInt8(vec![0xa5; length]);
        let shape = [length as i32];
        let constant = Tensor::constant("c", &shape, &elements);
        let model = Model::single(Op::Relu, 1, vec![constant], vec![Tensor::new("y", TensorType::UInt8, &shape)]);
        let file = write(&model);
        let at = file.windows(length).position(|window| window == vec![0xa5; length]).unwrap();
        assert_eq!(at % 16, 0, "{length} bytes at {at}");
    }
}

#[test]
fn what_is_equal_is_written_once() {
    let model = |second: i8| {
        let constant = |name: &str, last: i8| {
            let elements = Elements::Int8((0..100).map(|k| if k == 99 { last } else { k }).collect());
            let tensor = Tensor::constant(name, &[100], &elements);
            tensor.quantized_along(0, vec![0.5; 100], vec![0; 100])
        };
        let inputs = vec![constant("a", 7), constant("b", second)];
        let y = Tensor::new("y", TensorType::Int8, &[100]).quantized(0.5, 0);
        Model::single(Op::Maximum, 1, inputs, vec![y])
    };
    let (shared, apart) = (write(&model(7)), write(&model(8)));
    assert!(shared.len() + 100 <= apart.len(), "{} and {} bytes", shared.len(), apart.len());
    assert!(apart.len() < 2 * 100 + 100 * 4 + 100 * 8 + 600, "scales and zero points twice: {} bytes", apart.len());
    for (file, second) in [(shared, 7), (apart, 8)] {
        let read = read::read(&file, &Limits::default()).unwrap();
        let [a, b, _] = &read.subgraphs[0].tensors[..] else { panic!("three tensors") };
        assert_eq!((a.quant.as_ref(), a.constant.as_ref().unwrap()[99]), (b.quant.as_ref(), 7));
        assert_eq!(b.constant.as_ref().unwrap()[99], second);
    }
}

#[test]
fn operators_come_back_whole() {
    let mut graph = Subgraph::default();
    for name in ["a", "b", "c"] {
        graph.push(Tensor::new(name, TensorType::Float32, &[1, 4]));
    }
    let svdf = Op::Svdf { rank: 2, activation: Activation::Relu };
    graph.operators = vec![
        Operator { inputs: vec![Some(0), None, Some(1)], version: 4, ..Operator::new(svdf, &[], &[2]) },
        Operator { intermediates: vec![1, 2], ..Operator::new(Op::Gelu { approximate: true }, &[0], &[2]) },
        Operator::new(Op::Custom { code: "Trees".into(), options: vec![1, 2, 3] }, &[0], &[1, 2]),
        Operator::new(Op::Custom { code: "Other".into(), options: vec![] }, &[0], &[1]),
        Operator::new(Op::Relu, &[0], &[2]),
    ];
    let model =
        Model { description: "of tests".into(), subgraphs: vec![graph, Subgraph::default()], ..Model::default() };
    let file = write(&model);
    let model = read::read(&file, &Limits::default()).unwrap();
    assert_eq!(model.description, "of tests");
    assert_eq!(model.subgraphs.len(), 2);
    let [svdf, gelu, trees, other, relu] = &model.subgraphs[0].operators[..] else { panic!("five operators") };

    assert_eq!((svdf.code, svdf.version, svdf.inputs.as_slice()), (27, 4, &[Some(0), None, Some(1)][..]));
    assert_eq!(svdf.outputs, [2]);
    let options = svdf.options.as_ref().unwrap();
    assert_eq!((options.i32(0, 0).unwrap(), options.i8(1, 0).unwrap()), (2, 1));

    assert_eq!((gelu.code, gelu.version), (150, 1), "beyond the codes of one byte");
    assert!(gelu.options.as_ref().unwrap().bool(0).unwrap());
    assert_eq!(gelu.intermediates, [1, 2]);

    assert_eq!((trees.code, trees.custom_name.as_str(), trees.custom_options), (32, "Trees", &[1, 2, 3][..]));
    assert_eq!((other.custom_name.as_str(), other.custom_options), ("Other", &[][..]));
    assert!((relu.code, relu.options.is_none()) == (19, true));
}

#[test]
fn options_lie_in_the_fields_of_the_schema() {
    let file = write(&conv());
    let model = read::read(&file, &Limits::default()).unwrap();
    let options = model.subgraphs[0].operators[0].options.as_ref().unwrap();
    // Conv2DOptions: padding, stride_w, stride_h, fused_activation_function, dilation_w_factor, dilation_h_factor.
    let ints = [1, 2, 4, 5].map(|field| options.i32(field, 0).unwrap());
    assert_eq!((options.i8(0, 0).unwrap(), ints, options.i8(3, 0).unwrap()), (1, [3, 2, 5, 4], 3));
}

#[test]
fn an_option_that_is_true_by_default_can_be_false() {
    for pot_scale_int16 in [false, true] {
        let op = Op::Add { activation: Activation::None, pot_scale_int16 };
        let scaled = |name: &str| Tensor::new(name, TensorType::Int16, &[1, 4]).quantized(0.5, 0);
        let file = write(&Model::single(op.clone(), 1, vec![scaled("a"), scaled("b")], vec![scaled("y")]));
        assert_eq!(mote_models::import::tflite(&file).unwrap().nodes[0].op, op);
    }
}
