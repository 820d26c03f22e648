//! Measures int8 files made from float models against those that the converter of TensorFlow Lite made of the same networks:
//! `cargo run --release -p mote-models --example measure_quantization [OPTIONS as JSON] [NETWORK]`.
//!
//! With `MOTE_MEASURE_LAYERS` set, what became of each layer, and of each label that changed, goes to the standard error.
//!
//! Reads the folder of test data (`MOTE_TESTDATA`, or `../shared/testdata` beside the checkout) and prints a table. Calibration
//! sees inputs only, never labels, and what it saw is also left out in a column of its own.
//!
//! | network | calibrated with | measured on |
//! | --- | --- | --- |
//! | KWS | 100 of the 502 feature maps, evenly spaced | top-1 of all, and of the other 402 |
//! | VWW | 100 of the 133 photographs, evenly spaced | top-1 of all, and of the other 33 |
//! | AD | as many seeded vectors as the options take (100) of the distribution of the golden inputs, none of which is among them | signal to noise of the output against the float model's, on the golden inputs |
//! | ResNet8 | 100 photographs scaled to 32x32, none of the golden inputs | labels that agree with the float model's, on the golden inputs |

mod common;

use std::fs;
use std::path::Path;
use std::time::Instant;

use common::{Result, testdata};
use mote_models::data::{Array, Elements, npy, npz};
use mote_models::judge::{TestSet, Truth};
use mote_models::progress::Silent;
use mote_models::quantize::{self, Options, Quantized};
use mote_models::run::{Engine, Native, Tensor};
use mote_models::samples::{Inputs, outputs};
use mote_models::{export, import};

/// A measurement: of which network, and how.
type Measurement = (&'static str, fn(&Path, &Options) -> Result<()>);

const NETWORKS: [Measurement; 4] = [("kws", kws), ("vww", vww), ("ad", ad), ("resnet", resnet)];

fn main() -> Result<()> {
    let options: Options = match std::env::args().nth(1) {
        Some(json) => serde_json::from_str(&json)?,
        None => Options::default(),
    };
    let folder = testdata();
    println!("| network | measure | float | converter's int8 | ours | bytes: converter's | ours | seconds | held |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let only = std::env::args().nth(2);
    for (name, measure) in NETWORKS {
        if only.as_ref().is_none_or(|only| only == name) {
            measure(&folder, &options)?;
        }
    }
    Ok(())
}

/// Rows of a network's input, in float32.
#[derive(Clone)]
struct Rows {
    width: usize,
    elements: Vec<f32>,
}

impl Rows {
    fn len(&self) -> usize {
        self.elements.len() / self.width
    }

    fn row(&self, row: usize) -> &[f32] {
        &self.elements[row * self.width..][..self.width]
    }

    fn pick(&self, rows: impl Iterator<Item = usize>) -> Self {
        let elements = rows.flat_map(|row| self.row(row).to_vec()).collect();
        Self { width: self.width, elements }
    }

    fn inputs(&self, inputs: &[Tensor]) -> Result<Inputs> {
        Ok(Inputs::new(inputs, vec![Array::new([self.len(), self.width], self.elements.clone())?])?)
    }
}

/// A float model, the converter's int8 file of it, and ours.
struct Three {
    float: Vec<u8>,
    converted: Vec<u8>,
    ours: Vec<u8>,
    seconds: f64,
}

impl Three {
    fn make(folder: &Path, name: &str, calibration: &Rows, options: &Options) -> Result<Self> {
        let read = |kind: &str| fs::read(folder.join(format!("models/tflite/{name}_{kind}.tflite")));
        let (float, converted) = (read("float")?, read("int8")?);
        let graph = import::tflite(&float)?;
        let samples = calibration.inputs(&Native.load(&float)?.description().inputs)?;
        let start = Instant::now();
        let Quantized { graph, report } = quantize::run(&Native, &graph, &samples, options, &Silent)?;
        let seconds = start.elapsed().as_secs_f64();
        if std::env::var_os("MOTE_MEASURE_LAYERS").is_some() {
            for layer in &report.layers {
                let sqnr = layer.sqnr_db.map_or("-".into(), |db| format!("{db:.1} dB"));
                let seen = layer.observed;
                let (node, op, method) = (&layer.node, &layer.op, layer.calibration);
                eprintln!("{node} {op}: {sqnr}, {method:?}, saw {seen:?}, clips {:.5}", layer.clipped);
            }
            eprintln!("{name}: outputs {:?} dB", report.outputs_sqnr_db);
        }
        Ok(Self { float, converted, ours: export::tflite(&graph)?, seconds })
    }

    fn each<T>(&self, measure: impl Fn(&[u8]) -> Result<T>) -> Result<[T; 3]> {
        Ok([measure(&self.float)?, measure(&self.converted)?, measure(&self.ours)?])
    }

    fn row(&self, network: &str, measure: &str, [float, converted, ours]: [String; 3], holds: bool) {
        let (bytes, our_bytes) = (self.converted.len(), self.ours.len());
        let held = if holds && our_bytes <= bytes { "yes" } else { "NO" };
        let seconds = self.seconds;
        println!(
            "| {network} | {measure} | {float} | {converted} | {ours} | {bytes} | {our_bytes} | {seconds:.1} | {held} |"
        );
    }
}

/// The first output of each row, as real numbers, and the class that it names.
fn answers(model: &[u8], rows: &Rows) -> Result<Vec<(Vec<f32>, usize)>> {
    let mut run = Native.load(model)?;
    let inputs = rows.inputs(&run.description().inputs)?;
    let output = run.description().outputs[0].clone();
    let answer = |i: usize| {
        let bytes = run.run(&[inputs.bytes(0, i)?])?.swap_remove(0);
        Ok((outputs::dequantize(0, &output, &bytes)?, outputs::class(0, &output, &bytes)?))
    };
    (0..rows.len()).map(answer).collect()
}

fn right(answers: &[(Vec<f32>, usize)], labels: &[usize], rows: impl Iterator<Item = usize>) -> (usize, usize) {
    rows.fold((0, 0), |(right, all), r| (right + usize::from(answers[r].1 == labels[r]), all + 1))
}

/// Top-1 of all samples, then of those that calibration did not see.
fn accuracy(three: &Three, network: &str, (rows, labels): (&Rows, &[usize]), seen: &[usize], least: f64) -> Result<()> {
    let all = three.each(|model| answers(model, rows))?;
    let share = |(right, all): (usize, usize)| right as f64 / all as f64;
    let text = |of: (usize, usize)| format!("{:.4} ({} of {})", share(of), of.0, of.1);
    let of_all = all.each_ref().map(|answers| right(answers, labels, 0..rows.len()));
    three.row(network, &format!("top-1, at least {least}"), of_all.map(text), share(of_all[2]) >= least);
    let unseen = (0..rows.len()).filter(|r| !seen.contains(r));
    let of_unseen = all.each_ref().map(|answers| right(answers, labels, unseen.clone()));
    three.row(network, "top-1 of samples that were not calibrated with", of_unseen.map(text), true);
    if std::env::var_os("MOTE_MEASURE_LAYERS").is_some() {
        for (row, (float, ours)) in all[0].iter().zip(&all[2]).enumerate().filter(|(_, (a, b))| a.1 != b.1) {
            eprintln!("sample {row} of class {}: float {:.3?}, ours {:.3?}", labels[row], float.0, ours.0);
        }
    }
    let agree = |answers: &[(Vec<f32>, usize)]| {
        let same = answers.iter().zip(&all[0]).filter(|(a, b)| a.1 == b.1).count();
        format!("{same} of {}", rows.len())
    };
    three.row(network, "labels as the float model's", all.each_ref().map(|a| agree(a)), true);
    Ok(())
}

fn kws(folder: &Path, options: &Options) -> Result<()> {
    let (rows, labels) = labelled(&common::kws(folder)?)?;
    let seen: Vec<usize> = (0..100).map(|k| k * rows.len() / 100).collect();
    let three = Three::make(folder, "kws_dscnn", &rows.pick(seen.iter().copied()), options)?;
    accuracy(&three, "KWS", (&rows, &labels), &seen, 0.914)
}

fn vww(folder: &Path, options: &Options) -> Result<()> {
    let (rows, labels) = labelled(&common::vww(folder)?)?;
    let seen: Vec<usize> = (0..100).map(|k| k * rows.len() / 100).collect();
    let three = Three::make(folder, "vww_mobilenetv1", &rows.pick(seen.iter().copied()), options)?;
    accuracy(&three, "VWW", (&rows, &labels), &seen, 0.887)
}

fn ad(folder: &Path, options: &Options) -> Result<()> {
    /// Mean and deviation of the golden inputs' normal distribution (`golden_plan.csv`).
    const NORMAL: (f32, f32) = (-20.0, 12.0);
    let golden = golden(folder, "tflite_ad_autoencoder_float")?;
    let mut random = fastrand::Rng::with_seed(3);
    let normal = |_| {
        let (u, v) = (1.0 - random.f32(), random.f32());
        NORMAL.0 + NORMAL.1 * (-2.0 * u.ln()).sqrt() * (std::f32::consts::TAU * v).cos()
    };
    let calibration = Rows { width: golden.width, elements: (0..options.samples * golden.width).map(normal).collect() };
    let three = Three::make(folder, "ad_autoencoder", &calibration, options)?;
    let all = three.each(|model| answers(model, &golden))?;
    let sqnr = |answers: &[(Vec<f32>, usize)]| {
        let pairs = answers.iter().zip(&all[0]).flat_map(|(a, b)| a.0.iter().zip(&b.0));
        let (signal, noise) = pairs.fold((0.0, 0.0), |(signal, noise), (&a, &b)| {
            (signal + f64::from(b).powi(2), noise + (f64::from(a) - f64::from(b)).powi(2))
        });
        10.0 * f64::log10(signal / noise)
    };
    let [_, converted, ours] = all.each_ref().map(|answers| sqnr(answers));
    let texts = ["-".into(), format!("{converted:.2} dB"), format!("{ours:.2} dB")];
    three.row("AD", "SQNR on golden inputs, at least 6 dB above", texts, ours >= converted + 6.0);
    Ok(())
}

fn resnet(folder: &Path, options: &Options) -> Result<()> {
    let golden = golden(folder, "tflite_ic_resnet8_float")?;
    let photographs = npy::read(&fs::read(folder.join("samples/vww01/vww01_x.npy"))?)?;
    let small = Rows { width: golden.width, elements: thirds(&photographs) };
    let is_golden = |row: &usize| golden.elements.chunks(golden.width).any(|g| g == small.row(*row));
    let others: Vec<usize> = (0..small.len()).filter(|row| !is_golden(row)).collect();
    assert_eq!(others.len() + golden.len(), small.len(), "golden inputs are among the photographs");
    let seen = (0..100).map(|k| others[k * others.len() / 100]);
    let three = Three::make(folder, "ic_resnet8", &small.pick(seen), options)?;
    for (what, rows) in [("golden inputs", &golden), ("all photographs", &small)] {
        let all = three.each(|model| answers(model, rows))?;
        let agree = all.each_ref().map(|a| a.iter().zip(&all[0]).filter(|(a, b)| a.1 == b.1).count());
        let texts = agree.map(|same| format!("{same} of {}", rows.len()));
        three.row("ResNet8", &format!("labels as the float model's, {what}"), texts, agree[2] >= agree[1]);
    }
    Ok(())
}

/// Means of 3x3 pixels, rounded half to even as NumPy does, as the golden inputs were made.
fn thirds(photographs: &Array) -> Vec<f32> {
    let &[count, height, width, channels] = photographs.shape() else { panic!("photographs have rank 4") };
    let Elements::UInt8(pixels) = photographs.elements() else { panic!("photographs are uint8") };
    let mut small = Vec::with_capacity(pixels.len() / 9);
    for (n, y, x, c) in (0..count).flat_map(|n| {
        (0..height / 3).flat_map(move |y| (0..width / 3).flat_map(move |x| (0..channels).map(move |c| (n, y, x, c))))
    }) {
        let pixel = |k: usize| pixels[((n * height + 3 * y + k / 3) * width + 3 * x + k % 3) * channels + c];
        let mean = (0..9).map(|k| f64::from(pixel(k))).sum::<f64>() / 9.0;
        small.push(mean.round_ties_even() as f32);
    }
    small
}

fn golden(folder: &Path, name: &str) -> Result<Rows> {
    let mut golden = npz::read(&fs::read(folder.join(format!("golden/{name}.npz")))?)?;
    let inputs = golden.take("input_0").ok_or("golden files hold input_0")?;
    Ok(rows(&inputs))
}

fn labelled(set: &TestSet) -> Result<(Rows, Vec<usize>)> {
    let Truth::Classes { y, .. } = set.truth() else { return Err("samples have classes".into()) };
    Ok((rows(&set.arrays()[0]), y.clone()))
}

fn rows(array: &Array) -> Rows {
    let elements = array.elements();
    let count = array.shape()[0];
    let reals = (0..elements.len()).filter_map(|i| elements.real(i)).map(|x| x as f32).collect();
    Rows { width: elements.len() / count, elements: reals }
}
