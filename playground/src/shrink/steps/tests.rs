use mote_abi::{Build, Description, Tensor};
use mote_models::judge::Size;
use mote_models::recipe::Summaries;
use mote_models::samples::{SampleError, SampleErrorKind};

use super::super::{Choices, Split};
use super::*;
use crate::pipeline::{Judged, Survey};
use crate::protocol::{Order, Reply};
use crate::relaxed::Relaxed;
use crate::update;
use crate::workshop::Place;

fn tensor(dtype: &str) -> Tensor {
    Tensor {
        index: 0,
        name: "x".into(),
        dtype: dtype.into(),
        shape: vec![1, 4],
        scale_bits: (dtype == "int8").then(|| 1f32.to_bits()),
        zero_point: (dtype == "int8").then_some(0),
        bytes: 4,
    }
}

fn description(dtype: &str) -> Description {
    Description {
        name: String::new(),
        inputs: vec![tensor(dtype)],
        outputs: vec![tensor(dtype)],
        arena_bytes: 8,
        arena_lower_bound: 8,
        state_bytes: 0,
        weight_bytes: 0,
        file_bytes: 4,
        ops: Vec::new(),
    }
}

fn judged() -> Product {
    let size = Size { weights: None, macs: 9, file_bytes: 4, gzip_bytes: 3, arena_bytes: 8, arena_lower_bound: 8 };
    Product::Judged(Box::new(Judged { size, accuracy: None, latency: None }))
}

fn file(bytes: &[u8]) -> Bytes {
    bytes.to_vec().into()
}

fn made() -> Product {
    Product::Made { summaries: Summaries::default() }
}

fn reply(state: &mut State, reply: Reply, buffers: Vec<Vec<u8>>) -> Vec<Effect> {
    state.update(update::Event::Replied { reply, buffers })
}

fn worked(state: &mut State, job: Job, product: Product, buffers: Vec<Vec<u8>>) -> Vec<Effect> {
    reply(state, Reply::Worked { job, product }, buffers)
}

fn tell(state: &mut State, event: Event) -> Vec<Effect> {
    state.update(event.into())
}

/// The one task among effects.
fn task(effects: &[Effect]) -> (Job, &Task, &[Bytes]) {
    let [Effect::Work { order: Order { job, task, .. }, buffers }] = effects else { panic!("one task: {effects:?}") };
    (*job, task, buffers)
}

/// A page with a model of the user's and samples of the user's, which are being counted if the model computes with float32.
fn opened(dtype: &str) -> (State, Vec<Effect>) {
    let mut state = State::default();
    reply(&mut state, Reply::Probed { relaxed: Relaxed::default() }, vec![]);
    state.update(update::Event::ModelOpened { name: "net.tflite".into(), bytes: vec![1, 2] });
    let Model::Loading { job } = state.model else { panic!("{:?}", state.model) };
    let loaded = Reply::Loaded { job, build: Build::Simd128, description: description(dtype) };
    assert_eq!(reply(&mut state, loaded, vec![]), [], "without samples there is nothing to count");
    let effects = state.update(update::Event::DataOpened { name: "a.npz".into(), bytes: vec![9] });
    (state, effects)
}

fn counted() -> State {
    let (mut state, effects) = opened("float32");
    let (job, what, buffers) = task(&effects);
    assert_eq!((what, buffers), (&Task::Survey, &[file(&[1, 2]), file(&[9])][..]));
    let survey = Survey { samples: 30, labelled: true };
    assert_eq!(worked(&mut state, job, Product::Surveyed(survey), vec![]), []);
    state
}

/// A page that makes its first variant.
fn making() -> (State, Job) {
    let mut state = counted();
    let effects = tell(&mut state, Event::Asked);
    let (job, what, buffers) = task(&effects);
    let places = Split::of(30).test_places();
    assert_eq!(
        (what, buffers),
        (&Task::Judge { places }, &[file(&[1, 2]), file(&[9])][..]),
        "the original comes first"
    );
    let effects = worked(&mut state, job, judged(), vec![]);
    let (job, what, buffers) = task(&effects);
    let recipe = Choices::default().recipe(Split::of(30)).unwrap().into();
    assert_eq!((what, buffers), (&Task::Make { recipe }, &[file(&[1, 2]), file(&[9])][..]));
    (state, job)
}

/// A page with one variant.
fn shrunk() -> State {
    let (mut state, job) = making();
    let effects = worked(&mut state, job, made(), vec![vec![7]]);
    let (job, what, buffers) = task(&effects);
    assert_eq!((what, buffers), (&Task::Judge { places: Split::of(30).test_places() }, &[file(&[7]), file(&[9])][..]));
    assert_eq!(worked(&mut state, job, judged(), vec![]), []);
    assert_eq!(state.shrink.work, Work::Idle);
    state
}

#[test]
fn a_variant_is_made_and_judged_after_its_original() {
    let state = shrunk();
    let [variant] = state.shrink.variants.as_slice() else { panic!("one variant") };
    assert_eq!((&*variant.file, variant.plan.name.as_str()), (&[7][..], "int8"));
    assert!(variant.measured.is_some() && state.shrink.original.is_some());
}

#[test]
fn a_second_variant_does_not_judge_the_original_again_and_the_same_one_takes_its_place() {
    let mut state = shrunk();
    for (samples, kept) in [(3, 2), (100, 2)] {
        tell(&mut state, Event::Chosen(Choices { samples, ..Choices::default() }));
        let effects = tell(&mut state, Event::Asked);
        let (job, what, _) = task(&effects);
        assert!(matches!(what, Task::Make { .. }), "{what:?}");
        let effects = worked(&mut state, job, made(), vec![vec![8]]);
        let (job, ..) = task(&effects);
        worked(&mut state, job, judged(), vec![]);
        assert_eq!(state.shrink.variants.len(), kept);
    }
    let id = state.shrink.variants[0].id;
    tell(&mut state, Event::Dropped(id));
    assert_eq!(state.shrink.variants.len(), 1);
}

#[test]
fn progress_is_that_of_the_job_under_way() {
    let (mut state, job) = making();
    for (told, done) in [(job, 3), (Job(job.0 - 1), 5)] {
        reply(&mut state, Reply::Working { job: told, stage: "calibrate".into(), done, total: 9 }, vec![]);
        let running = Place::Running { stage: "calibrate".into(), done: 3, total: 9 };
        assert_eq!(state.workshop.place(job), Some(running));
    }
}

#[test]
fn a_cancel_ends_the_worker_and_a_late_answer_makes_nothing() {
    let (mut state, job) = making();
    assert_eq!(tell(&mut state, Event::Asked), [], "one at a time");
    assert_eq!(tell(&mut state, Event::Cancelled), [Effect::StopWork]);
    assert_eq!(worked(&mut state, job, made(), vec![vec![7]]), []);
    assert_eq!((state.shrink.variants.len(), &state.shrink.work), (0, &Work::Cancelled));
    assert_eq!(tell(&mut state, Event::Cancelled), [], "there is nothing to end");
    let effects = tell(&mut state, Event::Asked);
    assert!(matches!(task(&effects).1, Task::Make { .. }), "and it can be asked for again");
}

#[test]
fn what_was_made_and_not_judged_goes_with_a_cancel() {
    let (mut state, job) = making();
    worked(&mut state, job, made(), vec![vec![7]]);
    assert_eq!(state.shrink.variants.len(), 1);
    tell(&mut state, Event::Cancelled);
    assert_eq!(state.shrink.variants.len(), 0);
}

#[test]
fn other_samples_or_another_model_give_up_variants_and_work_but_not_choices() {
    let choices = Choices { sparsity: 70, ..Choices::default() };
    for event in [
        update::Event::DataOpened { name: "b.npz".into(), bytes: vec![8] },
        update::Event::ModelOpened { name: "b.tflite".into(), bytes: vec![3] },
    ] {
        let mut state = shrunk();
        tell(&mut state, Event::Chosen(choices));
        tell(&mut state, Event::Asked);
        let effects = state.update(event);
        assert!(effects.contains(&Effect::StopWork), "{effects:?}");
        assert!(state.shrink.variants.is_empty() && state.shrink.original.is_none());
        assert_eq!((state.shrink.choices, &state.shrink.work), (choices, &Work::Idle));
    }
}

#[test]
fn a_failed_task_keeps_its_words_and_what_was_made_before() {
    let mut state = shrunk();
    let effects = tell(&mut state, Event::Asked);
    let (job, ..) = task(&effects);
    let failure = Failure::Data("too short".into());
    assert_eq!(reply(&mut state, Reply::Failed { job: Some(job), failure: failure.clone() }, vec![]), []);
    assert_eq!((&state.shrink.work, state.shrink.variants.len()), (&Work::Failed(failure), 1));

    let effects = tell(&mut state, Event::Asked);
    let (job, ..) = task(&effects);
    let trap = Failure::Trap("unreachable".into());
    let effects = reply(&mut state, Reply::Failed { job: Some(job), failure: trap.clone() }, vec![]);
    assert_eq!(
        (effects, &state.shrink.work),
        (vec![Effect::StopWork], &Work::Failed(trap)),
        "a fresh worker next time"
    );
}

#[test]
fn samples_that_do_not_suit_are_told_and_a_dead_worker_too() {
    let (mut state, effects) = opened("float32");
    let (job, ..) = task(&effects);
    let error = SampleError {
        kind: SampleErrorKind::Shape,
        place: "input 0".into(),
        expected: "4".into(),
        found: "5".into(),
        remedy: "resize".into(),
    };
    let failure = Failure::Recipe(error.into());
    reply(&mut state, Reply::Failed { job: Some(job), failure: failure.clone() }, vec![]);
    assert_eq!(state.shrink.samples, Samples::Unfit(failure));
    assert_eq!(tell(&mut state, Event::Asked), []);

    let (mut state, _) = making();
    assert_eq!(state.update(update::Event::WorkshopDied("out of memory".into())), [Effect::StopWork]);
    assert_eq!(state.shrink.work, Work::Failed(Failure::Trap("out of memory".into())));
}

#[test]
fn a_model_that_is_int8_already_is_not_shrunk() {
    let (mut state, effects) = opened("int8");
    assert_eq!(effects, []);
    assert!(!state.can_shrink());
    assert_eq!(tell(&mut state, Event::Asked), []);
}

#[test]
fn the_zoos_samples_are_fetched_before_they_are_counted() {
    let mut state = State::default();
    state.update(update::Event::ZooChosen(1));
    let Model::Loading { job } = state.model else { panic!("{:?}", state.model) };
    state.update(update::Event::Fetched { job, result: Ok(vec![5]) });
    let loaded = Reply::Loaded { job, build: Build::Simd128, description: description("float32") };
    let effects = reply(&mut state, loaded, vec![]);
    let [Effect::Fetch { job, path }] = effects.as_slice() else { panic!("a fetch: {effects:?}") };
    assert_eq!(*path, zoo::ENTRIES[1].data);
    let effects = state.update(update::Event::Fetched { job: *job, result: Ok(vec![6]) });
    let (_, what, buffers) = task(&effects);
    assert_eq!((what, buffers), (&Task::Survey, &[file(&[5]), file(&[6])][..]));
}

#[test]
fn files_are_handed_out_and_c_is_written_once() {
    let mut state = shrunk();
    let id = state.shrink.variants[0].id;
    let effects = tell(&mut state, Event::DownloadAsked { id, file: Download::Model });
    assert_eq!(effects, [Effect::Save { name: "net-int8.tflite".into(), bytes: vec![7] }]);
    let effects = tell(&mut state, Event::DownloadAsked { id, file: Download::Recipe });
    let [Effect::Save { name, bytes: text }] = effects.as_slice() else { panic!("{effects:?}") };
    let recipe = mote_models::recipe::Recipe::from_toml(std::str::from_utf8(text).unwrap()).unwrap();
    let expected = (*state.shrink.variants[0].plan.recipe).clone().for_source(&[1, 2]);
    assert_eq!((name.as_str(), recipe), ("net-int8.toml", expected));

    let effects = tell(&mut state, Event::DownloadAsked { id, file: Download::Header });
    let (job, what, buffers) = task(&effects);
    assert_eq!((what, buffers), (&Task::Export { name: "net_int8".into() }, &[file(&[7])][..]));
    let exported = Product::Exported { name: "net_int8".into() };
    let header = Effect::Save { name: "net_int8.h".into(), bytes: b"h".into() };
    assert_eq!(worked(&mut state, job, exported, vec![b"h".into(), b"c".into()]), [header]);
    assert_eq!(state.shrink.work, Work::Idle);
    let source = Effect::Save { name: "net_int8.c".into(), bytes: b"c".into() };
    assert_eq!(tell(&mut state, Event::DownloadAsked { id, file: Download::Source }), [source], "it is there already");
}
