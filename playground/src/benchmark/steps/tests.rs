use super::*;
use crate::benchmark::peak::Peak;
use crate::benchmark::suite::Measured;
use crate::protocol::{Kernels, Order, Reply};
use crate::relaxed::Relaxed;
use crate::state::Source;
use crate::update;

const PEAK: Peak = Peak { simd128: 50e9, relaxed: None };

fn machine() -> Machine {
    Machine::of("Firefox/150.0 Linux", 4, "2026-01-02T03:04:05Z")
}

fn measured(macs: u64) -> Measured {
    Measured { macs, float: false, file_bytes: 1, builds: Vec::new() }
}

fn tell(state: &mut State, event: Event) -> Vec<Effect> {
    state.update(update::Event::Benchmark(event))
}

/// The task that is the last of some effects, and its buffers.
fn task(effects: &[Effect]) -> (Job, Task, Vec<Bytes>) {
    match effects.last() {
        Some(Effect::Work { order: Order { job, task, .. }, buffers }) => (*job, task.clone(), buffers.clone()),
        other => panic!("a task: {other:?}"),
    }
}

fn worked(state: &mut State, job: Job, product: Product) -> Vec<Effect> {
    state.update(update::Event::Replied { reply: Reply::Worked { job, product }, buffers: Vec::new() })
}

/// The task for the model that is to be fetched now.
fn fetched(state: &mut State, effects: &[Effect]) -> (Job, Task, Vec<Bytes>) {
    let Some(Effect::Fetch { job, .. }) = effects.last() else { panic!("a fetch: {effects:?}") };
    let effects = state.update(update::Event::Fetched { job: *job, result: Ok(vec![9]) });
    task(&effects)
}

#[test]
fn the_users_model_and_the_zoos_are_measured_with_all_builds_that_run_here() {
    let mut state = State { relaxed: Some(Relaxed::default()), ..State::default() };
    state.source = Some(Source { name: "mine.tflite".into(), zoo: None, bytes: Some(vec![7].into()), loadable: None });
    let (job, peak, _) = task(&tell(&mut state, Event::Asked(machine())));
    assert_eq!(peak, Task::Peak { relaxed: false });
    let (job, own, buffers) = task(&worked(&mut state, job, Product::Peaked(PEAK)));
    assert_eq!(own, Task::Benchmark { kernels: vec![Kernels::Simd128, Kernels::Reference] });
    assert_eq!(buffers, [Bytes::from(vec![7])]);
    let mut effects = worked(&mut state, job, Product::Benchmarked(measured(1)));
    for entry in 0..zoo::ENTRIES.len() {
        assert!(matches!(state.benchmark.work, Work::Running(_)));
        let (job, _, buffers) = fetched(&mut state, &effects);
        assert_eq!(buffers, [Bytes::from(vec![9])]);
        effects = worked(&mut state, job, Product::Benchmarked(measured(entry as u64 + 2)));
    }
    assert_eq!((&effects[..], &state.benchmark.work), (&[][..], &Work::Idle));
    let found: Vec<(&str, u64)> =
        state.benchmark.rows.iter().map(|row| (row.model.as_str(), row.measured.macs)).collect();
    assert_eq!(found[0], ("mine.tflite", 1));
    assert_eq!(found.len(), zoo::ENTRIES.len() + 1);
    assert_eq!((state.benchmark.peak, state.benchmark.machine.as_ref()), (Some(PEAK), Some(&machine())));
}

#[test]
fn what_was_measured_stays_when_the_user_stops_and_late_answers_change_nothing() {
    let mut state = State::default();
    let (job, ..) = task(&tell(&mut state, Event::Asked(machine())));
    let effects = worked(&mut state, job, Product::Peaked(PEAK));
    let (job, ..) = fetched(&mut state, &effects);
    let effects = worked(&mut state, job, Product::Benchmarked(measured(3)));
    let (job, ..) = fetched(&mut state, &effects);
    assert_eq!(tell(&mut state, Event::Stopped), [Effect::StopWork]);
    worked(&mut state, job, Product::Benchmarked(measured(4)));
    assert_eq!((state.benchmark.rows.len(), &state.benchmark.work), (1, &Work::Stopped));
    // Anew from the start.
    let (_, again, _) = task(&tell(&mut state, Event::Asked(machine())));
    assert_eq!(again, Task::Peak { relaxed: false });
    assert_eq!(state.benchmark.rows, []);
}

#[test]
fn a_failure_is_told() {
    let mut state = State::default();
    let (job, ..) = task(&tell(&mut state, Event::Asked(machine())));
    let effects = worked(&mut state, job, Product::Peaked(PEAK));
    let Some(Effect::Fetch { job, .. }) = effects.last() else { panic!("a fetch: {effects:?}") };
    state.update(update::Event::Fetched { job: *job, result: Err("status 404".into()) });
    assert_eq!(state.benchmark.work, Work::Failed(Failure::Page("status 404".into())));
}

#[test]
fn results_are_handed_out_as_text_and_as_a_file() {
    let mut state = State::default();
    state.benchmark.rows = vec![Row { model: "m".into(), measured: measured(1) }];
    let effects = tell(&mut state, Event::CopyAsked);
    assert_eq!(effects, [Effect::Copy(share::markdown(&state.benchmark))]);
    let effects = tell(&mut state, Event::DownloadAsked);
    let [Effect::Save { name, bytes }] = effects.as_slice() else { panic!("a file: {effects:?}") };
    assert!(name.ends_with(".json") && serde_json::from_slice::<serde_json::Value>(bytes).is_ok());
}
