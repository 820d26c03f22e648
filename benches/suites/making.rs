//! What making an artefact takes: files read into graphs and written again, and post-training quantization.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mote_benches::forms::onnx::{Form, onnx};
use mote_benches::models::workloads;
use mote_models::data::{Array, Elements};
use mote_models::graph::Graph;
use mote_models::passes::simplify;
use mote_models::progress::Silent;
use mote_models::quantize::{Options, calibrate, quantize, run};
use mote_models::run::{Engine as _, Native};
use mote_models::samples::Inputs;
use mote_models::zoo::DIGITS;
use mote_models::{export, import};

/// Samples for calibration: as many as most recipes take at least.
const SAMPLES: usize = 100;
/// Measurements of what takes a tenth of a second each.
const FEW: usize = 10;

/// Bytes to a graph, checked; the work is the file's bytes.
fn imports(c: &mut Criterion) {
    let mut group = c.benchmark_group("import/tflite");
    let models = workloads();
    for workload in &models {
        group.throughput(Throughput::Bytes(workload.model.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(&workload.name), |b| {
            b.iter(|| import::tflite(black_box(&workload.model)).expect("a network"));
        });
    }
    group.finish();

    let mut group = c.benchmark_group("import/onnx");
    for workload in models.iter().filter(|workload| workload.name.ends_with("int8")) {
        let graph = import::tflite(&workload.model).expect("a network");
        for form in [Form::Qdq, Form::Float] {
            let file = onnx(&graph, form).expect("a form");
            group.throughput(Throughput::Bytes(file.len() as u64));
            group.bench_function(BenchmarkId::new(&workload.name, form.name()), |b| {
                b.iter(|| import::onnx(black_box(&file)).expect("a network"));
            });
        }
    }
    group.finish();

    let mut group = c.benchmark_group("import/export tflite");
    for workload in &models {
        let graph = import::tflite(&workload.model).expect("a network");
        group.bench_function(BenchmarkId::from_parameter(&workload.name), |b| {
            b.iter(|| export::tflite(black_box(&graph)).expect("a file"));
        });
    }
    group.finish();
}

/// The zoo's digits from float32 to int8, step by step and with the defaults.
fn quantization(c: &mut Criterion) {
    let graph = simplify(import::tflite(DIGITS.float).expect("a network")).expect("a sound graph");
    let samples = samples();
    let options = Options::plain();
    let mut group = c.benchmark_group("quantization/digits");
    group.sample_size(FEW);
    group.bench_function(BenchmarkId::new("calibrate", SAMPLES), |b| {
        b.iter(|| calibrate(&Native, &graph, &samples, &options, &Silent).expect("ranges"));
    });
    let ranges = calibrate(&Native, &graph, &samples, &options, &Silent).expect("ranges");
    group.bench_function("quantize", |b| {
        b.iter_batched(
            || graph.clone(),
            |graph: Graph| quantize(&graph, &ranges, &options).expect("a network"),
            BatchSize::SmallInput,
        );
    });
    for (name, options) in [("plain", Options::plain()), ("defaults", Options::default())] {
        group.bench_function(BenchmarkId::new("all of it", name), |b| {
            b.iter(|| run(&Native, &graph, &samples, &options, &Silent).expect("a network"));
        });
    }
    group.finish();
}

fn samples() -> Inputs {
    let model = Native.load(DIGITS.float).expect("a model");
    let set = DIGITS.test_set().expect("the zoo's test set");
    let (mut shape, elements) = set.x.into_parts();
    let Elements::Float32(values) = elements else { panic!("the zoo's digits are real numbers") };
    let sample = values.len() / shape[0];
    shape[0] = SAMPLES;
    let first = values.into_iter().take(SAMPLES * sample).collect::<Vec<_>>();
    let first = Array::new(shape, first).expect("as many elements as the shape says");
    Inputs::new(&model.description().inputs, vec![first]).expect("samples that fit")
}

criterion_group!(benches, imports, quantization);
criterion_main!(benches);
