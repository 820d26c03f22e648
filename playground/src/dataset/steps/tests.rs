use mote_abi::{Build, Description};
use mote_models::graph::Normalization;
use mote_models::prepare::{Contents, Form, Guess, Range};

use super::*;
use crate::fixture;
use crate::pipeline::{Preparation, Prepared, Summary};
use crate::protocol::{Order, Reply, Request};
use crate::state::Model;
use crate::update;

fn description() -> Description {
    let tensor = || fixture::tensor("float32", &[1, 4]);
    fixture::description(vec![tensor()], vec![tensor()])
}

fn file(name: &str, bytes: &[u8]) -> File {
    File { name: name.into(), bytes: bytes.to_vec().into() }
}

fn load(state: &mut State) {
    let Model::Loading { job } = state.model else { panic!("{:?}", state.model) };
    let loaded = Reply::Loaded { job, build: Build::Simd128, description: description() };
    state.update(update::Event::Replied { reply: loaded, buffers: vec![] });
}

/// A page with a model of the user's.
fn ready() -> State {
    let mut state = State::default();
    state.update(update::Event::ModelOpened { name: "net.tflite".into(), bytes: vec![1] });
    load(&mut state);
    state
}

/// The preparation that a change asks for: its job and what it is.
fn preparing(effects: &[Effect]) -> (Job, Preparation, Vec<Bytes>) {
    let found = effects.iter().find_map(|effect| match effect {
        Effect::Work { order: Order { job, task: Task::Prepare(preparation), .. }, buffers } => {
            Some((*job, preparation.clone(), buffers.clone()))
        }
        _ => None,
    });
    found.unwrap_or_else(|| panic!("a preparation: {effects:?}"))
}

fn outcome(samples: Result<usize, &str>) -> Product {
    let summary = |samples| Summary {
        survey: fixture::survey(samples, true),
        shape: vec![4],
        dtype: "float32".into(),
        range: Range { low: 0.0, high: 1.0 },
        left_out: 0,
        warnings: vec![],
        classes: vec![],
        repeated: 0,
        shared: 0,
        shown: vec![],
    };
    Product::Prepared(Box::new(Prepared {
        contents: Contents {
            form: Form::Table,
            arrays: vec![],
            table: None,
            classes: vec![],
            passed_over: 0,
            media: None,
        },
        guess: Guess::default(),
        options: Options::default(),
        told: false,
        samples: samples.map(summary).map_err(|text| Failure::Data(text.into())),
    }))
}

fn worked(state: &mut State, job: Job, product: Product, archive: &[u8]) -> Vec<Effect> {
    let buffers = vec![archive.to_vec(), vec![3]];
    state.update(update::Event::Replied { reply: Reply::Worked { job, product }, buffers })
}

#[test]
fn files_become_an_archive_that_everything_else_takes() {
    let mut state = ready();
    let effects = state.update(Event::Opened(vec![file("a.csv", &[9])]).into());
    let (job, preparation, buffers) = preparing(&effects);
    assert_eq!(preparation, Preparation { names: vec!["a.csv".into()], options: None, front_end: false });
    assert_eq!(buffers, [vec![1], vec![9]]);
    assert!(matches!(&state.data, Data::File { bytes, .. } if bytes.is_empty()));
    assert!(matches!(state.shrink.samples, Samples::Counting { .. }));
    // An evaluation that is asked for now begins when they are there.
    assert_eq!(state.update(update::Event::EvaluateAsked), []);
    let effects = worked(&mut state, job, outcome(Ok(30)), &[7, 7]);
    let [Effect::Post { request: Request::Evaluate { .. }, buffers }, ..] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(buffers, &[vec![7, 7]]);
    assert!(matches!(&state.data, Data::File { bytes, .. } if *bytes == vec![7, 7]));
    assert_eq!((state.archive(), state.dataset.levels.clone()), (vec![7, 7].into(), vec![3].into()));
}

#[test]
fn what_the_user_says_gives_up_what_was_under_way_and_comes_back() {
    let mut state = ready();
    let (first, ..) = preparing(&state.update(Event::Opened(vec![file("a.csv", &[9])]).into()));
    let normalization = Some(Normalization { mean: vec![1.0], deviation: vec![2.0] });
    let options = Options { normalization: normalization.clone(), ..Options::default() };
    let effects = state.update(Event::Edited(options.clone().into()).into());
    assert!(effects.contains(&Effect::StopWork), "{effects:?}");
    let (second, preparation, _) = preparing(&effects);
    assert_eq!(preparation.options, Some(options));
    worked(&mut state, first, outcome(Ok(1)), &[6]);
    assert!(state.dataset.outcome.is_none(), "stale samples are dropped");
    worked(&mut state, second, outcome(Ok(30)), &[7]);
    assert!(state.dataset.survey().is_some());
    let effects = state.update(Event::Guessed.into());
    assert_eq!(preparing(&effects).1.options, None);
    assert!(state.shrink.samples != Samples::None && state.dataset.survey().is_none(), "they are made anew");
}

#[test]
fn what_is_no_sample_is_told_wherever_samples_are_asked_for() {
    let mut state = ready();
    let (job, ..) = preparing(&state.update(Event::Opened(vec![file("a.csv", &[9])]).into()));
    state.update(update::Event::EvaluateAsked);
    worked(&mut state, job, outcome(Err("columns")), &[]);
    let failure = Failure::Data("columns".into());
    assert_eq!(state.dataset.failure(), Some(&failure));
    assert_eq!(state.evaluation, Evaluation::Failed(failure.clone()));
    assert_eq!(state.shrink.samples, Samples::Unfit(failure));
    assert!(state.dataset.outcome.is_some(), "what is in the files is shown, so that it can be put right");
}

#[test]
fn a_dropped_model_and_its_samples_go_together_and_samples_to_the_next_model() {
    let mut state = ready();
    let files = vec![file("x.npy", &[9]), file("b.onnx", &[2]), file("y.csv", &[8])];
    state.update(update::Event::FilesDropped(files));
    assert_eq!(state.source.as_ref().map(|source| source.name.as_str()), Some("b.onnx"));
    load(&mut state);
    let names = |state: &State| state.dataset.files.iter().map(|file| file.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&state), ["x.npy", "y.csv"]);
    assert!(state.dataset.is_working());
    state.update(update::Event::ModelOpened { name: "c.tflite".into(), bytes: vec![3] });
    assert_eq!((names(&state).len(), state.dataset.is_working()), (2, false), "they wait for the model");
    load(&mut state);
    assert!(state.dataset.is_working());
    state.update(update::Event::ZooChosen(0));
    assert!(names(&state).is_empty() && state.data == Data::Zoo);
}

#[test]
fn an_artefact_tells_what_the_user_says_and_no_more() {
    let mut state = ready();
    let (job, ..) = preparing(&state.update(Event::Opened(vec![file("a.csv", &[9])]).into()));
    let Product::Prepared(mut prepared) = outcome(Ok(3)) else { unreachable!("made above") };
    let normalization = Normalization { mean: vec![1.0], deviation: vec![2.0] };
    prepared.options.normalization = Some(normalization.clone());
    prepared.options.classes = vec!["no".into(), "yes".into()];
    worked(&mut state, job, Product::Prepared(prepared.clone()), &[7]);
    let told = state.dataset.told(2);
    assert_eq!((told.labels.len(), told.normalization.as_ref()), (2, Some(&normalization)));
    assert_eq!(state.dataset.told(1), told, "one score tells two classes apart");
    assert!(state.dataset.told(3).labels.is_empty(), "names of other classes than the model's");
    state.dataset.outcome = Some(Prepared { told: true, ..*prepared });
    assert_eq!(state.dataset.told(2).normalization, None, "the model tells that itself");
    state.dataset.files.clear();
    assert!(state.dataset.told(2).is_empty(), "the zoo's samples say nothing of the user's");
}
