//! Marks over two scales.

use super::Scale;

/// What is drawn for one value: its figure along the axis, and its measure with an interval upwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// Along the axis.
    pub x: f64,
    /// Upwards.
    pub y: f64,
    /// Lower end of the interval of `y`.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// The drawing's area in CSS pixels, and the part of it that axes enclose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// Left of the plot, for the names of the ticks.
    pub left: f64,
    /// Right of it.
    pub right: f64,
    /// Above it.
    pub top: f64,
    /// Below it.
    pub bottom: f64,
}

/// Where a mark lies, in CSS pixels from the upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
    /// The lower end of its whisker: the greater number.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Marks over two scales, laid out.
#[derive(Debug, Clone, PartialEq)]
pub struct Scatter {
    /// Its area.
    pub area: Area,
    /// Ticks of the horizontal axis: place and value.
    pub x_ticks: Vec<(f64, f64)>,
    /// Ticks of the vertical axis.
    pub y_ticks: Vec<(f64, f64)>,
    /// Marks, in the order in which they were given.
    pub places: Vec<Place>,
    /// The marks from left to right, of those above each other the best first: the order of the arrow keys.
    pub order: Vec<usize>,
}

impl Scatter {
    /// Lays out marks. The horizontal axis begins at zero, since sizes are compared by their ratio; the vertical one holds all
    /// intervals and no more.
    #[must_use]
    pub fn new(area: Area, marks: &[Mark]) -> Self {
        // A tick for about so many pixels, so that their names do not touch.
        let (width, height) = (area.width - area.left - area.right, area.height - area.top - area.bottom);
        let x = Scale::over(marks.iter().map(|mark| mark.x).chain([0.0]), (width / 90.0) as usize);
        let y = Scale::over(marks.iter().flat_map(|mark| [mark.low, mark.high, mark.y]), (height / 45.0) as usize);
        let across = |value: f64| area.left + x.place(value) * width;
        let down = |value: f64| area.top + (1.0 - y.place(value)) * height;
        let place =
            |mark: &Mark| Place { x: across(mark.x), y: down(mark.y), low: down(mark.low), high: down(mark.high) };
        let mut order: Vec<usize> = (0..marks.len()).collect();
        order.sort_by(|&a, &b| marks[a].x.total_cmp(&marks[b].x).then(marks[b].y.total_cmp(&marks[a].y)));
        Self {
            area,
            x_ticks: x.ticks().iter().map(|&tick| (across(tick), tick)).collect(),
            y_ticks: y.ticks().iter().map(|&tick| (down(tick), tick)).collect(),
            places: marks.iter().map(place).collect(),
            order,
        }
    }

    /// The path through marks that nothing beats, from left to right: at each size the best measure that can be had.
    #[must_use]
    pub fn stairs(&self, marks: &[usize]) -> String {
        let mut marks: Vec<Place> = marks.iter().map(|&k| self.places[k]).collect();
        marks.sort_by(|a, b| a.x.total_cmp(&b.x));
        let Some(first) = marks.first() else { return String::new() };
        let steps: String = marks[1..].iter().map(|to| format!("H{:.1}V{:.1}", to.x, to.y)).collect();
        format!("M{:.1} {:.1}{steps}H{:.1}", first.x, first.y, self.area.width - self.area.right)
    }

    /// The mark so many steps after another one, from left to right; it stops at the ends.
    #[must_use]
    pub fn next(&self, from: usize, by: isize) -> Option<usize> {
        let place = self.order.iter().position(|&k| k == from)?;
        let last = self.order.len().checked_sub(1)?;
        self.order.get(place.saturating_add_signed(by).min(last)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Area = Area { width: 460.0, height: 240.0, left: 50.0, right: 10.0, top: 10.0, bottom: 30.0 };

    fn mark(x: f64, y: f64) -> Mark {
        Mark { x, y, low: y - 0.1, high: y + 0.1 }
    }

    #[test]
    fn marks_lie_within_the_axes_in_the_order_of_their_values() {
        let scatter = Scatter::new(AREA, &[mark(40.0, 0.9), mark(10.0, 0.5), mark(10.0, 0.7)]);
        assert_eq!(scatter.order, [2, 1, 0]);
        let [large, worse, better] = scatter.places[..] else { panic!("{scatter:?}") };
        assert_eq!(better.x, 150.0, "a quarter of 400 pixels right of 50");
        assert!(large.x > better.x && large.y < better.y && better.y < worse.y, "{scatter:?}");
        for place in &scatter.places {
            assert!((50.0..=450.0).contains(&place.x), "{place:?}");
            assert!(
                10.0 <= place.high && place.high < place.y && place.y < place.low && place.low <= 210.0,
                "{place:?}"
            );
        }
        assert_eq!(scatter.x_ticks.first(), Some(&(50.0, 0.0)));
        assert_eq!(scatter.x_ticks.last(), Some(&(450.0, 40.0)));
        assert_eq!((scatter.y_ticks[0].0, scatter.y_ticks.last().unwrap().0), (210.0, 10.0));
    }

    #[test]
    fn arrow_keys_go_from_left_to_right_and_stop_at_the_ends() {
        let scatter = Scatter::new(AREA, &[mark(40.0, 0.9), mark(10.0, 0.5), mark(20.0, 0.7)]);
        assert_eq!([scatter.next(1, 1), scatter.next(2, 1), scatter.next(0, 1)], [Some(2), Some(0), Some(0)]);
        assert_eq!([scatter.next(0, -1), scatter.next(1, -1), scatter.next(2, -9)], [Some(2), Some(1), Some(1)]);
        assert_eq!((scatter.next(0, 9), scatter.next(7, 1)), (Some(0), None));
        assert_eq!(Scatter::new(AREA, &[]).next(0, 1), None);
    }

    #[test]
    fn the_line_of_the_best_goes_up_where_the_next_one_is() {
        let scatter = Scatter::new(AREA, &[mark(40.0, 0.9), mark(10.0, 0.5)]);
        let [right, left] = scatter.places[..] else { panic!("{scatter:?}") };
        let path = format!("M{:.1} {:.1}H{:.1}V{:.1}H450.0", left.x, left.y, right.x, right.y);
        assert_eq!((scatter.stairs(&[0, 1]), scatter.stairs(&[])), (path, String::new()));
    }
}
