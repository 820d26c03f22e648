//! What plots of named rows share: rows one below the other, their names on the left, one axis below.

use super::canvas::{Anchor, Canvas};
use super::scale::Scale;
use super::{CHARACTER, Role, short};

/// Pixels of the whole width.
const WIDTH: f64 = 560.0;

/// Pixels from one row to the next.
const PITCH: f64 = 24.0;

/// Pixels of the axis and its name below the rows.
const AXIS: f64 = 48.0;

/// Characters of a name that is shown whole.
const NAME: usize = 28;

/// Rows along one axis.
pub(super) struct Rows<'n> {
    /// Their names.
    pub(super) names: Vec<&'n str>,
    /// What the axis goes over.
    pub(super) range: (f64, f64),
    /// How many of its places have a number, about.
    pub(super) labels: usize,
    /// What it counts.
    pub(super) axis: &'n str,
    /// A number on it as people read it.
    pub(super) show: &'n dyn Fn(f64) -> String,
    /// Pixels on the right of it.
    pub(super) margin: f64,
}

/// Pixels that texts of so many characters take, with the room around them.
pub(super) fn room(characters: impl Iterator<Item = usize>) -> f64 {
    characters.max().unwrap_or(0) as f64 * CHARACTER + 12.0
}

/// Where row `k` lies: `share` of its height from its top.
pub(super) fn row(k: usize, share: f64) -> f64 {
    (k as f64 + share) * PITCH
}

impl Rows<'_> {
    /// The names and the axis, drawn, and where numbers lie along it.
    pub(super) fn draw(&self) -> (Canvas, Scale) {
        let bottom = PITCH * self.names.len().max(1) as f64;
        let left = room(self.names.iter().map(|name| name.chars().count().min(NAME)));
        let scale = Scale { range: self.range, places: (left, (WIDTH - self.margin).max(left + 1.0)) };
        let mut canvas = Canvas::new(WIDTH, bottom + AXIS);
        for tick in scale.ticks(self.labels) {
            let x = scale.at(tick);
            canvas.line(&[(x, 0.0), (x, bottom + 4.0)], Role::Grid, 1);
            canvas.text((x, bottom + 14.0), Anchor::Middle, Role::Muted, &(self.show)(tick));
        }
        canvas.line(&[(scale.places.0, bottom), (scale.places.1, bottom)], Role::Grid, 1);
        let middle = (scale.places.0 + scale.places.1) / 2.0;
        canvas.text((middle, bottom + 36.0), Anchor::Middle, Role::Muted, self.axis);
        for (k, name) in self.names.iter().enumerate() {
            canvas.text((left - 8.0, row(k, 0.5)), Anchor::End, Role::Ink, &short(name, NAME));
        }
        (canvas, scale)
    }
}
