//! Times and answers of contestants.

use serde::{Deserialize, Serialize};

use super::case::Case;
use super::contestant::{Contestant, Label};

/// How often each contestant has its turn, and for how many runs.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Turns.
    pub rounds: usize,
    /// Runs of a turn; those of the first turn are not counted.
    pub burst: usize,
}

/// Order statistics of run times.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Times {
    /// How many runs.
    pub runs: usize,
    /// Microseconds of the fastest.
    pub min_us: f64,
    /// Half took at most this.
    pub median_us: f64,
    /// 95 in 100 took at most this.
    pub p95_us: f64,
}

impl Times {
    /// Of microseconds.
    ///
    /// # Panics
    /// When there are none.
    #[must_use]
    pub fn of(mut us: Vec<f64>) -> Self {
        us.sort_by(f64::total_cmp);
        let rank = |percent: usize| us[(us.len() * percent).div_ceil(100).saturating_sub(1)];
        Self { runs: us.len(), min_us: us[0], median_us: rank(50), p95_us: rank(95) }
    }
}

/// How close answers come to the golden ones.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// Of a classifier: inputs with the same class, of how many.
    pub classes: Option<(usize, usize)>,
    /// Largest difference of an output, in steps of its integers.
    pub max_steps: f32,
    /// Mean difference.
    pub mean_steps: f32,
}

impl Agreement {
    /// A signal whose mean difference is above this, in steps, is another signal. Rounding in another order gives up to 4 steps
    /// in the worst of 640 places of the autoencoder, float32 instead of integers a mean of about 1.
    const MEAN_STEPS: f32 = 3.0;

    /// Compares outputs, input by input.
    #[must_use]
    pub fn of(case: &Case, found: &[Vec<f32>]) -> Self {
        let expected = case.expected_real();
        let class = |row: &[f32]| (0..row.len()).rev().max_by(|&a, &b| row[a].total_cmp(&row[b]));
        let same = expected.iter().zip(found).filter(|(e, f)| class(e) == class(f)).count();
        let pairs = || expected.iter().flatten().zip(found.iter().flatten());
        let difference = |(e, f): (&f32, &f32)| (e - f).abs() / case.output_scale();
        let count = pairs().count().max(1) as f32;
        let complete = found.iter().map(Vec::len).eq(expected.iter().map(Vec::len));
        Self {
            classes: case.is_classifier().then_some((if complete { same } else { 0 }, expected.len())),
            max_steps: if complete { pairs().map(difference).fold(0.0, f32::max) } else { f32::INFINITY },
            mean_steps: if complete { pairs().map(difference).sum::<f32>() / count } else { f32::INFINITY },
        }
    }

    /// Whether this is an answer to the question at all; a runtime that gives another is not measured against.
    #[must_use]
    pub fn holds(&self) -> bool {
        match self.classes {
            Some((same, all)) => same == all,
            None => self.mean_steps <= Self::MEAN_STEPS,
        }
    }
}

/// A contestant's figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The network.
    pub case: String,
    /// Its multiply-accumulates.
    pub macs: u64,
    /// Who.
    #[serde(flatten)]
    pub label: Label,
    /// How fast.
    #[serde(flatten)]
    pub times: Times,
    /// How right.
    pub agreement: Agreement,
}

/// Lets contestants take turns. One that fails is left out, and why is said.
#[must_use]
pub fn interleaved(case: &Case, contestants: Vec<Contestant>, plan: Plan) -> Vec<Measured> {
    let mut all: Vec<(Contestant, Vec<f64>)> = contestants.into_iter().map(|c| (c, Vec::new())).collect();
    for round in 0..=plan.rounds {
        all.retain_mut(|(contestant, us)| match contestant.times(plan.burst) {
            Ok(times) if round > 0 => {
                us.extend(times.iter().map(|&ns| ns as f64 / 1e3));
                true
            }
            Ok(_) => true,
            Err(what) => {
                eprintln!("{}: {:?}: {what}", case.name, contestant.label);
                false
            }
        });
    }
    let measured = |(mut contestant, us): (Contestant, Vec<f64>)| match contestant.outputs(case) {
        Ok(outputs) => Some(Measured {
            case: case.name.clone(),
            macs: case.macs,
            label: contestant.label,
            times: Times::of(us),
            agreement: Agreement::of(case, &outputs),
        }),
        Err(what) => {
            eprintln!("{}: {:?}: {what}", case.name, contestant.label);
            None
        }
    };
    all.into_iter().filter_map(measured).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peers::case::cases;

    #[test]
    fn order_statistics_are_times_that_occurred() {
        let times = Times::of((1..=100).rev().map(f64::from).collect());
        assert_eq!((times.runs, times.min_us, times.median_us, times.p95_us), (100, 1.0, 50.0, 95.0));
        assert_eq!(Times::of(vec![7.0]).p95_us, 7.0);
    }

    #[test]
    fn an_answer_holds_when_its_classes_are_the_golden_ones() {
        let case = cases().pop().expect("the zoo's");
        let golden = case.expected_real();
        let exact = Agreement::of(&case, &golden);
        assert_eq!((exact.classes, exact.max_steps, exact.holds()), (Some((4, 4)), 0.0, true));
        // The highest integer everywhere, as tract answers where an int8 softmax is last.
        let saturated: Vec<_> = golden.iter().map(|row| vec![0.996; row.len()]).collect();
        assert!(!Agreement::of(&case, &saturated).holds());
        assert!(!Agreement::of(&case, &[vec![]]).holds(), "too short");
    }
}
