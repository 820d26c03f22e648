use std::collections::VecDeque;

use super::*;

const JOB: Job = Job(7);

/// Milliseconds that one sample takes.
const SAMPLE_MILLIS: f64 = 1.0;

fn label(sample: usize) -> usize {
    sample % 5
}

/// Right for most samples, and by no rule that a wrong division would keep to.
fn class(sample: usize) -> usize {
    (sample * sample / 7 + sample) % if sample.is_multiple_of(11) { 7 } else { 5 }
}

fn counted(samples: std::ops::Range<usize>) -> ConfusionMatrix {
    let mut confusion = ConfusionMatrix::new(0);
    samples.for_each(|sample| confusion.add(label(sample), class(sample)));
    confusion
}

/// What a runner answers that reaches the place `end`.
fn answer(part: Part, end: usize, total: usize) -> Answered {
    let part = Part { from: part.from, end };
    let counts = (part.from..end).map(|sample| (label(sample), class(sample), 1)).collect();
    Answered { part, total, counts, millis: part.len() as f64 * SAMPLE_MILLIS }
}

fn model() -> Bytes {
    vec![3].into()
}

fn next(pool: &mut Pool) -> Vec<Effect> {
    pool.next(Kernels::Simd128, Some(&model()))
}

fn begun(cores: usize) -> Pool {
    let mut pool = Pool::of_cores(cores);
    pool.begin(JOB, vec![1, 2].into(), true);
    pool
}

/// The own runner has done two slices, and the samples before `end`.
fn reach(pool: &mut Pool, end: usize, total: usize) {
    next(pool);
    pool.answered(OWN, &answer(Part::ALL, 10, total));
    assert_eq!(asked(&next(pool)), [(OWN, evaluate(10, total), 0)], "the first slice tells little");
    pool.answered(OWN, &answer(Part { from: 10, end: total }, end, total));
}

/// What each runner is asked, in order: its number, the request, how many buffers.
fn asked(effects: &[Effect]) -> Vec<(usize, Request, usize)> {
    let one = |effect: &Effect| match effect {
        Effect::Post { request, buffers } => (OWN, request.clone(), buffers.len()),
        Effect::Help { helper, request, buffers } => (*helper, request.clone(), buffers.len()),
        other => panic!("nothing that is asked: {other:?}"),
    };
    effects.iter().map(one).collect()
}

fn evaluate(from: usize, end: usize) -> Request {
    Request::Evaluate { job: JOB, part: Part { from, end } }
}

const LOAD: Request = Request::Load { job: JOB, kernels: Kernels::Simd128 };

#[test]
fn what_ends_in_its_first_slice_needs_no_helper() {
    let mut pool = begun(4);
    assert_eq!(asked(&next(&mut pool)), [(OWN, Request::Evaluate { job: JOB, part: Part::ALL }, 1)]);
    pool.answered(OWN, &answer(Part::ALL, 40, 40));
    assert_eq!(asked(&next(&mut pool)), [(OWN, Request::Time { job: JOB }, 0)], "the samples are there");
    pool.timed();
    assert_eq!(asked(&next(&mut pool)), [(OWN, Request::Time { job: JOB }, 0)], "until it is enough");
    assert_eq!(pool.confusion(), Some(&counted(0..40)));
    assert_eq!(asked(&pool.end()), [(OWN, Request::Forget { job: JOB }, 0)]);
    assert_eq!((next(&mut pool), pool.end(), pool.confusion()), (vec![], vec![], None));
}

#[test]
fn helpers_come_as_far_as_they_pay_and_no_more_than_there_are_cores() {
    // After 50 samples, each of a millisecond.
    for (cores, total, runners) in [
        (4, 50 + 400, 1),
        (4, 50 + 600, 2),
        (4, 50 + 900, 3),
        (4, 50 + 1200, 4),
        (4, 100_000, 4),
        (64, 100_000, MOST_RUNNERS),
        (2, 100_000, 2),
        (1, 100_000, 1),
        (0, 100_000, 1),
    ] {
        let mut pool = begun(cores);
        reach(&mut pool, 50, total);
        let asked = asked(&next(&mut pool));
        let loads = asked.iter().filter(|(_, request, buffers)| (request, *buffers) == (&LOAD, 1)).count();
        assert_eq!(loads + 1, runners, "{total} samples, {cores} cores");
        let share = (total - 50).div_ceil(runners);
        assert_eq!(asked[0], (OWN, evaluate(50, 50 + share), 0), "{total} samples, {cores} cores");
    }
    // Four samples of a second each.
    let mut pool = begun(4);
    next(&mut pool);
    pool.answered(OWN, &Answered { millis: 1000.0, ..answer(Part::ALL, 1, 4) });
    next(&mut pool);
    pool.answered(OWN, &Answered { millis: 1000.0, ..answer(Part { from: 1, end: 4 }, 2, 4) });
    assert_eq!(next(&mut pool).len(), 2, "two samples are for two runners");
}

#[test]
fn a_helper_gets_the_model_then_the_samples_then_shares() {
    let mut pool = begun(2);
    reach(&mut pool, 50, 1050);
    assert_eq!(asked(&next(&mut pool)), [(OWN, evaluate(50, 550), 0), (1, LOAD, 1)]);
    assert_eq!(next(&mut pool), [], "both are at something");
    pool.loaded(1);
    assert_eq!(asked(&next(&mut pool)), [(1, evaluate(550, 800), 1)], "half of what nobody has");
    assert_eq!(pool.at_work(), 2);
    pool.answered(1, &answer(Part { from: 550, end: 800 }, 600, 1050));
    assert_eq!(asked(&next(&mut pool)), [(1, evaluate(600, 800), 0)], "what it did not reach comes first");
    assert_eq!(pool.confusion().map(ConfusionMatrix::total), Some(100));
    assert_eq!(pool.end()[0], Effect::EndHelper(1));
}

#[test]
fn a_dead_runners_share_is_done_again_by_a_fresh_one_or_another() {
    let mut pool = begun(2);
    reach(&mut pool, 50, 1050);
    next(&mut pool);
    pool.loaded(1);
    next(&mut pool);
    assert!(pool.died(1));
    assert_eq!(asked(&next(&mut pool)), [(1, LOAD, 1)]);
    assert!(pool.died(OWN));
    assert_eq!(next(&mut pool), [], "the page loads its own runner's model itself");
    pool.loaded(1);
    assert_eq!(asked(&next(&mut pool)), [(1, evaluate(50, 550), 1)], "what the other one had");
    assert!(!pool.died(1), "a third death is one too many");
}

#[test]
fn a_helper_without_a_model_is_done_without() {
    let mut pool = begun(2);
    reach(&mut pool, 50, 1050);
    next(&mut pool);
    assert!(pool.cannot_load(1));
    assert!(!pool.cannot_load(1), "what fails now is no load");
    let mut at = 50;
    while at < 1050 {
        let shared = pool.shared.as_ref().unwrap();
        let Runner::At(part) = shared.runners[OWN] else { panic!("{:?}", shared.runners) };
        at = part.end;
        pool.answered(OWN, &answer(part, part.end, 1050));
        next(&mut pool);
    }
    assert_eq!(pool.confusion(), Some(&counted(0..1050)));
    assert_eq!(pool.shared.as_ref().unwrap().runners, [Runner::Timed]);
}

#[test]
fn a_runner_that_died_while_it_was_timed_gets_the_samples_again() {
    let mut pool = begun(1);
    next(&mut pool);
    pool.answered(OWN, &answer(Part::ALL, 9, 9));
    next(&mut pool);
    assert!(pool.died(OWN));
    assert_eq!(next(&mut pool), []);
    pool.loaded(OWN);
    assert_eq!(asked(&next(&mut pool)), [(OWN, Request::Time { job: JOB }, 1)]);
}

#[test]
fn answers_that_nobody_waits_for_change_nothing() {
    let mut pool = begun(2);
    next(&mut pool);
    let before = pool.clone();
    pool.answered(1, &answer(Part::ALL, 50, 1050));
    pool.answered(9, &answer(Part::ALL, 50, 1050));
    pool.loaded(OWN);
    pool.timed();
    assert!(pool.died(3), "no runner of this evaluation");
    assert_eq!(pool, before);
}

/// A generator by Marsaglia (xorshift, 2003).
struct Chance(u32);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as usize % limit
    }
}

#[test]
fn the_result_is_the_same_however_many_runners_share_it_and_whoever_dies() {
    for seed in 1..=200u32 {
        let mut chance = Chance(seed * 2_654_435);
        let (total, cores) = (600 + chance.below(5000), 1 + chance.below(6));
        let (mut pool, mut deaths) = (begun(cores), chance.below(DEATHS + 1));
        let mut waiting: VecDeque<(usize, Request)> = VecDeque::new();
        let mut own_is_timed = false;
        while !own_is_timed {
            for effect in next(&mut pool) {
                match effect {
                    Effect::EndHelper(helper) => waiting.retain(|(runner, _)| *runner != helper),
                    Effect::Post { request, .. } => waiting.push_back((OWN, request)),
                    Effect::Help { helper, request, .. } => waiting.push_back((helper, request)),
                    other => panic!("seed {seed}: {other:?}"),
                }
            }
            let turn = chance.below(waiting.len());
            let (runner, request) = waiting.remove(turn).expect("somebody is at work");
            if deaths > 0 && chance.below(8) == 0 {
                deaths -= 1;
                assert!(pool.died(runner));
                waiting.retain(|(other, _)| *other != runner);
                // The page loads its own runner's model itself.
                if runner == OWN {
                    waiting.push_back((OWN, LOAD));
                }
                continue;
            }
            match request {
                Request::Load { .. } => pool.loaded(runner),
                Request::Evaluate { part, .. } => {
                    let len = part.end.min(total) - part.from;
                    let end = part.from + 1 + chance.below(len.min(200));
                    pool.answered(runner, &answer(part, end, total));
                }
                Request::Time { .. } => own_is_timed = true,
                other => panic!("seed {seed}: {other:?}"),
            }
        }
        assert_eq!(pool.confusion(), Some(&counted(0..total)), "seed {seed}: {total} samples, {cores} cores");
    }
}
