use super::*;
use crate::protocol::Kernels;
use crate::shrink::Split;
use crate::update;

/// A page with an experiment on the zoo's float model.
fn experiment() -> State {
    let mut state = State::default();
    state.update(update::Event::ZooChosen(1));
    state.update(update::Event::KernelsChosen(Wanted::These(Kernels::Reference)));
    state.view = View::Shrink;
    let mut choices = Choices::default();
    choices.weights.on = true;
    choices.weights.options.sparsity = 0.7;
    let recipe = choices.recipe(&Split::of(450)).unwrap().into();
    state.shrink.choices = choices;
    (state.shrink.follows, state.shrink.device) = (Follows::WhenKept, Some("pico".into()));
    (state.search.wishes.trials, state.search.asked) = (5, true);
    state.explore.axis = Axis::Macs;
    state.shrink.asked.push_back(Plan { name: "int8, 70 % zeros & more".into(), recipe });
    state
}

#[test]
fn a_link_makes_the_experiment_again() {
    let shown = experiment();
    let hash = shown.link().unwrap().hash();
    assert!(hash.starts_with("#shrink?experiment=") && hash.is_ascii() && !hash.contains(' '), "{hash}");
    let link = Link::parse(&hash).unwrap();
    assert_eq!(Some(&link), shown.link().as_ref());

    let mut state = State::default();
    let effects = state.update(Event::Opened(link.clone().into()).into());
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::Fetch { path, .. } if *path == zoo::ENTRIES[1].model))
    );
    assert_eq!((state.view, state.kernels, &state.keeping), (View::Shrink, Kernels::Reference, &Keeping::Visiting));
    assert_eq!((&state.shrink.choices, &state.shrink.asked), (&shown.shrink.choices, &shown.shrink.asked));
    assert_eq!((state.shrink.follows, &state.shrink.device), (shown.shrink.follows, &shown.shrink.device));
    assert_eq!((&state.search, state.explore), (&shown.search, shown.explore));
    assert_eq!(state.link().as_ref(), Some(&link), "and can be passed on");

    // The back button comes by the same link; the experiment goes on.
    assert_eq!(state.update(Event::Opened(Link { view: View::Data, ..link }.into()).into()), []);
    assert_eq!(state.view, View::Data);
}

#[test]
fn files_of_the_users_are_in_no_link() {
    let mut state = experiment();
    state.update(update::Event::DataOpened { name: "mine.npz".into(), bytes: vec![1] });
    assert_eq!(state.link(), None);
    state.update(update::Event::ZooDataChosen);
    assert!(state.link().is_some());
    state.update(update::Event::ModelOpened { name: "mine.tflite".into(), bytes: vec![1] });
    assert_eq!((state.link(), state.update(Event::CopyAsked.into())), (None, vec![]));
}

#[test]
fn an_address_that_is_no_link_opens_nothing() {
    let good = experiment().link().unwrap().hash();
    let other = good.replace("digits-float", "digits-other");
    for (hash, broken) in [
        ("", false),
        ("#shrink", false),
        ("#shrink?", false),
        ("#shrink?other=1", false),
        ("#shrink?experiment=", true),
        ("#shrink?experiment=%7B", true),
        ("?experiment=1", true),
        (&other, true),
        (&good[..good.len() - 9], true),
    ] {
        assert_eq!((Link::parse(hash), Link::is_broken(hash)), (None, broken), "{hash}");
    }
    assert!(!Link::is_broken(&good));
    let mut state = State::default();
    state.update(Event::Broken.into());
    assert!(state.broken_link, "its user hears of it");
}

#[test]
fn a_link_of_before_the_search_was_in_it_opens() {
    let good = experiment().link().unwrap().hash();
    let text = text_of(&good).unwrap();
    let mut fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
    for field in ["follows", "device", "axis", "wishes", "searched"] {
        assert!(fields.remove(field).is_some(), "{field}");
    }
    let text = serde_json::to_string(&fields).unwrap();
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("experiment", &text).finish();
    let link = Link::parse(&format!("#shrink?{query}")).expect("a link");
    assert!(!link.experiment.searched && link.experiment.wishes == Wishes::default());
}
