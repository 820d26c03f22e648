use mote_abi::Build;
use mote_models::recipe::Summaries;

use super::*;
use crate::fixture;
use crate::protocol::{Kernels, Reply, Request};
use crate::relaxed::Relaxed;
use crate::shrink::{Plan, Split};
use crate::state::Model;
use crate::update;

fn measured() -> Measured {
    let judged = fixture::judged(None);
    Measured { judged, kernels: Kernels::Reference }
}

fn variant(id: u32, measured: Option<Measured>) -> Variant {
    let recipe = Choices::default().recipe(Split::of(30)).unwrap().into();
    let plan = Plan { name: "int8".into(), recipe };
    let summaries = Summaries::default();
    Variant { id, plan, summaries, measured, file: vec![id as u8].into(), c: None }
}

/// A page with a model, samples and variants of the user's.
fn worked_on() -> State {
    let mut state = State::default();
    state.update(update::Event::ModelOpened { name: "net.tflite".into(), bytes: vec![1] });
    state.update(update::Event::DataOpened { name: "a.npz".into(), bytes: vec![2] });
    state.update(update::Event::KernelsChosen(Wanted::These(Kernels::Reference)));
    state.shrink.choices.weights.options.sparsity = 0.7;
    state.shrink.original = Some(measured());
    state.shrink.variants = vec![variant(7, Some(measured())), variant(8, None)];
    state.last_job = 8;
    state
}

#[test]
fn work_survives_a_reload() {
    let before = worked_on();
    let snapshot = before.snapshot();
    let keys: Vec<&str> = snapshot.files.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["model", "data", "variant 7"], "what was not judged is not whole");
    let mut state = State::default();
    let effects = state.update(Event::Found(snapshot.clone()).into());
    assert!(matches!(effects.as_slice(), [Effect::Post { request: Request::Probe, .. }]), "{effects:?}");
    let probed = Reply::Probed { relaxed: Relaxed::default() };
    let effects = state.update(update::Event::Replied { reply: probed, buffers: vec![] });
    let [Effect::Post { request, buffers }] = effects.as_slice() else { panic!("a load: {effects:?}") };
    let Request::Load { kernels: Kernels::Reference, job } = request else { panic!("{request:?}") };
    assert_eq!(buffers, &[vec![1]]);
    assert!(job.0 > 8, "ids of variants are not given again: {job:?}");
    assert_eq!(state.data, before.data);
    assert_eq!(state.shrink.choices, before.shrink.choices);
    assert_eq!(
        (&state.shrink.original, &state.shrink.variants[..]),
        (&before.shrink.original, &before.shrink.variants[..1])
    );
    let mut again = state.snapshot();
    let (gone, new) = snapshot.changes(&again);
    assert!(gone.is_empty() && new.is_empty(), "nothing is written again");
    again.files.pop();
    assert_eq!(snapshot.changes(&again).0, ["variant 7"]);

    // The samples are counted again once the model is here, and variants stay.
    let description = fixture::description(vec![fixture::tensor("float32", &[1, 4])], Vec::new());
    let loaded = Reply::Loaded { job: *job, build: Build::Simd128, description };
    let effects = state.update(update::Event::Replied { reply: loaded, buffers: vec![] });
    assert!(matches!(effects.as_slice(), [update::Effect::Work { .. }]), "{effects:?}");
    assert_eq!(state.shrink.variants.len(), 1);
}

#[test]
fn a_model_of_the_zoo_is_fetched_again_and_not_kept() {
    let mut before = State::default();
    before.update(update::Event::ZooChosen(1));
    let snapshot = before.snapshot();
    assert!(snapshot.files.is_empty());
    let mut state = State::default();
    let effects = state.update(Event::Found(snapshot).into());
    assert!(matches!(effects.as_slice(), [_, update::Effect::Fetch { path, .. }] if *path == zoo::ENTRIES[1].model));
}

#[test]
fn work_that_cannot_be_read_starts_the_page_anew() {
    let whole = worked_on().snapshot();
    let other_form = whole.text.replace(r#""version":1"#, r#""version":99"#);
    assert_ne!(other_form, whole.text);
    let cases = [
        ("another form", Snapshot { text: other_form, files: whole.files.clone() }),
        ("no JSON", Snapshot { text: "{".into(), files: whole.files.clone() }),
        ("no model", Snapshot { text: whole.text.clone(), files: Vec::new() }),
    ];
    for (name, snapshot) in cases {
        let mut state = State::default();
        state.update(Event::Found(snapshot).into());
        assert_eq!(state.source.as_ref().and_then(|source| source.zoo), Some(0), "{name}");
        assert!(matches!(state.model, Model::Loading { .. }), "{name}");
    }
    let mut without_samples = whole;
    without_samples.files.retain(|(key, _)| key != DATA);
    let mut state = State::default();
    state.update(Event::Found(without_samples).into());
    assert_eq!((&state.data, state.shrink.variants.len()), (&Data::Zoo, 0), "variants belong to their samples");
}

#[test]
fn what_could_not_be_kept_is_told_and_deleting_is_an_effect() {
    let mut state = State::default();
    state.update(Event::Failed("QuotaExceededError".into()).into());
    assert_eq!(state.keeping, Keeping::Failed("QuotaExceededError".into()));
    assert_eq!(state.update(Event::DeletionAsked.into()), [Effect::DeleteKept]);
}
