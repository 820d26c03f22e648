//! From nothing to the first answer, step by step.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use mote::sandbox::{Engine, Guard, LoadOptions, Origin, Sandbox, Session, Settings, Snapshot};
use mote_abi::Client;
use mote_benches::guests::{BUILDS, engine, sandbox, seeded_inputs};
use mote_models::zoo::DIGITS;

/// Samples of what takes a tenth of a second each.
const FEW: usize = 10;

fn compile(c: &mut Criterion) {
    let mut group = c.benchmark_group("cold_start/compile");
    group.sample_size(FEW);
    for (name, wasm) in BUILDS {
        for (guard, guard_name) in [(Guard::BetweenSteps, "no epochs"), (Guard::Epochs, "epochs")] {
            let engine = engine(guard);
            group.bench_function(BenchmarkId::new(name, guard_name), |b| {
                b.iter(|| sandbox(&engine, black_box(wasm)));
            });
        }
    }
    group.finish();
}

fn load_precompiled(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = Settings { cache: Some(folder.path().to_owned()), ..Settings::default() };
    let engine = Engine::new(settings).expect("an engine");
    let mut group = c.benchmark_group("cold_start/load_precompiled");
    for (name, wasm) in BUILDS {
        let [_compiled, kept] = [(); 2].map(|()| sandbox(&engine, wasm));
        assert_eq!(kept.origin(), Origin::Cache, "the compiled module was kept");
        group.bench_function(name, |b| b.iter(|| sandbox(&engine, black_box(wasm))));
    }
    group.finish();
}

fn steps(c: &mut Criterion) {
    let options = LoadOptions::default();
    for (name, wasm) in BUILDS {
        let sandbox = sandbox(&engine(Guard::BetweenSteps), wasm);
        let mut group = c.benchmark_group(format!("cold_start/{name}"));
        group.bench_function("instantiate", |b| {
            b.iter_with_large_drop(|| sandbox.instantiate(&options).expect("an instance"));
        });
        // One instance at a time: each reserves the address space of its memory cap.
        group.bench_function("load_model", |b| {
            b.iter_batched(
                || sandbox.instantiate(&options).expect("an instance"),
                |instance| Client::load(instance, DIGITS.int8, false).expect("a model"),
                BatchSize::PerIteration,
            );
        });
        let load = || sandbox.load(DIGITS.int8, &options).expect("a model");
        let inputs = seeded_inputs(&load().description().inputs);
        group.bench_function("first_run", |b| {
            let infer = |mut session: Session| {
                let outputs = session.infer(&inputs).expect("a run");
                // Given back, so that taking the session down is not timed.
                (session, outputs)
            };
            b.iter_batched(load, infer, BatchSize::PerIteration);
        });
        group.finish();
    }
}

/// A sandbox of its own for every request: an instance of a module that has the model in its memory already.
fn snapshots(c: &mut Criterion) {
    let options = LoadOptions::default();
    for (name, wasm) in BUILDS {
        let engine = engine(Guard::BetweenSteps);
        let snapshot = Snapshot::new(&sandbox(&engine, wasm), &engine, DIGITS.int8, &options).expect("a snapshot");
        let fresh = || snapshot.session().expect("an instance");
        let inputs = seeded_inputs(&snapshot.description().inputs);
        let mut group = c.benchmark_group(format!("cold_start/{name}"));
        group.bench_function("fresh_from_snapshot", |b| b.iter_with_large_drop(fresh));
        group.bench_function("fresh_from_snapshot_and_run", |b| {
            b.iter_with_large_drop(|| {
                let mut session = fresh();
                let outputs = session.infer(&inputs).expect("a run");
                (session, outputs)
            });
        });
        group.finish();
    }
}

fn first_answer(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut group = c.benchmark_group("cold_start/first_answer");
    group.sample_size(FEW);
    for (name, wasm) in BUILDS {
        let answer = |cached: bool| {
            let cache = cached.then(|| folder.path().to_owned());
            let engine = Engine::new(Settings { cache, ..Settings::default() }).expect("an engine");
            let sandbox = Sandbox::new(&engine, wasm).expect("a guest");
            let mut session = sandbox.load(DIGITS.int8, &LoadOptions::default()).expect("a model");
            let inputs = seeded_inputs(&session.description().inputs);
            let outputs = session.infer(&inputs).expect("a run");
            // Given back, so that taking all of it down is not timed; one at a time, because each holds address space.
            (outputs, session, sandbox, engine)
        };
        group.bench_function(BenchmarkId::new(name, "compiled now"), |b| {
            b.iter_batched(|| (), |()| answer(false), BatchSize::PerIteration);
        });
        answer(true);
        group.bench_function(BenchmarkId::new(name, "compiled before"), |b| {
            b.iter_batched(|| (), |()| answer(true), BatchSize::PerIteration);
        });
    }
    group.finish();
}

criterion_group!(benches, compile, load_precompiled, steps, snapshots, first_answer);
criterion_main!(benches);
