//! Bars: one number for each name.

use super::canvas::Anchor;
use super::rows::{self, Rows, row};
use super::{Axis, Emphasis, Plot, Role, extremes};

/// Horizontal bars from 0, one below the other.
#[derive(Debug, Clone)]
pub struct Bars {
    title: String,
    axis: Axis,
    bars: Vec<Bar>,
}

#[derive(Debug, Clone)]
struct Bar {
    name: String,
    value: f64,
    /// The value as people read it.
    shown: String,
    emphasis: Emphasis,
}

impl Bars {
    /// No bars yet.
    #[must_use]
    pub fn new(title: impl Into<String>, axis: Axis) -> Self {
        Self { title: title.into(), axis, bars: Vec::new() }
    }

    /// Adds a bar with its number.
    #[must_use]
    pub fn bar(self, name: impl Into<String>, value: f64, emphasis: Emphasis) -> Self {
        let shown = (self.axis.show)(value);
        self.worded(name, value, shown, emphasis)
    }

    /// Adds a bar with words in the place of its number.
    #[must_use]
    pub fn worded(mut self, name: impl Into<String>, value: f64, shown: impl Into<String>, emphasis: Emphasis) -> Self {
        self.bars.push(Bar { name: name.into(), value, shown: shown.into(), emphasis });
        self
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bars.is_empty()
    }

    /// The plot.
    #[must_use]
    pub fn draw(&self) -> Plot {
        let numbers: Vec<_> = self.bars.iter().map(|bar| format!("{} {}", bar.name, bar.shown)).collect();
        let alternative = format!("Bars, {}: {}.", self.axis.name, numbers.join("; "));
        Plot { title: self.title.clone(), alternative, svg: self.svg() }
    }

    fn svg(&self) -> String {
        let (low, high) = extremes(self.bars.iter().map(|bar| bar.value)).unwrap_or((0.0, 1.0));
        let (low, mut high) = (low.min(0.0), high.max(0.0));
        if low == high {
            high = 1.0;
        }
        let rows = Rows {
            names: self.bars.iter().map(|bar| bar.name.as_str()).collect(),
            range: (low, high),
            labels: 4,
            axis: self.axis.name,
            show: &self.axis.show,
            margin: rows::room(self.bars.iter().map(|bar| bar.shown.chars().count())),
        };
        let (mut canvas, scale) = rows.draw();
        for (k, bar) in self.bars.iter().enumerate() {
            let value = if bar.value.is_finite() { bar.value } else { 0.0 };
            let (from, to) = ((scale.at(0.0), row(k, 0.16)), (scale.at(value), row(k, 0.84)));
            canvas.rectangle(from, to, bar.emphasis.role());
            let beside = (scale.at(value.max(0.0)) + 6.0, row(k, 0.5));
            canvas.text(beside, Anchor::Start, Role::Ink, &bar.shown);
        }
        canvas.svg()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Widths of the rectangles of a colour.
    fn widths(svg: &str, emphasis: Emphasis) -> Vec<f64> {
        let colour = format!("fill=\"{}\"", emphasis.role().colour());
        let rectangles = svg.lines().filter(|line| line.starts_with("<rect") && line.contains(&colour));
        rectangles
            .map(|line| line.split("width=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap())
            .collect()
    }

    const KB: Axis = Axis { name: "file", show: |v| format!("{v:.0} kB") };

    #[test]
    fn a_bar_is_as_long_as_its_number() {
        let bars = Bars::new("t", KB);
        let plot = bars.bar("a", 10.0, Emphasis::Bad).bar("b", 20.0, Emphasis::Bad).bar("c", 0.0, Emphasis::Bad).draw();
        let widths = widths(&plot.svg, Emphasis::Bad);
        assert_eq!(widths.len(), 3, "{}", plot.svg);
        assert!((widths[0] - widths[1] / 2.0).abs() <= 0.1 && widths[2] == 0.0, "{widths:?}");
        assert_eq!(plot.alternative, "Bars, file: a 10 kB; b 20 kB; c 0 kB.");
    }

    #[test]
    fn numbers_that_are_none_and_no_bars_are_drawn_as_nothing() {
        let bars = Bars::new("t", KB).worded("a", f64::NAN, "none", Emphasis::Bad);
        let plot = bars.worded("b", f64::INFINITY, "exact", Emphasis::Bad).draw();
        assert!(widths(&plot.svg, Emphasis::Bad).iter().all(|&w| w == 0.0));
        assert!(Bars::new("t", KB).draw().svg.contains("</svg>"));
    }

    #[test]
    fn numbers_below_zero_go_the_other_way() {
        let plot = Bars::new("t", KB).bar("a", -10.0, Emphasis::Usual).bar("b", 10.0, Emphasis::Bad).draw();
        let (below, above) = (widths(&plot.svg, Emphasis::Usual), widths(&plot.svg, Emphasis::Bad));
        assert!((below[0] - above[0]).abs() <= 0.1 && below[0] > 100.0, "{below:?} {above:?}");
    }
}
