//! Small files of every form through all steps.

use std::io::{Cursor, Write};

use super::*;
use crate::data::csv::Header;
use crate::data::npy;
use crate::graph::Normalization;
use crate::progress::Silent;

fn tensor(dtype: &str, shape: &[u32], quantization: Option<(f32, i32)>) -> Tensor {
    Tensor {
        index: 0,
        name: "x".into(),
        dtype: dtype.into(),
        shape: shape.to_vec(),
        scale_bits: quantization.map(|(scale, _)| scale.to_bits()),
        zero_point: quantization.map(|(_, zero_point)| zero_point),
        bytes: 0,
    }
}

/// A model of one input and so many scores, which tells nothing else.
struct Model {
    input: Tensor,
    outputs: Vec<Tensor>,
    metadata: Metadata,
}

impl Model {
    fn new(dtype: &str, shape: &[u32], scores: u32) -> Self {
        let quantization = (dtype == "int8").then_some((1.0 / 255.0, -128));
        let outputs = vec![tensor("float32", &[1, scores], None)];
        Self { input: tensor(dtype, shape, quantization), outputs, metadata: Metadata::default() }
    }

    fn subject(&self) -> Subject<'_> {
        Subject { inputs: std::slice::from_ref(&self.input), outputs: &self.outputs, metadata: &self.metadata }
    }

    fn guess(&self, files: &[Named<'_>]) -> Guess {
        guess(&look(files, Header::Guess).unwrap(), self.subject())
    }

    fn prepare(&self, files: &[Named<'_>], options: &Options) -> Result<Prepared, PrepareError> {
        prepare(files, options, self.subject(), None, &Silent)
    }

    /// As it is guessed.
    fn guessed(&self, files: &[Named<'_>]) -> Prepared {
        self.prepare(files, &self.guess(files).options).unwrap()
    }
}

fn archive(x: &Array, y: Option<&Array>) -> Vec<u8> {
    npz::write([("x", x)].into_iter().chain(y.map(|y| ("y", y)))).unwrap()
}

fn zip(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        archive.start_file(*path, ::zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn png(height: u32, width: u32, level: u8) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let picture = ::image::RgbImage::from_pixel(width, height, ::image::Rgb([level, level, level]));
    picture.write_to(&mut out, ::image::ImageFormat::Png).unwrap();
    out.into_inner()
}

fn wav(samples: &[i16], channels: u16) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let spec =
        hound::WavSpec { channels, sample_rate: 16_000, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut writer = hound::WavWriter::new(&mut out, spec).unwrap();
    samples.iter().for_each(|&sample| writer.write_sample(sample).unwrap());
    writer.finalize().unwrap();
    out.into_inner()
}

fn classes(prepared: &Prepared) -> Vec<usize> {
    prepared.groups().unwrap().into_owned()
}

#[test]
fn an_archive_that_fits_comes_out_as_it_went_in() {
    let x = Array::new([3, 2, 2, 1], (0..12).map(|v| v as f32).collect::<Vec<_>>()).unwrap();
    let bytes = archive(&x, Some(&Array::vector(vec![2i64, 0, 1])));
    let file = [Named { name: "a.npz", bytes: &bytes }];
    let model = Model::new("float32", &[1, 2, 2, 1], 3);
    assert_eq!(model.guess(&file).options, Options::default());
    let prepared = model.guessed(&file);
    assert_eq!(prepared.archive().unwrap(), bytes);
    assert_eq!((classes(&prepared), prepared.warnings), (vec![2, 0, 1], vec![]));
}

#[test]
fn channels_that_stand_first_are_seen_and_moved_before_each_is_scaled() {
    let x = Array::new([1, 3, 1, 2], vec![0u8, 1, 10, 11, 20, 200]).unwrap();
    let bytes = archive(&x, None);
    let file = [Named { name: "a.npz", bytes: &bytes }];
    let model = Model::new("float32", &[1, 1, 2, 3], 2);
    let guess = model.guess(&file);
    assert_eq!(guess.options.layout, Layout::ChannelsFirst);
    assert_eq!(guess.options.normalization, Some(Normalization { mean: vec![0.0], deviation: vec![255.0] }));
    assert!(guess.why.unsure && guess.why.layout.contains("3x1x2"), "{guess:?}");
    let normalization = Normalization { mean: vec![0.0, 10.0, 20.0], deviation: vec![1.0, 1.0, 2.0] };
    let options = Options { normalization: Some(normalization), ..guess.options };
    let prepared = model.prepare(&file, &options).unwrap();
    let expected = Array::new([1, 1, 2, 3], vec![0.0f32, 0.0, 0.0, 1.0, 1.0, 90.0]).unwrap();
    assert_eq!(prepared.arrays, [expected]);
    assert_eq!(prepared.truth, None);
}

#[test]
fn rows_of_a_table_are_samples_and_rows_that_follow_one_another_too() {
    let csv = b"id,a,b,kind\n1,0.5,1,cat\n2,1.5,2,cat\n3,2.5,3,dog\n4,3.5,4,dog\n5,4.5,5,dog\n6,5.5,6,cat\n";
    let file = [Named { name: "t.csv", bytes: csv }];
    // One score, so that two numbers in and two out are not taken for what gives its input back.
    let row = Model::new("float32", &[1, 2], 1).guessed(&file);
    assert_eq!(
        row.arrays[0],
        Array::new([6, 2], vec![0.5f32, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0]).unwrap()
    );
    assert_eq!((classes(&row), row.class_names()), (vec![0, 0, 1, 1, 1, 0], &["cat".to_owned(), "dog".into()][..]));
    assert!(matches!(&row.warnings[..], [Warning::Alphabetical { .. }]), "{:?}", row.warnings);

    let model = Model::new("float32", &[1, 2, 2, 1], 2);
    assert!(model.guess(&file).why.columns.contains("2 rows of 2 columns"), "{:?}", model.guess(&file).why);
    let windows = model.guessed(&file);
    let expected = Array::new([2, 2, 2, 1], vec![0.5f32, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0]).unwrap();
    assert_eq!((&windows.arrays[..], windows.left_out), (&[expected][..], 2), "no window has two labels");
    assert_eq!(classes(&windows), [0, 1]);

    let chosen = Columns { header: Header::First, features: vec![2, 1], label: None };
    let options = Options { columns: chosen, ..Options::default() };
    let prepared = Model::new("float32", &[1, 2], 2).prepare(&file, &options).unwrap();
    assert_eq!(prepared.arrays[0].elements().real(0), Some(1.0), "in the order that was chosen");
    let wrong = Model::new("float32", &[1, 7], 2).prepare(&file, &options).unwrap_err();
    assert!(wrong.to_string().contains("7 columns of numbers"), "{wrong}");
    let words = Columns { features: vec![3, 1], ..Columns::default() };
    let wrong = Model::new("float32", &[1, 2], 2).prepare(&file, &Options { columns: words, ..options }).unwrap_err();
    assert!(wrong.to_string().contains("column kind: expected a number"), "{wrong}");
}

#[test]
fn pictures_in_folders_are_scaled_to_the_input() {
    let bytes = zip(&[
        ("set/yes/1.png", png(4, 8, 255)),
        ("set/no/1.png", png(2, 2, 0)),
        ("set/no/2.png", png(9, 5, 51)),
        ("set/README.md", vec![]),
    ]);
    let file = [Named { name: "set.zip", bytes: &bytes }];
    let contents = look(&file, Header::Guess).unwrap();
    let counts: Vec<_> = contents.classes.iter().map(|class| (class.label.as_str(), class.files)).collect();
    assert_eq!(counts, [("no", 2), ("yes", 1)]);
    for shape in [&[1, 2, 2, 3][..], &[1, 3, 2, 1]] {
        let model = Model { metadata: labels(&["yes", "no", "maybe"]), ..Model::new("float32", shape, 3) };
        let prepared = model.guessed(&file);
        let each = model.input.elements();
        let firsts: Vec<_> = (0..3).filter_map(|k| prepared.arrays[0].elements().real(k * each)).collect();
        assert_eq!(firsts, [0.0, f64::from(51.0f32 / 255.0), 1.0], "{shape:?}");
        assert_eq!((classes(&prepared), prepared.left_out), (vec![1, 1, 0], 1));
        assert_eq!(prepared.warnings, [Warning::Absent { classes: vec!["maybe".into()] }]);
    }
    let model = Model::new("float32", &[1, 2, 2, 3], 2);
    let error = model.prepare(&file, &Options::default()).unwrap_err();
    assert!(error.to_string().contains("no/2.png: expected 2x2x3 of uint8"), "{error}");
    let stranger = Model { metadata: labels(&["left", "right"]), ..model };
    let error = stranger.prepare(&file, &stranger.guess(&file).options).unwrap_err();
    assert!(error.to_string().contains("one of left, right, found no, yes"), "{error}");
}

fn labels(names: &[&str]) -> Metadata {
    Metadata { labels: names.iter().map(|&name| name.to_owned()).collect(), ..Metadata::default() }
}

#[test]
fn the_middle_of_a_picture_is_kept_or_all_of_it() {
    // A bright stripe down the middle of a wide picture.
    let stripe: Vec<u8> = (0..2 * 8).map(|at| if (3..5).contains(&(at % 8)) { 200 } else { 0 }).collect();
    let picture = Array::new([2, 8, 1], stripe).unwrap();
    let frame = picture::Frame { height: 2, width: 2, channels: crate::data::image::Channels::Grey };
    let mean = |resize| {
        let made = picture::fit(picture.clone(), frame, resize);
        made.elements().reals().iter().sum::<f64>() / made.elements().len() as f64
    };
    assert_eq!(mean(Resize::Crop), 200.0);
    assert!((mean(Resize::Stretch) - 50.0).abs() < 20.0, "a quarter of the picture: {}", mean(Resize::Stretch));
    assert_eq!(picture::fit(picture.clone(), frame, Resize::Exact), picture);
}

#[test]
fn recordings_are_cut_and_filled_and_their_channels_become_one() {
    let bytes = zip(&[("a/1.wav", wav(&[100, 200, 300, 400, 500, 600], 2)), ("b/1.wav", wav(&[-32768], 1))]);
    let file = [Named { name: "s.zip", bytes: &bytes }];
    let prepared = Model::new("float32", &[1, 2], 1).guessed(&file);
    let expected = [150.0f32 / 32768.0, 350.0 / 32768.0, -1.0, 0.0];
    assert_eq!(prepared.arrays, [Array::new([2, 2], expected.to_vec()).unwrap()]);
}

#[test]
fn an_array_and_the_table_of_its_labels_go_together_in_either_order() {
    let x = npy::write(&Array::new([3, 2], vec![1i8, 2, 3, 4, 5, 6]).unwrap());
    let table = b"index,file,label,word\n0,a,1,up\n1,b,0,down\n2,c,1,up\n";
    let files = [Named { name: "x.npy", bytes: &x }, Named { name: "labels.csv", bytes: table }];
    let model = Model::new("int8", &[1, 2], 1);
    for files in [files, [files[1], files[0]]] {
        assert_eq!(classes(&model.guessed(&files)), [1, 0, 1]);
    }
    let words = Columns { label: Some(3), ..Columns::default() };
    let prepared = model.prepare(&files, &Options { columns: words, ..Options::default() }).unwrap();
    assert_eq!((classes(&prepared), prepared.class_names()), (vec![1, 0, 1], &["down".to_owned(), "up".into()][..]));
    assert_eq!(prepared.arrays[0].dtype().name(), "int8", "codes stay codes");
}

#[test]
fn values_that_the_model_was_not_calibrated_on_are_told() {
    let model = Model::new("int8", &[1, 2], 2);
    let warnings = |values: Vec<f32>| {
        let bytes = archive(&Array::new([values.len() / 2, 2], values).unwrap(), None);
        model.guessed(&[Named { name: "a.npz", bytes: &bytes }]).warnings
    };
    assert_eq!(warnings(vec![0.0, 0.25, 0.5, 1.0]), []);
    assert!(matches!(warnings(vec![0.0, 128.0, 255.0, 1.0])[..], [Warning::Clipped { share, .. }] if share == 0.5));
    assert!(matches!(warnings(vec![0.0, 0.004, 0.002, 0.001])[..], [Warning::Narrow { .. }]));
    assert!(matches!(warnings(vec![0.5; 4])[..], [Warning::Constant { value: 0.5 }]));
    let codes = archive(&Array::new([1, 2], vec![0i64, 300]).unwrap(), None);
    let error = model.prepare(&[Named { name: "a.npz", bytes: &codes }], &Options::default()).unwrap_err();
    assert!(error.to_string().contains("an integer from -128 to 127, found 300"), "{error}");

    let told = Normalization { mean: vec![127.5], deviation: vec![127.5] };
    let metadata = Metadata { normalization: Some(told.clone()), ..Metadata::default() };
    let model = Model { metadata, ..Model::new("float32", &[1, 2], 2) };
    let bytes = archive(&Array::new([1, 2], vec![0.0f32, 1.0]).unwrap(), None);
    let file = [Named { name: "a.npz", bytes: &bytes }];
    assert_eq!(model.guess(&file).options.normalization, Some(told));
    assert!(matches!(model.guessed(&file).warnings[..], [Warning::Twice { .. }]));
}

#[test]
fn equal_samples_are_found() {
    let bytes = archive(&Array::new([4, 2], vec![1u8, 2, 3, 4, 1, 2, 3, 4]).unwrap(), None);
    let prepared = Model::new("int8", &[1, 2], 2).guessed(&[Named { name: "a.npz", bytes: &bytes }]);
    assert_eq!(prepared.firsts(), [0, 1, 0, 1]);
}

#[test]
fn what_does_not_go_together_is_refused() {
    let x = archive(&Array::new([2, 2], vec![0u8; 4]).unwrap(), Some(&Array::vector(vec![0u8])));
    let model = Model::new("int8", &[1, 2], 2);
    for (what, files, says) in [
        ("no files", vec![], "expected one .npz"),
        ("a model", vec![Named { name: "m.tflite", bytes: b"" }], "found m.tflite"),
        ("a picture alone", vec![Named { name: "m.png", bytes: b"" }], "zip pictures"),
        ("two archives", vec![Named { name: "a.npz", bytes: &x }; 2], "found a.npz, a.npz"),
        ("labels one short", vec![Named { name: "a.npz", bytes: &x }], "expected 2, as there are samples, found 1"),
        ("no archive", vec![Named { name: "a.npz", bytes: b"hello" }], "npz file, malformed"),
        ("no zip", vec![Named { name: "a.zip", bytes: b"hello" }], "zip file, malformed"),
        ("no array", vec![Named { name: "a.npy", bytes: b"hello" }], "npy file, malformed"),
        ("no table", vec![Named { name: "a.csv", bytes: b"" }], "chosen"),
    ] {
        let error = model.prepare(&files, &Options::default()).expect_err(what).to_string();
        assert!(error.contains(says) || what == "no table", "{what}: {error}");
    }
}
