//! Samples whose answer changed: which of them are shown.

use serde::{Deserialize, Serialize};

use crate::format;
use crate::pipeline::{Answer, Flipped};

/// Samples on a page of the gallery.
pub const PAGE: usize = 12;

/// What a change of class is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// It was right, and is wrong.
    Lost,
    /// It was wrong, and is right.
    Won,
    /// It went from one wrong class to another.
    Other,
}

impl Kind {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Kind; 3] = [Kind::Lost, Kind::Won, Kind::Other];

    /// That of a sample.
    #[must_use]
    pub fn of(flip: &Flipped) -> Self {
        match (flip.before.class == flip.truth, flip.after.class == flip.truth) {
            (true, _) => Kind::Lost,
            (false, true) => Kind::Won,
            (false, false) => Kind::Other,
        }
    }

    /// As the page's elements name it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Kind::Lost => "lost",
            Kind::Won => "won",
            Kind::Other => "other",
        }
    }

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Kind::Lost => "became wrong",
            Kind::Won => "became right",
            Kind::Other => "wrong otherwise",
        }
    }
}

/// Which of them are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Those of one kind; none for all.
    pub kind: Option<Kind>,
    /// Those of one true class; none for all.
    pub class: Option<usize>,
    /// The page of them, from 0.
    pub page: usize,
}

/// A page of the gallery.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Places of its samples in the list of changed ones.
    pub places: Vec<usize>,
    /// Its number, from 0: the last one where the filter's is beyond.
    pub page: usize,
    /// How many pages there are; 0 when nothing fits the filter.
    pub pages: usize,
    /// How many samples fit the filter.
    pub samples: usize,
}

impl Filter {
    /// The page that it says.
    #[must_use]
    pub fn apply(&self, flips: &[Flipped]) -> Shown {
        let fits = |flip: &Flipped| {
            self.kind.is_none_or(|kind| kind == Kind::of(flip)) && self.class.is_none_or(|class| class == flip.truth)
        };
        let fitting: Vec<usize> = (0..flips.len()).filter(|&k| fits(&flips[k])).collect();
        let pages = fitting.len().div_ceil(PAGE);
        let page = self.page.min(pages.saturating_sub(1));
        let places = fitting.iter().skip(page * PAGE).take(PAGE).copied().collect();
        Shown { places, page, pages, samples: fitting.len() }
    }
}

/// How many there are of each kind, in the order of [`Kind::ALL`].
#[must_use]
pub fn counts(flips: &[Flipped]) -> [usize; 3] {
    Kind::ALL.map(|kind| flips.iter().filter(|flip| Kind::of(flip) == kind).count())
}

/// The true classes of them, each once, in order.
#[must_use]
pub fn classes(flips: &[Flipped]) -> Vec<usize> {
    let mut classes: Vec<usize> = flips.iter().map(|flip| flip.truth).collect();
    classes.sort_unstable();
    classes.dedup();
    classes
}

/// The score of an answer for people: a share of one where the scores are shares, else the number; empty where the model gives none for
/// each class.
#[must_use]
pub fn score(answer: &Answer) -> String {
    let Some(score) = answer.score(answer.class) else { return String::new() };
    let are_shares = answer.scores.iter().all(|score| (0.0..=1.0).contains(score));
    match are_shares {
        true => format::percent(f64::from(score)),
        false => format!("{score:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flip(sample: usize, truth: usize, before: usize, after: usize) -> Flipped {
        let answer = |class| Answer { class, scores: vec![0.25, 0.75] };
        Flipped { sample, truth, before: answer(before), after: answer(after) }
    }

    #[test]
    fn a_change_is_lost_won_or_neither() {
        let flips = [flip(3, 1, 1, 0), flip(5, 2, 0, 2), flip(6, 2, 0, 1), flip(9, 0, 0, 1)];
        assert_eq!(flips.each_ref().map(Kind::of), [Kind::Lost, Kind::Won, Kind::Other, Kind::Lost]);
        assert_eq!((counts(&flips), classes(&flips)), ([2, 1, 1], vec![0, 1, 2]));
        assert_eq!(flips[0].before.score(1), Some(0.75));
        assert_eq!(flips[0].before.score(7), None);
        let answer = |class, scores: &[f32]| score(&Answer { class, scores: scores.into() });
        assert_eq!(
            (answer(1, &[0.25, 0.75]), answer(0, &[2.5, -1.0]), answer(3, &[])),
            ("75.0 %".into(), "2.50".into(), String::new())
        );
        let lost = Filter { kind: Some(Kind::Lost), ..Filter::default() };
        assert_eq!(lost.apply(&flips), Shown { places: vec![0, 3], page: 0, pages: 1, samples: 2 });
        let of_two = Filter { class: Some(2), ..Filter::default() };
        assert_eq!(of_two.apply(&flips).places, [1, 2]);
        let none = Filter { class: Some(1), kind: Some(Kind::Won), page: 4 };
        assert_eq!(none.apply(&flips), Shown { places: vec![], page: 0, pages: 0, samples: 0 });
    }

    #[test]
    fn thousands_come_in_pages_and_a_page_beyond_the_last_is_the_last() {
        let flips: Vec<Flipped> = (0..1000).map(|k| flip(k, 0, 0, 1)).collect();
        let page = |page| Filter { page, ..Filter::default() }.apply(&flips);
        assert_eq!((page(1).places.len(), page(1).places[0], page(1).pages), (PAGE, PAGE, 84));
        assert_eq!((page(99).page, page(99).places.len()), (83, 4));
    }
}
