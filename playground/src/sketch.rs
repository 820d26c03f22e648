//! A drawn digit, and its way to the 8x8 counts that the UCI digits are.
//!
//! The data set's own preparation (Alpaydin and Kaynak, 1998; with NIST's form-based handprint programs): a digit's
//! bitmap is normalised in size to 32x32, divided into 4x4 blocks, and the pixels that are on in each block are
//! counted, which gives 8x8 numbers from 0 to 16.

use serde::{Deserialize, Serialize};

/// Side of the normalised bitmap.
const BITMAP: usize = 32;
/// Side of the counts.
pub const SIDE: usize = 8;
/// Side of a block.
const BLOCK: usize = BITMAP / SIDE;
/// Largest count of a block.
pub const FULL: u8 = (BLOCK * BLOCK) as u8;
/// Half the width of the normalised pen in pixels. With it drawn digits cover what the data set's cover on average:
/// 30 % of the bitmap (312 of 1024 pixels, from the 300 samples of `golden/sk_mlp_digits.npz`).
const PEN: f32 = 2.3;
/// Digits of the data set fill the bitmap's height and about three quarters of its width.
const WIDTH: f32 = 24.0;

/// A point of the drawing area, both coordinates from 0 (left, top) to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

/// What has been drawn.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sketch {
    strokes: Vec<Vec<Point>>,
    pen_is_down: bool,
}

impl Sketch {
    /// Starts a stroke.
    pub fn press(&mut self, at: Point) {
        self.strokes.push(vec![at]);
        self.pen_is_down = true;
    }

    /// Goes on with the stroke; says whether there was one.
    pub fn drag(&mut self, to: Point) -> bool {
        match self.strokes.last_mut() {
            Some(stroke) if self.pen_is_down => {
                stroke.push(to);
                true
            }
            _ => false,
        }
    }

    /// Ends the stroke.
    pub fn lift(&mut self) {
        self.pen_is_down = false;
    }

    /// Whether the pen is down: more may come to the stroke.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.pen_is_down
    }

    /// Nothing is drawn.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.strokes.is_empty()
    }

    /// The strokes as they were drawn.
    #[must_use]
    pub fn strokes(&self) -> &[Vec<Point>] {
        &self.strokes
    }

    /// The counts, row by row, each from 0 to [`FULL`].
    #[must_use]
    pub fn counts(&self) -> [u8; SIDE * SIDE] {
        let strokes = self.normalised();
        let mut counts = [0; SIDE * SIDE];
        for row in 0..BITMAP {
            for column in 0..BITMAP {
                let centre = Point { x: column as f32 + 0.5, y: row as f32 + 0.5 };
                let on = strokes.iter().any(|stroke| touches(stroke, centre));
                counts[row / BLOCK * SIDE + column / BLOCK] += u8::from(on);
            }
        }
        counts
    }

    /// The strokes in bitmap pixels: as high as the bitmap, in the middle of its width.
    fn normalised(&self) -> Vec<Vec<Point>> {
        let points = || self.strokes.iter().flatten();
        let low = points().fold((f32::MAX, f32::MAX), |(x, y), p| (x.min(p.x), y.min(p.y)));
        let high = points().fold((f32::MIN, f32::MIN), |(x, y), p| (x.max(p.x), y.max(p.y)));
        let (width, height) = (high.0 - low.0, high.1 - low.1);
        // A dot or a dash is not blown up to a bar as high as the bitmap.
        let scale_y = (BITMAP as f32 - 2.0 * PEN) / height.max(width / 2.0).max(0.1);
        let scale_x = scale_y.min((WIDTH - 2.0 * PEN) / width.max(f32::MIN_POSITIVE));
        let middle = BITMAP as f32 / 2.0;
        let place = |p: &Point| Point {
            x: middle + (p.x - (low.0 + high.0) / 2.0) * scale_x,
            y: middle + (p.y - (low.1 + high.1) / 2.0) * scale_y,
        };
        self.strokes.iter().map(|stroke| stroke.iter().map(place).collect()).collect()
    }
}

/// Whether a pixel is under the pen somewhere along a stroke.
fn touches(stroke: &[Point], pixel: Point) -> bool {
    match stroke {
        [] => false,
        [dot] => distance_squared(pixel, *dot, *dot) <= PEN * PEN,
        _ => stroke.windows(2).any(|ends| distance_squared(pixel, ends[0], ends[1]) <= PEN * PEN),
    }
}

/// Squared distance of `p` from the segment `a`-`b`.
fn distance_squared(p: Point, a: Point, b: Point) -> f32 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let length_squared = dx * dx + dy * dy;
    let along = if length_squared == 0.0 {
        0.0
    } else {
        (((p.x - a.x) * dx + (p.y - a.y) * dy) / length_squared).clamp(0.0, 1.0)
    };
    let (x, y) = (p.x - (a.x + along * dx), p.y - (a.y + along * dy));
    x * x + y * y
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(strokes: &[&[(f32, f32)]]) -> Sketch {
        let mut sketch = Sketch::default();
        for stroke in strokes {
            sketch.press(Point { x: stroke[0].0, y: stroke[0].1 });
            for &(x, y) in &stroke[1..] {
                assert!(sketch.drag(Point { x, y }));
            }
            sketch.lift();
        }
        sketch
    }

    #[test]
    fn nothing_drawn_counts_nothing() {
        assert_eq!(Sketch::default().counts(), [0; 64]);
    }

    #[test]
    fn a_vertical_line_fills_the_height_in_the_middle_wherever_it_was_drawn() {
        let left = drawn(&[&[(0.1, 0.2), (0.1, 0.6)]]).counts();
        let right = drawn(&[&[(0.9, 0.1), (0.9, 0.9)]]).counts();
        assert_eq!(left, right);
        for row in left.chunks(8) {
            assert_eq!((&row[..3], &row[5..]), (&[0; 3][..], &[0; 3][..]), "only the middle columns: {row:?}");
            assert!(row[3] > 0 && row[3] == row[4], "as much on both sides: {row:?}");
        }
        assert!(left.iter().all(|&count| count <= FULL));
    }

    #[test]
    fn the_size_of_the_drawing_does_not_matter() {
        let small = drawn(&[&[(0.4, 0.4), (0.6, 0.4), (0.5, 0.7)]]).counts();
        let large = drawn(&[&[(0.1, 0.1), (0.7, 0.1), (0.4, 1.0)]]).counts();
        assert_eq!(small, large);
    }

    #[test]
    fn a_wide_drawing_is_squeezed_to_the_data_sets_width() {
        let counts = drawn(&[&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]]).counts();
        for row in counts.chunks(8) {
            assert_eq!((row[0], row[7]), (0, 0));
            assert!(row[1] > 0 && row[6] > 0);
        }
    }

    #[test]
    fn a_dot_stays_a_dot() {
        let on: u32 = drawn(&[&[(0.5, 0.5)]]).counts().iter().map(|&count| u32::from(count)).sum();
        assert_eq!(on, 16, "pixels whose centres lie within 2.3 of the middle");
    }

    #[test]
    fn a_ring_covers_what_the_data_sets_digits_cover() {
        let ring: Vec<(f32, f32)> = (0..=32)
            .map(|step| std::f32::consts::TAU * step as f32 / 32.0)
            .map(|angle| (0.5 + 0.25 * angle.sin(), 0.5 + 0.4 * angle.cos()))
            .collect();
        let on: u32 = drawn(&[&ring]).counts().iter().map(|&count| u32::from(count)).sum();
        assert!((312 - 2 * 33..=312 + 2 * 33).contains(&on), "mean 312, deviation 33: {on}");
    }

    #[test]
    fn the_pen_draws_only_while_it_is_down() {
        let mut sketch = Sketch::default();
        assert!(!sketch.drag(Point { x: 0.5, y: 0.5 }));
        sketch.press(Point { x: 0.5, y: 0.5 });
        sketch.lift();
        assert!(!sketch.drag(Point { x: 0.6, y: 0.5 }));
        assert_eq!(sketch.strokes().len(), 1);
    }
}
