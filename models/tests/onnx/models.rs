//! Whole models, against what onnxruntime says of them.

use std::fs;
use std::path::Path;

use mote_models::data::{Array, npz};
use mote_models::graph::Op;
use mote_models::import::onnx::{self, Imported};

use crate::common;
use crate::run::{Tolerance, compute, difference, elements};

/// A model of the test data.
struct Case {
    file: &'static str,
    golden: &'static str,
    /// A step of the result, where it is rounded twice: to the scale that TensorFlow Lite prescribes, then to the file's.
    step: f64,
}

const fn case(file: &'static str, golden: &'static str) -> Case {
    Case { file, golden, step: 0.0 }
}

const CASES: [Case; 12] = [
    case("wand5.onnx", "onnx_wand5.npz"),
    case("ad_submission.onnx", "onnx_ad_submission.npz"),
    case("ic_submission.onnx", "onnx_ic_submission.npz"),
    case("kws_submission.onnx", "onnx_kws_submission.npz"),
    case("mnist.onnx", "onnx_mnist.npz"),
    case("keras_dense/model.onnx", "onnx_keras_dense_model.npz"),
    case("lgbm_regressor_tensor/model.onnx", "onnx_lgbm_regressor_tensor_model.npz"),
    case("averagepool_count_include_pad/model.onnx", "onnx_averagepool_count_include_pad_model.npz"),
    case("deconv_group/model.onnx", "onnx_deconv_group_model.npz"),
    case("qrelu_1/model.onnx", "onnx_qrelu_1_model.npz"),
    Case { step: 1.0 / 128.0, ..case("qsigmoid_1/model.onnx", "onnx_qsigmoid_1_model.npz") },
    case("qtanh_1/model.onnx", "onnx_qtanh_1_model.npz"),
];

/// Models that are refused, and a word of the reason.
const REFUSED: [(&str, &str); 7] = [
    ("mnist-external/mnist.onnx", "another file"),
    ("xgboost_classifier_tree/model.onnx", "TreeEnsembleClassifier"),
    ("linear_classifier/model.onnx", "LinearClassifier"),
    ("boosted_ai4i.onnx", "TreeEnsembleClassifier"),
    ("forest_occupancy.onnx", "TreeEnsembleClassifier"),
    ("logistic_seeds.onnx", "Scaler"),
    ("mlp_digits.onnx", "ArrayFeatureExtractor"),
];

fn import(path: &Path) -> Imported {
    let file = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    onnx::read(&file).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Row `k` of an array whose rows are runs.
fn row(array: &Array, k: usize, shape: &[usize]) -> Array {
    let length: usize = shape.iter().product();
    let bytes = array.elements().to_le_bytes();
    let size = array.dtype().size() * length;
    Array::new(shape, elements(array.dtype(), &bytes[k * size..(k + 1) * size])).unwrap()
}

#[test]
fn models_compute_what_onnxruntime_computes() {
    let Some(folder) = common::testdata("models_compute_what_onnxruntime_computes") else { return };
    let mut wrong = Vec::new();
    for Case { file, golden, step } in CASES {
        let imported = import(&folder.join("models/onnx").join(file));
        let golden = npz::read(&fs::read(folder.join("golden").join(golden)).unwrap()).unwrap();
        let array = |name: &str| golden.arrays.iter().find(|(n, _)| n == name).map(|(_, array)| array);
        let inputs: Vec<&Array> = (0..imported.inputs.len()).map(|k| array(&format!("input_{k}")).unwrap()).collect();
        let runs = inputs[0].shape()[0];
        for run in 0..runs {
            let fed: Vec<Array> = inputs
                .iter()
                .zip(&imported.inputs)
                .map(|(array, placement)| row(array, run, &placement.shape))
                .collect();
            let found = compute(&imported, &fed).unwrap_or_else(|e| panic!("{file}: {e}"));
            for (k, (found, placement)) in found.iter().zip(&imported.outputs).enumerate() {
                let known = row(array(&format!("output_{k}_ort")).unwrap(), run, &placement.shape);
                let largest = (0..known.elements().len())
                    .filter_map(|k| known.elements().real(k))
                    .fold(0.0, |m, v| v.abs().max(m));
                let tolerance = Tolerance { relative: 1e-4, absolute: 1e-5 * largest.max(1.0) + step, steps: 0 };
                if let Some(what) = difference(found, &known, tolerance) {
                    wrong.push(format!("{file}, run {run}, output {k}: {what}"));
                }
            }
        }
        println!("{file}: {runs} runs, {} nodes", imported.graph.nodes.len());
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_network_whose_weights_are_made_at_run_time_has_them_folded() {
    let Some(folder) = common::testdata("a_network_whose_weights_are_made_at_run_time_has_them_folded") else { return };
    let folder = folder.join("models/onnx/light_squeezenet");
    let imported = import(&folder.join("model.onnx"));
    let shape = &imported.inputs[0].shape;
    let count: usize = shape.iter().product();
    let input = Array::new(shape.clone(), (0..count).map(|k| k as f32 / count as f32).collect::<Vec<_>>()).unwrap();
    let known = onnx::tensor(&fs::read(folder.join("output_0.pb")).unwrap()).unwrap();
    let found = compute(&imported, &[input]).unwrap();
    let tolerance = Tolerance { relative: 1e-3, absolute: 1e-6, steps: 0 };
    assert_eq!(difference(&found[0], &known, tolerance), None);
}

#[test]
fn no_transpose_is_left_inside_image_and_signal_networks() {
    let Some(folder) = common::testdata("no_transpose_is_left_inside_image_and_signal_networks") else { return };
    let files =
        ["wand5.onnx", "ic_submission.onnx", "kws_submission.onnx", "mnist.onnx", "light_squeezenet/model.onnx"];
    for file in files {
        let imported = import(&folder.join("models/onnx").join(file));
        let transposes = imported.graph.nodes.iter().filter(|node| node.op == Op::Transpose).count();
        assert_eq!(transposes, 0, "{file}");
    }
}

#[test]
fn models_that_are_not_supported_say_why() {
    let Some(folder) = common::testdata("models_that_are_not_supported_say_why") else { return };
    for (file, reason) in REFUSED {
        let error = onnx::read(&fs::read(folder.join("models/onnx").join(file)).unwrap()).unwrap_err().to_string();
        assert!(error.contains(reason), "{file}: {error}");
    }
}
