use mote_abi::Build;
use mote_models::recipe::Summaries;

use super::*;
use crate::explore::Axis;
use crate::protocol::{Kernels, Reply, Request};
use crate::relaxed::{Relaxed, Wanted};
use crate::search::{self, Wishes};
use crate::shrink::{Choices, Follows, Measured, Plan, Split, Variant};
use crate::state::{Data, Model};
use crate::{fixture, update, zoo};

fn measured() -> Measured {
    let judged = fixture::judged(None);
    Measured { judged, kernels: Kernels::Reference }
}

fn variant(id: u32, measured: Option<Measured>) -> Variant {
    let recipe = Choices::default().recipe(&Split::of(30)).unwrap().into();
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
    let draft = variant(9, Some(measured()));
    (state.shrink.wanted, state.shrink.draft) = (Some(draft.plan.clone()), Some(draft));
    (state.shrink.follows, state.shrink.device) = (Follows::WhenKept, Some("pico".into()));
    state.search.wishes.trials = 7;
    state.explore.axis = Axis::Macs;
    state.learn.lesson = 2;
    state
}

fn found(snapshot: Snapshot) -> State {
    let mut state = State::default();
    state.update(Event::Found(snapshot).into());
    state
}

/// The snapshot with another text at a key.
fn with_text(mut snapshot: Snapshot, key: &str, text: &str) -> Snapshot {
    let piece = snapshot.texts.iter_mut().find(|(name, _)| name == key).expect("a text that is kept");
    piece.1 = text.into();
    snapshot
}

#[test]
fn work_survives_a_reload() {
    let before = worked_on();
    let snapshot = before.snapshot();
    let keys: Vec<&str> = snapshot.files.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["model", "data", "variant 7", "variant 9"], "what was not judged is not whole");
    let mut state = State::default();
    let effects = state.update(Event::Found(snapshot.clone()).into());
    assert!(matches!(effects.as_slice(), [Effect::Post { request: Request::Probe, .. }]), "{effects:?}");
    let probed = Reply::Probed { relaxed: Relaxed::default() };
    let effects = state.update(update::Event::Replied { reply: probed, buffers: vec![] });
    let [Effect::Post { request, buffers }] = effects.as_slice() else { panic!("a load: {effects:?}") };
    let Request::Load { kernels: Kernels::Reference, job } = request else { panic!("{request:?}") };
    assert_eq!(buffers, &[vec![1]]);
    assert!(job.0 > 9, "ids of variants are not given again: {job:?}");
    assert_eq!(state.data, before.data);
    assert_eq!(state.shrink.choices, before.shrink.choices);
    assert_eq!(
        (&state.shrink.original, &state.shrink.variants[..]),
        (&before.shrink.original, &before.shrink.variants[..1])
    );
    assert_eq!((&state.shrink.draft, &state.shrink.wanted), (&before.shrink.draft, &before.shrink.wanted));
    assert_eq!(state.shrink.tried.len(), 1, "the draft's bytes need not be made again");
    assert_eq!((state.shrink.follows, &state.shrink.device), (Follows::WhenKept, &before.shrink.device));
    assert_eq!((&state.search, state.explore), (&before.search, before.explore));
    assert_eq!((&state.learn, &state.unread[..]), (&before.learn, &[][..]));
    let mut again = state.snapshot();
    let nothing = Changes { gone: vec![], texts: vec![], files: vec![] };
    assert_eq!(snapshot.changes(&again), nothing, "nothing is written again");
    again.files.pop();
    assert_eq!(snapshot.changes(&again).gone, ["variant 9"]);
    state.search.wishes.trials = 8;
    let changed = state.snapshot();
    let changes = snapshot.changes(&changed);
    assert_eq!(changes.texts.iter().map(|(key, _)| *key).collect::<Vec<_>>(), ["search"], "a piece by itself");

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
fn without_a_model_the_page_starts_anew() {
    let whole = worked_on().snapshot();
    let unread = with_text(whole.clone(), "sources", "{");
    for (name, snapshot) in [("no model", Snapshot { files: Vec::new(), ..whole.clone() }), ("no sources", unread)] {
        let state = found(snapshot);
        assert_eq!(state.source.as_ref().and_then(|source| source.zoo), Some(0), "{name}");
        assert!(matches!(state.model, Model::Loading { .. }), "{name}");
        assert_eq!(state.learn.lesson, 2, "{name}: the lessons are there all the same");
        assert!(state.shrink.variants.is_empty() && state.shrink.draft.is_none(), "{name}");
    }
    let mut without_samples = whole;
    without_samples.files.retain(|(key, _)| key != "data");
    let state = found(without_samples);
    assert_eq!((&state.data, state.shrink.variants.len()), (&Data::Zoo, 0), "variants belong to their samples");
    assert_eq!((&state.shrink.original, &state.shrink.draft), (&None, &None));
}

#[test]
fn a_piece_that_cannot_be_read_is_told_and_the_rest_is_there() {
    let before = worked_on();
    let whole = before.snapshot();
    for (piece, key) in [
        (Piece::Lessons, "lessons"),
        (Piece::Variants, "variants"),
        (Piece::Search, "search"),
        (Piece::Explore, "explore"),
    ] {
        let state = found(with_text(whole.clone(), key, r#"{"of":"another form"}"#));
        assert_eq!(state.unread, [piece]);
        assert_eq!(state.source, before.source, "{piece:?}");
        assert_eq!(state.learn.lesson, if piece == Piece::Lessons { 0 } else { 2 }, "{piece:?}");
        assert_eq!(state.shrink.variants.len(), usize::from(piece != Piece::Variants), "{piece:?}");
        let trials = if piece == Piece::Search { Wishes::default().trials } else { 7 };
        assert_eq!(state.search.wishes.trials, trials, "{piece:?}");
        assert_eq!(state.explore.axis == Axis::Macs, piece != Piece::Explore, "{piece:?}");
        assert!(!piece.label().is_empty());
    }
}

#[test]
fn of_work_of_another_version_lessons_and_files_are_there() {
    let before = worked_on();
    let other = with_text(before.snapshot(), "version", "99");
    // The first form was one text.
    let first = serde_json::json!({
        "version": 1, "learn": before.learn, "wanted": before.wanted, "source": before.source, "data": before.data,
        "choices": { "scheme": "int8" }, "original": null, "variants": [], "last_job": 8,
    });
    let first = Snapshot { texts: vec![("work".into(), first.to_string())], files: before.snapshot().files };
    let all = vec![Piece::Variants, Piece::Search, Piece::Explore];
    for (name, snapshot, unread) in [("another", other, all), ("the first", first, vec![Piece::Variants])] {
        let state = found(snapshot.clone());
        assert_eq!(state.unread, unread, "{name}");
        assert_eq!((&state.source, &state.data, state.wanted), (&before.source, &before.data, before.wanted), "{name}");
        assert_eq!((&state.learn, state.shrink.variants.len()), (&before.learn, 0), "{name}");
        let next = state.snapshot();
        let changes = snapshot.changes(&next);
        assert!(changes.texts.iter().any(|(key, _)| *key == "version"), "{name} is replaced");
        assert!(changes.gone.contains(&"variant 7") && changes.files.is_empty(), "{name}: {changes:?}");
    }
    let nonsense = Snapshot { texts: vec![("work".into(), "{".into())], files: Vec::new() };
    assert_eq!(found(nonsense).unread, [Piece::Variants, Piece::Lessons, Piece::Sources]);
}

#[test]
fn a_search_under_way_can_go_on_after_a_reload() {
    let mut state = worked_on();
    for (work, kept) in [
        (search::Work::Running(crate::protocol::Job(99)), search::Work::Idle),
        (search::Work::Ended, search::Work::Ended),
        (search::Work::Stopped, search::Work::Stopped),
    ] {
        state.search.work = work;
        assert_eq!(found(state.snapshot()).search.work, kept);
    }
}

#[test]
fn another_tabs_work_stays_until_the_user_wants_this_ones() {
    let mut state = worked_on();
    assert_eq!(state.update(Event::Outrun.into()), []);
    assert_eq!(state.keeping, Keeping::Elsewhere);
    assert_eq!(state.update(Event::Wanted.into()), [Effect::ReplaceKept]);
    assert_eq!(state.keeping, Keeping::On);
}

#[test]
fn what_could_not_be_kept_is_told_and_deleting_is_an_effect() {
    let mut state = State::default();
    state.update(Event::Failed("QuotaExceededError".into()).into());
    assert_eq!(state.keeping, Keeping::Failed("QuotaExceededError".into()));
    assert_eq!(state.update(Event::DeletionAsked.into()), [Effect::DeleteKept]);
}
