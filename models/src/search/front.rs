//! Which artefacts are worth having, and which one is the winner.

use super::options::{Bytes, Options};
use super::state::{Measured, Trial};

impl Measured {
    /// The bytes that are to be few.
    #[must_use]
    pub fn bytes(&self, kind: Bytes) -> u64 {
        match kind {
            Bytes::File => self.file_bytes,
            Bytes::Gzip => self.gzip_bytes,
        }
    }

    /// What is to be little: bytes, RAM, and the score with the other sign.
    fn costs(&self, kind: Bytes) -> [f64; 3] {
        [self.bytes(kind) as f64, self.arena_bytes as f64, -self.score]
    }
}

/// By how much constraints are broken: 0 when they are kept; of sizes, what is over as a share of the limit; of the score, what
/// is lost beyond the drop, in hundredths.
#[must_use]
pub fn violation(measured: &Measured, original: &Measured, options: &Options) -> f64 {
    let constraints = options.constraints;
    let over = |found: u64, limit: Option<u64>| {
        limit.map_or(0.0, |limit| found.saturating_sub(limit) as f64 / limit.max(1) as f64)
    };
    let lost = constraints.lost_beyond(original.score - measured.score) * 100.0;
    over(measured.bytes(options.bytes), constraints.bytes) + over(measured.arena_bytes, constraints.ram_bytes) + lost
}

/// The places of the trials that no other beats in bytes, RAM and score, in the order of their bytes; of equals the first.
#[must_use]
pub fn front(trials: &[Trial], kind: Bytes) -> Vec<usize> {
    let measured = |k: usize| trials[k].measured.as_ref();
    let costs: Vec<_> = trials.iter().map(|trial| trial.measured.as_ref().map(|m| m.costs(kind))).collect();
    let mut front = undominated(&costs);
    front.sort_by_key(|&k| measured(k).map(|m| (m.bytes(kind), m.arena_bytes)));
    front
}

/// The places of those that no other beats, in ascending order; of equals the first. One beats another that is as good as it in
/// every cost and better in one. Costs are to be little; what has none takes no part.
#[must_use]
pub fn undominated<const N: usize>(costs: &[Option<[f64; N]>]) -> Vec<usize> {
    let beats = |other: usize, k: usize, others: &[f64; N], own: &[f64; N]| {
        let pairs = || others.iter().zip(own).map(|(other, own)| other.total_cmp(own));
        pairs().all(std::cmp::Ordering::is_le) && (other < k || pairs().any(std::cmp::Ordering::is_lt))
    };
    let worth = |&k: &usize| {
        let Some(own) = &costs[k] else { return false };
        costs.iter().enumerate().all(|(other, others)| others.as_ref().is_none_or(|it| !beats(other, k, it, own)))
    };
    (0..costs.len()).filter(worth).collect()
}

/// The best of those that keep to the constraints: with a limit on bytes or RAM the highest score, then the fewest bytes; with
/// none the fewest bytes, then the highest score. None when there is none.
#[must_use]
pub fn winner(trials: &[Trial], original: &Measured, options: &Options) -> Option<usize> {
    let kept =
        |k: &usize| trials[*k].measured.as_ref().is_some_and(|measured| violation(measured, original, options) == 0.0);
    let sized = options.constraints.limit_size();
    front(trials, options.bytes).into_iter().filter(kept).min_by(|&a, &b| {
        let (Some(a), Some(b)) = (&trials[a].measured, &trials[b].measured) else { return std::cmp::Ordering::Equal };
        let score = b.score.total_cmp(&a.score);
        let bytes = a.bytes(options.bytes).cmp(&b.bytes(options.bytes)).then(a.arena_bytes.cmp(&b.arena_bytes));
        if sized { score.then(bytes) } else { bytes.then(score) }
    })
}

/// The trial that breaks the constraints least.
#[must_use]
pub fn nearest(trials: &[Trial], original: &Measured, options: &Options) -> Option<usize> {
    let broken =
        |k: usize| trials[k].measured.as_ref().map_or(f64::INFINITY, |measured| violation(measured, original, options));
    (0..trials.len()).filter(|&k| broken(k).is_finite()).min_by(|&a, &b| broken(a).total_cmp(&broken(b)))
}

#[cfg(test)]
mod tests {
    use super::super::Constraints;
    use super::super::choices::{Choices, Numbers};
    use super::*;

    fn measured(file_bytes: u64, arena_bytes: u64, score: f64) -> Measured {
        let gzip_bytes = 1000 - file_bytes;
        Measured { score, file_bytes, gzip_bytes, arena_bytes, macs: 0, non_zeros: 0, sha256: String::new() }
    }

    fn trials(list: &[(u64, u64, f64)]) -> Vec<Trial> {
        let trial = |&(bytes, arena, score): &(u64, u64, f64)| Trial {
            choices: Choices::of(Numbers::Float),
            origin: String::new(),
            measured: Some(measured(bytes, arena, score)),
            refused: None,
        };
        list.iter().map(trial).collect()
    }

    fn options(bytes: Option<u64>, ram_bytes: Option<u64>, drop: Option<f64>) -> Options {
        Options { constraints: Constraints { bytes, ram_bytes, drop }, ..Options::default() }
    }

    #[test]
    fn the_front_is_what_nothing_else_beats() {
        let mut trials =
            trials(&[(100, 10, 0.9), (50, 10, 0.8), (60, 10, 0.8), (50, 10, 0.8), (200, 5, 0.5), (100, 11, 0.95)]);
        assert_eq!(front(&trials, Bytes::File), [1, 0, 5, 4]);
        trials[1].measured = None;
        assert_eq!(front(&trials, Bytes::File), [3, 0, 5, 4]);
        assert_eq!(front(&[], Bytes::File), [0; 0]);
    }

    #[test]
    fn any_number_of_costs_has_a_front() {
        let costs = [Some([3.0, 1.0]), Some([1.0, 3.0]), None, Some([3.0, 1.0]), Some([2.0, 3.0]), Some([2.0, 2.0])];
        assert_eq!(undominated(&costs), [0, 1, 5]);
        assert_eq!(undominated(&[Some([2.0]), Some([1.0]), Some([1.0])]), [1]);
        assert_eq!(undominated::<1>(&[None]), [0; 0]);
    }

    #[test]
    fn the_winner_keeps_to_every_constraint() {
        let all = trials(&[(100, 10, 0.9), (50, 10, 0.8), (200, 5, 0.5), (100, 11, 0.95)]);
        let original = measured(400, 40, 0.95);
        let cases = [
            ("any", options(None, None, None), Some(1)),
            ("drop", options(None, None, Some(0.05)), Some(0)),
            ("no drop", options(None, None, Some(0.0)), Some(3)),
            ("bytes", options(Some(100), None, None), Some(3)),
            ("bytes and RAM", options(Some(100), Some(10), None), Some(0)),
            ("RAM", options(None, Some(5), None), Some(2)),
            ("too much", options(Some(60), None, Some(0.01)), None),
        ];
        for (name, options, expected) in cases {
            assert_eq!(winner(&all, &original, &options), expected, "{name}");
        }
        // 0.14 too much is worse than 40 bytes of 60 too many.
        assert_eq!(nearest(&all, &original, &options(Some(60), None, Some(0.01))), Some(3));
    }
}
