//! Single operators: the scalar reference, SIMD and relaxed SIMD inside one engine.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mote_benches::guests::{of_kernels, seeded_inputs, work};
use mote_benches::kernels::kernels;
use mote_benches::peak;

fn kernels_of_all_variants(c: &mut Criterion) {
    let variants = of_kernels();
    for kernel in kernels() {
        let mut group = c.benchmark_group(format!("kernels/{}/{}", kernel.op, kernel.shape));
        let mut reference: Option<Vec<Vec<u8>>> = None;
        for variant in &variants {
            let mut session = variant.load(&kernel.model);
            let inputs = seeded_inputs(&session.description().inputs);
            // A fast kernel that is wrong is not worth measuring.
            let outputs = session.infer(&inputs).expect("a run");
            if reference.is_none() {
                let macs = session.description().ops.iter().map(|op| op.macs).sum();
                peak::say(&format!("{} {}", kernel.op, kernel.shape), macs);
            }
            let reference = reference.get_or_insert_with(|| outputs.clone());
            assert_eq!(&outputs, reference, "{} {}: {} differs", kernel.op, kernel.shape, variant.name);

            group.throughput(Throughput::Elements(work(&session)));
            group.bench_function(BenchmarkId::from_parameter(variant.name), |b| {
                b.iter(|| session.run().expect("a run"));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, kernels_of_all_variants);
criterion_main!(benches);
