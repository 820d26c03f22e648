//! Searches over the zoo's digits: limits are kept to, parts are kept apart, and a stored search ends as if it had not been.

use std::cell::Cell;
use std::sync::OnceLock;

use mote_models::data::Array;
use mote_models::judge::{TestSet, Truth};
use mote_models::progress::{Cancelled, Progress, Silent};
use mote_models::quantize;
use mote_models::recipe::{self, Recipe, sha256};
use mote_models::run::Native;
use mote_models::search::{Bytes, Constraints, Numbers, Options, Outcome, Search, SearchError, Shares, Split, State};
use mote_models::zoo;

const SOURCE: &[u8] = zoo::DIGITS.float;

/// A third of the digits, so that a trial is short.
fn digits() -> TestSet {
    let all: TestSet = zoo::DIGITS.test_set().unwrap().try_into().unwrap();
    all.take(&(0..450).step_by(3).collect::<Vec<_>>())
}

fn options(constraints: Constraints, trials: usize) -> Options {
    Options {
        constraints,
        trials,
        seed: 5,
        calibration_samples: 20,
        probe_samples: 10,
        quantize: quantize::Options {
            correct_bias: false,
            rounding: quantize::Rounding::Nearest,
            ..Default::default()
        },
        ..Options::default()
    }
}

/// Few bytes after gzip, little RAM, and as right as the float network but for one of sixty.
const SMALL: Constraints = Constraints { bytes: Some(10_500), ram_bytes: Some(4_000), drop: Some(0.02) };

fn gzip(constraints: Constraints, trials: usize) -> Options {
    Options { bytes: Bytes::Gzip, ..options(constraints, trials) }
}

fn search(set: &TestSet, options: Options) -> Outcome {
    Search::new(SOURCE, set, options).unwrap().run(&Native, &Silent).unwrap()
}

/// One search that several tests look at.
fn small() -> &'static Outcome {
    static OUTCOME: OnceLock<Outcome> = OnceLock::new();
    OUTCOME.get_or_init(|| search(&digits(), gzip(SMALL, 24)))
}

#[test]
fn the_winner_keeps_to_the_limits_and_its_recipe_makes_the_very_bytes() {
    let outcome = small();
    let winner = &outcome.trials[outcome.winner.expect("a winner")];
    let measured = winner.measured.as_ref().unwrap();
    assert!(measured.gzip_bytes <= 10_500 && measured.arena_bytes <= 4_000, "{measured:?}");
    assert!(measured.score >= outcome.original.score - 0.02, "{measured:?}");
    assert!(!winner.choices.sparsity.is_empty(), "int8 alone has over 14,000 bytes: {}", winner.choices);

    let recipe = Recipe::from_toml(&outcome.recipe.as_ref().unwrap().to_toml()).unwrap();
    let made = recipe::apply(&Native, SOURCE, digits().arrays(), &recipe, &Silent).unwrap();
    assert_eq!(sha256(&made.file), measured.sha256);
    assert_eq!(made.file.len() as u64, measured.file_bytes);
}

#[test]
fn the_front_holds_what_nothing_tried_beats() {
    let outcome = small();
    assert_eq!(outcome.trials.len(), 24);
    let key = |k: usize| outcome.trials[k].measured.as_ref().map(|m| (m.gzip_bytes, m.arena_bytes, m.score));
    let beats = |a: (u64, u64, f64), b: (u64, u64, f64)| a != b && a.0 <= b.0 && a.1 <= b.1 && a.2 >= b.2;
    for &k in &outcome.front {
        let own = key(k).unwrap();
        assert!((0..24).filter_map(key).all(|other| !beats(other, own)), "{k}");
    }
    for k in (0..24).filter(|k| !outcome.front.contains(k)) {
        let own = key(k).unwrap();
        assert!(outcome.front.iter().filter_map(|&f| key(f)).any(|f| beats(f, own) || f == own), "{k}");
    }
    assert!(outcome.front.windows(2).all(|pair| key(pair[0]).unwrap().0 <= key(pair[1]).unwrap().0));
    for (k, trial) in outcome.trials.iter().enumerate() {
        assert!(outcome.trials[..k].iter().all(|other| other.choices != trial.choices), "{k} was tried before");
    }
}

#[test]
fn sensitivity_knows_the_layer_that_matters() {
    let probes = &small().probes;
    assert_eq!(probes.len(), 7, "every layer with weights");
    let prunable: Vec<_> = probes.iter().filter(|probe| !probe.sparsity.is_empty()).collect();
    assert_eq!(prunable.len(), 5, "depthwise convolutions have few weights");
    for probe in &prunable {
        assert!(probe.sparsity[0].1 < probe.sparsity[1].1, "more zeros, more noise: {}", probe.layer);
        assert!(probe.int8.is_some_and(|noise| noise > 0.0 && noise < 1e-4), "{}", probe.layer);
    }
    // The first layer has 144 weights, the dense one 8192 of which many do nothing.
    assert!(prunable[0].sparsity[0].1 > 100.0 * prunable[3].sparsity[0].1);
}

/// Cancels after so many reports.
struct Patience(Cell<usize>);

impl Progress for Patience {
    fn at(&self, _: &str, _: usize, _: usize) -> Result<(), Cancelled> {
        let left = self.0.get().checked_sub(1).ok_or(Cancelled)?;
        self.0.set(left);
        Ok(())
    }
}

#[test]
fn a_search_that_is_stored_and_continued_ends_as_if_it_had_not_been() {
    let set = digits();
    let mut stored = serde_json::to_string(Search::new(SOURCE, &set, gzip(SMALL, 24)).unwrap().state()).unwrap();
    let mut stops = 0;
    let outcome = loop {
        let state: State = serde_json::from_str(&stored).unwrap();
        let mut search = Search::resume(SOURCE, &set, state).unwrap();
        match search.run(&Native, &Patience(Cell::new(900))) {
            Ok(outcome) => break outcome,
            Err(SearchError::Cancelled(Cancelled)) => stops += 1,
            Err(error) => panic!("{error}"),
        }
        let state = serde_json::to_string(search.state()).unwrap();
        assert_ne!(state, stored, "stopped without a step");
        stored = state;
    };
    assert!(stops >= 3, "{stops}");
    assert_eq!(&outcome, small());
}

#[test]
fn samples_of_the_test_part_have_no_say_in_what_is_chosen() {
    let set = digits();
    let split = Search::new(SOURCE, &set, gzip(SMALL, 1)).unwrap().split().clone();
    assert_eq!((split.validation.len(), split.test.len()), (60, 60));
    // The pictures of the test part become empty; labels, which the parts are made by, stay.
    let mut pixels: Vec<f32> =
        (0..set.arrays()[0].elements().len()).map(|i| set.arrays()[0].elements().real(i).unwrap() as f32).collect();
    for &sample in &split.test {
        pixels[sample * 64..(sample + 1) * 64].fill(0.0);
    }
    let Truth::Classes { y, names } = set.truth().clone() else { panic!("classes") };
    let x = Array::new(set.arrays()[0].shape(), pixels).unwrap();
    let blank = TestSet::new(vec![x], Truth::Classes { y, names }).unwrap();
    let options = gzip(SMALL, 12);
    let (one, other) = (search(&set, options.clone()), search(&blank, options));
    assert_eq!((one.split, one.probes, one.trials), (other.split, other.probes, other.trials));
    assert_eq!(one.parts[..2], other.parts[..2]);
    let test = |parts: &[mote_models::search::Part]| parts[2].chosen.headline().value;
    assert!(test(&one.parts) > 0.9 && test(&other.parts) < 0.3, "{} {}", test(&one.parts), test(&other.parts));
}

#[test]
fn parts_that_are_given_are_kept_to() {
    let set = digits();
    let place = |part: usize| (0..set.len()).filter(|k| k % 3 == part).collect::<Vec<_>>();
    let parts = Split { calibration: place(0), validation: place(1), test: place(2) };
    let options = Options { parts: Some(parts.clone()), calibration_samples: 50, ..options(Constraints::default(), 2) };
    let stored = serde_json::to_string(Search::new(SOURCE, &set, options).unwrap().state()).unwrap();
    let mut search = Search::resume(SOURCE, &set, serde_json::from_str(&stored).unwrap()).unwrap();
    let outcome = search.run(&Native, &Silent).unwrap();
    assert_eq!(outcome.split, parts);
    assert_eq!(outcome.recipe.unwrap().calibration.indices, parts.calibration);
}

#[test]
fn the_seed_decides_what_is_drawn() {
    let set = digits();
    let other = search(&set, Options { seed: 6, ..gzip(SMALL, 13) });
    assert_ne!(other.split, small().split);
    let choices = |outcome: &Outcome| outcome.trials[..13].iter().map(|t| t.choices.clone()).collect::<Vec<_>>();
    assert_ne!(choices(&other), choices(small()));
}

#[test]
fn limits_that_nothing_keeps_to_have_no_winner_but_a_nearest() {
    let impossible = Constraints { bytes: Some(100), ram_bytes: None, drop: Some(0.0) };
    let outcome = search(&digits(), options(impossible, 6));
    assert_eq!(outcome.winner, None);
    let nearest = outcome.nearest.unwrap();
    assert!(outcome.trials.iter().any(|trial| trial.choices.numbers == Numbers::Float), "float was tried");
    assert_ne!(outcome.trials[nearest].choices.numbers, Numbers::Float);
    assert!(outcome.recipe.is_some() && outcome.parts.len() == 3);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let set = digits();
    let refused = |options: Options| Search::new(SOURCE, &set, options).unwrap_err();
    let shares = Shares { calibration: 0.5, validation: 0.5 };
    let cases = [
        ("no test part", Options { split: shares, ..Options::default() }, "split: expected two shares"),
        ("no trials", Options { trials: 0, ..Options::default() }, "trials: expected at least 1, found 0"),
        (
            "N:M",
            Options { pattern: "2:4".parse().unwrap(), ..Options::default() },
            "pattern: expected a pattern that leaves",
        ),
    ];
    for (name, options, text) in cases {
        let error = refused(options).to_string();
        assert!(error.starts_with(text), "{name}: {error}");
    }
    let few = set.take(&[0, 1]);
    let error = Search::new(SOURCE, &few, Options::default()).unwrap_err();
    assert!(matches!(error, SearchError::Samples { count: 2, .. }), "{error}");
    let state = Search::new(SOURCE, &set, Options::default()).unwrap().state().clone();
    let error = Search::resume(SOURCE, &few, state.clone()).unwrap_err();
    assert_eq!(error, SearchError::State { what: "samples and labels" });
    assert_eq!(Search::resume(zoo::DIGITS.int8, &set, state).unwrap_err(), SearchError::State { what: "source" });
}

#[test]
fn a_source_that_is_quantized_already_is_refused() {
    let set = digits();
    let mut search = Search::new(zoo::DIGITS.int8, &set, options(Constraints::default(), 4)).unwrap();
    let error = search.run(&Native, &Silent).unwrap_err();
    assert!(matches!(error, SearchError::Quantized { .. }), "{error}");
}
