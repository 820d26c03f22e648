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
    let recipe = choices.recipe(Split::of(450)).unwrap().into();
    state.shrink.choices = choices;
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
    for hash in ["", "#shrink", "#shrink?", "#shrink?experiment=", "#shrink?experiment=%7B", "?experiment=1"] {
        assert_eq!(Link::parse(hash), None, "{hash}");
    }
    assert_eq!(Link::parse(&good.replace("digits-float", "digits-other")), None, "a model that the zoo has not");
    assert_eq!(Link::parse(&good[..good.len() - 9]), None, "a link that was cut off");
}
