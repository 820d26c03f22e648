//! The engine's promises: what a guest may not do, and that the next call works whatever the last one did.

mod common;

use std::time::Duration;

use common::guest::{self, DOUBLE, HOG, OUTPUT_OUTSIDE, RECURSE, REFUSE, SPIN, SPIN_ON_LOAD, TRAP};
use mote::sandbox::{Cancel, Engine, Fault, Guard, LoadOptions, ModuleError, Sandbox, Session, SessionError, Settings};
use mote_abi::ClientError;

const DEADLINE: Duration = Duration::from_millis(200);

fn settings() -> Settings {
    Settings { deadline: DEADLINE, cache: None, ..Settings::default() }
}

fn sandbox(settings: Settings) -> Sandbox {
    Sandbox::new(&Engine::new(settings).unwrap(), guest::wasm(&guest::wat())).unwrap()
}

fn session() -> Session {
    sandbox(settings()).load(DOUBLE, &LoadOptions::default()).unwrap()
}

fn fault(result: Result<impl std::fmt::Debug, SessionError>) -> Fault {
    match result {
        Err(ClientError::Fault(fault)) => fault,
        other => panic!("expected a fault, found {other:?}"),
    }
}

/// After the fault the instance is gone, and the next call runs in a new one: its count of runs starts again.
fn assert_recovers(session: &mut Session) {
    assert!(!session.is_live());
    assert_eq!(session.infer(&[[20]]).unwrap(), [[40]]);
    assert!(session.is_live());
    assert_eq!(session.infer(&[[20]]).unwrap(), [[41]]);
}

#[test]
fn a_run_gives_its_outputs() {
    let mut session = session();
    assert_eq!(session.description().name, "double");
    assert_eq!(session.infer(&[[10]]).unwrap(), [[20]]);
}

#[test]
fn an_endless_run_meets_the_deadline_and_the_next_call_works() {
    let mut session = session();
    assert_eq!(fault(session.infer(&[[SPIN]])), Fault::Deadline { after: DEADLINE });
    assert_recovers(&mut session);
}

#[test]
fn an_endless_load_meets_the_deadline() {
    let result = sandbox(settings()).load(SPIN_ON_LOAD, &LoadOptions::default());
    assert_eq!(fault(result), Fault::Deadline { after: DEADLINE });
}

#[test]
fn a_trap_is_an_error_and_the_next_call_works() {
    let mut session = session();
    let found = fault(session.infer(&[[TRAP]]));
    assert!(matches!(&found, Fault::Trap { export: "mote_run", what } if what.contains("unreachable")), "{found}");
    assert_recovers(&mut session);
}

#[test]
fn endless_recursion_is_a_trap_and_the_next_call_works() {
    let mut session = session();
    let found = fault(session.infer(&[[RECURSE]]));
    assert!(matches!(&found, Fault::Trap { what, .. } if what.contains("stack")), "{found}");
    assert_recovers(&mut session);
}

#[test]
fn memory_past_the_cap_is_an_error_that_names_the_cap_and_the_next_call_works() {
    let mut session = session();
    assert_eq!(fault(session.infer(&[[HOG]])), Fault::OutOfMemory { cap: 64 << 20 });
    assert_recovers(&mut session);
}

#[test]
fn memory_within_a_larger_cap_is_granted() {
    let settings = Settings { memory_cap: 256 << 20, ..settings() };
    let mut session = sandbox(settings).load(DOUBLE, &LoadOptions::default()).unwrap();
    assert_eq!(session.infer(&[[HOG]]).unwrap(), [[2 * HOG]]);
    assert_eq!(session.memory_bytes().unwrap(), 2049 << 16);
}

#[test]
fn a_cap_below_the_first_page_refuses_the_instance() {
    let settings = Settings { memory_cap: 1 << 10, ..settings() };
    let result = sandbox(settings).load(DOUBLE, &LoadOptions::default());
    assert_eq!(fault(result), Fault::OutOfMemory { cap: 1 << 10 });
}

#[test]
fn an_address_outside_the_memory_is_an_error() {
    let mut session = sandbox(settings()).load(OUTPUT_OUTSIDE, &LoadOptions::default()).unwrap();
    let found = fault(session.infer(&[[1 << 4]]));
    assert_eq!(found, Fault::Bounds { ptr: 0xffff_fff0, len: 1, size: 1 << 16 });
}

#[test]
fn what_the_guest_refuses_leaves_the_session_live() {
    let mut session = session();
    let refused = session.infer(&[[REFUSE]]);
    assert!(matches!(&refused, Err(ClientError::Guest(e)) if e.place == "input 0"), "{refused:?}");
    assert!(session.is_live());
    assert_eq!(session.infer(&[[20]]).unwrap(), [[40]]);
}

#[test]
fn inputs_of_the_wrong_size_or_number_are_refused_before_the_run() {
    let mut session = session();
    assert!(matches!(session.infer(&[[1, 2]]), Err(ClientError::Size { expected: 1, found: 2, .. })));
    assert!(matches!(session.infer::<[u8; 1]>(&[]), Err(ClientError::Size { expected: 1, found: 0, .. })));
    assert!(session.is_live());
}

#[test]
fn a_run_is_cancelled_from_another_thread() {
    let cancel = Cancel::default();
    let options = LoadOptions { cancel: cancel.clone(), ..LoadOptions::default() };
    let settings = Settings { deadline: Duration::from_secs(3600), ..settings() };
    let mut session = sandbox(settings).load(DOUBLE, &options).unwrap();
    std::thread::scope(|scope| {
        let running = scope.spawn(|| fault(session.infer(&[[SPIN]])));
        cancel.pull();
        assert_eq!(running.join().unwrap(), Fault::Cancelled);
    });
}

#[test]
fn between_steps_runs_the_same_and_stops_when_overdue() {
    let settings = Settings { guard: Guard::BetweenSteps, ..settings() };
    let sandbox = sandbox(settings);
    let cancel = Cancel::default();
    let options = LoadOptions { cancel: cancel.clone(), ..LoadOptions::default() };
    let mut session = sandbox.load(DOUBLE, &options).unwrap();
    assert_eq!(session.infer(&[[10]]).unwrap(), [[20]]);
    cancel.pull();
    assert_eq!(fault(session.infer(&[[10]])), Fault::Cancelled);
}

#[test]
fn modules_that_are_no_guests_are_refused_by_what_is_wrong() {
    let engine = Engine::new(settings()).unwrap();
    let refuse = |wat: &str| Sandbox::new(&engine, guest::wasm(wat)).unwrap_err();

    let import = guest::wat().replacen("(module", r#"(module (import "env" "clock" (func))"#, 1);
    assert_eq!(refuse(&import), ModuleError::Import { module: "env".into(), name: "clock".into() });

    let missing = guest::wat().replace("mote_reset", "reset");
    assert!(matches!(refuse(&missing), ModuleError::Export { name: "mote_reset", found, .. } if found == "nothing"));

    let mistyped = guest::wat().replace(r#""mote_unload") (param i32)"#, r#""mote_unload") (param i64)"#);
    assert!(matches!(refuse(&mistyped), ModuleError::Export { name: "mote_unload", .. }));

    assert!(matches!(Sandbox::new(&engine, b"no module".as_slice()), Err(ModuleError::Invalid { .. })));
    assert!(matches!(refuse("(module (memory i64 1))"), ModuleError::Invalid { .. }));
}
