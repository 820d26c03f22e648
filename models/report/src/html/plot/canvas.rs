//! Shapes as SVG text.

use std::fmt::Write as _;

use super::TEXT;
use crate::html::palette::Role;

/// Shapes, the later above the earlier. Places are pixels from the upper left corner.
#[derive(Debug)]
pub(super) struct Canvas {
    width: f64,
    height: f64,
    shapes: String,
}

/// Which part of a text stands at its place; its middle line does in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A place.
pub(super) type Place = (f64, f64);

// Writing to a string does not fail.
impl Canvas {
    /// An empty one, of so many pixels.
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self { width, height, shapes: String::new() }
    }

    /// A rectangle with these two corners.
    pub(super) fn rectangle(&mut self, (x0, y0): Place, (x1, y1): Place, fill: Role) {
        let (left, top, width, height) = (x0.min(x1), y0.min(y1), (x1 - x0).abs(), (y1 - y0).abs());
        let fill = fill.colour();
        let _ = writeln!(
            self.shapes,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{fill}\"/>"
        );
    }

    /// A line through places.
    pub(super) fn line(&mut self, places: &[Place], stroke: Role, width: u32) {
        let points: Vec<_> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let (points, stroke) = (points.join(" "), stroke.colour());
        let _ = writeln!(
            self.shapes,
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"{width}\"/>"
        );
    }

    /// A disc.
    pub(super) fn disc(&mut self, (x, y): Place, radius: u32, fill: Role) {
        let fill = fill.colour();
        let _ = writeln!(self.shapes, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{fill}\"/>");
    }

    /// A line of text.
    pub(super) fn text(&mut self, place: Place, anchor: Anchor, fill: Role, text: &str) {
        self.write(place, "", anchor, fill, text);
    }

    /// A line of text from below to above.
    pub(super) fn upright(&mut self, (x, y): Place, fill: Role, text: &str) {
        let turn = format!(" transform=\"rotate(-90 {x:.1} {y:.1})\"");
        self.write((x, y), &turn, Anchor::Middle, fill, text);
    }

    fn write(&mut self, (x, y): Place, turn: &str, anchor: Anchor, fill: Role, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let (fill, text) = (fill.colour(), escaped(text));
        let _ = writeln!(
            self.shapes,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" dy=\"0.35em\" font-size=\"{TEXT}\" text-anchor=\"{anchor}\" \
             fill=\"{fill}\"{turn}>{text}</text>"
        );
    }

    /// The drawing.
    pub(super) fn svg(self) -> String {
        let Self { width, height, shapes } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
             viewBox=\"0 0 {width:.0} {height:.0}\">\n{shapes}</svg>\n"
        )
    }
}

/// A text as XML holds it; what XML cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_files_are_texts_and_nothing_else() {
        let mut canvas = Canvas::new(10.0, 20.0);
        canvas.text((1.0, 2.0), Anchor::Start, Role::Ink, "<b onclick=\"x\">&\u{0}");
        let svg = canvas.svg();
        assert!(svg.contains(">&lt;b onclick=&quot;x&quot;&gt;&amp;</text>"), "{svg}");
    }

    #[test]
    fn a_rectangle_may_be_given_by_any_two_corners() {
        let draw = |from, to| {
            let mut canvas = Canvas::new(10.0, 10.0);
            canvas.rectangle(from, to, Role::First);
            canvas.svg()
        };
        assert_eq!(draw((1.0, 2.0), (5.0, 8.0)), draw((5.0, 8.0), (1.0, 2.0)));
    }
}
