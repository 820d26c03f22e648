use mote_abi::{Build, Description};
use mote_models::judge::Accuracy;
use mote_models::metrics::{ConfusionMatrix, Estimate};
use mote_models::recipe::{Choice, Recipe, Summaries};

use super::super::flips::Kind;
use super::*;
use crate::bytes::Bytes;
use crate::fixture;
use crate::pipeline::{Channels, Contrast, Layer};
use crate::protocol::{Failure, Kernels, Order, Reply};
use crate::shrink::{Measured, Plan, Samples, Shrink, Split};
use crate::state::{Data, Model, Source};
use crate::update::{self, Effect};

fn description(dtype: &str) -> Description {
    fixture::description(vec![fixture::tensor(dtype, &[1, 4])], vec![fixture::tensor(dtype, &[1, 4])])
}

fn measured(right: u64) -> Measured {
    let mut confusion = ConfusionMatrix::new(2);
    (0..10).for_each(|k| confusion.add(0, usize::from(k >= right)));
    let estimate = Estimate { value: right as f64 / 10.0, low: 0.0, high: 1.0 };
    let accuracy = Accuracy::Classification { top1: estimate, macro_f1: estimate, classes: Vec::new(), confusion };
    let judged = fixture::judged(Some(accuracy));
    Measured { judged, kernels: Kernels::default() }
}

fn variant(id: u32, right: u64) -> Variant {
    let calibration = Choice { samples: id as usize, ..Choice::default() };
    let recipe = Recipe { calibration, ..Recipe::default() };
    let plan = Plan { name: format!("variant {id}"), recipe: recipe.into() };
    let file = Bytes::from(vec![id as u8]);
    Variant { id, plan, summaries: Summaries::default(), measured: Some(measured(right)), file, c: None }
}

/// A page with a float model, 30 samples and two variants.
fn compared() -> State {
    let survey = fixture::survey(30, true);
    let shrink = Shrink {
        samples: Samples::Counted { survey, archive: vec![9].into() },
        layers: Some(Vec::new()),
        original: Some(measured(9)),
        variants: vec![variant(7, 8), variant(8, 6)],
        ..Shrink::default()
    };
    State {
        source: Some(Source { name: "net".into(), zoo: None, bytes: Some(vec![1, 2].into()), loadable: None }),
        model: Model::Ready { build: Build::Simd128, description: description("float32") },
        data: Data::File { name: "a.npz".into(), bytes: vec![9].into() },
        shrink,
        ..State::default()
    }
}

fn tell(state: &mut State, event: Event) -> Vec<Effect> {
    state.update(event.into())
}

fn worked(state: &mut State, job: Job, product: Product) -> Vec<Effect> {
    let reply = Reply::Worked { job, product };
    state.update(update::Event::Replied { reply, buffers: vec![vec![5]] })
}

/// The one task among effects.
fn task(effects: &[Effect]) -> (Job, &Task, Vec<Vec<u8>>) {
    let tasks: Vec<_> = effects.iter().filter(|effect| matches!(effect, Effect::Work { .. })).collect();
    let [Effect::Work { order: Order { job, task, .. }, buffers }] = tasks.as_slice() else {
        panic!("one task: {effects:?}")
    };
    (*job, task, buffers.iter().map(|bytes| bytes.to_vec()).collect())
}

fn contrast() -> Product {
    let flips = Some(Vec::new());
    Product::Contrasted(Box::new(Contrast { samples: 15, flips, shape: vec![4], names: Vec::new(), pictures: 0 }))
}

#[test]
fn what_is_missing_is_told_in_the_order_in_which_it_is_needed() {
    let lack = |change: fn(&mut State)| {
        let mut state = compared();
        change(&mut state);
        state.lack()
    };
    let integers = |state: &mut State| {
        state.model = Model::Ready { build: Build::Simd128, description: description("int8") };
    };
    let unlabelled = |state: &mut State| {
        let survey = fixture::survey(30, false);
        state.shrink.samples = Samples::Counted { survey, archive: vec![9].into() };
    };
    assert_eq!(lack(|_| {}), None);
    assert_eq!(lack(|state| state.model = Model::None), Some(Lack::Model));
    assert_eq!(lack(integers), Some(Lack::Float));
    assert_eq!(lack(|state| state.shrink.samples = Samples::None), Some(Lack::Samples));
    assert_eq!(lack(unlabelled), Some(Lack::Labels));
    assert_eq!(lack(|state| state.shrink.variants.clear()), Some(Lack::Variant));
    assert_eq!(lack(|state| state.shrink.variants.iter_mut().for_each(|v| v.measured = None)), Some(Lack::Variant));
}

#[test]
fn the_variant_made_last_is_compared_until_another_one_is_chosen() {
    let mut state = compared();
    assert_eq!(state.examined().map(|variant| variant.id), Some(8));
    tell(&mut state, Event::VariantChosen(7));
    assert_eq!(state.examined().map(|variant| variant.id), Some(7));
    let accuracies = state.accuracies().unwrap();
    assert_eq!((accuracies.before.0.as_str(), accuracies.change.as_str()), ("90.0 %", "-10.0 points"));
    let both = state.confusion().unwrap();
    assert_eq!((both.rows()[0][0].before, both.rows()[0][0].after, both.rows()[0][1].change()), (9, 8, 1));
    tell(&mut state, Event::VariantChosen(99));
    assert_eq!(state.examined().map(|variant| variant.id), Some(8), "one that is not there");
}

#[test]
fn a_part_is_found_on_the_test_samples_and_kept_for_its_variant() {
    let mut state = compared();
    let effects = tell(&mut state, Event::Asked(Part::Gallery));
    let (job, what, buffers) = task(&effects);
    let places = Split::of(30).test_places();
    assert_eq!((what, buffers), (&Task::Contrast { places: places.clone() }, vec![vec![1, 2], vec![8], vec![9]]));
    assert_eq!(tell(&mut state, Event::Asked(Part::Gallery)), [], "it is under way");
    tell(&mut state, Event::Asked(Part::Autopsy));
    assert!(state.progress(Part::Autopsy).job().is_some(), "it waits");
    let effects = worked(&mut state, job, contrast());
    assert!(matches!(task(&effects).1, Task::Autopsy { places: found, .. } if *found == places));
    assert_eq!(state.gallery().and_then(Found::done).map(|gallery| gallery.pictures.len()), Some(1));
    assert_eq!(state.progress(Part::Gallery), Found::Done(()));
    tell(&mut state, Event::VariantChosen(7));
    assert_eq!(state.progress(Part::Gallery), Found::None, "another variant has its own");
    tell(&mut state, Event::VariantChosen(8));
    assert_eq!(state.progress(Part::Gallery), Found::Done(()));
}

#[test]
fn what_is_stopped_ends_its_worker_and_can_be_asked_for_again() {
    let mut state = compared();
    let effects = tell(&mut state, Event::Asked(Part::Autopsy));
    let (job, ..) = task(&effects);
    assert_eq!(tell(&mut state, Event::Cancelled(Part::Gallery)), [], "nothing to stop");
    assert_eq!(tell(&mut state, Event::Cancelled(Part::Autopsy)), [Effect::StopWork]);
    assert_eq!(state.progress(Part::Autopsy), Found::Cancelled);
    worked(&mut state, job, contrast());
    assert_eq!(state.progress(Part::Autopsy), Found::Cancelled, "what was given up changes nothing");
    let (job, ..) = task(&tell(&mut state, Event::Asked(Part::Autopsy)));
    worked(&mut state, job, contrast());
    assert!(matches!(state.progress(Part::Autopsy), Found::Failed(Failure::Page(_))), "something else came");
}

#[test]
fn other_samples_take_what_was_found_with_them() {
    let mut state = compared();
    tell(&mut state, Event::SideChosen(super::super::confusion::Side::After));
    tell(&mut state, Event::Asked(Part::Gallery));
    tell(&mut state, Event::Asked(Part::Channels));
    let effects = state.update(update::Event::DataOpened { name: "b.npz".into(), bytes: vec![3] });
    assert!(effects.contains(&Effect::StopWork), "{effects:?}");
    let side = super::super::confusion::Side::After;
    assert_eq!(state.understand, Understand { side, ..Understand::default() }, "what is shown stays");
}

#[test]
fn a_filter_starts_at_its_first_page() {
    let mut state = compared();
    tell(&mut state, Event::PageChosen(4));
    tell(&mut state, Event::KindChosen(Some(Kind::Won)));
    assert_eq!(state.understand.filter.page, 0);
    tell(&mut state, Event::PageChosen(4));
    tell(&mut state, Event::ClassChosen(Some(1)));
    assert_eq!((state.understand.filter.page, state.understand.filter.kind), (0, Some(Kind::Won)));
}

#[test]
fn silent_channels_are_looked_for_where_variants_are_made_and_taken_out_by_a_recipe() {
    let mut state = compared();
    let effects = tell(&mut state, Event::Asked(Part::Channels));
    let (job, what, buffers) = task(&effects);
    let places = Split::of(30).calibration_places().to_vec();
    assert_eq!((what, buffers), (&Task::Activity { places, epsilon: NEAR_ZERO }, vec![vec![1, 2], vec![9]]));
    let moments = mote_models::prune::activity::Moments { mean: 0.0, variance: 0.0, min: 0.0, max: 0.0 };
    let channel =
        |idle| mote_models::prune::activity::ChannelActivity { moments, near_zero: idle, idle, saturated: 0.0 };
    let layer = Layer {
        name: "dense".into(),
        op: "FULLY_CONNECTED".into(),
        channels: vec![channel(1.0), channel(0.5), channel(0.0)],
        together_with: Vec::new(),
        fixed: None,
    };
    worked(&mut state, job, Product::Channels(Box::new(Channels { samples: 15, layers: vec![layer] })));
    assert_eq!(state.removal().map(|removal| removal.channels()), Some(1));
    tell(&mut state, Event::ThresholdChosen(50));
    assert_eq!(state.removal().map(|removal| removal.channels()), Some(2));
    tell(&mut state, Event::SilentRemoved);
    let channels = &state.shrink.choices.channels;
    let share = channels.options.layers["dense"].share.unwrap();
    assert_eq!((channels.on, (f64::from(share) * 3.0) as usize), (true, 2));
}

#[test]
fn what_the_controls_make_is_told_beside_the_variant_that_is_compared() {
    let mut state = compared();
    assert_eq!(state.recipe_now(), None, "nothing is wanted");
    let mut draft = variant(9, 10);
    draft.plan.recipe.refit = false;
    state.shrink.wanted = Some(draft.plan.clone());
    let answer = state.recipe_now().unwrap();
    assert_eq!((answer.name.as_str(), answer.id, answer.change), ("variant 9", None, None), "on its way");
    tell(&mut state, Event::VariantChosen(8));
    state.shrink.draft = Some(draft);
    let answer = state.recipe_now().unwrap();
    assert_eq!((answer.id, answer.change.map(|change| change.change)), (Some(9), Some("+40.0 points".into())));
    assert_eq!(state.examinable().iter().map(|variant| variant.id).collect::<Vec<_>>(), [7, 8, 9]);
    tell(&mut state, Event::VariantChosen(9));
    assert_eq!(state.recipe_now(), None, "it is the one that is compared");
}
