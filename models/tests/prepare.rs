//! Real files as samples of real models: what is guessed, and that models answer to it as they should.

mod common;

use std::io::{Cursor, Write};
use std::path::Path;

use mote_abi::Tensor;
use mote_models::data::csv::Header;
use mote_models::data::npz;
use mote_models::graph::{Metadata, Normalization};
use mote_models::judge::{Accuracy, TestSet, evaluate};
use mote_models::prepare::{FrontEnd, Named, Options, Prepared, Resize, Subject, Warning, guess, look, prepare};
use mote_models::progress::Silent;
use mote_models::run::{Engine, Native};

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Prepares files for a model as it is guessed, after `edit`.
fn prepared(model: &[u8], files: &[(&str, Vec<u8>)], edit: impl FnOnce(&mut Options)) -> Prepared {
    let run = Native.load(model).unwrap();
    let (description, metadata) = (run.description(), Metadata::default());
    let subject = Subject { inputs: &description.inputs, outputs: &description.outputs, metadata: &metadata };
    let files: Vec<Named<'_>> = files.iter().map(|(name, bytes)| Named { name, bytes }).collect();
    let mut options = guess(&look(&files, Header::Guess).unwrap(), subject).options;
    edit(&mut options);
    prepare(&files, &options, subject, None, &Silent).unwrap()
}

fn top1(model: &[u8], prepared: Prepared) -> f64 {
    let set = TestSet::new(prepared.arrays, prepared.truth.unwrap()).unwrap();
    let found = evaluate(&Native, model, &set, &Silent).unwrap();
    Accuracy::of(&set, &found.predictions).unwrap().headline().value
}

#[test]
fn arrays_with_tables_of_labels_reach_the_accuracy_of_the_reference_interpreter() {
    let Some(data) = common::testdata("prepare") else { return };
    let files = |name: &str| {
        let folder = data.join("samples").join(name);
        let (x, labels) = (format!("{name}_x.npy"), format!("{name}_labels.csv"));
        [("x.npy", read(&folder.join(x))), ("labels.csv", read(&folder.join(labels)))]
    };
    let vww = read(&data.join("models/tflite/vww_mobilenetv1_float.tflite"));
    // Pictures of bytes are taken from 0 to 1, which is what this network was trained on.
    let found = top1(&vww, prepared(&vww, &files("vww01"), |_| {}));
    assert!((found - 0.8872).abs() < 1e-4, "VWW: {found}");

    let kws = read(&data.join("models/tflite/kws_dscnn_float.tflite"));
    let codes = Normalization { mean: vec![83.0], deviation: vec![1.0 / 0.584_702_9] };
    let kws_samples = prepared(&kws, &files("kws01"), |options| options.normalization = Some(codes));
    let found = top1(&kws, kws_samples);
    assert!((found - 0.9203).abs() < 1e-4, "KWS: {found}");
}

#[test]
fn pictures_of_any_size_become_the_models() {
    let Some(data) = common::testdata("prepare") else { return };
    let vww = read(&data.join("models/tflite/vww_mobilenetv1_float.tflite"));
    let portrait = read(&data.join("images/grace_hopper.jpg"));
    let zip = zip(&[("person/portrait.jpg", portrait)]);
    for resize in [Resize::Crop, Resize::Stretch] {
        let made = prepared(&vww, &[("set.zip", zip.clone())], |options| {
            options.resize = resize;
            options.classes = vec!["nobody".into(), "person".into()];
        });
        assert_eq!(made.arrays[0].shape(), [1, 96, 96, 3]);
        assert_eq!(made.warnings, [Warning::Absent { classes: vec!["nobody".into()] }]);
        assert_eq!(top1(&vww, made), 1.0, "there is a person in the portrait, {resize:?}");
    }
}

#[test]
fn columns_of_real_tables_are_guessed() {
    let Some(data) = common::testdata("prepare") else { return };
    let input = |count: u32| Tensor {
        index: 0,
        name: "x".into(),
        dtype: "float32".into(),
        shape: vec![1, count],
        scale_bits: None,
        zero_point: None,
        bytes: 4 * u64::from(count),
    };
    for (path, features, scores, expected, label, beyond) in [
        ("sensors/occupancy/datatest.csv", 5, 2, vec![2, 3, 4, 5, 6], 7, false),
        ("sensors/wheat_seeds/wheat_seeds.csv", 7, 3, (0..7).collect(), 7, true),
        ("sensors/ai4i2020/ai4i2020.csv", 5, 2, (3..8).collect(), 8, false),
    ] {
        let bytes = read(&data.join(path));
        let files = [Named { name: "table.csv", bytes: &bytes }];
        let (inputs, outputs, metadata) = ([input(features)], [input(scores)], Metadata::default());
        let subject = Subject { inputs: &inputs, outputs: &outputs, metadata: &metadata };
        let contents = look(&files, Header::Guess).unwrap();
        let options = guess(&contents, subject).options;
        assert_eq!((&options.columns.features, options.columns.label), (&expected, Some(label)), "{path}");
        let made = prepare(&files, &options, subject, None, &Silent).unwrap();
        assert_eq!(made.len(), contents.table.unwrap().rows, "{path}");
        assert!(made.groups().is_some(), "{path}");
        let is_beyond = made.warnings.iter().any(|warning| matches!(warning, Warning::Beyond { .. }));
        assert_eq!(is_beyond, beyond, "{path}: varieties of wheat count from 1: {:?}", made.warnings);
    }
}

#[test]
fn recordings_become_the_features_that_the_front_end_makes_of_them() {
    let Some(data) = common::testdata("prepare") else { return };
    let model = read(&data.join("models/tflite/micro_speech_int8.tflite"));
    let front_end = read(&data.join("models/tflite/audio_preprocessor_int8.tflite"));
    let names = ["no_1000ms", "yes_1000ms"];
    let files = names.map(|name| (format!("{}/{name}.wav", &name[..2]), read(&data.join(format!("audio/{name}.wav")))));
    let zip = zip(&files.each_ref().map(|(path, bytes)| (path.as_str(), bytes.clone())));
    let run = Native.load(&model).unwrap();
    let (description, metadata) = (run.description(), Metadata::default());
    let subject = Subject { inputs: &description.inputs, outputs: &description.outputs, metadata: &metadata };
    let mut front_end = FrontEnd::new(Native.load(&front_end).unwrap()).unwrap();
    let files = [Named { name: "words.zip", bytes: &zip }];
    let made = prepare(&files, &Options::default(), subject, Some(&mut front_end), &Silent).unwrap();
    let found = made.arrays[0].elements().to_le_bytes();
    let golden = names.map(|name| {
        let golden = npz::read(&read(&data.join(format!("golden/audio_{name}.npz")))).unwrap();
        golden.get("features").unwrap().elements().to_le_bytes()
    });
    assert_eq!(made.len(), 2);
    assert_eq!(found, golden.concat(), "each recording starts from the front end's own state");

    let wrong = FrontEnd::new(Native.load(&model).unwrap()).unwrap_err();
    assert!(wrong.to_string().contains("one input of int16"), "{wrong}");
}

fn zip(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        archive.start_file(*path, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}
