use mote_abi::{Build, Description, GuestError, Tensor};
use mote_models::metrics::ConfusionMatrix;

use super::*;
use crate::evaluation::{Answered, Part};
use crate::pipeline::{Product, Task};
use crate::protocol::Kernels;
use crate::relaxed::{Dot, Relaxed};
use crate::report::Report;
use crate::sketch::Point;
use crate::zoo;

fn tensor(dtype: &str, shape: &[u32], scale: f32) -> Tensor {
    let elements: u32 = shape.iter().product();
    Tensor {
        index: 0,
        name: String::new(),
        dtype: dtype.into(),
        shape: shape.into(),
        scale_bits: Some(scale.to_bits()),
        zero_point: Some(-128),
        bytes: u64::from(elements),
    }
}

fn digits() -> Description {
    Description {
        name: String::new(),
        inputs: vec![tensor("int8", &[1, 8, 8, 1], 1.0 / 255.0)],
        outputs: vec![tensor("int8", &[1, 10], 1.0 / 256.0)],
        arena_bytes: 2048,
        arena_lower_bound: 2048,
        state_bytes: 0,
        weight_bytes: 1,
        file_bytes: 1,
        ops: Vec::new(),
    }
}

fn report() -> Report {
    let mut confusion = ConfusionMatrix::new(2);
    confusion.add(1, 0);
    Report { confusion, latency: None }
}

/// So many samples from a place on, of nine, have run: all of class 1, predicted as 0.
fn answered(job: Job, from: usize, end: usize) -> Reply {
    let counts = vec![(1, 0, (end - from) as u64)];
    Reply::Evaluated { job, answered: Answered { part: Part { from, end }, total: 9, counts, millis: 1.0 } }
}

/// The only sample of an evaluation has run, and was timed.
fn evaluated(state: &mut State, job: Job) {
    let part = Part { from: 0, end: 1 };
    let answered = Answered { part, total: 1, counts: vec![(1, 0, 1)], millis: 1.0 };
    let effects = reply(state, Reply::Evaluated { job, answered });
    assert_eq!(effects, [post(Request::Time { job }, vec![])]);
    let effects = reply(state, Reply::Timed { job, latency: None, more: false });
    assert_eq!(effects, [post(Request::Forget { job }, vec![])]);
}

fn reply(state: &mut State, reply: Reply) -> Vec<Effect> {
    state.update(Event::Replied { reply, buffers: Vec::new() })
}

fn refusal() -> Failure {
    Failure::Guest(GuestError {
        kind: "malformed".into(),
        place: "file".into(),
        expected: "the identifier TFL3".into(),
        found: "0000".into(),
    })
}

/// A page whose worker answers and whose model, a file of the user's, is ready.
fn ready(description: Description) -> State {
    let mut state = State::default();
    reply(&mut state, Reply::Probed { relaxed: Relaxed::default() });
    let effects = state.update(Event::ModelOpened { name: "mine.tflite".into(), bytes: vec![1, 2] });
    let [Effect::Post { request: Request::Load { job, .. }, buffers }] = effects.as_slice() else {
        panic!("a load: {effects:?}")
    };
    assert_eq!(buffers, &[vec![1, 2]]);
    reply(&mut state, Reply::Loaded { job: *job, build: Build::Simd128, description });
    state
}

fn evaluating(state: &mut State) -> Job {
    state.update(Event::DataOpened { name: "mine.npz".into(), bytes: vec![9] });
    let effects = state.update(Event::EvaluateAsked);
    let [Effect::Post { request: Request::Evaluate { job, part: Part::ALL }, buffers }] = effects.as_slice() else {
        panic!("an evaluation: {effects:?}")
    };
    assert_eq!(buffers, &[vec![9]]);
    *job
}

#[test]
fn the_page_starts_with_the_first_model_of_the_zoo() {
    let mut state = State::default();
    let effects = state.update(Event::Started);
    let [Effect::Post { request: Request::Probe, .. }, Effect::Fetch { job, path }] = effects.as_slice() else {
        panic!("a probe and a fetch: {effects:?}")
    };
    assert_eq!(*path, zoo::ENTRIES[0].model);
    let waits = state.update(Event::Fetched { job: *job, result: Ok(vec![7]) });
    assert_eq!(waits, [], "which guest is fetched depends on what the browser has");
    let effects = reply(&mut state, Reply::Probed { relaxed: Relaxed::default() });
    let load = Request::Load { job: *job, kernels: Kernels::Simd128 };
    assert_eq!(effects, [Effect::Post { request: load, buffers: vec![vec![7].into()] }]);
    reply(&mut state, Reply::Loaded { job: *job, build: Build::Simd128, description: digits() });
    assert!(state.can_evaluate());
}

#[test]
fn a_file_that_cannot_be_fetched_is_told() {
    let mut state = State::default();
    let effects = state.update(Event::ZooChosen(1));
    let [Effect::Fetch { job, .. }] = effects.as_slice() else { panic!("a fetch: {effects:?}") };
    state.update(Event::Fetched { job: *job, result: Err("status 404".into()) });
    assert_eq!(state.model, Model::Refused(Failure::Page("status 404".into())));
}

#[test]
fn a_model_that_guests_do_not_read_is_imported_before_it_is_loaded() {
    let mut state = State::default();
    reply(&mut state, Reply::Probed { relaxed: Relaxed::default() });
    let effects = state.update(Event::ModelOpened { name: "net.onnx".into(), bytes: vec![8] });
    let [Effect::Work { order, buffers }] = effects.as_slice() else { panic!("an import: {effects:?}") };
    assert_eq!((&order.task, buffers), (&Task::Import, &vec![vec![8].into()]));
    let job = order.job;
    let worked = Reply::Worked { job, product: Product::Imported };
    let effects = state.update(Event::Replied { reply: worked, buffers: vec![vec![9]] });
    let [Effect::Post { request: Request::Load { job, .. }, buffers }] = effects.as_slice() else {
        panic!("a load: {effects:?}")
    };
    assert_eq!(buffers, &[vec![9]]);
    reply(&mut state, Reply::Loaded { job: *job, build: Build::Simd128, description: digits() });
    assert_eq!(state.source.as_ref().unwrap().bytes.as_ref().unwrap(), &vec![8], "a recipe is for the file itself");
    let effects = state.update(Event::KernelsChosen(Wanted::These(Kernels::Reference)));
    assert!(matches!(effects.as_slice(), [Effect::Post { .. }]), "it is imported once: {effects:?}");

    state.update(Event::ModelOpened { name: "trees.onnx".into(), bytes: vec![7] });
    let Model::Loading { job } = state.model else { panic!("{:?}", state.model) };
    reply(&mut state, Reply::Failed { job: Some(job), failure: refusal() });
    assert_eq!(state.model, Model::Refused(refusal()));

    state.update(Event::ModelOpened { name: "other.onnx".into(), bytes: vec![7] });
    let effects = state.update(Event::ZooChosen(0));
    assert!(effects.contains(&Effect::StopWork), "its import is given up with it: {effects:?}");
}

#[test]
fn replies_to_a_model_that_was_given_up_are_dropped() {
    let mut state = State::default();
    let effects = state.update(Event::ZooChosen(0));
    let [Effect::Fetch { job: first, .. }] = effects.as_slice() else { panic!("a fetch: {effects:?}") };
    state.update(Event::ModelOpened { name: "b.tflite".into(), bytes: vec![2] });
    let wanted = state.model.clone();
    assert_eq!(state.update(Event::Fetched { job: *first, result: Ok(vec![1]) }), []);
    reply(&mut state, Reply::Loaded { job: *first, build: Build::Simd128, description: digits() });
    reply(&mut state, Reply::Failed { job: Some(*first), failure: refusal() });
    assert_eq!(state.model, wanted);
    assert_eq!(state.source.as_ref().unwrap().bytes, Some(vec![2].into()));
}

#[test]
fn a_refused_model_shows_the_guests_words_and_cannot_be_evaluated() {
    let mut state = State::default();
    state.update(Event::ModelOpened { name: "bad.tflite".into(), bytes: vec![0] });
    let Model::Loading { job } = state.model else { panic!("{:?}", state.model) };
    reply(&mut state, Reply::Failed { job: Some(job), failure: refusal() });
    assert_eq!(state.model, Model::Refused(refusal()));
    assert_eq!(state.update(Event::EvaluateAsked), []);
}

#[test]
fn other_kernels_load_the_same_bytes_again_and_drop_old_results() {
    let mut state = ready(digits());
    let job = evaluating(&mut state);
    evaluated(&mut state, job);
    assert_eq!(state.evaluation, Evaluation::Done(report()));
    let effects = state.update(Event::KernelsChosen(Wanted::These(Kernels::Reference)));
    let [Effect::Post { request: Request::Load { kernels, .. }, buffers }] = effects.as_slice() else {
        panic!("a load: {effects:?}")
    };
    assert_eq!((*kernels, buffers), (Kernels::Reference, &vec![vec![1, 2].into()]));
    assert_eq!(state.evaluation, Evaluation::Idle);
    assert!(matches!(state.data, Data::File { .. }), "the user's samples stay");
}

#[test]
fn a_model_without_samples_asks_for_them() {
    let mut state = ready(digits());
    assert_eq!(state.update(Event::EvaluateAsked), []);
    assert!(matches!(state.evaluation, Evaluation::Failed(Failure::Data(_))));
}

#[test]
fn an_evaluation_reports_progress_and_ends() {
    let mut state = ready(digits());
    let job = evaluating(&mut state);
    assert!(!state.can_evaluate(), "one at a time");
    let effects = reply(&mut state, answered(job, 0, 3));
    assert_eq!(effects, [post(Request::Evaluate { job, part: Part { from: 3, end: 9 } }, vec![])], "and goes on");
    assert_eq!(state.evaluation, Evaluation::Running { job, done: 3, total: 9, right: 0 });
    reply(&mut state, Reply::Failed { job: Some(job), failure: Failure::Data("no y".into()) });
    assert_eq!(state.evaluation, Evaluation::Failed(Failure::Data("no y".into())));
}

#[test]
fn a_cancelled_evaluation_stays_cancelled() {
    let mut state = ready(digits());
    let job = evaluating(&mut state);
    reply(&mut state, answered(job, 0, 3));
    let effects = state.update(Event::CancelAsked);
    assert_eq!(effects, [post(Request::Forget { job }, vec![])]);
    assert_eq!(reply(&mut state, answered(job, 3, 4)), [], "nothing more is asked");
    assert_eq!(reply(&mut state, Reply::Timed { job, latency: None, more: false }), []);
    assert_eq!(state.evaluation, Evaluation::Cancelled { done: 3 });
    assert!(state.can_evaluate(), "and another can start");
}

#[test]
fn a_drawing_runs_once_at_a_time_and_ends_with_its_last_form() {
    let mut state = ready(digits());
    let effects = state.update(Event::PenPressed(Point { x: 0.5, y: 0.1 }));
    let [Effect::Post { request: Request::Run { job }, buffers }] = effects.as_slice() else {
        panic!("a run: {effects:?}")
    };
    assert_eq!(buffers[0].len(), 64);
    assert!(buffers[0].contains(&127) || buffers[0].iter().any(|&q| q != 128), "some blocks are on");
    assert_eq!(state.update(Event::PenMoved(Point { x: 0.5, y: 0.5 })), [], "the first run is under way");
    assert_eq!(state.update(Event::PenMoved(Point { x: 0.5, y: 0.9 })), []);
    let scores: Vec<u8> = (0..10).map(|class| if class == 1 { 127 } else { 128 }).collect();
    let effects = state.update(Event::Replied { reply: Reply::Ran { job: *job }, buffers: vec![scores.clone()] });
    assert_eq!(state.live.scores[1], 255.0 / 256.0);
    let [Effect::Post { request: Request::Run { job }, .. }] = effects.as_slice() else {
        panic!("one more run for both moves: {effects:?}")
    };
    let effects = state.update(Event::Replied { reply: Reply::Ran { job: *job }, buffers: vec![scores] });
    assert_eq!(effects, []);
    state.update(Event::PenLifted);
    assert_eq!(state.update(Event::PenMoved(Point { x: 0.9, y: 0.9 })), []);
}

#[test]
fn a_cleared_drawing_has_no_scores_and_a_late_answer_gives_none() {
    let mut state = ready(digits());
    let effects = state.update(Event::PenPressed(Point { x: 0.5, y: 0.1 }));
    let [Effect::Post { request: Request::Run { job }, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    state.update(Event::SketchCleared);
    state.update(Event::Replied { reply: Reply::Ran { job: *job }, buffers: vec![vec![0; 10]] });
    assert!(state.live.scores.is_empty() && state.sketch.is_empty());
}

#[test]
fn a_model_of_another_input_gets_no_drawing() {
    let mut state = ready(Description { inputs: vec![tensor("int8", &[1, 490], 1.0)], ..digits() });
    assert!(!state.takes_digits());
    assert_eq!(state.update(Event::PenPressed(Point { x: 0.5, y: 0.1 })), []);
}

#[test]
fn a_drawing_waits_for_the_model_that_is_being_loaded() {
    let mut state = ready(digits());
    state.update(Event::KernelsChosen(Wanted::These(Kernels::Reference)));
    let Model::Loading { job } = state.model else { panic!("{:?}", state.model) };
    assert_eq!(state.update(Event::PenPressed(Point { x: 0.5, y: 0.1 })), []);
    let effects = reply(&mut state, Reply::Loaded { job, build: Build::Simd128, description: digits() });
    assert!(matches!(effects.as_slice(), [Effect::Post { request: Request::Run { .. }, .. }]));
}

#[test]
fn a_dead_worker_is_replaced_its_model_loaded_again_and_its_evaluation_goes_on() {
    let mut state = ready(digits());
    let job = evaluating(&mut state);
    reply(&mut state, answered(job, 0, 3));
    let trap = Failure::Trap("unreachable executed".into());
    let effects = reply(&mut state, Reply::Failed { job: Some(job), failure: trap.clone() });
    let [
        replace,
        Effect::Post { request: Request::Probe, .. },
        Effect::Post { request: Request::Load { job: load, .. }, .. },
    ] = effects.as_slice()
    else {
        panic!("{effects:?}")
    };
    assert_eq!(*replace, Effect::ReplaceWorker);
    let after = Some("unreachable executed".to_string());
    assert_eq!(state.worker, Worker::Starting { after: after.clone() });
    reply(&mut state, Reply::Probed { relaxed: Relaxed::default() });
    let effects = reply(&mut state, Reply::Loaded { job: *load, build: Build::Simd128, description: digits() });
    let rest = Request::Evaluate { job, part: Part { from: 3, end: 9 } };
    assert_eq!(effects[0], post(rest, vec![vec![9].into()]), "the fresh one has no samples yet");
    assert_eq!(state.worker, Worker::Ready { after }, "the page goes on to say so");
    assert_eq!(state.evaluation, Evaluation::Running { job, done: 3, total: 9, right: 0 });
}

#[test]
fn an_evaluation_that_kills_worker_after_worker_fails() {
    let mut state = ready(digits());
    let job = evaluating(&mut state);
    for death in 1..=3 {
        assert!(matches!(state.evaluation, Evaluation::Running { .. }), "after {} deaths", death - 1);
        state.update(Event::WorkerDied("out of memory".into()));
        reply(&mut state, Reply::Probed { relaxed: Relaxed::default() });
        let Model::Loading { job: load } = state.model else { panic!("{:?}", state.model) };
        reply(&mut state, Reply::Loaded { job: load, build: Build::Simd128, description: digits() });
    }
    assert_eq!(state.evaluation, Evaluation::Failed(Failure::Trap("out of memory".into())));
    assert_eq!(reply(&mut state, answered(job, 0, 3)), []);
    assert!(state.can_evaluate());
}

#[test]
fn an_evaluation_fails_with_a_model_that_cannot_be_loaded_again() {
    let mut state = ready(digits());
    evaluating(&mut state);
    state.update(Event::WorkerDied("out of memory".into()));
    let Model::Loading { job } = state.model else { panic!("{:?}", state.model) };
    reply(&mut state, Reply::Failed { job: Some(job), failure: refusal() });
    assert_eq!(state.evaluation, Evaluation::Failed(refusal()));
}

/// An evaluation of nine slow samples, two of which have run, on so many cores; what the page does next.
fn shared(cores: usize) -> (State, Job, Vec<Effect>) {
    let mut state = ready(digits());
    state.pool = crate::pool::Pool::of_cores(cores);
    let job = evaluating(&mut state);
    let slow = |from: usize| {
        let part = Part { from, end: from + 1 };
        Reply::Evaluated { job, answered: Answered { part, total: 9, counts: vec![(1, 0, 1)], millis: 1000.0 } }
    };
    reply(&mut state, slow(0));
    let effects = reply(&mut state, slow(1));
    (state, job, effects)
}

fn load_of(effect: &Effect, number: usize) -> bool {
    matches!(effect, Effect::Help { helper, request: Request::Load { .. }, buffers } if *helper == number && buffers == &[vec![1, 2]])
}

#[test]
fn helpers_take_shares_of_a_long_evaluation_and_go_before_it_is_timed() {
    let (mut state, job, effects) = shared(2);
    let half = Request::Evaluate { job, part: Part { from: 2, end: 6 } };
    assert_eq!((effects.len(), &effects[0]), (2, &post(half, vec![])));
    assert!(load_of(&effects[1], 1), "{effects:?}");
    let loaded = Reply::Loaded { job, build: Build::Simd128, description: digits() };
    let effects = state.update(Event::Helped { helper: 1, reply: loaded });
    let share = Request::Evaluate { job, part: Part { from: 6, end: 8 } };
    assert_eq!(effects, [Effect::Help { helper: 1, request: share, buffers: vec![vec![9].into()] }]);
    reply(&mut state, answered(job, 2, 6));
    let effects = state.update(Event::Helped { helper: 1, reply: answered(job, 6, 8) });
    assert_eq!(effects, [], "the own runner has the last one");
    assert_eq!(state.evaluation, Evaluation::Running { job, done: 8, total: 9, right: 0 });
    let effects = reply(&mut state, answered(job, 8, 9));
    assert_eq!(effects, [Effect::EndHelper(1), post(Request::Time { job }, vec![])]);
    reply(&mut state, Reply::Timed { job, latency: None, more: false });
    let mut confusion = ConfusionMatrix::new(2);
    confusion.add_many(1, 0, 9);
    assert_eq!(state.evaluation, Evaluation::Done(Report { confusion, latency: None }));
}

#[test]
fn a_cancel_reaches_all_helpers() {
    let (mut state, job, _) = shared(2);
    let effects = state.update(Event::CancelAsked);
    assert_eq!(effects, [Effect::EndHelper(1), post(Request::Forget { job }, vec![])]);
    assert_eq!(state.evaluation, Evaluation::Cancelled { done: 2 });
    let loaded = Reply::Loaded { job, build: Build::Simd128, description: digits() };
    assert_eq!(state.update(Event::Helped { helper: 1, reply: loaded }), [], "a late answer");
    assert!(
        shared(2).0.update(Event::KernelsChosen(Wanted::These(Kernels::Reference))).contains(&Effect::EndHelper(1))
    );
}

#[test]
fn a_dead_helper_is_replaced_and_told_of() {
    let (mut state, _, _) = shared(2);
    let effects = state.update(Event::HelperDied { helper: 1, why: "out of memory".into() });
    assert_eq!((effects.len(), &effects[0]), (2, &Effect::EndHelper(1)));
    assert!(load_of(&effects[1], 1), "{effects:?}");
    assert_eq!(state.worker, Worker::Ready { after: Some("out of memory".into()) });
    let trap = Reply::Failed { job: None, failure: Failure::Trap("unreachable".into()) };
    assert_eq!(state.update(Event::Helped { helper: 1, reply: trap.clone() }).len(), 2, "so does one that traps");
    state.update(Event::Helped { helper: 1, reply: trap });
    assert_eq!(state.evaluation, Evaluation::Failed(Failure::Trap("unreachable".into())), "but not for ever");
}

#[test]
fn a_helper_that_gets_no_model_is_done_without() {
    let (mut state, job, _) = shared(2);
    let failure = Failure::Page("mote_runtime.wasm cannot be fetched".into());
    let effects = state.update(Event::Helped { helper: 1, reply: Reply::Failed { job: Some(job), failure } });
    assert_eq!(effects, [Effect::EndHelper(1)]);
    assert!(matches!(state.evaluation, Evaluation::Running { .. }));
}

#[test]
fn a_model_that_kills_the_worker_is_not_loaded_again() {
    let mut state = ready(digits());
    state.update(Event::ModelOpened { name: "killer.tflite".into(), bytes: vec![3] });
    let effects = state.update(Event::WorkerDied("stack overflow".into()));
    let probe = Effect::Post { request: Request::Probe, buffers: vec![] };
    assert_eq!(effects, [Effect::ReplaceWorker, probe]);
    assert_eq!(state.model, Model::Refused(Failure::Trap("stack overflow".into())));
}

#[test]
fn a_worker_that_never_answers_is_not_replaced_for_ever() {
    let mut state = State::default();
    state.update(Event::Started);
    assert_eq!(state.update(Event::WorkerDied("no such file".into())), []);
    assert_eq!(state.worker, Worker::Dead { why: "no such file".into() });
}

#[test]
fn a_worker_without_any_guest_is_told() {
    let mut state = State::default();
    state.update(Event::Started);
    let failure = Failure::Page("mote_runtime.wasm cannot be fetched: status 404".into());
    reply(&mut state, Reply::Failed { job: None, failure });
    assert_eq!(state.worker, Worker::Dead { why: "mote_runtime.wasm cannot be fetched: status 404".into() });
}

#[test]
fn the_guest_is_the_fastest_one_here_until_the_user_wants_another() {
    let loaded_with = |effects: &[Effect]| match effects {
        [Effect::Post { request: Request::Load { kernels, .. }, .. }] => *kernels,
        other => panic!("a load: {other:?}"),
    };
    let mut state = State::default();
    state.update(Event::ModelOpened { name: "mine.tflite".into(), bytes: vec![1] });
    let relaxed = Relaxed { offered: true, dot: Some(Dot::Signed) };
    assert_eq!(loaded_with(&reply(&mut state, Reply::Probed { relaxed })), Kernels::RelaxedSimd);
    assert_eq!(reply(&mut state, Reply::Probed { relaxed }), [], "it is on its way already");
    let effects = state.update(Event::KernelsChosen(Wanted::These(Kernels::Simd128)));
    assert_eq!((loaded_with(&effects), state.kernels), (Kernels::Simd128, Kernels::Simd128));
    let effects = state.update(Event::KernelsChosen(Wanted::Automatic));
    assert_eq!(loaded_with(&effects), Kernels::RelaxedSimd);
}
