//! The zoo's files are whole, and the runtime computes what their cards say.

use std::fs;
use std::path::{Path, PathBuf};

use mote_abi::Tensor;
use mote_models::data::{Array, npz};
use mote_models::metrics::ConfusionMatrix;
use mote_models::samples::{Samples, outputs};
use mote_models::zoo;
use mote_runtime::session::TensorInfo;
use mote_runtime::{LoadOptions, Session};
use sha2::{Digest, Sha256};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("zoo").join(name)
}

#[test]
fn every_file_of_the_zoo_has_its_checksum() {
    for model in zoo::ALL {
        let folder = folder(model.name);
        let sums = fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
        let mut listed = vec!["SHA256SUMS".to_owned()];
        for line in sums.lines() {
            let (sum, name) = line.split_once("  ").expect("`sum  name`, as sha256sum writes it");
            let digest = Sha256::digest(fs::read(folder.join(name)).unwrap());
            let found: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(found, sum, "{}/{name}", model.name);
            listed.push(name.to_owned());
        }
        for entry in fs::read_dir(&folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(listed.contains(&name), "{}/{name} has no checksum", model.name);
        }
    }
}

#[test]
fn digits_gives_the_golden_bits() {
    let golden = npz::read(&fs::read(folder("digits").join("digits_golden.npz")).unwrap()).unwrap();
    for (kind, model) in [("int8", zoo::DIGITS.int8), ("float", zoo::DIGITS.float)] {
        let x = golden.get(&format!("{kind}_input_0")).unwrap();
        let expected = golden.get(&format!("{kind}_output_0_tflm")).unwrap();
        let found = run(model, x);
        if kind == "int8" {
            assert_eq!(&found, expected);
        } else {
            // Sums in another order: some units in the last place of a probability of 1.
            for i in 0..expected.elements().len() {
                let difference = found.elements().real(i).unwrap() - expected.elements().real(i).unwrap();
                assert!(difference.abs() <= 8.0 * f64::from(f32::EPSILON), "value {i} is off by {difference}");
            }
        }
    }
}

#[test]
fn digits_are_read_as_well_as_the_card_says() {
    let set = zoo::DIGITS.test_set().unwrap();
    assert_eq!(set.class_names, zoo::DIGITS.labels().collect::<Vec<_>>());
    for model in [zoo::DIGITS.int8, zoo::DIGITS.float] {
        let mut session = Session::load(model, &LoadOptions::default()).unwrap();
        let output = tensor(session.outputs().next().unwrap());
        let samples = Samples::new(0, &tensor(session.inputs().next().unwrap()), set.x.clone()).unwrap();
        let mut matrix = ConfusionMatrix::new(set.class_names.len());
        for (i, &truth) in set.y.iter().enumerate() {
            session.input_mut(0).unwrap().copy_from_slice(&samples.bytes(i).unwrap());
            session.run().unwrap();
            matrix.add(truth, outputs::class(0, &output, session.output(0).unwrap()).unwrap());
        }
        assert_eq!(matrix.total(), 450);
        assert_eq!(matrix.top1().unwrap().value, 1.0);
    }
}

fn run(model: &[u8], x: &Array) -> Array {
    let mut session = Session::load(model, &LoadOptions::default()).unwrap();
    let (input, output) = (tensor(session.inputs().next().unwrap()), tensor(session.outputs().next().unwrap()));
    let samples = Samples::new(0, &input, x.clone()).unwrap();
    let mut bytes = Vec::new();
    for i in 0..samples.len() {
        session.input_mut(0).unwrap().copy_from_slice(&samples.bytes(i).unwrap());
        session.run().unwrap();
        bytes.extend_from_slice(session.output(0).unwrap());
    }
    let stacked = outputs::array(0, &output, samples.len(), &bytes).unwrap();
    let [runs, _batch, rest @ ..] = stacked.shape() else { panic!("runs and a batch of one") };
    let shape = [&[*runs], rest].concat();
    Array::new(shape, stacked.elements().clone()).unwrap()
}

/// A tensor as the guest describes it.
fn tensor(info: &TensorInfo) -> Tensor {
    Tensor {
        index: info.index as u32,
        name: info.name.clone(),
        dtype: info.dtype.name().into(),
        shape: info.shape.iter().map(|&extent| extent as u32).collect(),
        scale_bits: info.quant.map(|quant| quant.scale.to_bits()),
        zero_point: info.quant.map(|quant| quant.zero_point),
        bytes: info.bytes() as u64,
    }
}
