use mote_abi::{Build, Description, Tensor};
use mote_models::graph::Normalization;
use mote_models::prepare::Options;
use mote_models::recipe::Summaries;
use mote_models::samples::{SampleError, SampleErrorKind};

use super::super::{Choices, Download, Split};
use super::*;
use crate::dataset::File;
use crate::fixture;
use crate::pipeline::Form;
use crate::protocol::{Kernels, Order, Reply};
use crate::relaxed::{Relaxed, Wanted};
use crate::update;
use crate::workshop::Place;

fn description(dtype: &str) -> Description {
    fixture::description(vec![tensor(dtype)], vec![tensor(dtype)])
}

fn tensor(dtype: &str) -> Tensor {
    fixture::tensor(dtype, &[1, 4])
}

fn judged() -> Product {
    Product::Judged(Box::new(fixture::judged(None)))
}

fn bytes(bytes: &[u8]) -> Bytes {
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
    let tasks: Vec<_> = effects.iter().filter(|effect| matches!(effect, Effect::Work { .. })).collect();
    let [Effect::Work { order: Order { job, task, .. }, buffers }] = tasks.as_slice() else {
        panic!("one task: {effects:?}")
    };
    (*job, task, buffers)
}

/// The last change of the controls, which comes to rest.
fn rest(state: &mut State, effects: &[Effect]) -> Vec<Effect> {
    let [Effect::After { event, .. }] = effects else { panic!("a moment of rest: {effects:?}") };
    state.update((**event).clone())
}

fn choose(state: &mut State, choices: Choices) -> Vec<Effect> {
    let effects = tell(state, Event::Chosen(choices.into()));
    rest(state, &effects)
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
    assert_eq!((what, buffers), (&Task::Survey, &[bytes(&[1, 2]), bytes(&[9])][..]));
    let survey = fixture::survey(30, true);
    assert_eq!(worked(&mut state, job, Product::Surveyed(survey), vec![]), []);
    state
}

/// A page that makes its first variant, to be kept.
fn making() -> (State, Job) {
    let mut state = counted();
    let effects = tell(&mut state, Event::Kept);
    let (job, what, buffers) = task(&effects);
    assert_eq!((what, buffers), (&Task::Layers, &[bytes(&[1, 2])][..]));
    let effects = worked(&mut state, job, Product::Layers { layers: Vec::new() }, vec![]);
    let (job, what, buffers) = task(&effects);
    let places = Split::of(30).test_places();
    assert_eq!(
        (what, buffers),
        (&Task::Judge { places }, &[bytes(&[1, 2]), bytes(&[9])][..]),
        "the original comes first"
    );
    let effects = worked(&mut state, job, judged(), vec![]);
    let (job, what, buffers) = task(&effects);
    let recipe = Choices::default().recipe(&Split::of(30)).unwrap().into();
    assert_eq!((what, buffers), (&Task::Make { recipe }, &[bytes(&[1, 2]), bytes(&[9])][..]));
    (state, job)
}

/// The rest of the way of a variant that is being made, into this file.
fn made_and_judged(state: &mut State, job: Job, file: u8) {
    let effects = worked(state, job, made(), vec![vec![file]]);
    let (job, what, buffers) = task(&effects);
    assert_eq!(
        (what, buffers),
        (&Task::Judge { places: Split::of(30).test_places() }, &[bytes(&[file]), bytes(&[9])][..])
    );
    assert_eq!(worked(state, job, judged(), vec![]), []);
    assert_eq!(state.shrink.work, Work::Idle);
}

/// A page with one variant.
fn shrunk() -> State {
    let (mut state, job) = making();
    made_and_judged(&mut state, job, 7);
    state
}

fn few(samples: usize) -> Choices {
    Choices { samples, ..Choices::default() }
}

#[test]
fn a_variant_is_made_and_judged_after_its_original() {
    let state = shrunk();
    let [variant] = state.shrink.variants.as_slice() else { panic!("one variant") };
    assert_eq!((&*variant.file, variant.plan.name.as_str()), (&[7][..], "int8"));
    assert!(variant.measured.is_some() && state.shrink.original.is_some());
    assert!(state.shrink.is_current() && state.shrink.is_kept());
}

#[test]
fn a_draft_follows_the_controls_once_they_rest_and_is_kept_when_asked_for() {
    let mut state = shrunk();
    let first = tell(&mut state, Event::Chosen(few(3).into()));
    let second = tell(&mut state, Event::Chosen(few(4).into()));
    assert_eq!(rest(&mut state, &first), [], "they moved on");
    let effects = rest(&mut state, &second);
    let (job, what, _) = task(&effects);
    assert!(matches!(what, Task::Make { recipe } if recipe.calibration.indices.len() == 4), "{what:?}");
    assert!(!state.shrink.is_current(), "the draft is still the one before");
    made_and_judged(&mut state, job, 8);
    assert!(state.shrink.is_current() && !state.shrink.is_kept());
    assert_eq!((state.shrink.variants.len(), state.shrink.tried.len()), (1, 2));
    assert_eq!(tell(&mut state, Event::Kept), [], "it is there already");
    tell(&mut state, Event::Kept);
    assert_eq!(state.shrink.variants.len(), 2, "once");
    let id = state.shrink.variants[0].id;
    tell(&mut state, Event::Dropped(id));
    assert_eq!((state.shrink.variants.len(), state.shrink.removed.len()), (1, 1));
    tell(&mut state, Event::Restored);
    assert_eq!(state.shrink.variants.last().map(|variant| variant.id), Some(id));
}

#[test]
fn what_was_made_before_is_there_at_once_and_a_discarded_draft_comes_back() {
    let mut state = shrunk();
    let effects = choose(&mut state, few(3));
    let (job, ..) = task(&effects);
    made_and_judged(&mut state, job, 8);
    assert_eq!(choose(&mut state, Choices::default()), [], "nothing is to be done");
    assert_eq!(state.shrink.draft.as_ref().map(|draft| &*draft.file), Some(&[7][..]));
    assert_eq!(tell(&mut state, Event::Undone), []);
    assert_eq!((state.shrink.choices.samples, state.shrink.is_current()), (3, true));
    assert_eq!(state.shrink.draft.as_ref().map(|draft| &*draft.file), Some(&[8][..]));
    assert_eq!(tell(&mut state, Event::Redone), []);
    assert_eq!(state.shrink.choices, Choices::default());
}

#[test]
fn work_on_a_draft_that_nobody_wants_any_more_is_ended() {
    let mut state = shrunk();
    let effects = choose(&mut state, few(3));
    let (old, ..) = task(&effects);
    let effects = choose(&mut state, few(4));
    assert!(effects.contains(&Effect::StopWork), "{effects:?}");
    let (job, ..) = task(&effects);
    assert_eq!(worked(&mut state, old, made(), vec![vec![5]]), [], "too late");
    made_and_judged(&mut state, job, 8);
    assert_eq!(state.shrink.tried.len(), 2);
}

#[test]
fn what_is_kept_before_the_controls_come_to_rest_is_what_they_say() {
    let mut state = shrunk();
    choose(&mut state, few(3));
    tell(&mut state, Event::Chosen(few(4).into()));
    let effects = tell(&mut state, Event::Kept);
    let (job, what, _) = task(&effects);
    assert!(matches!(what, Task::Make { recipe } if recipe.calibration.indices.len() == 4), "{what:?}");
    made_and_judged(&mut state, job, 8);
    assert_eq!(state.shrink.variants.last().map(|kept| kept.plan.recipe.calibration.indices.len()), Some(4));
}

#[test]
fn a_layers_choice_and_an_adopted_recipe_move_the_draft() {
    let mut state = shrunk();
    let choice = crate::shrink::LayerChoice { keep_float: true, ..Default::default() };
    let effects = tell(&mut state, Event::LayerChosen { layer: "conv".into(), choice: choice.into() });
    let effects = rest(&mut state, &effects);
    let (_, what, _) = task(&effects);
    let Task::Make { recipe } = what else { panic!("{what:?}") };
    assert!(recipe.quantize.as_ref().unwrap().keep_float.contains("conv"));

    let text = b"version = 1\n[quantize]\nscheme = \"16x8\"\nsamples = 5\n";
    tell(&mut state, Event::Cancelled);
    let effects = tell(&mut state, Event::RecipeOpened(text.to_vec()));
    let (job, what, buffers) = task(&effects);
    assert_eq!((what, buffers), (&Task::Recipe, &[bytes(text)][..]));
    let recipe = mote_models::recipe::Recipe::from_toml(std::str::from_utf8(text).unwrap()).unwrap();
    let effects = worked(&mut state, job, Product::Recipe(recipe.into()), vec![]);
    let (_, what, _) = task(&effects);
    let Task::Make { recipe } = what else { panic!("{what:?}") };
    assert_eq!(recipe.quantize.as_ref().map(|options| options.samples), Some(5));
    assert_eq!(state.shrink.choices.beyond_controls(&Split::of(30)), ["quantize.samples = 5"]);
    tell(&mut state, Event::Cancelled);
    let effects = tell(&mut state, Event::RecipeOpened(b"version = 9".to_vec()));
    let (job, ..) = task(&effects);
    let failure = Failure::Recipe(mote_models::recipe::RecipeError::Version { found: 9 });
    reply(&mut state, Reply::Failed { job: Some(job), failure: failure.clone() }, vec![]);
    assert_eq!(state.shrink.refused, Some(failure));
    assert_eq!(state.shrink.choices.scheme(), Some(mote_models::quantize::Scheme::Int16x8), "nothing changes");
}

#[test]
fn other_kernels_only_time_again() {
    let mut state = shrunk();
    state.update(update::Event::KernelsChosen(Wanted::These(Kernels::Reference)));
    let Model::Loading { job } = state.model else { panic!("{:?}", state.model) };
    let loaded = Reply::Loaded { job, build: Build::Scalar, description: description("float32") };
    let mut effects = reply(&mut state, loaded, vec![]);
    for file in [vec![1, 2], vec![7], vec![7]] {
        let (job, what, buffers) = task(&effects);
        assert_eq!((what, &buffers[0]), (&Task::Time { places: Split::of(30).test_places() }, &file.into()));
        effects = worked(&mut state, job, Product::Timed { latency: None }, vec![]);
    }
    assert_eq!(effects, []);
    let timed = [&state.shrink.original, &state.shrink.variants[0].measured];
    assert!(timed.iter().all(|measured| measured.as_ref().unwrap().kernels == Kernels::Reference));
}

#[test]
fn work_is_told_of_when_it_has_taken_a_moment() {
    let mut state = shrunk();
    let effects = choose(&mut state, few(3));
    let slow = effects.iter().find_map(|effect| match effect {
        Effect::After { event, .. } => Some((**event).clone()),
        _ => None,
    });
    let (job, ..) = task(&effects);
    let slow = slow.unwrap();
    assert!(!state.shrink.slow);
    state.update(slow.clone());
    assert!(state.shrink.slow);
    made_and_judged(&mut state, job, 8);
    assert!(!state.shrink.slow);
    state.update(slow);
    assert!(!state.shrink.slow, "it has ended");
}

#[test]
fn the_view_opens_with_a_draft_unless_drafts_wait_to_be_kept() {
    let mut state = counted();
    let effects = state.update(update::Event::ViewOpened(crate::view::View::Shrink));
    assert_eq!(task(&effects).1, &Task::Layers);
    let mut state = counted();
    tell(&mut state, Event::FollowsChosen(crate::shrink::Follows::WhenKept));
    assert_eq!(state.update(update::Event::ViewOpened(crate::view::View::Shrink)), []);
    assert_eq!(tell(&mut state, Event::Chosen(few(3).into())), []);
    assert_eq!(task(&tell(&mut state, Event::Kept)).1, &Task::Layers);
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
    assert_eq!(tell(&mut state, Event::Kept), [], "it is under way");
    assert_eq!(tell(&mut state, Event::Cancelled), [Effect::StopWork]);
    assert_eq!(worked(&mut state, job, made(), vec![vec![7]]), []);
    assert_eq!((state.shrink.variants.len(), &state.shrink.work), (0, &Work::Cancelled));
    assert_eq!(tell(&mut state, Event::Cancelled), [], "there is nothing to end");
    let effects = tell(&mut state, Event::Kept);
    assert!(matches!(task(&effects).1, Task::Make { .. }), "and it can be asked for again");
}

#[test]
fn what_was_made_and_not_judged_goes_with_a_cancel() {
    let (mut state, job) = making();
    worked(&mut state, job, made(), vec![vec![7]]);
    assert!(state.shrink.draft.is_some());
    tell(&mut state, Event::Cancelled);
    assert_eq!((&state.shrink.draft, state.shrink.variants.len()), (&None, 0));
}

#[test]
fn other_samples_or_another_model_give_up_variants_and_work_but_not_choices() {
    for event in [
        update::Event::DataOpened { name: "b.npz".into(), bytes: vec![8] },
        update::Event::ModelOpened { name: "b.tflite".into(), bytes: vec![3] },
    ] {
        let mut state = shrunk();
        choose(&mut state, few(5));
        let effects = state.update(event);
        assert!(effects.contains(&Effect::StopWork), "{effects:?}");
        assert!(state.shrink.variants.is_empty() && state.shrink.original.is_none() && state.shrink.draft.is_none());
        assert_eq!((&state.shrink.choices, &state.shrink.work), (&few(5), &Work::Idle));
    }
}

#[test]
fn a_failed_task_keeps_its_words_and_what_was_made_before() {
    let mut state = shrunk();
    let effects = choose(&mut state, few(3));
    let (job, ..) = task(&effects);
    let failure = Failure::Data("too short".into());
    assert_eq!(reply(&mut state, Reply::Failed { job: Some(job), failure: failure.clone() }, vec![]), []);
    assert_eq!((&state.shrink.work, state.shrink.variants.len()), (&Work::Failed(failure), 1));

    let effects = tell(&mut state, Event::Kept);
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
    assert_eq!(tell(&mut state, Event::Kept), []);

    let (mut state, _) = making();
    assert_eq!(state.update(update::Event::WorkshopDied("out of memory".into())), [Effect::StopWork]);
    assert_eq!(state.shrink.work, Work::Failed(Failure::Trap("out of memory".into())));
}

#[test]
fn a_model_that_is_int8_already_is_not_shrunk() {
    let (mut state, effects) = opened("int8");
    assert_eq!(effects, []);
    assert!(!state.can_shrink());
    assert_eq!(tell(&mut state, Event::Kept), []);
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
    assert_eq!((what, buffers), (&Task::Survey, &[bytes(&[5]), bytes(&[6])][..]));
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
    assert_eq!((what, buffers), (&Task::Export { name: "net_int8".into() }, &[bytes(&[7])][..]));
    let exported = Product::Exported { name: "net_int8".into() };
    let header = Effect::Save { name: "net_int8.h".into(), bytes: b"h".into() };
    assert_eq!(worked(&mut state, job, exported, vec![b"h".into(), b"c".into()]), [header]);
    assert_eq!(state.shrink.taking, None);
    let source = Effect::Save { name: "net_int8.c".into(), bytes: b"c".into() };
    assert_eq!(tell(&mut state, Event::DownloadAsked { id, file: Download::Source }), [source], "it is there already");
}

#[test]
fn a_report_is_on_the_original_and_all_that_was_kept() {
    let mut state = shrunk();
    let effects = tell(&mut state, Event::ReportAsked(Form::Csv));
    let (job, what, buffers) = task(&effects);
    let Task::Report { form: Form::Csv, subjects, places } = what else { panic!("{what:?}") };
    assert_eq!((subjects.len(), places), (2, &Split::of(30).test_places()));
    assert_eq!(buffers, &[bytes(&[9]), bytes(&[1, 2]), bytes(&[7])][..]);
    let saved = Effect::Save { name: "net-report.csv".into(), bytes: b"a,b".into() };
    assert_eq!(worked(&mut state, job, Product::Reported, vec![b"a,b".into()]), [saved]);
    let effects = tell(&mut state, Event::ReportAsked(Form::Html));
    let (job, ..) = task(&effects);
    let failure = Failure::Data("no labels".into());
    reply(&mut state, Reply::Failed { job: Some(job), failure: failure.clone() }, vec![]);
    assert_eq!(state.shrink.taking, Some(Taking::Failed(failure)));
}

#[test]
fn command_lines_name_the_files_that_are_taken_away() {
    let mut state = shrunk();
    let lines = |state: &State, files: &[&str]| {
        let named = |name: &&str| File { name: (*name).to_owned(), bytes: Bytes::default() };
        let mut state = state.clone();
        state.dataset.files = files.iter().map(named).collect();
        state.data = Data::File { name: files.join(", "), bytes: Bytes::default() };
        let commands = state.commands(&state.shrink.variants[0]);
        commands.into_iter().map(|command| command.line).collect::<Vec<_>>()
    };
    assert_eq!(
        lines(&state, &["a.npz"]),
        [
            "mote run net-int8.tflite --input a.npz",
            "mote eval net-int8.tflite a.npz",
            "mote compress net.tflite a.npz --recipe net-int8.toml -o net-int8.tflite",
        ]
    );
    assert_eq!(
        lines(&state, &["my labels.csv", "x.npy"]),
        [
            "mote run net-int8.tflite --input x.npy",
            "mote eval net-int8.tflite x.npy --labels 'my labels.csv'",
            "mote compress net.tflite x.npy --labels 'my labels.csv' --recipe net-int8.toml -o net-int8.tflite",
        ]
    );
    // What only the page reads is taken away as it was prepared, and scaled.
    let normalization = Some(Normalization { mean: vec![0.0], deviation: vec![255.0] });
    state.dataset.options = Some(Options { normalization, ..Options::default() });
    let prepared = lines(&state, &["a.zip"]);
    assert_eq!(prepared[0], "mote run net-int8.tflite --input a-zip-prepared.npz --mean 0 --deviation 1");
}
