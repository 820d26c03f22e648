use mote_abi::Build;

use super::*;
use crate::fixture;
use crate::protocol::{Order, Reply};
use crate::relaxed::Relaxed;
use crate::update;
use crate::view::View;

fn model(shape: &[u32]) -> Description {
    fixture::description(vec![fixture::tensor("int8", shape)], vec![fixture::tensor("int8", shape)])
}

/// A page whose model is ready.
fn ready(shape: &[u32]) -> State {
    let mut state = State::default();
    let probed = Reply::Probed { relaxed: Relaxed::default() };
    state.update(update::Event::Replied { reply: probed, buffers: Vec::new() });
    state.update(update::Event::ViewOpened(View::Try));
    state.update(update::Event::ModelOpened { name: "net.tflite".into(), bytes: vec![1] });
    let Model::Loading { job } = state.model else { panic!("{:?}", state.model) };
    let reply = Reply::Loaded { job, build: Build::Simd128, description: model(shape) };
    state.update(update::Event::Replied { reply, buffers: Vec::new() });
    state
}

fn tell(state: &mut State, event: Event) -> Vec<Effect> {
    state.update(update::Event::Try(event))
}

/// The one task among effects, and its buffers.
fn task(effects: &[Effect]) -> (Job, &Task, &[Bytes]) {
    let [Effect::Work { order: Order { job, task, .. }, buffers }] = effects else { panic!("one task: {effects:?}") };
    (*job, task, buffers)
}

fn given(name: &str, byte: u8) -> Event {
    Event::Given { name: name.into(), bytes: vec![byte] }
}

fn answered(state: &mut State, job: Job, name: &str) -> Vec<Effect> {
    let answers = vec![Answered { scores: vec![0.25, 0.75], labels: Vec::new() }];
    let product = Product::Answered { answers, name: name.into(), variant: None };
    state.update(update::Event::Replied { reply: Reply::Worked { job, product }, buffers: Vec::new() })
}

#[test]
fn a_sensor_is_on_until_it_is_stopped_its_view_is_left_or_another_model_comes() {
    type Leave = fn(&mut State) -> Vec<Effect>;
    let ways: [(&str, Leave); 3] = [
        ("stopped", |state| tell(state, Event::StopAsked)),
        ("left", |state| state.update(update::Event::ViewOpened(View::Data))),
        ("another model", |state| state.update(update::Event::ModelOpened { name: "b.tflite".into(), bytes: vec![2] })),
    ];
    for (name, leave) in ways {
        let mut state = ready(&[1, 96, 96, 3]);
        let wanted = Wanted { source: Source::Camera, rows: 96 * 96 * 3, columns: 1 };
        let effects = tell(&mut state, Event::DeviceAsked(Source::Camera));
        assert_eq!(effects, [Effect::Sense(None), Effect::Sense(Some(wanted))], "{name}");
        tell(&mut state, Event::DeviceStarted(Source::Camera));
        assert_eq!(state.try_it.device, Device::On(Source::Camera));
        assert!(leave(&mut state).contains(&Effect::Sense(None)), "{name}: it is let go");
        assert_eq!(state.try_it.device, Device::Off, "{name}");
    }
}

#[test]
fn a_sensor_that_comes_after_it_was_stopped_is_let_go() {
    let mut state = ready(&[1, 8, 8, 1]);
    tell(&mut state, Event::DeviceAsked(Source::Camera));
    tell(&mut state, Event::StopAsked);
    assert_eq!(tell(&mut state, Event::DeviceStarted(Source::Camera)), [Effect::Sense(None)]);
    assert_eq!(state.try_it.device, Device::Off);
}

#[test]
fn a_sensor_that_fails_keeps_its_reason() {
    let mut state = ready(&[1, 8, 8, 1]);
    tell(&mut state, Event::DeviceAsked(Source::Camera));
    tell(&mut state, Event::DeviceFailed(Source::Camera, Trouble::Denied));
    assert_eq!(state.try_it.device, Device::Failed(Source::Camera, Trouble::Denied));
}

#[test]
fn sound_for_features_waits_for_a_front_end() {
    let mut state = ready(&[1, 49, 10, 1]);
    assert_eq!(tell(&mut state, Event::DeviceAsked(Source::Microphone)), []);
    tell(&mut state, Event::FrontEndOpened { name: "mfcc.tflite".into(), bytes: vec![5] });
    assert_eq!(tell(&mut state, Event::DeviceAsked(Source::Microphone)).len(), 2);
    let effects = tell(&mut state, given("microphone.wav", 7));
    let (_, _, buffers) = task(&effects);
    assert_eq!(buffers, &[vec![7], vec![5], vec![1]][..], "what was heard, the front end, the model");
}

#[test]
fn of_what_comes_during_an_answer_the_newest_is_answered_next() {
    let mut state = ready(&[1, 8, 8, 1]);
    let effects = tell(&mut state, given("camera.png", 1));
    let (job, what, _) = task(&effects);
    assert_eq!(what, &Task::Answer { name: "camera.png".into(), variant: None });
    for byte in 2..5 {
        assert_eq!(tell(&mut state, given("camera.png", byte)), []);
    }
    let effects = answered(&mut state, job, "camera.png");
    let (job, _, buffers) = task(&effects);
    assert_eq!(buffers[0], vec![4]);
    assert_eq!(answered(&mut state, job, "camera.png"), []);
    let Answers::Given { of, .. } = &state.try_it.answers else { panic!("{:?}", state.try_it.answers) };
    assert_eq!(of[0].scores, [0.25, 0.75]);
}

#[test]
fn an_answer_for_a_model_that_is_gone_changes_nothing() {
    let mut state = ready(&[1, 8, 8, 1]);
    let effects = tell(&mut state, given("a.png", 1));
    let (job, ..) = task(&effects);
    state.update(update::Event::ModelOpened { name: "b.tflite".into(), bytes: vec![2] });
    answered(&mut state, job, "a.png");
    assert_eq!(state.try_it.answers, Answers::None);
}

#[test]
fn every_trouble_says_what_to_do() {
    for (exception, trouble) in [
        ("NotAllowedError", Trouble::Denied),
        ("NotFoundError", Trouble::Missing),
        ("NotReadableError", Trouble::Busy),
        ("NotSupportedError", Trouble::Unsupported),
        ("SomethingElse", Trouble::Other("why".into())),
    ] {
        let found = Trouble::of_exception(exception, "why");
        assert_eq!(found, trouble);
        assert!(found.what().ends_with('.') && found.remedy().ends_with('.'));
    }
}
