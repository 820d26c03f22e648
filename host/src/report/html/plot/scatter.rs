//! Points: two numbers each, with an interval and a line through chosen ones.

use plotters::chart::ChartBuilder;
use plotters::element::{Circle, PathElement, Text};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{Axis, CHARACTER, Drawn, Emphasis, Plot, Role, extremes, short, svg, text, widened};

/// Pixels.
const SIZE: (u32, u32) = (760, 400);

/// Characters of a point's name that is shown whole.
const NAME: usize = 24;

/// Points in the plane.
#[derive(Debug, Clone)]
pub struct Scatter {
    title: String,
    x: Axis,
    y: Axis,
    points: Vec<Point>,
}

/// A point.
#[derive(Debug, Clone)]
pub struct Point {
    /// Its name.
    pub name: String,
    /// Where, along the first axis.
    pub x: f64,
    /// Where, along the second.
    pub y: f64,
    /// Ends of the interval that `y` may as well lie in.
    pub interval: Option<(f64, f64)>,
    /// How it is meant.
    pub emphasis: Emphasis,
    /// Whether its name stands beside it.
    pub named: bool,
    /// Whether the line goes through it.
    pub on_line: bool,
}

impl Scatter {
    /// No points yet.
    #[must_use]
    pub fn new(title: impl Into<String>, x: Axis, y: Axis) -> Self {
        Self { title: title.into(), x, y, points: Vec::new() }
    }

    /// Adds a point; one of which a coordinate is no number is left out.
    pub fn point(&mut self, point: Point) {
        if point.x.is_finite() && point.y.is_finite() {
            self.points.push(point);
        }
    }

    /// The plot.
    #[must_use]
    pub fn draw(&self) -> Plot {
        let shown = |point: &Point| format!("{}: {}, {}", point.name, (self.x.show)(point.x), (self.y.show)(point.y));
        let named = self.points.iter().filter(|point| point.named).map(shown);
        let points = named.collect::<Vec<_>>().join("; ");
        let alternative = format!("{} points, {} against {}. {points}.", self.points.len(), self.y.name, self.x.name);
        Plot { title: self.title.clone(), alternative, svg: svg(SIZE, |area| self.draw_on(area)) }
    }

    fn draw_on(&self, area: &super::Area<'_>) -> Drawn {
        let intervals = self.points.iter().filter_map(|p| p.interval).flat_map(|(low, high)| [low, high]);
        let x = extremes(self.points.iter().map(|p| p.x)).map_or((0.0, 1.0), |range| widened(range, 0.06));
        let y = self.points.iter().map(|p| p.y).chain(intervals);
        let y = extremes(y).map_or((0.0, 1.0), |range| widened(range, 0.06));
        let mut chart = ChartBuilder::on(area)
            .margin(12)
            .x_label_area_size(48)
            .y_label_area_size(76)
            .build_cartesian_2d(x.0..x.1, y.0..y.1)?;
        chart
            .configure_mesh()
            .x_labels(6)
            .y_labels(6)
            .x_desc(self.x.name)
            .y_desc(self.y.name)
            .x_label_formatter(&|v| (self.x.show)(*v))
            .y_label_formatter(&|v| (self.y.show)(*v))
            .axis_desc_style(text(Role::Muted))
            .label_style(text(Role::Muted))
            .axis_style(Role::Grid.colour())
            .bold_line_style(Role::Grid.colour())
            .light_line_style(Role::Ground.colour())
            .draw()?;
        let plane = chart.plotting_area();
        let mut line: Vec<_> = self.points.iter().filter(|p| p.on_line).map(|p| (p.x, p.y)).collect();
        line.sort_by(|a, b| a.0.total_cmp(&b.0));
        if line.len() > 1 {
            plane.draw(&PathElement::new(line, Role::Good.colour().stroke_width(2)))?;
        }
        for point in &self.points {
            let colour = point.emphasis.colour();
            if let Some((low, high)) = point.interval {
                plane.draw(&PathElement::new([(point.x, low), (point.x, high)], colour.stroke_width(1)))?;
            }
            let radius = if point.named { 5 } else { 3 };
            plane.draw(&Circle::new((point.x, point.y), radius, colour.filled()))?;
        }
        for (name, place, side) in self.names(|point| plane.map_coordinate(&(point.x, point.y))) {
            area.draw(&Text::new(name, place, text(Role::Ink).pos(Pos::new(side, VPos::Center))))?;
        }
        Ok(())
    }

    /// Where names stand: beside their points, on the side where there is room, moved down from one another.
    fn names(&self, place: impl Fn(&Point) -> (i32, i32)) -> Vec<(String, (i32, i32), HPos)> {
        const LINE: i32 = 17;
        let mut named: Vec<_> = self.points.iter().filter(|point| point.named).map(|p| (p, place(p))).collect();
        named.sort_by_key(|(_, (x, y))| (*y, *x));
        let mut taken: Vec<(i32, i32, i32)> = Vec::new();
        let lay = |(point, (x, y)): (&Point, (i32, i32))| {
            let name = short(&point.name, NAME);
            let width = (name.chars().count() as u32 * CHARACTER) as i32;
            let fits = x + 10 + width < SIZE.0 as i32;
            let (left, at, side) =
                if fits { (x + 10, x + 10, HPos::Left) } else { (x - 10 - width, x - 10, HPos::Right) };
            let mut y = y;
            while taken.iter().any(|&(l, r, t)| l < left + width && left < r && (t - y).abs() < LINE) {
                y += 1;
            }
            taken.push((left, left + width, y));
            (name, (at, y), side)
        };
        named.into_iter().map(lay).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scatter(points: &[(f64, f64)]) -> Scatter {
        let axis = Axis { name: "n", show: |v| format!("{v:.2}") };
        let mut scatter = Scatter::new("t", axis, axis);
        for (k, &(x, y)) in points.iter().enumerate() {
            scatter.point(Point {
                name: format!("p{k}"),
                x,
                y,
                interval: Some((y - 0.5, y + 0.5)),
                emphasis: Emphasis::Usual,
                named: true,
                on_line: true,
            });
        }
        scatter
    }

    #[test]
    fn every_number_is_a_circle_and_the_line_joins_them() {
        let plot = scatter(&[(1.0, 2.0), (2.0, 3.0), (f64::NAN, 1.0)]).draw();
        assert_eq!(plot.svg.matches("<circle").count(), 2);
        assert_eq!(plot.svg.matches("stroke-width=\"2\"").count(), 1, "{}", plot.svg);
        assert_eq!(plot.alternative, "2 points, n against n. p0: 1.00, 2.00; p1: 2.00, 3.00.");
        assert!(scatter(&[]).draw().svg.contains("</svg>"));
        assert_eq!(scatter(&[(5.0, 5.0)]).draw().svg.matches("<circle").count(), 1);
    }

    #[test]
    fn names_of_equal_points_stand_below_one_another() {
        let names = scatter(&[(1.0, 1.0), (1.0, 1.0), (1.0, 1.0)]).names(|_| (100, 100));
        let mut rows: Vec<_> = names.iter().map(|(_, (_, y), _)| *y).collect();
        rows.dedup();
        assert_eq!(rows.len(), 3, "{rows:?}");
    }
}
