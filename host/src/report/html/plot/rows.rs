//! What plots of named rows share: rows one below the other, their names on the left, one axis below.

use std::ops::Range;

use plotters::backend::SVGBackend;
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::types::RangedCoordf64;
use plotters::element::Text;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{Area, CHARACTER, Drawn, Role, short, text};

/// Pixels of the whole width.
const WIDTH: u32 = 560;

/// Pixels from one row to the next.
const PITCH: u32 = 24;

/// Pixels of the axis and its name below the rows.
const AXIS: u32 = 48;

/// Characters of a name that is shown whole.
const NAME: usize = 28;

pub(super) type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
pub(super) type Charted<'a, 'b> = Result<Chart<'a, 'b>, plotters::drawing::DrawingAreaErrorKind<std::io::Error>>;

/// Rows along one axis. Row `k` lies from `k` to `k + 1`, from the top.
pub(super) struct Rows<'n> {
    /// Their names.
    pub(super) names: Vec<&'n str>,
    /// What the axis goes over.
    pub(super) range: Range<f64>,
    /// How many of its places have a number, about.
    pub(super) labels: usize,
    /// What it counts.
    pub(super) axis: &'n str,
    /// A number on it as people read it.
    pub(super) show: &'n dyn Fn(f64) -> String,
    /// Pixels on the right of it.
    pub(super) margin: u32,
}

/// Pixels of a plot of so many rows.
pub(super) fn size(rows: usize) -> (u32, u32) {
    (WIDTH, PITCH * rows.max(1) as u32 + AXIS)
}

/// Pixels that texts of so many characters take, with the room around them.
pub(super) fn room(characters: impl Iterator<Item = usize>) -> u32 {
    characters.max().unwrap_or(0) as u32 * CHARACTER + 12
}

impl Rows<'_> {
    /// The axis, and the plane of the rows.
    pub(super) fn chart<'a, 'b>(&self, area: &'a Area<'b>) -> Charted<'a, 'b> {
        let mut chart = ChartBuilder::on(area)
            .margin_right(self.margin)
            .x_label_area_size(AXIS)
            .y_label_area_size(room(self.names.iter().map(|name| name.chars().count().min(NAME))))
            .build_cartesian_2d(self.range.clone(), self.names.len().max(1) as f64..0.0)?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .disable_y_axis()
            .y_labels(0)
            .x_labels(self.labels)
            .x_desc(self.axis)
            .x_label_formatter(&|v| (self.show)(*v))
            .axis_desc_style(text(Role::Muted))
            .x_label_style(text(Role::Muted))
            .axis_style(Role::Grid.colour())
            .bold_line_style(Role::Grid.colour())
            .light_line_style(Role::Ground.colour())
            .draw()?;
        Ok(chart)
    }

    /// The name of row `k`, left of `x`.
    pub(super) fn name(&self, area: &Area<'_>, chart: &Chart<'_, '_>, k: usize, x: f64) -> Drawn {
        let (x, y) = chart.plotting_area().map_coordinate(&(x, k as f64 + 0.5));
        let style = text(Role::Ink).pos(Pos::new(HPos::Right, VPos::Center));
        area.draw(&Text::new(short(self.names[k], NAME), (x - 8, y), style))
    }
}
