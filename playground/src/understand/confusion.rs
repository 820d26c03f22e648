//! Two confusion matrices beside each other.

use mote_models::metrics::ConfusionMatrix;
use serde::{Deserialize, Serialize};

/// Most classes of a matrix that is shown whole; of more the pairs that are confused most are told.
pub const MOST_CLASSES: usize = 20;

/// Pairs that are told where the matrix is too large to be shown.
const MOST_PAIRS: usize = 20;

/// Which numbers a matrix shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// The original's.
    Before,
    /// The variant's.
    After,
    /// The variant's less the original's.
    #[default]
    Difference,
}

/// How often a class was taken for a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The true class.
    pub truth: usize,
    /// The class that was said.
    pub said: usize,
    /// How often the original said so.
    pub before: u64,
    /// How often the variant did.
    pub after: u64,
}

impl Pair {
    /// How many more times the variant said so.
    #[must_use]
    pub fn change(&self) -> i64 {
        self.after.cast_signed() - self.before.cast_signed()
    }

    /// What one side shows.
    #[must_use]
    pub fn shown(&self, side: Side) -> i64 {
        match side {
            Side::Before => self.before.cast_signed(),
            Side::After => self.after.cast_signed(),
            Side::Difference => self.change(),
        }
    }

    /// Whether the truth was said.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.truth == self.said
    }

    /// Whether the change is for the better; none where there is no change.
    #[must_use]
    pub fn is_better(&self) -> Option<bool> {
        match self.change() {
            0 => None,
            change => Some((change > 0) == self.is_right()),
        }
    }
}

/// What became of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class {
    /// Which.
    pub class: usize,
    /// Samples of it.
    pub samples: u64,
    /// Those that the original knew.
    pub before: u64,
    /// Those that the variant knew.
    pub after: u64,
}

/// Two matrices of the same samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Both {
    /// Row by row: a row for each true class, a pair for each class that can be said.
    rows: Vec<Vec<Pair>>,
}

impl Both {
    /// Of the original's matrix and the variant's. Classes that only one of them has are there, too.
    #[must_use]
    pub fn of(before: &ConfusionMatrix, after: &ConfusionMatrix) -> Self {
        let classes = before.counts().len().max(after.counts().len());
        let count = |matrix: &ConfusionMatrix, truth: usize, said: usize| {
            matrix.counts().get(truth).and_then(|row| row.get(said)).copied().unwrap_or(0)
        };
        let pair =
            |truth, said| Pair { truth, said, before: count(before, truth, said), after: count(after, truth, said) };
        Self { rows: (0..classes).map(|truth| (0..classes).map(|said| pair(truth, said)).collect()).collect() }
    }

    /// Row by row.
    #[must_use]
    pub fn rows(&self) -> &[Vec<Pair>] {
        &self.rows
    }

    /// Whether they are small enough to be shown whole.
    #[must_use]
    pub fn is_small(&self) -> bool {
        self.rows.len() <= MOST_CLASSES
    }

    /// The largest number of a side off the diagonal, and on it: what shades are measured by. Errors are few beside right answers,
    /// and would be pale beside them. A difference has one scale for both.
    #[must_use]
    pub fn scales(&self, side: Side) -> (u64, u64) {
        let most = |right: bool| {
            let pairs = self.rows.iter().flatten().filter(|pair| pair.is_right() == right);
            pairs.map(|pair| pair.shown(side).unsigned_abs()).max().unwrap_or(0)
        };
        match side {
            Side::Before | Side::After => (most(false), most(true)),
            Side::Difference => {
                let both = most(false).max(most(true));
                (both, both)
            }
        }
    }

    /// The pairs of different classes that one side confuses most, or whose confusion changed most; the first of equals first.
    #[must_use]
    pub fn worst(&self, side: Side) -> Vec<Pair> {
        let wrong = self.rows.iter().flatten().filter(|pair| !pair.is_right() && pair.shown(side) != 0);
        let mut pairs: Vec<Pair> = wrong.copied().collect();
        pairs.sort_by_key(|pair| std::cmp::Reverse((pair.shown(side).unsigned_abs(), pair.after)));
        pairs.truncate(MOST_PAIRS);
        pairs
    }

    /// What became of each class that has samples.
    #[must_use]
    pub fn classes(&self) -> Vec<Class> {
        let class = |row: &Vec<Pair>| {
            let right = row.iter().find(|pair| pair.is_right())?;
            let samples = row.iter().map(|pair| pair.before).sum();
            Some(Class { class: right.truth, samples, before: right.before, after: right.after })
        };
        self.rows.iter().filter_map(class).filter(|class| class.samples > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(pairs: &[(usize, usize, usize)]) -> ConfusionMatrix {
        let mut matrix = ConfusionMatrix::new(0);
        for &(truth, said, times) in pairs {
            (0..times).for_each(|_| matrix.add(truth, said));
        }
        matrix
    }

    fn both() -> Both {
        let before = matrix(&[(0, 0, 5), (0, 1, 1), (1, 1, 4), (2, 2, 3)]);
        let after = matrix(&[(0, 0, 3), (0, 1, 3), (1, 1, 4), (2, 2, 2), (2, 3, 1)]);
        Both::of(&before, &after)
    }

    #[test]
    fn the_matrices_are_compared_place_by_place_and_a_class_that_only_one_said_is_there() {
        let both = both();
        assert_eq!((both.rows().len(), both.rows()[0].len(), both.is_small()), (4, 4, true));
        let lost = both.rows()[0][0];
        assert_eq!((lost.before, lost.after, lost.change(), lost.is_better()), (5, 3, -2, Some(false)));
        let confused = both.rows()[0][1];
        assert_eq!((confused.shown(Side::Before), confused.shown(Side::After)), (1, 3));
        assert_eq!((confused.change(), confused.is_better()), (2, Some(false)));
        assert_eq!((both.rows()[1][1].is_better(), both.rows()[2][3].after), (None, 1));
        assert_eq!(both.scales(Side::After), (3, 4));
        assert_eq!(both.scales(Side::Difference), (2, 2));
    }

    #[test]
    fn fewer_errors_are_better_and_more_of_them_worse() {
        let better = Both::of(&matrix(&[(0, 1, 2)]), &matrix(&[(0, 0, 1), (0, 1, 1)]));
        assert_eq!((better.rows()[0][0].is_better(), better.rows()[0][1].is_better()), (Some(true), Some(true)));
    }

    #[test]
    fn classes_with_samples_are_told_and_the_worst_pairs_come_first() {
        let both = both();
        let class = |class, samples, before, after| Class { class, samples, before, after };
        assert_eq!(both.classes(), [class(0, 6, 5, 3), class(1, 4, 4, 4), class(2, 3, 3, 2)]);
        let pairs = |side| both.worst(side).iter().map(|pair| (pair.truth, pair.said)).collect::<Vec<_>>();
        assert_eq!(pairs(Side::Difference), [(0, 1), (2, 3)]);
        assert_eq!(pairs(Side::Before), [(0, 1)]);
    }

    #[test]
    fn of_many_classes_a_few_pairs_are_told() {
        let many: Vec<(usize, usize, usize)> =
            (0..150).map(|class| (class, (class + 1) % 150, 1 + class % 7)).collect();
        let both = Both::of(&matrix(&many), &matrix(&many));
        assert!(!both.is_small());
        let worst = both.worst(Side::After);
        assert_eq!((worst.len(), worst[0].after), (MOST_PAIRS, 7));
        assert!(both.worst(Side::Difference).is_empty());
    }
}
