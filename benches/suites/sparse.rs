//! Pruned layers beside the same layers without zeros, in one engine: the blocks that kernels skip, at several shares.
//!
//! Throughput counts the multiply-accumulates of weights that are not 0, so that it stands beside the machine's limit for them.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mote::sandbox::{Guard, LoadOptions};
use mote_benches::guests::{BUILDS, engine, sandbox, seeded_inputs, work};
use mote_benches::kernels::sparse;

/// Percent of the blocks that are 0; without any, the layer is dense.
const PERCENT: [usize; 5] = [0, 50, 70, 80, 90];

fn pruned_layers(c: &mut Criterion) {
    let engine = engine(Guard::BetweenSteps);
    let (_, wasm) = BUILDS[0];
    let sandbox = sandbox(&engine, wasm);
    let shares = PERCENT.map(|percent| (percent, sparse(percent)));
    for k in 0..shares[0].1.len() {
        let (op, shape) = (shares[0].1[k].op, &shares[0].1[k].shape);
        let mut group = c.benchmark_group(format!("sparse/{op}/{shape}"));
        for (percent, kernels) in &shares {
            let load = |reference| {
                let options = LoadOptions { reference, ..LoadOptions::default() };
                sandbox.load(kernels[k].model.clone(), &options).expect("a model")
            };
            let (mut session, mut reference) = (load(false), load(true));
            let inputs = seeded_inputs(&session.description().inputs);
            // A fast kernel that is wrong is not worth measuring.
            let (outputs, expected) =
                (session.infer(&inputs).expect("a run"), reference.infer(&inputs).expect("a run"));
            assert_eq!(outputs, expected, "{op} {shape}, {percent} % pruned: differs");

            group.throughput(Throughput::Elements(work(&session) * (100 - *percent as u64) / 100));
            group.bench_function(BenchmarkId::from_parameter(format!("{percent} %")), |b| {
                b.iter(|| session.run().expect("a run"));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, pruned_layers);
criterion_main!(benches);
