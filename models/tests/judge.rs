//! Models judged: what they say, how good that is, what they take.

mod common;

use std::fs;
use std::path::Path;

use mote_models::data::{Array, csv, npy};
use mote_models::judge::devices::{INTERPRETER_RAM_BYTES, INTERPRETER_RAM_BYTES_PER_OP};
use mote_models::judge::{
    Accuracy, Candidate, Device, Energy, JudgeError, Misfit, Predictions, Report, Size, TestSet, Truth, evaluate, flips,
};
use mote_models::progress::{Cancelled, Progress, Silent};
use mote_models::run::{Engine, Native};
use mote_models::tflite::{Model, Op, Tensor, TensorType, write};
use mote_models::{import, zoo};

fn digits() -> TestSet {
    zoo::DIGITS.test_set().unwrap().try_into().unwrap()
}

fn candidate<'a>(name: &'a str, file: &'a [u8]) -> Candidate<'a> {
    Candidate { name, file, latency_seconds: None }
}

/// A model of one RELU over float32.
fn relu(elements: i32) -> Vec<u8> {
    let tensor = |name| Tensor::new(name, TensorType::Float32, &[1, elements]);
    write(&Model::single(Op::Relu, 1, vec![tensor("x")], vec![tensor("y")]))
}

#[test]
fn digits_float_and_int8_stand_side_by_side() {
    let models = [
        Candidate { latency_seconds: Some(0.5), ..candidate("float", zoo::DIGITS.float) },
        candidate("int8", zoo::DIGITS.int8),
    ];
    let device = Device::find("nano33ble").unwrap();
    let report = Report::new(&Native, &models, &digits(), &[device], &Silent).unwrap();
    let [float, int8] = &report.variants[..] else { panic!("two variants") };
    assert_eq!(report.samples, 450);
    for variant in [float, int8] {
        assert_eq!(variant.accuracy.headline().value, 1.0, "{}", variant.name);
        assert!(variant.accuracy.headline().low > 0.99, "{}", variant.name);
        let Accuracy::Classification { macro_f1, classes, .. } = &variant.accuracy else { panic!("a classifier") };
        assert_eq!((macro_f1.value, macro_f1.low, classes.len()), (1.0, 1.0, 10));
        assert_eq!(classes.iter().map(|class| class.support).sum::<u64>(), 450);
        assert_eq!(classes[3].name.as_deref(), Some("3"));
        assert!(variant.size.gzip_bytes < variant.size.file_bytes);
        assert!(variant.size.arena_lower_bound <= variant.size.arena_bytes);
        assert!(variant.fits[0].fits(), "{}", variant.fits[0]);
    }
    assert_eq!(float.latency_seconds, Some(0.5));
    let (before, after) = (float.size.weights.unwrap(), int8.size.weights.unwrap());
    assert_eq!(before.parameters, after.parameters);
    assert_eq!(before.dense_bytes, 4 * before.parameters);
    assert!(after.dense_bytes > after.parameters, "biases stay 32 bits wide");
    assert_eq!(float.size.macs, int8.size.macs);
    assert!(int8.energy.total_nj() < float.energy.total_nj() / 3.0);
    let change = int8.change.as_ref().unwrap();
    assert!(float.change.is_none());
    assert_eq!((change.score, change.flips.len(), change.fidelity.agreement), (0.0, 0, Some(1.0)));
    assert_eq!(change.recall, vec![Some(0.0); 10]);
    assert!(change.fidelity.sqnr_db.unwrap() > 25.0);

    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
}

#[test]
fn keyword_spotting_has_the_accuracy_of_the_reference_interpreters() {
    let Some(folder) = common::testdata("keyword_spotting_has_the_accuracy_of_the_reference_interpreters") else {
        return;
    };
    let set = keywords(&folder);
    let read = |name| fs::read(folder.join("models/tflite").join(name)).unwrap();
    let (float, int8) = (read("kws_dscnn_float.tflite"), read("kws_dscnn_int8.tflite"));
    let (float, int8) =
        (evaluate(&Native, &float, &set, &Silent).unwrap(), evaluate(&Native, &int8, &set, &Silent).unwrap());
    let right = |evaluation| {
        let Accuracy::Classification { confusion, .. } = Accuracy::of(&set, evaluation).unwrap() else {
            panic!("a classifier")
        };
        confusion.right()
    };
    // 0.9203 and 0.9084 of 502, as TensorFlow Lite Micro has them.
    assert_eq!((right(&float.predictions), right(&int8.predictions)), (462, 456));
    let flips = flips(&set, &float, &int8);
    let lost = flips.iter().filter(|flip| flip.before == flip.truth).count();
    let won = flips.iter().filter(|flip| flip.after == flip.truth).count();
    assert_eq!(lost - won, 6);
}

/// The keyword features in the float model's units; the shared data's README has the scale.
fn keywords(folder: &Path) -> TestSet {
    let read = |name| fs::read(folder.join("samples/kws01").join(name)).unwrap();
    let stored = npy::read(&read("kws01_x.npy")).unwrap();
    let real = |i| (stored.elements().real(i).unwrap() as f32 - 83.0) * 0.584_702_9;
    let x: Vec<f32> = (0..stored.elements().len()).map(real).collect();
    let table = csv::Table::read(&read("kws01_labels.csv")).unwrap();
    let labels = table.text(&csv::Column::Name("label".into())).unwrap();
    let y = labels.iter().map(|label| label.parse().unwrap()).collect();
    TestSet::new(vec![Array::new(stored.shape(), x).unwrap()], Truth::Classes { y, names: vec![] }).unwrap()
}

#[test]
fn anomalies_are_what_an_autoencoder_does_not_reproduce() {
    // RELU gives positive numbers back as they are, and no others.
    let x = Array::new([4, 2], vec![1.0f32, 2.0, -3.0, 1.0, 3.0, 4.0, -1.0, -1.0]).unwrap();
    let set = TestSet::new(vec![x], Truth::Anomalies(vec![false, true, false, true])).unwrap();
    let evaluation = evaluate(&Native, &relu(2), &set, &Silent).unwrap();
    assert_eq!(evaluation.predictions, Predictions::Errors(vec![0.0, 4.5, 0.0, 1.0]));
    let Accuracy::Anomaly { auc, anomalous, normal } = Accuracy::of(&set, &evaluation.predictions).unwrap() else {
        panic!("anomalies")
    };
    assert_eq!((auc.value, anomalous, normal), (1.0, 2, 2));
    assert!(Accuracy::of(&set.take(&[0, 2]), &Predictions::Errors(vec![0.0; 2])).is_err(), "only one kind");
    assert!(Accuracy::of(&set, &Predictions::Errors(vec![0.0; 3])).is_err(), "one short");
}

#[test]
fn errors_of_a_regression_are_in_the_units_of_its_values() {
    let x = Array::new([4, 1], vec![1.0f32, 2.0, -3.0, 4.0]).unwrap();
    let wanted = Array::new([4, 1], vec![1.0f64, 1.0, 3.0, 4.0]).unwrap();
    let set = TestSet::new(vec![x], Truth::Values(wanted)).unwrap();
    let evaluation = evaluate(&Native, &relu(1), &set, &Silent).unwrap();
    let accuracy = Accuracy::of(&set, &evaluation.predictions).unwrap();
    let Accuracy::Regression { rmse, mae } = &accuracy else { panic!("a regression") };
    assert_eq!((rmse.value, mae.value), (2.5f64.sqrt(), 1.0), "errors 0, -1, 3, 0");
    assert!(rmse.low < rmse.value && rmse.value < rmse.high && rmse.high <= 3.0, "{rmse}");
    assert_eq!(accuracy.score(), -rmse.value);
}

#[test]
fn samples_that_do_not_suit_the_question_are_refused() {
    let x = |width| Array::new([2, width], vec![1.0f32; 2 * width]).unwrap();
    let anomalies = || Truth::Anomalies(vec![true, false]);
    let values = |width| Truth::Values(x(width));
    for (name, model, array, truth) in [
        ("inputs of another width", relu(3), x(2), anomalies()),
        ("values of another width", relu(2), x(2), values(3)),
        ("an autoencoder that is none", zoo::DIGITS.float.to_vec(), x(64), anomalies()),
    ] {
        let set = TestSet::new(vec![array], truth).unwrap();
        let refused = evaluate(&Native, &model, &set, &Silent);
        assert!(matches!(refused, Err(JudgeError::Samples(_))), "{name}: {refused:?}");
    }
}

#[test]
fn an_evaluation_is_given_up_when_its_owner_says_so() {
    struct After(usize);
    impl Progress for After {
        fn at(&self, _: &str, done: usize, _: usize) -> Result<(), Cancelled> {
            if done < self.0 { Ok(()) } else { Err(Cancelled) }
        }
    }
    let found = evaluate(&Native, zoo::DIGITS.int8, &digits(), &After(3));
    assert_eq!(found.unwrap_err(), JudgeError::Cancelled(Cancelled));
}

#[test]
fn zeros_are_told_from_parameters_by_zero_point_and_shapes_are_no_parameters() {
    let mut graph = import::tflite(zoo::DIGITS.int8).unwrap();
    let weights = mote_models::judge::Weights::of(&graph);
    let id = graph.ids().find(|&id| graph.value(id).constant.is_some() && graph.value(id).shape.len() == 4).unwrap();
    let value = graph.value_mut(id);
    let quantization = value.quantization.as_mut().unwrap();
    quantization.zero_points = vec![5; quantization.scales.len()];
    let (count, shape) = (value.len(), value.shape.clone());
    value.set_constant(Array::new(shape, vec![5i8; count]).unwrap());
    let pruned = mote_models::judge::Weights::of(&graph);
    assert_eq!(pruned.parameters, weights.parameters);
    assert!(weights.non_zeros - pruned.non_zeros > count as u64 * 9 / 10);
    let integers: u64 =
        graph.ids().filter(|&id| graph.value(id).constant.is_some()).map(|id| graph.value(id).len() as u64).sum();
    assert!(weights.parameters < integers, "the shape of RESHAPE is among them");
}

#[test]
fn energy_is_the_sum_of_macs_weights_and_activations() {
    // 64 x 10 MACs.
    let tensors = |dtype| {
        let elements = mote_models::data::Elements::from(vec![1i8; 640]);
        let weights = Tensor::constant("w", &[10, 64], &elements).quantized(0.5, 0);
        let fed = |name, n| Tensor::new(name, dtype, &[1, n]).quantized(0.5, 0);
        (vec![fed("x", 64), weights], vec![fed("y", 10)])
    };
    let op = Op::FullyConnected { activation: mote_models::graph::Activation::None, keep_num_dims: false };
    let (inputs, outputs) = tensors(TensorType::Int8);
    let file = write(&Model::single(op, 4, inputs, outputs));
    let run = Native.load(&file).unwrap();
    let graph = import::tflite(&file).unwrap();
    let energy = Energy::of(run.description(), Some(&graph));
    assert!((energy.macs_nj - 640.0 * 0.3e-3).abs() < 1e-9);
    assert!((energy.activations_nj - 74.0 * 2.5e-3).abs() < 1e-9);
    assert_eq!(energy.weights_nj, run.description().weight_bytes as f64 * 12.5e-3);
    assert_eq!(Size::of(&file, run.description(), Some(&graph)).macs, 640);
}

#[test]
fn a_model_that_does_not_fit_is_told_why() {
    let Some(folder) = common::testdata("a_model_that_does_not_fit_is_told_why") else { return };
    let file = fs::read(folder.join("models/tflite/vww_mobilenetv1_float.tflite")).unwrap();
    let run = Native.load(&file).unwrap();
    let graph = import::tflite(&file).unwrap();
    let size = Size::of(&file, run.description(), Some(&graph));
    let fit = |id| Device::find(id).unwrap().fit(&size, run.description(), Some(&graph));
    let small = fit("stm32f446");
    assert!(matches!(small.misfits[..], [Misfit::Flash { .. }, Misfit::Ram { .. }]), "{small}");
    let text = small.to_string();
    let flash = size.file_bytes + 65_536;
    assert!(text.contains(&format!("need {flash} bytes of flash, there are 524288")), "{text}");
    for id in ["esp32s3", "pizero2w", "pi4", "pi5"] {
        assert!(fit(id).fits(), "{id}");
    }
    // What runs on the board lays no result over an operand, however small this runtime's arena is.
    let packed = Size { arena_bytes: 1, ..size };
    let pico = Device::find("pico").unwrap().fit(&packed, run.description(), Some(&graph));
    assert!(matches!(pico.misfits[..], [Misfit::Ram { .. }]), "{pico}");
    assert_eq!(pico.ram_needed, fit("pico").ram_needed);
}

#[test]
fn the_interpreters_memory_is_estimated_above_what_was_measured() {
    let Some(folder) = common::testdata("the_interpreters_memory_is_estimated_above_what_was_measured") else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let measured = fs::read(root.join("../runtime/testdata/tflm_arena.csv")).unwrap();
    let table = csv::Table::read(&measured).unwrap();
    let column = |name: &str| table.text(&csv::Column::Name(name.into())).unwrap();
    for (model, tail) in column("model").iter().zip(column("tail")) {
        let zoo = root.join("zoo/digits").join(model);
        let path = if zoo.exists() { zoo } else { folder.join("models/tflite").join(model) };
        let run = Native.load(&fs::read(path).unwrap()).unwrap();
        let ops = run.description().ops.len() as u64;
        let estimated = INTERPRETER_RAM_BYTES + ops * INTERPRETER_RAM_BYTES_PER_OP;
        let tail: u64 = tail.parse().unwrap();
        assert!(tail <= estimated, "{model}: {ops} operators, {tail} bytes measured, {estimated} estimated");
    }
}
