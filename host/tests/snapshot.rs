//! Models that have proven themselves, and models in a guest's memory from the start: the same answers, with less work.

mod common;

use std::time::Duration;

use common::guest::{self, DOUBLE, SPIN, TRAP};
use mote::sandbox::{Cancel, Engine, Fault, Guard, LoadOptions, Origin, Sandbox, Session, Settings, Snapshot};
use mote_abi::ClientError;
use mote_models::zoo::DIGITS;

const DEADLINE: Duration = Duration::from_millis(200);

fn engine(guard: Guard) -> Engine {
    Engine::new(Settings { guard, deadline: DEADLINE, cache: None, ..Settings::default() }).unwrap()
}

fn double(guard: Guard) -> Sandbox {
    Sandbox::new(&engine(guard), guest::wasm(&guest::wat())).unwrap()
}

fn digits(guard: Guard, wasm: &'static [u8]) -> Sandbox {
    let settings = Settings { guard, ..Settings::default() };
    Sandbox::new(&Engine::new(settings).unwrap(), wasm).unwrap()
}

fn digit(seed: u8) -> Vec<u8> {
    (0..64u8).map(|k| k.wrapping_mul(37).wrapping_add(seed)).collect()
}

#[test]
fn a_model_moves_to_the_engine_without_checks_after_its_first_run_and_takes_its_memory_along() {
    let mut session = double(Guard::Proven).load(DOUBLE, &LoadOptions::default()).unwrap();
    let mut answers = Vec::new();
    let mut steady = Vec::new();
    for _ in 0..3 {
        answers.push(session.infer(&[[20]]).unwrap()[0][0]);
        steady.push(session.is_steady().unwrap());
    }
    assert_eq!(answers, [40, 41, 42], "the count of runs goes on");
    assert_eq!(steady, [false, true, true]);
}

#[test]
fn a_first_run_that_never_ends_is_stopped_and_proves_nothing() {
    let mut session = double(Guard::Proven).load(DOUBLE, &LoadOptions::default()).unwrap();
    let late = session.infer(&[[SPIN]]);
    assert!(matches!(late, Err(ClientError::Fault(Fault::Deadline { after: DEADLINE }))), "{late:?}");
    assert_eq!(session.infer(&[[20]]).unwrap(), [[40]]);
    assert!(!session.is_steady().unwrap(), "the first run in a new instance is watched again");
}

#[test]
fn a_fault_in_the_steady_engine_throws_the_instance_away_and_the_next_is_watched() {
    let mut session = double(Guard::Proven).load(DOUBLE, &LoadOptions::default()).unwrap();
    session.infer(&[[20]]).unwrap();
    assert!(matches!(session.infer(&[[TRAP]]), Err(ClientError::Fault(Fault::Trap { .. }))));
    assert!(!session.is_live());
    assert_eq!(session.infer(&[[20]]).unwrap(), [[40]]);
    assert!(!session.is_steady().unwrap());
}

#[test]
fn a_cancel_stops_a_steady_model_between_its_steps() {
    let cancel = Cancel::default();
    let options = LoadOptions { cancel: cancel.clone(), ..LoadOptions::default() };
    let mut session = double(Guard::Proven).load(DOUBLE, &options).unwrap();
    session.infer(&[[20]]).unwrap();
    session.write_inputs(&[[20]]).unwrap();
    cancel.pull();
    assert!(matches!(session.run(), Err(ClientError::Fault(Fault::Cancelled))));
}

#[test]
fn real_models_give_the_same_bits_whatever_guards_them() {
    for wasm in [mote::sandbox::guest::SIMD128, mote::sandbox::guest::RELAXED_SIMD] {
        let mut sessions = [Guard::Epochs, Guard::BetweenSteps, Guard::Proven]
            .map(|guard| digits(guard, wasm).load(DIGITS.int8, &LoadOptions::default()).unwrap());
        for seed in 0..4 {
            let [epochs, between, proven] = sessions.each_mut().map(|session| session.infer(&[digit(seed)]).unwrap());
            assert_eq!(epochs, between);
            assert_eq!(epochs, proven);
        }
        assert!(sessions[2].is_steady().unwrap());
    }
}

#[test]
fn every_session_of_a_snapshot_is_a_fresh_instance_with_the_model_in_it() {
    for wasm in [mote::sandbox::guest::SIMD128, mote::sandbox::guest::RELAXED_SIMD] {
        let sandbox = digits(Guard::Proven, wasm);
        let steady = Engine::new(Settings { guard: Guard::BetweenSteps, ..Settings::default() }).unwrap();
        let snapshot = Snapshot::new(&sandbox, &steady, DIGITS.int8, &LoadOptions::default()).unwrap();
        let mut loaded = sandbox.load(DIGITS.int8, &LoadOptions::default()).unwrap();
        assert_eq!(snapshot.description(), loaded.description());
        for seed in 0..3 {
            let mut fresh = snapshot.session().unwrap();
            assert_eq!(fresh.infer(&[digit(seed)]).unwrap(), loaded.infer(&[digit(seed)]).unwrap());
        }
    }
}

#[test]
fn nothing_passes_from_one_session_of_a_snapshot_to_the_next() {
    let engine = engine(Guard::BetweenSteps);
    let snapshot = Snapshot::new(&double(Guard::Proven), &engine, DOUBLE, &LoadOptions::default()).unwrap();
    let mut first = snapshot.session().unwrap();
    assert_eq!([first.infer(&[[20]]).unwrap(), first.infer(&[[20]]).unwrap()], [[[40]], [[41]]]);
    let count = |mut session: Session| session.infer(&[[20]]).unwrap();
    assert_eq!(count(snapshot.session().unwrap()), [[40]], "its count of runs starts anew");
    // A session whose instance is gone makes itself a new one from the snapshot.
    assert!(matches!(first.infer(&[[TRAP]]), Err(ClientError::Fault(Fault::Trap { .. }))));
    assert_eq!(first.infer(&[[20]]).unwrap(), [[40]]);
}

#[test]
fn compiled_snapshots_are_kept_by_model_and_guest() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { cache: Some(folder.path().to_owned()), ..Settings::default() };
    let engine = Engine::new(settings).unwrap();
    let sandbox = Sandbox::new(&engine, guest::wasm(&guest::wat())).unwrap();
    let origin = |model: &[u8]| Snapshot::new(&sandbox, &engine, model, &LoadOptions::default()).unwrap().origin();
    let other: &[u8] = &[7];
    assert_eq!([origin(DOUBLE), origin(DOUBLE), origin(other)], [Origin::Compiled, Origin::Cache, Origin::Compiled]);
}

#[test]
fn a_model_that_is_refused_makes_no_snapshot() {
    let sandbox = digits(Guard::Proven, mote::sandbox::guest::SIMD128);
    let error = Snapshot::new(&sandbox, sandbox.engine(), b"no model", &LoadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("TFL3"), "{error}");
}
