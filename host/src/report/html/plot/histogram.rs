//! Counts over a range.

use plotters::chart::ChartBuilder;
use plotters::element::Rectangle;
use plotters::style::Color;

use super::{Drawn, Emphasis, Plot, Role, svg, text};

/// Pixels: small, for many stand side by side.
const SIZE: (u32, u32) = (270, 150);

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
        Plot { title: self.title.clone(), alternative, svg: svg(SIZE, |area| self.draw_on(area)) }
    }

    fn draw_on(&self, area: &super::Area<'_>) -> Drawn {
        let (low, high) = match self.range {
            (low, high) if low.is_finite() && high.is_finite() && low < high => (low, high),
            _ => (-1.0, 1.0),
        };
        let most = self.counts.iter().copied().max().unwrap_or(0).max(1) as f64;
        let mut chart = ChartBuilder::on(area)
            .margin(6)
            .margin_right(20)
            .x_label_area_size(28)
            .build_cartesian_2d(low..high, 0.0..most)?;
        chart
            .configure_mesh()
            .disable_mesh()
            .x_labels(3)
            .y_labels(0)
            .x_label_style(text(Role::Muted))
            .axis_style(Role::Grid.colour())
            .draw()?;
        let width = (high - low) / self.counts.len().max(1) as f64;
        for (k, &count) in self.counts.iter().enumerate() {
            let left = low + width * k as f64;
            let bin = [(left, 0.0), (left + width, count as f64)];
            chart.plotting_area().draw(&Rectangle::new(bin, Emphasis::Usual.colour().filled()))?;
        }
        Ok(())
    }
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
