//! Ranges: what each layer's values are, against what the layer can hold.

use super::rows::{Rows, row};
use super::{Emphasis, Plot, Role};

/// Values beyond what a layer can hold are drawn up to this many times its range from either end.
const BEYOND: f64 = 0.5;

/// A row for each layer, in shares of what it can hold.
#[derive(Debug, Clone)]
pub struct Ranges {
    title: String,
    rows: Vec<Row>,
}

#[derive(Debug, Clone)]
struct Row {
    name: String,
    low: f64,
    high: f64,
    emphasis: Emphasis,
}

impl Ranges {
    /// No layers yet.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), rows: Vec::new() }
    }

    /// Adds a layer, with what it can hold and what its values are. One that can hold a single value, or none, is left out.
    pub fn layer(&mut self, name: impl Into<String>, held: (f64, f64), seen: (f64, f64), emphasis: Emphasis) {
        let share = |value: f64| (value - held.0) / (held.1 - held.0);
        let (low, high) = (share(seen.0), share(seen.1));
        if low.is_finite() && high.is_finite() {
            self.rows.push(Row { name: name.into(), low, high, emphasis });
        }
    }

    /// Whether it has no layers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The plot.
    #[must_use]
    pub fn draw(&self) -> Plot {
        let row = |row: &Row| format!("{} from {:.0} % to {:.0} %", row.name, row.low * 100.0, row.high * 100.0);
        let rows: Vec<_> = self.rows.iter().map(row).collect();
        let alternative = format!("Values in shares of what each layer can hold: {}.", rows.join("; "));
        Plot { title: self.title.clone(), alternative, svg: self.svg() }
    }

    fn svg(&self) -> String {
        let rows = Rows {
            names: self.rows.iter().map(|row| row.name.as_str()).collect(),
            range: (-BEYOND, 1.0 + BEYOND),
            labels: 5,
            axis: "share of what the layer can hold",
            show: &|v| format!("{:.0} %", v * 100.0),
            margin: 32.0,
        };
        let (mut canvas, scale) = rows.draw();
        for (k, Row { low, high, emphasis, .. }) in self.rows.iter().enumerate() {
            canvas.rectangle((scale.at(0.0), row(k, 0.1)), (scale.at(1.0), row(k, 0.9)), Role::Grid);
            let drawn = |share: f64| scale.at(share.clamp(-BEYOND, 1.0 + BEYOND));
            canvas.rectangle((drawn(*low), row(k, 0.3)), (drawn(*high), row(k, 0.7)), emphasis.role());
        }
        canvas.svg()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_in_shares_of_what_is_held() {
        let mut ranges = Ranges::new("t");
        ranges.layer("inside", (0.0, 10.0), (0.0, 5.0), Emphasis::Usual);
        ranges.layer("beyond", (-1.0, 1.0), (-2.0, 1.0), Emphasis::Bad);
        ranges.layer("constant", (0.0, 0.0), (0.0, 0.0), Emphasis::Usual);
        let plot = ranges.draw();
        let expected = "inside from 0 % to 50 %; beyond from -50 % to 100 %.";
        assert!(plot.alternative.ends_with(expected), "{}", plot.alternative);
        // Two frames, two bars.
        assert_eq!(plot.svg.matches("<rect").count(), 4, "{}", plot.svg);
        assert!(Ranges::new("t").draw().svg.contains("</svg>"));
    }
}
