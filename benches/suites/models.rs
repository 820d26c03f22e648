//! Whole models: one inference from input bytes to output bytes.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mote_benches::guests::{of_gateway, seeded_inputs, work};
use mote_benches::models::workloads;
use mote_benches::peak;
use mote_runtime::{LoadOptions, Session};

fn models(c: &mut Criterion) {
    let variants = of_gateway();
    for workload in workloads() {
        let mut group = c.benchmark_group(format!("models/{}", workload.name));
        let mut inputs = Vec::new();
        for variant in &variants {
            let mut session = variant.load(&workload.model);
            if inputs.is_empty() {
                peak::say(&workload.name, session.description().ops.iter().map(|op| op.macs).sum());
            }
            inputs = seeded_inputs(&session.description().inputs);
            group.throughput(Throughput::Elements(work(&session)));
            group.bench_function(BenchmarkId::from_parameter(variant.name), |b| {
                b.iter(|| session.infer(&inputs).expect("a run"));
            });
        }
        let mut session = Session::load(&workload.model, &LoadOptions::default()).expect("a model");
        group.bench_function(BenchmarkId::from_parameter("native scalar"), |b| {
            b.iter(|| {
                for (k, bytes) in inputs.iter().enumerate() {
                    session.input_mut(k).expect("an input").copy_from_slice(bytes);
                }
                session.run().expect("a run");
                session.output(0).expect("an output").to_vec()
            });
        });
        group.finish();
    }
}

criterion_group!(benches, models);
criterion_main!(benches);
