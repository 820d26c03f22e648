use super::*;
use crate::fixture;
use crate::protocol::Reply;
use crate::update::Event;

/// A page with so many tasks of no one's, and their jobs; the effects that the last event has.
fn with_tasks(count: u8) -> (State, Vec<Job>, Vec<Effect>) {
    let mut state = State::default();
    let jobs = (0..count).map(|k| state.enqueue(Owner::Shrink, Task::Survey, vec![vec![k].into()])).collect();
    let effects = state.workshop.next();
    (state, jobs, effects)
}

fn work(state: &State, job: Job, k: u8) -> Effect {
    let order = Order { job, kernels: state.kernels, task: Task::Survey };
    Effect::Work { order, buffers: vec![vec![k].into()] }
}

fn surveyed() -> Product {
    Product::Surveyed(fixture::survey(1, false))
}

fn reply(state: &mut State, reply: Reply) -> Vec<Effect> {
    state.update(Event::Replied { reply, buffers: vec![] })
}

#[test]
fn tasks_are_done_one_at_a_time_in_their_order() {
    let (mut state, jobs, effects) = with_tasks(3);
    assert_eq!(effects, [work(&state, jobs[0], 0)]);
    assert_eq!(state.workshop.place(jobs[2]), Some(Place::Waiting { before: 2 }));
    assert_eq!(state.workshop.next(), [], "one at a time");
    for k in 0..3 {
        let effects = reply(&mut state, Reply::Worked { job: jobs[k], product: surveyed() });
        let next: Vec<Effect> = (k < 2).then(|| work(&state, jobs[k + 1], k as u8 + 1)).into_iter().collect();
        assert_eq!(effects, next);
        assert_eq!(state.workshop.place(jobs[k]), None);
    }
    assert!(state.workshop.is_empty());
}

#[test]
fn progress_is_that_of_the_task_under_way() {
    let (mut state, jobs, _) = with_tasks(2);
    for job in [jobs[1], Job(99), jobs[0]] {
        reply(&mut state, Reply::Working { job, stage: "calibrate".into(), done: 3, total: 9 });
    }
    let running = Place::Running { stage: "calibrate".into(), done: 3, total: 9 };
    assert_eq!(state.workshop.place(jobs[0]), Some(running));
    assert_eq!(state.workshop.place(jobs[1]), Some(Place::Waiting { before: 1 }));
}

#[test]
fn a_task_that_waits_is_dropped_and_one_under_way_ends_with_its_worker() {
    let (mut state, jobs, _) = with_tasks(3);
    state.cancel_work(jobs[1]);
    assert_eq!(state.workshop.next(), [], "the one under way goes on");
    state.cancel_work(jobs[0]);
    assert_eq!(state.workshop.next(), [Effect::StopWork, work(&state, jobs[2], 2)], "the rest goes on elsewhere");
    assert_eq!(reply(&mut state, Reply::Worked { job: jobs[0], product: surveyed() }), [], "a late answer is dropped");
    assert_eq!(state.workshop.len(), 1);
    state.cancel_work(jobs[0]);
    assert_eq!(state.workshop.next(), [], "nothing is left of it to end");
}

#[test]
fn a_worker_that_dies_fails_one_task_and_no_other() {
    let (mut state, jobs, _) = with_tasks(2);
    let effects = state.update(Event::WorkshopDied("out of memory".into()));
    assert_eq!(effects, [Effect::StopWork, work(&state, jobs[1], 1)]);
    let trap = Failure::Trap("unreachable".into());
    let effects = reply(&mut state, Reply::Failed { job: Some(jobs[1]), failure: trap });
    assert_eq!(effects, [Effect::StopWork], "a broken guest's worker is not used again");
    assert_eq!(state.update(Event::WorkshopDied("again".into())), [Effect::StopWork], "with nothing to do");
    assert!(state.workshop.is_empty());
}

#[test]
fn a_task_that_is_refused_leaves_its_worker_to_the_next() {
    let (mut state, jobs, _) = with_tasks(2);
    let failure = Failure::Data("too short".into());
    let effects = reply(&mut state, Reply::Failed { job: Some(jobs[0]), failure });
    assert_eq!(effects, [work(&state, jobs[1], 1)]);
}

#[test]
fn a_task_runs_with_the_kernels_that_were_chosen_when_it_was_asked_for() {
    let (mut state, _, _) = with_tasks(1);
    let plain = state.kernels;
    let job = state.enqueue(Owner::Shrink, Task::Survey, vec![]);
    state.kernels = crate::protocol::Kernels::Reference;
    state.update(Event::WorkshopDied("gone".into()));
    assert!(matches!(state.workshop.place(job), Some(Place::Running { .. })));
    let waiting = state.enqueue(Owner::Shrink, Task::Survey, vec![]);
    state.cancel_work(job);
    let effects = state.workshop.next();
    let kernels = state.kernels;
    assert_ne!(plain, kernels);
    let order = Order { job: waiting, kernels, task: Task::Survey };
    assert_eq!(effects, [Effect::StopWork, Effect::Work { order, buffers: vec![] }]);
}
