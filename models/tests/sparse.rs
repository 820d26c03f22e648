//! The sparse encoding: written where it is smaller, read whole by the runtime and the importer, refused when it is damaged.

mod common;

use std::fs;

use mote_models::data::{Array, Elements};
use mote_models::export::{self, Options};
use mote_models::graph::{Activation, Graph, Node, Op, Quantization, TensorType, Value};
use mote_models::tflite::{self, Model, SparseLevel, Sparsity, Tensor};
use mote_models::{import, zoo};
use mote_runtime::{ErrorKind, Limits, LoadOptions, Session, read};

const SPARSE: Options = Options { sparse: true };

/// A dense layer of seeded int8 weights, of which blocks of `block` are 0 but for one in `keep`.
fn layer(outputs: usize, inputs: usize, block: [usize; 2], keep: usize) -> Graph {
    let mut random = fastrand::Rng::with_seed(7);
    let mut weights = vec![0i8; outputs * inputs];
    for output in (0..outputs).step_by(block[0]) {
        for input in (0..inputs).step_by(block[1]) {
            if random.usize(0..keep) == 0 {
                for a in 0..block[0].min(outputs - output) {
                    for b in 0..block[1].min(inputs - input) {
                        weights[(output + a) * inputs + input + b] = random.i8(1..);
                    }
                }
            }
        }
    }
    let mut graph = Graph::default();
    let scaled = |value: Value, scale: f32| Value {
        quantization: Some(Quantization { scales: vec![scale], zero_points: vec![0], axis: 0 }),
        ..value
    };
    let x = graph.add(scaled(Value::new("x", TensorType::Int8, [1, inputs]), 0.5));
    let array = Array::new([outputs, inputs], Elements::Int8(weights)).unwrap();
    let w = graph.add(scaled(Value::constant("w", array), 0.25));
    let b = graph.add(Value::constant("b", Array::new([outputs], Elements::Int32(vec![3; outputs])).unwrap()));
    let y = graph.add(scaled(Value::new("y", TensorType::Int8, [1, outputs]), 8.0));
    let op = Op::FullyConnected { activation: Activation::None, keep_num_dims: false };
    graph.nodes = vec![Node::new("dense", op, &[x, w, b], &[y])];
    (graph.inputs, graph.outputs) = (vec![x], vec![y]);
    graph
}

fn run(file: &[u8], seed: u64) -> Vec<u8> {
    let mut session = Session::load(file, &LoadOptions::default()).unwrap();
    fastrand::Rng::with_seed(seed).fill(session.input_mut(0).unwrap());
    session.run().unwrap();
    session.output(0).unwrap().to_vec()
}

/// Outputs and inputs, the blocks that are zero, one block in how many is kept, and the blocks that the file should have.
type Layer = (usize, usize, [usize; 2], usize, [i32; 2]);

const LAYERS: [Layer; 7] = [
    (64, 128, [1, 1], 10, [1, 1]),
    (64, 128, [1, 4], 4, [1, 4]),
    (64, 128, [4, 1], 4, [4, 1]),
    (64, 128, [16, 2], 4, [16, 2]),
    (64, 128, [8, 2], 4, [8, 2]),
    (32, 512, [1, 16], 4, [1, 16]),
    (61, 127, [1, 1], 20, [1, 1]),
];

#[test]
fn weights_of_zeros_make_a_smaller_file_that_computes_the_same() {
    for (outputs, inputs, block, keep, expected) in LAYERS {
        let name = format!("{outputs} x {inputs}, blocks of {block:?}");
        let graph = layer(outputs, inputs, block, keep);
        let dense = export::tflite(&graph).unwrap();
        let sparse = export::tflite_with(&graph, &SPARSE).unwrap();
        assert!(sparse.len() < dense.len(), "{name}: {} of {}", sparse.len(), dense.len());
        assert_eq!(run(&sparse, 1), run(&dense, 1), "{name}");
        assert_eq!(export::tflite_with(&graph, &SPARSE).unwrap(), sparse, "{name}: the same bytes");
        let again = import::tflite(&sparse).unwrap();
        assert_eq!(export::tflite(&again).unwrap(), dense, "{name}: the importer reads what was written");
        let model = export::model(&graph, &SPARSE);
        let sparsity = model.subgraphs[0].tensors.iter().find_map(|t| t.sparsity.as_ref()).unwrap();
        let within: Vec<i32> = sparsity.levels[2..].iter().map(dense_extent).collect();
        let expected: Vec<i32> = expected.into_iter().filter(|&extent| extent > 1).collect();
        assert_eq!(within, expected, "{name}");
    }
}

fn dense_extent(level: &SparseLevel) -> i32 {
    match level {
        SparseLevel::Dense(extent) => *extent,
        SparseLevel::Sparse { .. } => panic!("levels of blocks are dense"),
    }
}

#[test]
fn an_encoding_that_saves_nothing_is_not_written() {
    for keep in [1, 2] {
        let graph = layer(32, 32, [1, 1], keep);
        assert_eq!(export::tflite_with(&graph, &SPARSE).unwrap(), export::tflite(&graph).unwrap());
    }
    let pruned_away = layer(64, 128, [64, 128], usize::MAX);
    assert_eq!(export::tflite_with(&pruned_away, &SPARSE).unwrap(), export::tflite(&pruned_away).unwrap());
}

#[test]
fn a_chosen_encoding_never_makes_the_file_larger() {
    let mut chosen = 0;
    for keep in 2..40 {
        for outputs in [16, 48] {
            let graph = layer(outputs, 64, [1, 1], keep);
            let (dense, sparse) = (export::tflite(&graph).unwrap(), export::tflite_with(&graph, &SPARSE).unwrap());
            assert!(sparse.len() <= dense.len(), "{} of {}", sparse.len(), dense.len());
            chosen += usize::from(sparse.len() < dense.len());
        }
    }
    assert!(chosen > 10, "{chosen}");
}

#[test]
fn models_with_three_quarters_of_their_weights_at_zero_run_the_same_from_sparse_files() {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for model in zoo::ALL {
        files.push((format!("{} int8", model.name), model.int8.to_vec()));
        files.push((format!("{} float", model.name), model.float.to_vec()));
    }
    if let Some(folder) = common::testdata("sparse files of real models") {
        for name in ["kws_dscnn_int8", "kws_dscnn_float", "vww_mobilenetv1_int8", "ad_autoencoder_int8"] {
            let path = folder.join(format!("models/tflite/{name}.tflite"));
            files.push((name.into(), fs::read(path).unwrap()));
        }
    }
    for (name, file) in files {
        let graph = pruned(import::tflite(&file).unwrap());
        let (dense, sparse) = (export::tflite(&graph).unwrap(), export::tflite_with(&graph, &SPARSE).unwrap());
        println!("{name}: {} bytes dense, {} sparse", dense.len(), sparse.len());
        assert!(sparse.len() < dense.len(), "{name}");
        assert_eq!(run(&sparse, 3), run(&dense, 3), "{name}");
    }
}

/// Three quarters of the weights of each layer at zero, those nearest to it.
fn pruned(mut graph: Graph) -> Graph {
    let weights: Vec<_> = graph.nodes.iter().filter_map(|node| node.input(1)).collect();
    for id in weights {
        let value = graph.value_mut(id);
        let Some(array) = value.constant.take() else { continue };
        let mut sizes: Vec<f64> =
            (0..array.elements().len()).map(|i| array.elements().real(i).unwrap().abs()).collect();
        let own = sizes.clone();
        sizes.sort_by(f64::total_cmp);
        let least = sizes[sizes.len() * 3 / 4];
        let elements = match array.elements() {
            Elements::Int8(w) => {
                Elements::Int8(w.iter().zip(&own).map(|(&w, &s)| if s < least { 0 } else { w }).collect())
            }
            Elements::Float32(w) => {
                Elements::Float32(w.iter().zip(&own).map(|(&w, &s)| if s < least { 0.0 } else { w }).collect())
            }
            other => other.clone(),
        };
        value.constant = Some(Array::new(array.shape(), elements).unwrap());
    }
    graph
}

/// `sparse_tensor.tflite` of TensorFlow Lite's tests, whose constant its interpreter's test lists. The file itself feeds that
/// tensor from outside and reads it with an operator that nobody has.
#[test]
fn the_example_of_tensorflow_lites_tests_comes_out_dense() {
    let (mut model, _) = small();
    let constant = Tensor {
        constant: Some(vec![1, 0, 0, 4, 2, 3, 0, 0, 5, 0, 0, 6]),
        sparsity: Some(Sparsity {
            traversal_order: vec![0, 1, 2, 3],
            block_map: vec![0, 1],
            levels: vec![
                SparseLevel::Dense(2),
                SparseLevel::Sparse { segments: vec![0, 2, 3], indices: vec![0, 1, 1] },
                SparseLevel::Dense(2),
                SparseLevel::Dense(2),
            ],
        }),
        ..Tensor::new("s", TensorType::Int8, &[4, 4])
    };
    model.subgraphs[0].tensors[0] = constant;
    assert_eq!(dense(&model), Ok(vec![1, 0, 2, 3, 0, 4, 0, 0, 0, 0, 5, 0, 0, 0, 0, 6]));
    let Some(folder) = common::testdata("sparse_tensor.tflite") else { return };
    let file = fs::read(folder.join("models/tflite_ops/sparse_tensor.tflite")).unwrap();
    assert!(read::read(&file, &Limits::default()).is_ok());
    let refused = Session::load(&file, &LoadOptions::default()).unwrap_err();
    assert!(refused.to_string().contains("FakeOp"), "{refused}");
}

/// A 4 x 6 int8 constant in blocks of 2 x 3: the first and the last block are stored.
fn small() -> (Model, Sparsity) {
    let sparsity = Sparsity {
        traversal_order: vec![0, 1, 2, 3],
        block_map: vec![0, 1],
        levels: vec![
            SparseLevel::Dense(2),
            SparseLevel::Sparse { segments: vec![0, 1, 2], indices: vec![0, 1] },
            SparseLevel::Dense(2),
            SparseLevel::Dense(3),
        ],
    };
    let constant = Tensor {
        constant: Some((1..=12).collect()),
        sparsity: Some(sparsity.clone()),
        ..Tensor::new("s", TensorType::Int8, &[4, 6])
    };
    let y = Tensor::new("y", TensorType::Int8, &[4, 6]);
    (Model::single(Op::Densify, 1, vec![constant], vec![y]), sparsity)
}

fn dense(model: &Model) -> Result<Vec<u8>, ErrorKind> {
    let file = tflite::write(model);
    let model = read::read(&file, &Limits::default()).map_err(|e| e.kind)?;
    Ok(model.subgraphs[0].tensors[0].constant.as_deref().unwrap_or_default().to_vec())
}

#[test]
fn blocks_go_where_they_belong() {
    let (model, _) = small();
    let rows = [[1, 2, 3, 0, 0, 0], [4, 5, 6, 0, 0, 0], [0, 0, 0, 7, 8, 9], [0, 0, 0, 10, 11, 12]];
    assert_eq!(dense(&model), Ok(rows.concat()));
    let mut session = Session::load(&tflite::write(&model), &LoadOptions::default()).unwrap();
    session.run().unwrap();
    assert_eq!(session.output(0).unwrap(), rows.concat());
}

#[test]
fn any_order_of_the_levels_is_read() {
    let (mut model, _) = small();
    // Columns of blocks first, and inside a block column by column.
    model.subgraphs[0].tensors[0].sparsity = Some(Sparsity {
        traversal_order: vec![1, 0, 3, 2],
        block_map: vec![0, 1],
        levels: vec![
            SparseLevel::Sparse { segments: vec![0, 2], indices: vec![0, 1] },
            SparseLevel::Sparse { segments: vec![0, 1, 2], indices: vec![1, 0] },
            SparseLevel::Dense(3),
            SparseLevel::Dense(2),
        ],
    });
    let rows = [[0, 0, 0, 7, 9, 11], [0, 0, 0, 8, 10, 12], [1, 3, 5, 0, 0, 0], [2, 4, 6, 0, 0, 0]];
    assert_eq!(dense(&model), Ok(rows.concat()));
}

#[test]
fn damaged_encodings_are_refused() {
    let sparse = |segments: &[u32], indices: &[u32]| SparseLevel::Sparse {
        segments: segments.to_vec(),
        indices: indices.to_vec(),
    };
    type Damage = fn(&mut Sparsity, SparseLevel);
    let cases: [(&str, Damage, SparseLevel); 14] = [
        ("a level too few", |s, _| drop(s.levels.pop()), sparse(&[], &[])),
        ("no levels", |s, _| s.levels.clear(), sparse(&[], &[])),
        ("a dimension too few", |s, _| s.traversal_order.truncate(3), sparse(&[], &[])),
        ("a dimension twice", |s, _| s.traversal_order[1] = 0, sparse(&[], &[])),
        ("a dimension that is not there", |s, _| s.traversal_order[1] = 9, sparse(&[], &[])),
        ("a negative dimension", |s, _| s.traversal_order[1] = -1, sparse(&[], &[])),
        ("blocks of no dimension", |s, _| s.block_map[1] = 2, sparse(&[], &[])),
        ("blocks that do not fill it", |s, _| s.levels[3] = SparseLevel::Dense(4), sparse(&[], &[])),
        ("blocks of nothing", |s, _| s.levels[3] = SparseLevel::Dense(0), sparse(&[], &[])),
        ("another extent", |s, _| s.levels[0] = SparseLevel::Dense(3), sparse(&[], &[])),
        ("an index outside", |s, level| s.levels[1] = level, sparse(&[0, 1, 2], &[0, 2])),
        ("segments that go back", |s, level| s.levels[1] = level, sparse(&[0, 2, 1], &[0, 1])),
        ("a segment too few", |s, level| s.levels[1] = level, sparse(&[0, 2], &[0, 1])),
        ("an index twice", |s, level| s.levels[1] = level, sparse(&[0, 2, 2], &[0, 0])),
    ];
    for (name, damage, level) in cases {
        let (mut model, mut sparsity) = small();
        damage(&mut sparsity, level);
        model.subgraphs[0].tensors[0].sparsity = Some(sparsity);
        assert_eq!(dense(&model), Err(ErrorKind::Invalid), "{name}");
    }
    let (mut model, _) = small();
    model.subgraphs[0].tensors[0].constant = Some((1..=11).collect());
    assert_eq!(dense(&model), Err(ErrorKind::Invalid), "an element too few");
}

#[test]
fn a_few_bytes_that_claim_much_memory_are_refused() {
    let (mut model, _) = small();
    let empty = |rows| Sparsity {
        traversal_order: vec![0, 1],
        block_map: vec![],
        levels: vec![SparseLevel::Sparse { segments: vec![0, 0], indices: vec![] }, SparseLevel::Dense(rows)],
    };
    let extent = 40 << 20;
    let claim = Tensor { sparsity: Some(empty(extent)), ..Tensor::new("s", TensorType::Int8, &[1, extent]) };
    model.subgraphs[0].tensors = vec![claim.clone(), claim];
    model.subgraphs[0].inputs.clear();
    assert_eq!(dense(&model), Err(ErrorKind::Limit));
}

#[test]
fn every_changed_byte_is_read_or_refused() {
    let (model, _) = small();
    let file = tflite::write(&model);
    for at in 0..file.len() {
        for value in [0, 1, 2, 0x7f, 0x80, 0xff] {
            let mut changed = file.clone();
            changed[at] = value;
            drop(Session::load(&changed, &LoadOptions::default()));
        }
    }
    for length in 0..file.len() {
        drop(read::read(&file[..length], &Limits::default()));
    }
}
