//! The sandbox as the engine of `mote-models`: the same answers as the runtime in this process.

mod common;

use std::num::NonZero;
use std::time::Duration;

use mote::failure::FailureKind;
use mote::sandbox::{Cancel, Engine, Guard, LoadOptions, Sandbox, Settings, guest};
use mote::work::engine::SandboxEngine;
use mote_models::run::{Engine as _, Native, RunError};
use mote_models::samples::Inputs;
use mote_models::zoo::DIGITS;

fn engine(settings: Settings, wasm: impl Into<std::borrow::Cow<'static, [u8]>>, cancel: &Cancel) -> SandboxEngine {
    engine_of(1, settings, wasm, cancel)
}

/// With so many instances.
fn engine_of(
    jobs: usize,
    settings: Settings,
    wasm: impl Into<std::borrow::Cow<'static, [u8]>>,
    cancel: &Cancel,
) -> SandboxEngine {
    let jobs = NonZero::new(jobs).unwrap();
    let sandbox = Sandbox::new(&Engine::new(settings).unwrap(), wasm).unwrap();
    SandboxEngine::new(sandbox, LoadOptions { reference: false, cancel: cancel.clone() }, jobs)
}

fn uncached() -> Settings {
    Settings { cache: None, ..Settings::default() }
}

#[test]
fn both_engines_describe_and_compute_the_same() {
    let sandboxed = engine(uncached(), guest::SIMD128, &Cancel::default());
    let mut guest = sandboxed.load(DIGITS.int8).unwrap();
    let mut native = Native.load(DIGITS.int8).unwrap();
    assert_eq!(guest.description().inputs, native.description().inputs);
    assert_eq!(guest.description().outputs, native.description().outputs);
    let macs = |run: &dyn mote_models::run::Run| run.description().ops.iter().map(|op| op.macs).sum::<u64>();
    assert_eq!(macs(&*guest), macs(&*native));
    let inputs = Inputs::new(&guest.description().inputs, vec![DIGITS.test_set().unwrap().x]).unwrap();
    for sample in 0..20 {
        let bytes = [inputs.bytes(0, sample).unwrap()];
        assert_eq!(guest.run(&bytes).unwrap(), native.run(&bytes).unwrap(), "sample {sample}");
    }
}

#[test]
fn a_refusal_is_one_and_leaves_no_failure_behind() {
    let engine = engine(uncached(), guest::SIMD128, &Cancel::default());
    let refused = engine.load(b"no model").err().unwrap();
    assert!(matches!(&refused, RunError::Refused(error) if error.kind == "malformed"), "{refused}");
    assert_eq!(engine.take_failure(), None);
    let mut model = engine.load(DIGITS.int8).unwrap();
    assert!(model.run(&[vec![0; 3]]).is_err(), "too few bytes");
    assert!(model.run(&[vec![0; 64]]).is_ok(), "the session goes on");
}

#[test]
fn faults_and_cancels_are_kept_with_their_kind() {
    use common::guest::{DOUBLE, SPIN, TRAP, wasm, wat};
    let cancel = Cancel::default();
    // This guest spins on some inputs only, which no first run can tell.
    let settings = Settings { guard: Guard::Epochs, deadline: Duration::from_millis(50), ..uncached() };
    let engine = engine(settings, wasm(&wat()), &cancel);
    let mut model = engine.load(DOUBLE).unwrap();
    assert_eq!(model.run(&[vec![20]]).unwrap(), [[40]]);
    for (input, kind, word) in
        [(SPIN, FailureKind::Sandbox, "--deadline"), (TRAP, FailureKind::Sandbox, "please report")]
    {
        assert!(matches!(model.run(&[vec![input]]), Err(RunError::Engine(_))), "{input}");
        let failure = engine.take_failure().unwrap();
        assert_eq!(failure.kind, kind);
        assert!(failure.remedy.as_ref().unwrap().contains(word), "{failure:?}");
        assert_eq!(engine.take_failure(), None);
    }
    cancel.pull();
    assert!(model.run(&[vec![20]]).is_err());
    assert_eq!(engine.take_failure().unwrap().kind, FailureKind::Cancelled);
}

#[test]
fn latency_is_measured_over_the_runs_that_were_asked_for() {
    let engine = engine(uncached(), guest::SIMD128, &Cancel::default());
    let latency = engine.latency("digits", DIGITS.int8, 7).unwrap();
    assert_eq!(latency.runs, 7);
    assert!(latency.min <= latency.median && latency.median <= latency.p95 && !latency.median.is_zero());
}

#[test]
fn any_number_of_instances_gives_the_same_in_the_same_order() {
    let x = DIGITS.test_set().unwrap().x;
    let mut runs = Vec::new();
    for jobs in [1, 2, 3, 7] {
        let engine = engine_of(jobs, uncached(), guest::SIMD128, &Cancel::default());
        let mut model = engine.load(DIGITS.int8).unwrap();
        assert_eq!(model.batch() == 1, jobs == 1, "{jobs}");
        let inputs = Inputs::new(&model.description().inputs, vec![x.clone()]).unwrap();
        let of = |count| (0..count).map(|i| inputs.sample(i).unwrap()).collect::<Vec<_>>();
        for count in [0, 1, 5, 50] {
            let found = model.run_batch(&of(count)).unwrap();
            assert_eq!(found.len(), count, "{jobs}");
            runs.push((count, found));
        }
    }
    for (count, found) in &runs {
        let first = runs.iter().find(|(other, _)| other == count).unwrap();
        assert_eq!(*found, first.1, "{count}");
    }
}

#[test]
fn the_first_failure_in_the_order_of_the_samples_is_told_and_a_cancel_ends_all_instances() {
    use common::guest::{DOUBLE, SPIN, TRAP, wasm, wat};
    let cancel = Cancel::default();
    let settings = Settings { guard: Guard::Epochs, deadline: Duration::from_secs(2), ..uncached() };
    let engine = engine_of(3, settings, wasm(&wat()), &cancel);
    let mut model = engine.load(DOUBLE).unwrap();
    let batch = |inputs: &[u8]| inputs.iter().map(|&i| vec![vec![i]]).collect::<Vec<_>>();
    assert_eq!(model.run_batch(&batch(&[11, 12, 13, 14])).unwrap().len(), 4);
    // The one that spins fails later by the clock, and is first in the order.
    assert!(model.run_batch(&batch(&[11, SPIN, 13, TRAP])).is_err());
    assert!(engine.take_failure().unwrap().remedy.unwrap().contains("--deadline"));
    assert!(model.run_batch(&batch(&[11, 12, 13, 14])).is_ok(), "the instances go on");
    cancel.pull();
    assert!(model.run_batch(&batch(&[11, 12, 13, 14])).is_err());
    assert_eq!(engine.take_failure().unwrap().kind, FailureKind::Cancelled);
}
