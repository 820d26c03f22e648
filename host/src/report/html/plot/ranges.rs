//! Ranges: what each layer's values are, against what the layer can hold.

use plotters::chart::ChartBuilder;
use plotters::element::{Rectangle, Text};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{CHARACTER, Drawn, Emphasis, Plot, Role, short, svg, text};

/// Pixels of the whole width.
const WIDTH: u32 = 560;

/// Pixels from one layer to the next.
const PITCH: u32 = 24;

/// Pixels of the axis and its name below.
const AXIS: u32 = 48;

/// Characters of a name that is shown whole.
const NAME: usize = 28;

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
        let height = PITCH * self.rows.len().max(1) as u32 + AXIS;
        Plot { title: self.title.clone(), alternative, svg: svg((WIDTH, height), |area| self.draw_on(area)) }
    }

    fn draw_on(&self, area: &super::Area<'_>) -> Drawn {
        let longest = self.rows.iter().map(|row| row.name.chars().count().min(NAME)).max().unwrap_or(0);
        let rows = self.rows.len().max(1) as f64;
        let mut chart = ChartBuilder::on(area)
            .margin_right(32)
            .x_label_area_size(AXIS)
            .y_label_area_size(longest as u32 * CHARACTER + 12)
            .build_cartesian_2d(-BEYOND..1.0 + BEYOND, rows..0.0)?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .disable_y_axis()
            .y_labels(0)
            .x_labels(5)
            .x_desc("share of what the layer can hold")
            .x_label_formatter(&|v| format!("{:.0} %", v * 100.0))
            .axis_desc_style(text(Role::Muted))
            .x_label_style(text(Role::Muted))
            .axis_style(Role::Grid.colour())
            .bold_line_style(Role::Grid.colour())
            .light_line_style(Role::Ground.colour())
            .draw()?;
        let left = text(Role::Ink).pos(Pos::new(HPos::Right, VPos::Center));
        for (k, row) in self.rows.iter().enumerate() {
            let k = k as f64;
            let plane = chart.plotting_area();
            let held = [(0.0, k + 0.1), (1.0, k + 0.9)];
            plane.draw(&Rectangle::new(held, Role::Grid.colour().filled()))?;
            let drawn = |share: f64| share.clamp(-BEYOND, 1.0 + BEYOND);
            let seen = [(drawn(row.low), k + 0.3), (drawn(row.high), k + 0.7)];
            plane.draw(&Rectangle::new(seen, row.emphasis.colour().filled()))?;
            let (x, y) = plane.map_coordinate(&(-BEYOND, k + 0.5));
            area.draw(&Text::new(short(&row.name, NAME), (x - 8, y), left.clone()))?;
        }
        Ok(())
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
