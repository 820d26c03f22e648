//! From layer to layer by keys, along the edges.

use super::{Drawing, Network};

/// Layers that a key for a page goes over.
const PAGE: usize = 10;

/// A way to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// To the first that reads this one.
    Down,
    /// To the first that this one reads.
    Up,
    /// To the next one in the same row, to the left.
    Left,
    /// To the right.
    Right,
    /// To the first of all.
    First,
    /// To the last of all.
    Last,
    /// Some on, in the order in which they run.
    PageDown,
    /// Some back.
    PageUp,
}

impl Step {
    /// The step of a key, by its name in the browser.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        Some(match key {
            "ArrowDown" => Step::Down,
            "ArrowUp" => Step::Up,
            "ArrowLeft" => Step::Left,
            "ArrowRight" => Step::Right,
            "Home" => Step::First,
            "End" => Step::Last,
            "PageDown" => Step::PageDown,
            "PageUp" => Step::PageUp,
            _ => return None,
        })
    }
}

/// The layer that a step leads to; the same one where there is none.
#[must_use]
pub fn walk(network: &Network, drawing: &Drawing, from: usize, step: Step) -> usize {
    let last = network.layers.len().saturating_sub(1);
    let x = |layer: usize| drawing.corners.get(layer).map_or(0.0, |corner| corner.0);
    // Straight on before to the side.
    let nearest = |layers: &mut dyn Iterator<Item = usize>| {
        layers.min_by(|&a, &b| (x(a) - x(from)).abs().total_cmp(&(x(b) - x(from)).abs()).then(a.cmp(&b)))
    };
    let row = drawing.rows.get(from);
    let beside = || (0..=last).filter(|&layer| layer != from && drawing.rows.get(layer) == row);
    let found = match step {
        Step::Down => nearest(&mut network.edges.iter().filter(|edge| edge.0 == from).map(|edge| edge.1)),
        Step::Up => nearest(&mut network.edges.iter().filter(|edge| edge.1 == from).map(|edge| edge.0)),
        Step::Left => nearest(&mut beside().filter(|&layer| x(layer) < x(from))),
        Step::Right => nearest(&mut beside().filter(|&layer| x(layer) > x(from))),
        Step::First => Some(0),
        Step::Last => Some(last),
        Step::PageDown => Some((from + PAGE).min(last)),
        Step::PageUp => Some(from.saturating_sub(PAGE)),
    };
    found.unwrap_or(from)
}

#[cfg(test)]
mod tests {
    use super::super::{Layer, Measures, layout};
    use super::*;

    #[test]
    fn keys_follow_the_edges_and_the_rows() {
        let edges = vec![(0, 1), (1, 2), (1, 3), (2, 4), (3, 4), (0, 4)];
        let drawing = layout(5, &edges, Measures::default()).unwrap();
        let network = Network { layers: vec![Layer::default(); 5], edges };
        let go = |from, key| walk(&network, &drawing, from, Step::of_key(key).unwrap());
        let (left, right) = if drawing.corners[2].0 < drawing.corners[3].0 { (2, 3) } else { (3, 2) };
        assert_eq!((go(0, "ArrowUp"), go(1, "ArrowUp"), go(4, "ArrowDown")), (0, 0, 4));
        assert!([2, 3].contains(&go(1, "ArrowDown")) && go(2, "ArrowDown") == 4);
        assert_eq!((go(left, "ArrowRight"), go(right, "ArrowLeft"), go(left, "ArrowLeft")), (right, left, left));
        assert_eq!((go(2, "Home"), go(0, "End"), go(0, "PageDown"), go(4, "PageUp")), (0, 4, 4, 0));
        assert_eq!(Step::of_key("x"), None);
    }
}
