//! Points: two numbers each, with an interval and a line through chosen ones.

use super::canvas::{Anchor, Canvas, Place};
use super::scale::Scale;
use super::{Axis, CHARACTER, Emphasis, Plot, Role, extremes, short, widened};

/// Pixels.
const SIZE: (f64, f64) = (760.0, 400.0);

/// Pixels of the axes: on the left, below.
const AXES: (f64, f64) = (88.0, 60.0);

/// Pixels above and on the right.
const MARGIN: f64 = 12.0;

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
        Plot { title: self.title.clone(), alternative, svg: self.svg() }
    }

    fn svg(&self) -> String {
        let intervals = self.points.iter().filter_map(|p| p.interval).flat_map(|(low, high)| [low, high]);
        let x = extremes(self.points.iter().map(|p| p.x)).map_or((0.0, 1.0), |range| widened(range, 0.06));
        let y = self.points.iter().map(|p| p.y).chain(intervals);
        let y = extremes(y).map_or((0.0, 1.0), |range| widened(range, 0.06));
        let x = Scale { range: x, places: (AXES.0, SIZE.0 - MARGIN) };
        let y = Scale { range: y, places: (SIZE.1 - AXES.1, MARGIN) };
        let mut canvas = self.axes(&x, &y);
        let mut line: Vec<_> = self.points.iter().filter(|p| p.on_line).map(|p| (x.at(p.x), y.at(p.y))).collect();
        line.sort_by(|a, b| a.0.total_cmp(&b.0));
        if line.len() > 1 {
            canvas.line(&line, Role::Good, 2);
        }
        for point in &self.points {
            let (role, at) = (point.emphasis.role(), x.at(point.x));
            if let Some((low, high)) = point.interval {
                canvas.line(&[(at, y.at(low)), (at, y.at(high))], role, 1);
            }
            canvas.disc((at, y.at(point.y)), if point.named { 5 } else { 3 }, role);
        }
        for (name, place, side) in self.names(|point| (x.at(point.x), y.at(point.y))) {
            canvas.text(place, side, Role::Ink, &name);
        }
        canvas.svg()
    }

    fn axes(&self, x: &Scale, y: &Scale) -> Canvas {
        let mut canvas = Canvas::new(SIZE.0, SIZE.1);
        let ((left, right), (bottom, top)) = (x.places, y.places);
        for tick in x.ticks(6) {
            let at = x.at(tick);
            canvas.line(&[(at, top), (at, bottom)], Role::Grid, 1);
            canvas.text((at, bottom + 16.0), Anchor::Middle, Role::Muted, &(self.x.show)(tick));
        }
        for tick in y.ticks(6) {
            let at = y.at(tick);
            canvas.line(&[(left, at), (right, at)], Role::Grid, 1);
            canvas.text((left - 8.0, at), Anchor::End, Role::Muted, &(self.y.show)(tick));
        }
        canvas.text(((left + right) / 2.0, bottom + 42.0), Anchor::Middle, Role::Muted, self.x.name);
        canvas.upright((14.0, (top + bottom) / 2.0), Role::Muted, self.y.name);
        canvas
    }

    /// Where names stand: beside their points, on the side where there is room, moved down from one another.
    fn names(&self, place: impl Fn(&Point) -> Place) -> Vec<(String, Place, Anchor)> {
        const LINE: f64 = 17.0;
        let mut named: Vec<_> = self.points.iter().filter(|point| point.named).map(|p| (p, place(p))).collect();
        named.sort_by(|(_, a), (_, b)| a.1.total_cmp(&b.1).then(a.0.total_cmp(&b.0)));
        let mut taken: Vec<(f64, f64, f64)> = Vec::new();
        let lay = |(point, (x, y)): (&Point, Place)| {
            let name = short(&point.name, NAME);
            let width = name.chars().count() as f64 * CHARACTER;
            let fits = x + 10.0 + width < SIZE.0;
            let (left, at, side) = match fits {
                true => (x + 10.0, x + 10.0, Anchor::Start),
                false => (x - 10.0 - width, x - 10.0, Anchor::End),
            };
            let mut y = y;
            while taken.iter().any(|&(l, r, t)| l < left + width && left < r && (t - y).abs() < LINE) {
                y += 1.0;
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
        let names = scatter(&[(1.0, 1.0), (1.0, 1.0), (1.0, 1.0)]).names(|_| (100.0, 100.0));
        let mut rows: Vec<_> = names.iter().map(|(_, (_, y), _)| *y).collect();
        rows.dedup();
        assert_eq!(rows.len(), 3, "{rows:?}");
    }
}
