use mote_models::recipe::Recipe;
use mote_models::search::{self, Measured, Trial};

use super::*;
use crate::explore::{self, Measure, Tried};
use crate::fixture;
use crate::protocol::{Failure, Order, Reply};
use crate::search::Aim;
use crate::search::Found;
use crate::shrink::Samples;
use crate::state::{Data, Model, Source};
use crate::update;

const SAMPLES: usize = 450;

/// A page with a float model and labelled samples.
fn ready() -> State {
    let float = || fixture::tensor("float32", &[1, 64]);
    let description = fixture::description(vec![float()], vec![float()]);
    let source = Source { name: "mine.tflite".into(), zoo: None, bytes: Some(vec![7].into()), loadable: None };
    let mut state = State {
        source: Some(source),
        model: Model::Ready { build: mote_abi::Build::Simd128, description },
        data: Data::File { name: "mine.npz".into(), bytes: vec![8].into() },
        ..State::default()
    };
    let survey = fixture::survey(SAMPLES, true);
    state.shrink.samples = Samples::Counted { survey, archive: vec![8].into() };
    state
}

fn tell(state: &mut State, event: Event) -> Vec<Effect> {
    state.update(update::Event::Search(event))
}

fn wish(state: &mut State, change: impl FnOnce(&mut Wishes)) {
    let mut wishes = state.search.wishes;
    change(&mut wishes);
    tell(state, Event::Wished(wishes));
}

/// The search's task that is the last of some effects.
fn begun(effects: &[Effect]) -> (Job, Begin) {
    match effects.last() {
        Some(Effect::Work { order: Order { job, task: Task::Search { begin }, .. }, buffers }) => {
            let expected: [crate::bytes::Bytes; 2] = [vec![7].into(), vec![8].into()];
            assert_eq!(buffers[..], expected, "the model and its samples");
            (*job, (**begin).clone())
        }
        other => panic!("a search: {other:?}"),
    }
}

fn reply(state: &mut State, reply: Reply) -> Vec<Effect> {
    state.update(update::Event::Replied { reply, buffers: Vec::new() })
}

fn news(state: &mut State, job: Job, news: News) {
    assert_eq!(reply(state, Reply::Found { job, news: Box::new(news) }), []);
}

fn ended(state: &mut State, job: Job, parts: Option<Vec<search::Part>>) -> Vec<Effect> {
    reply(state, Reply::Worked { job, product: Product::Searched { parts } })
}

fn measured(file_bytes: u64) -> Measured {
    Measured {
        score: 0.9,
        file_bytes,
        gzip_bytes: file_bytes / 2,
        arena_bytes: 10,
        macs: 5,
        non_zeros: 1,
        sha256: String::new(),
    }
}

fn trial(file_bytes: u64) -> Trial {
    Trial {
        choices: search::Choices::of(search::Numbers::Int8),
        origin: String::new(),
        measured: Some(measured(file_bytes)),
        refused: None,
    }
}

/// What a worker says first.
fn found(begin: &Begin) -> News {
    let state = match begin {
        Begin::GoOn(state) => state.clone(),
        Begin::Anew(options) => search::State {
            version: search::VERSION,
            source_sha256: "00".into(),
            data_sha256: "00".into(),
            options: options.clone(),
            original: None,
            probes: Vec::new(),
            trials: Vec::new(),
        },
    };
    News::Begun(Box::new(Found { state, measure: Measure::Top1, samples: 175, parts: Vec::new() }))
}

#[test]
fn what_is_found_comes_in_and_slice_follows_on_slice_until_the_end() {
    let mut state = ready();
    let (job, begin) = begun(&tell(&mut state, Event::Asked));
    assert!(matches!(&begin, Begin::Anew(options) if options.trials == Wishes::default().trials), "{begin:?}");
    assert!(!state.can_search(), "one at a time");
    news(&mut state, job, found(&begin));
    news(&mut state, job, News::Original(measured(100)));
    news(&mut state, job, News::Trial(trial(50)));
    let (next, begin) = begun(&ended(&mut state, job, None));
    let Begin::GoOn(known) = &begin else { panic!("{begin:?}") };
    assert_eq!((known.trials.len(), known.original.is_some()), (1, true));
    news(&mut state, job, News::Trial(trial(40)));
    assert_eq!(state.search.found.as_ref().unwrap().state.trials.len(), 1, "the slice before has no say any more");
    news(&mut state, next, News::Trial(trial(30)));
    assert_eq!(ended(&mut state, next, Some(Vec::new())), []);
    assert_eq!(state.search.work, Work::Ended);
    assert_eq!(state.search.found.as_ref().unwrap().front(), [1]);
}

#[test]
fn a_search_that_is_stopped_keeps_what_it_found_and_goes_on_from_there() {
    let mut state = ready();
    let (job, begin) = begun(&tell(&mut state, Event::Asked));
    news(&mut state, job, found(&begin));
    news(&mut state, job, News::Trial(trial(50)));
    assert_eq!(tell(&mut state, Event::Stopped), [Effect::StopWork]);
    assert_eq!(state.search.work, Work::Stopped);
    wish(&mut state, |wishes| wishes.trials = 60);
    let (_, begin) = begun(&tell(&mut state, Event::Asked));
    let Begin::GoOn(known) = begin else { panic!("more of the same goes on: {begin:?}") };
    assert_eq!((known.trials.len(), known.options.trials), (1, 60));
    tell(&mut state, Event::Stopped);
    wish(&mut state, |wishes| wishes.aim = Aim::Accuracy);
    let (_, begin) = begun(&tell(&mut state, Event::Asked));
    assert!(matches!(begin, Begin::Anew(_)), "another aim is another search");
    assert_eq!(state.search.found, None);
}

#[test]
fn trials_are_points_of_the_scatter_and_bring_their_recipes_back() {
    let mut state = ready();
    let (job, begin) = begun(&tell(&mut state, Event::Asked));
    news(&mut state, job, found(&begin));
    news(&mut state, job, News::Trial(trial(50)));
    news(&mut state, job, News::Original(measured(100)));
    let chart = state.tried().unwrap();
    assert_eq!((chart.points.len(), chart.measure), (2, Measure::Top1));
    assert_eq!(chart.points[0].tried, Tried::Original);
    assert_eq!(state.recipe_of(Tried::Original), None);
    let tried = chart.points[1].tried;
    let recipe = state.recipe_of(tried).unwrap();
    assert_eq!(recipe.calibration.indices, state.shrink.split().unwrap().calibration_places());
    tell(&mut state, Event::Stopped);
    let effects = state.update(update::Event::Explore(explore::Event::Taken(tried)));
    assert!(matches!(effects.last(), Some(Effect::Work { order: Order { task: Task::Layers, .. }, .. })));
    assert_eq!(state.shrink.wanted.as_ref().map(|plan| &*plan.recipe), Some(&Recipe { source_sha256: None, ..recipe }));
}

#[test]
fn another_model_or_a_failure_ends_it() {
    let mut state = ready();
    let (job, begin) = begun(&tell(&mut state, Event::Asked));
    news(&mut state, job, found(&begin));
    let failure = Failure::Data("too few".into());
    reply(&mut state, Reply::Failed { job: Some(job), failure: failure.clone() });
    assert_eq!(state.search.work, Work::Failed(failure));
    let wishes = Wishes { loss: 3, ..Wishes::default() };
    tell(&mut state, Event::Wished(wishes));
    let (job, _) = begun(&tell(&mut state, Event::Asked));
    state.update(update::Event::ZooChosen(0));
    assert_eq!(state.search, Search { wishes, ..Search::default() });
    news(&mut state, job, News::Trial(trial(1)));
    assert_eq!(state.search.found, None);
}

#[test]
fn without_labels_there_is_nothing_to_search_by() {
    let mut state = ready();
    let survey = fixture::survey(SAMPLES, false);
    state.shrink.samples = Samples::Counted { survey, archive: vec![8].into() };
    assert!(!state.could_search());
    assert_eq!(tell(&mut state, Event::Asked), []);
}
