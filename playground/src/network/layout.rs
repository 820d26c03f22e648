//! Where the layers of a network stand when it is drawn: rows from top to bottom along the edges, branches side by side.
//!
//! The way of Sugiyama, Tagawa and Toda (1981):
//!
//! 1. A layer's row is one below the lowest of those that it reads; what reads nothing stands right above its first reader.
//! 2. An edge over several rows gets a place in each row between, so that it passes beside layers and never through them.
//! 3. Rows are ordered by the mean place of neighbours, down and up in turn, and the order with the fewest crossings is kept.
//! 4. Places move towards the mean of their neighbours as far as the order and the distances let them.

use serde::{Deserialize, Serialize};

/// Most layers that are drawn; a network of more is read as a list.
const LAYERS: usize = 1500;
/// Most places of edges in rows between.
const PLACES: usize = 20_000;
/// Sweeps over the rows that order them; more change hardly anything.
const ORDERINGS: usize = 8;
/// Sweeps over the rows that move their places.
const MOVES: usize = 24;

/// Sizes, all in the same unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measures {
    /// Width of a layer.
    pub width: f64,
    /// Height of a layer.
    pub height: f64,
    /// From one row to the next, beside the layers' height.
    pub row_gap: f64,
    /// From one place of a row to the next.
    pub gap: f64,
    /// Width that an edge takes in a row that it passes.
    pub lane: f64,
}

impl Default for Measures {
    fn default() -> Self {
        Self { width: 168.0, height: 46.0, row_gap: 26.0, gap: 14.0, lane: 10.0 }
    }
}

/// A drawn network.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Drawing {
    /// The width of everything.
    pub width: f64,
    /// The height of everything.
    pub height: f64,
    /// The upper left corner of each layer.
    pub corners: Vec<(f64, f64)>,
    /// The row of each layer.
    pub rows: Vec<usize>,
    /// The points of each edge, from the layer that it leaves to the one that it reaches.
    pub routes: Vec<Vec<(f64, f64)>>,
}

/// What stands in a row: a layer, or an edge on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Layer(usize),
    Lane(usize),
}

/// Draws layers `0..count` with edges from earlier to later ones; none where there are too many to be drawn, or an edge runs back.
#[must_use]
pub fn layout(count: usize, edges: &[(usize, usize)], measures: Measures) -> Option<Drawing> {
    if count > LAYERS || edges.iter().any(|&(from, to)| from >= to || to >= count) {
        return None;
    }
    let rows = rows(count, edges);
    let mut net = Net::new(&rows, edges)?;
    net.order();
    let centers = net.centers(measures);
    Some(net.drawing(rows, edges, &centers, measures))
}

fn rows(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut sorted = edges.to_vec();
    sorted.sort_unstable();
    let (mut rows, mut reads) = (vec![0; count], vec![false; count]);
    for &(from, to) in &sorted {
        rows[to] = rows[to].max(rows[from] + 1);
        reads[to] = true;
    }
    for layer in (0..count).filter(|&layer| !reads[layer]) {
        let readers = edges.iter().filter(|&&(from, _)| from == layer).map(|&(_, to)| rows[to]);
        if let Some(first) = readers.min() {
            rows[layer] = first - 1;
        }
    }
    rows
}

/// Rows of places, and which place is joined to which in the row below.
struct Net {
    places: Vec<Place>,
    /// Places by their row, in order.
    rows: Vec<Vec<usize>>,
    above: Vec<Vec<usize>>,
    below: Vec<Vec<usize>>,
    /// For each edge the places that it passes, from end to end.
    ways: Vec<Vec<usize>>,
}

impl Net {
    fn new(of_layer: &[usize], edges: &[(usize, usize)]) -> Option<Self> {
        let mut places: Vec<Place> = (0..of_layer.len()).map(Place::Layer).collect();
        let mut rows = vec![Vec::new(); of_layer.iter().max().map_or(0, |most| most + 1)];
        of_layer.iter().enumerate().for_each(|(layer, &row)| rows[row].push(layer));
        let mut ways = Vec::with_capacity(edges.len());
        for (edge, &(from, to)) in edges.iter().enumerate() {
            let mut way = vec![from];
            for row in &mut rows[of_layer[from] + 1..of_layer[to]] {
                way.push(places.len());
                row.push(places.len());
                places.push(Place::Lane(edge));
            }
            way.push(to);
            ways.push(way);
            if places.len() > of_layer.len() + PLACES {
                return None;
            }
        }
        let (mut above, mut below) = (vec![Vec::new(); places.len()], vec![Vec::new(); places.len()]);
        for pair in ways.iter().flat_map(|way| way.windows(2)) {
            below[pair[0]].push(pair[1]);
            above[pair[1]].push(pair[0]);
        }
        Some(Self { places, rows, above, below, ways })
    }

    fn order(&mut self) {
        let (mut best, mut fewest) = (self.rows.clone(), self.crossings());
        for sweep in 0..ORDERINGS {
            if fewest == 0 {
                break;
            }
            let down = sweep % 2 == 0;
            let turns: Vec<usize> =
                if down { (1..self.rows.len()).collect() } else { (0..self.rows.len()).rev().collect() };
            for row in turns {
                let at = self.positions();
                let joined = if down { &self.above } else { &self.below };
                let mut keyed: Vec<(f64, usize)> = self.rows[row]
                    .iter()
                    .map(|&place| {
                        (mean(joined[place].iter().map(|&other| at[other] as f64)).unwrap_or(at[place] as f64), place)
                    })
                    .collect();
                // Stable: those that tie keep their order.
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
                self.rows[row] = keyed.into_iter().map(|(_, place)| place).collect();
            }
            let crossings = self.crossings();
            if crossings < fewest {
                (best, fewest) = (self.rows.clone(), crossings);
            }
        }
        self.rows = best;
    }

    /// The place of each in its row.
    fn positions(&self) -> Vec<usize> {
        let mut at = vec![0; self.places.len()];
        for row in &self.rows {
            row.iter().enumerate().for_each(|(position, &place)| at[place] = position);
        }
        at
    }

    /// Pairs of edges between two rows of which one begins left and ends right of the other.
    fn crossings(&self) -> usize {
        let at = self.positions();
        let of_row = |row: &Vec<usize>| {
            let mut lines: Vec<(usize, usize)> = row
                .iter()
                .flat_map(|&from| self.below[from].iter().map(move |&to| (from, to)))
                .map(|(f, t)| (at[f], at[t]))
                .collect();
            lines.sort_unstable();
            let crossed =
                |k: usize| lines[..k].iter().filter(|line| line.0 < lines[k].0 && line.1 > lines[k].1).count();
            (0..lines.len()).map(crossed).sum::<usize>()
        };
        self.rows.iter().map(of_row).sum()
    }

    fn half(&self, place: usize, measures: Measures) -> f64 {
        match self.places[place] {
            Place::Layer(_) => measures.width / 2.0,
            Place::Lane(_) => measures.lane / 2.0,
        }
    }

    /// The middle of each place from left to right.
    fn centers(&self, measures: Measures) -> Vec<f64> {
        let mut x = vec![0.0; self.places.len()];
        for row in &self.rows {
            let wanted = vec![0.0; row.len()];
            self.set_row(row, &wanted, measures, &mut x);
        }
        for sweep in 0..MOVES {
            let turns: Vec<usize> =
                if sweep % 2 == 0 { (0..self.rows.len()).collect() } else { (0..self.rows.len()).rev().collect() };
            for row in turns {
                let row = &self.rows[row];
                let wanted: Vec<f64> = row
                    .iter()
                    .map(|&place| {
                        // A lane follows its own edge alone, a layer the side that the sweep comes from.
                        let (near, far) =
                            if sweep % 2 == 0 { (&self.above, &self.below) } else { (&self.below, &self.above) };
                        let near = mean(near[place].iter().map(|&other| x[other]));
                        near.or_else(|| mean(far[place].iter().map(|&other| x[other]))).unwrap_or(x[place])
                    })
                    .collect();
                self.set_row(row, &wanted, measures, &mut x);
            }
        }
        x
    }

    /// Moves the places of a row to where they are wanted, as near as their order and distances let them: the mean of the leftmost
    /// and the rightmost way to do it, each of which keeps the distances.
    fn set_row(&self, row: &[usize], wanted: &[f64], measures: Measures, x: &mut [f64]) {
        let apart = |a: usize, b: usize| self.half(a, measures) + measures.gap + self.half(b, measures);
        let mut right = wanted.to_vec();
        for k in 1..row.len() {
            right[k] = right[k].max(right[k - 1] + apart(row[k - 1], row[k]));
        }
        let mut left = wanted.to_vec();
        for k in (1..row.len()).rev() {
            left[k - 1] = left[k - 1].min(left[k] - apart(row[k - 1], row[k]));
        }
        for (k, &place) in row.iter().enumerate() {
            x[place] = f64::midpoint(left[k], right[k]);
        }
    }

    fn drawing(&self, rows: Vec<usize>, edges: &[(usize, usize)], centers: &[f64], measures: Measures) -> Drawing {
        let first = |place: usize| centers[place] - self.half(place, measures);
        let least = (0..self.places.len()).map(first).fold(f64::INFINITY, f64::min);
        let least = if least.is_finite() { least } else { 0.0 };
        // Whole units keep lines sharp.
        let x = |place: usize| (centers[place] - least).round();
        let top = |row: usize| row as f64 * (measures.height + measures.row_gap);
        let corners: Vec<_> =
            rows.iter().enumerate().map(|(layer, &row)| (x(layer) - measures.width / 2.0, top(row))).collect();
        let route = |(edge, way): (usize, &Vec<usize>)| {
            let (from, to) = edges[edge];
            let mut points = vec![(x(from), top(rows[from]) + measures.height)];
            for (k, &place) in way.iter().enumerate().skip(1).take(way.len().saturating_sub(2)) {
                let top = top(rows[from] + k);
                points.extend([(x(place), top), (x(place), top + measures.height)]);
            }
            points.push((x(to), top(rows[to])));
            points
        };
        let last = |place: usize| x(place) + self.half(place, measures);
        Drawing {
            width: (0..self.places.len()).map(last).fold(0.0, f64::max),
            height: (self.rows.len() as f64 * (measures.height + measures.row_gap) - measures.row_gap).max(0.0),
            corners,
            routes: self.ways.iter().enumerate().map(route).collect(),
            rows,
        }
    }
}

fn mean(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = numbers.fold((0.0, 0usize), |(sum, count), number| (sum + number, count + 1));
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const M: Measures = Measures { width: 100.0, height: 40.0, row_gap: 20.0, gap: 10.0, lane: 8.0 };

    fn drawn(count: usize, edges: &[(usize, usize)]) -> Drawing {
        let drawing = layout(count, edges, M).unwrap();
        assert_sound(&drawing, edges);
        drawing
    }

    /// Layers lie apart and inside of the picture; edges go down, from layer to layer, and through none on their way.
    fn assert_sound(drawing: &Drawing, edges: &[(usize, usize)]) {
        let boxes = &drawing.corners;
        for (a, &(x, y)) in boxes.iter().enumerate() {
            assert!(x >= 0.0 && y >= 0.0 && x + M.width <= drawing.width && y + M.height <= drawing.height, "{a}");
            for (b, &(other_x, other_y)) in boxes.iter().enumerate().skip(a + 1) {
                let apart = (x - other_x).abs() >= M.width || (y - other_y).abs() >= M.height;
                assert!(apart, "layers {a} and {b} overlap: {x},{y} and {other_x},{other_y}");
            }
        }
        for (&(from, to), route) in edges.iter().zip(&drawing.routes) {
            let middle = |layer: usize| boxes[layer].0 + M.width / 2.0;
            assert_eq!(route.first(), Some(&(middle(from), boxes[from].1 + M.height)));
            assert_eq!(route.last(), Some(&(middle(to), boxes[to].1)));
            for pair in route.windows(2) {
                assert!(pair[0].1 < pair[1].1, "the edge {from}-{to} goes down");
                let passes = |&(x, y): &(f64, f64)| {
                    let beside = pair[0].0.max(pair[1].0) <= x || pair[0].0.min(pair[1].0) >= x + M.width;
                    !beside && pair[0].1 < y + M.height && pair[1].1 > y
                };
                assert!(!boxes.iter().any(passes), "the edge {from}-{to} runs through a layer");
            }
        }
    }

    #[test]
    fn a_chain_is_one_straight_column() {
        let drawing = drawn(5, &[(0, 1), (1, 2), (2, 3), (3, 4)]);
        assert!(drawing.corners.iter().all(|&(x, _)| x == 0.0), "{drawing:?}");
        assert_eq!((drawing.width, drawing.height), (100.0, 5.0 * 40.0 + 4.0 * 20.0));
    }

    #[test]
    fn a_residual_passes_beside_the_layers_that_it_skips() {
        let edges = [(0, 1), (1, 2), (2, 3), (3, 4), (1, 4), (4, 5)];
        let drawing = drawn(6, &edges);
        assert_eq!(drawing.rows, [0, 1, 2, 3, 4, 5]);
        assert_eq!(drawing.routes[4].len(), 6, "two rows lie between");
    }

    #[test]
    fn branches_stand_side_by_side_without_crossings() {
        let edges = [(0, 1), (0, 2), (0, 3), (1, 6), (2, 5), (3, 4), (4, 7), (5, 7), (6, 7)];
        let drawing = drawn(8, &edges);
        assert_eq!(drawing.rows, [0, 1, 1, 1, 2, 2, 2, 3]);
        let order = |a: usize, b: usize| drawing.corners[a].0 < drawing.corners[b].0;
        for (a, b) in [((1, 6), (2, 5)), ((2, 5), (3, 4)), ((1, 6), (3, 4))] {
            assert_eq!(order(a.0, b.0), order(a.1, b.1), "each branch stays on its side: {drawing:?}");
        }
    }

    #[test]
    fn a_second_input_stands_above_its_reader() {
        assert_eq!(drawn(5, &[(0, 2), (2, 3), (3, 4), (1, 4)]).rows, [0, 2, 1, 2, 3]);
    }

    #[test]
    fn whatever_the_edges_layers_and_edges_keep_apart() {
        let mut random = 7u64;
        let mut next = |below: usize| {
            // Knuth's generator of 64 bits, its upper half.
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % below
        };
        for count in [1, 2, 3, 10, 40, 150] {
            let mut edges: Vec<(usize, usize)> = (1..count).map(|to| (to - 1 - next(to.min(4)), to)).collect();
            for _ in 0..count / 4 {
                let to = 1 + next(count - 1);
                edges.push((next(to), to));
            }
            edges.sort_unstable();
            edges.dedup();
            drawn(count, &edges);
        }
    }

    #[test]
    fn what_cannot_be_drawn_is_not() {
        assert_eq!(layout(2, &[(1, 0)], M), None);
        assert_eq!(layout(2, &[(0, 2)], M), None);
        assert_eq!(layout(LAYERS + 1, &[], M), None);
        assert!(layout(0, &[], M).unwrap().corners.is_empty());
    }
}
