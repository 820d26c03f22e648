//! Counts over a range.

use super::canvas::{Anchor, Canvas};
use super::scale::Scale;
use super::{Emphasis, Plot, Role};

/// Pixels: small, for many stand side by side.
const SIZE: (f64, f64) = (270.0, 150.0);

/// Pixels of the numbers below the bins.
const AXIS: f64 = 28.0;

/// Pixels left and right of the bins: half of a number that stands at an end.
const MARGIN: f64 = 20.0;

/// Bins of one width over a range.
#[derive(Debug, Clone)]
pub struct Histogram {
    /// Whose values.
    pub title: String,
    /// The least value of the first bin, the greatest of the last.
    pub range: (f64, f64),
    /// Values in each bin.
    pub counts: Vec<u64>,
}

impl Histogram {
    /// The plot.
    #[must_use]
    pub fn draw(&self) -> Plot {
        let total: u64 = self.counts.iter().sum();
        let (low, high) = self.range;
        let alternative = format!("{total} values from {low:.3} to {high:.3} in {} bins.", self.counts.len());
        Plot { title: self.title.clone(), alternative, svg: self.svg() }
    }

    fn svg(&self) -> String {
        let (low, high) = match self.range {
            (low, high) if low.is_finite() && high.is_finite() && low < high => (low, high),
            _ => (-1.0, 1.0),
        };
        let most = self.counts.iter().copied().max().unwrap_or(0).max(1) as f64;
        let bottom = SIZE.1 - AXIS;
        let x = Scale { range: (low, high), places: (MARGIN, SIZE.0 - MARGIN) };
        let y = Scale { range: (0.0, most), places: (bottom, 6.0) };
        let mut canvas = Canvas::new(SIZE.0, SIZE.1);
        let width = (high - low) / self.counts.len().max(1) as f64;
        for (k, &count) in self.counts.iter().enumerate() {
            let left = low + width * k as f64;
            canvas.rectangle((x.at(left), bottom), (x.at(left + width), y.at(count as f64)), Emphasis::Usual.role());
        }
        canvas.line(&[(x.places.0, bottom), (x.places.1, bottom)], Role::Grid, 1);
        for tick in x.ticks(3) {
            canvas.text((x.at(tick), bottom + 14.0), Anchor::Middle, Role::Muted, &short_number(tick));
        }
        canvas.svg()
    }
}

/// A round number without the digits that it does not have.
fn short_number(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bin_is_a_rectangle() {
        let histogram = Histogram { title: "w".into(), range: (-1.0, 1.0), counts: vec![1, 4, 2] };
        let plot = histogram.draw();
        assert_eq!(plot.svg.matches("<rect").count(), 3, "{}", plot.svg);
        assert_eq!(plot.alternative, "7 values from -1.000 to 1.000 in 3 bins.");
        let nothing = Histogram { title: String::new(), range: (f64::NAN, 0.0), counts: vec![] };
        assert!(nothing.draw().svg.contains("</svg>"));
    }
}
