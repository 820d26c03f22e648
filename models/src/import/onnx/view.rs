//! How a tensor of the file lies in the graph. Reshapes and transposes of the file are not computed: they change what is
//! known of a value's order, until an operator needs another one. So `NCHW` becomes `NHWC` without a transpose.
//!
//! A tensor's elements are counted by *factors*. Each axis of the file's tensor is a product of some of them, and so is each
//! extent in memory:
//!
//! ```text
//! factors              n c h w
//! axes of the file     [n] [c] [h] [w]     after Flatten: [n] [c h w]
//! extents in memory    [n] [h] [w] [c]     as before
//! ```

use std::collections::VecDeque;

use crate::graph::ValueId;

/// A value of the graph, and what its elements are to the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    /// The value.
    pub(super) value: ValueId,
    /// Extents of the factors.
    factors: Vec<usize>,
    /// For each axis of the file's tensor its factors, outermost first.
    axes: Vec<Vec<usize>>,
    /// For each extent in memory its factors, outermost first. Factors of extent 1 may stand in none.
    dims: Vec<Vec<usize>>,
}

impl View {
    /// A value that lies as the file's tensor of this shape does.
    pub(super) fn plain(value: ValueId, shape: &[usize]) -> Self {
        let one_each: Vec<Vec<usize>> = (0..shape.len()).map(|k| vec![k]).collect();
        Self { value, factors: shape.to_vec(), axes: one_each.clone(), dims: one_each }
    }

    /// A value whose extents are those of the named axes of the file's tensor of this shape, or 1.
    pub(super) fn ordered(value: ValueId, shape: &[usize], dims: &[Option<usize>]) -> Self {
        let dims = dims.iter().map(|axis| axis.iter().copied().collect()).collect();
        Self { dims, ..Self::plain(value, shape) }
    }

    /// Another value that lies in the same way.
    pub(super) fn on(&self, value: ValueId) -> Self {
        Self { value, ..self.clone() }
    }

    /// The file's shape.
    pub(super) fn shape(&self) -> Vec<usize> {
        self.axes.iter().map(|axis| self.extent(axis)).collect()
    }

    /// Axes in the file.
    pub(super) fn rank(&self) -> usize {
        self.axes.len()
    }

    /// Product of factors.
    pub(super) fn extent(&self, factors: &[usize]) -> usize {
        factors.iter().map(|&f| self.factors[f]).product()
    }

    /// Extents in memory.
    pub(super) fn memory(&self) -> Vec<usize> {
        self.dims.iter().map(|dim| self.extent(dim)).collect()
    }

    /// The factors of an axis of the file.
    pub(super) fn axis(&self, axis: usize) -> &[usize] {
        &self.axes[axis]
    }

    /// The factors of each extent in memory.
    pub(super) fn dims(&self) -> &[Vec<usize>] {
        &self.dims
    }

    /// The same axes with other extents in memory.
    pub(super) fn with_dims(&self, value: ValueId, dims: Vec<Vec<usize>>) -> Self {
        Self { value, dims, ..self.clone() }
    }

    /// A value whose last axis has another extent, and lies last, behind these extents in memory.
    pub(super) fn with_last_axis(&self, value: ValueId, extent: usize, front: Vec<Vec<usize>>) -> Self {
        let mut next = Self { value, dims: front, ..self.clone() };
        next.factors.push(extent);
        let factor = next.factors.len() - 1;
        if let Some(last) = next.axes.last_mut() {
            *last = vec![factor];
        }
        next.dims.push(vec![factor]);
        next
    }

    /// A value whose axes are reduced: to extents of 1, which stay, or none. Each extent in memory is reduced or not.
    pub(super) fn reduced(&self, value: ValueId, axes: &[usize], keep: bool) -> Self {
        let mut next = Self { value, ..self.clone() };
        let gone: Vec<usize> = axes.iter().flat_map(|&axis| self.axes[axis].clone()).collect();
        let whole = self.without_ones(&gone);
        if !keep {
            next.dims.retain(|dim| !dim.iter().any(|f| whole.contains(f)));
        }
        for &axis in axes {
            let unit = next.unit();
            let own = &self.axes[axis];
            let place = next.dims.iter().position(|dim| dim.iter().any(|f| own.contains(f)));
            if let Some(place) = place {
                next.dims[place].push(unit);
            }
            next.axes[axis] = vec![unit];
        }
        next.dims.iter_mut().for_each(|dim| dim.retain(|f| !gone.contains(f)));
        if !keep {
            let mut axis = 0;
            next.axes.retain(|_| {
                axis += 1;
                !axes.contains(&(axis - 1))
            });
            let used = next.axes.concat();
            next.dims.iter_mut().for_each(|dim| dim.retain(|f| used.contains(f)));
        }
        next
    }

    /// Factors without those of extent 1.
    pub(super) fn without_ones(&self, factors: &[usize]) -> Vec<usize> {
        factors.iter().copied().filter(|&f| self.factors[f] != 1).collect()
    }

    /// The factors in their order in memory, without those of extent 1.
    pub(super) fn order(&self) -> Vec<usize> {
        self.without_ones(&self.dims.concat())
    }

    /// Whether the elements lie in the file's order.
    pub(super) fn is_plain(&self) -> bool {
        self.order() == self.without_ones(&self.axes.concat())
    }

    /// The extents in memory that a plain tensor of the same shape has.
    pub(super) fn plain_dims(&self) -> Vec<Vec<usize>> {
        self.axes.clone()
    }

    /// After a transpose: axis `k` is what was axis `axes[k]`.
    pub(super) fn transposed(&self, axes: &[usize]) -> Self {
        Self { axes: axes.iter().map(|&a| self.axes[a].clone()).collect(), ..self.clone() }
    }

    /// After a reshape to as many elements; none when the new axes are no products of the factors, nor of parts of them.
    pub(super) fn reshaped(&self, shape: &[usize]) -> Option<Self> {
        let mut next = self.clone();
        let mut left: VecDeque<usize> = self.without_ones(&self.axes.concat()).into();
        next.axes = shape
            .iter()
            .map(|&extent| {
                let (mut axis, mut needed) = (Vec::new(), extent);
                while needed > 1 {
                    let &factor = left.front()?;
                    let extent = next.factors[factor];
                    if needed.is_multiple_of(extent) {
                        needed /= extent;
                        left.pop_front();
                    } else if extent.is_multiple_of(needed) {
                        left[0] = next.split(factor, needed);
                        needed = 1;
                    } else {
                        return None;
                    }
                    axis.push(factor);
                }
                if axis.is_empty() {
                    axis.push(next.unit());
                }
                Some(axis)
            })
            .collect::<Option<_>>()?;
        let used = next.axes.concat();
        next.dims.iter_mut().for_each(|dim| dim.retain(|f| used.contains(f)));
        left.is_empty().then_some(next)
    }

    /// With axes of extent 1 in front, up to `rank`.
    pub(super) fn with_rank(&self, rank: usize) -> Self {
        let mut next = self.clone();
        while next.axes.len() < rank {
            let unit = next.unit();
            next.axes.insert(0, vec![unit]);
        }
        next
    }

    /// A new factor of extent 1.
    fn unit(&mut self) -> usize {
        self.factors.push(1);
        self.factors.len() - 1
    }

    /// Splits a factor into `outer`, which keeps its number, and the rest.
    fn split(&mut self, factor: usize, outer: usize) -> usize {
        let rest = self.factors.len();
        self.factors.push(self.factors[factor] / outer);
        self.factors[factor] = outer;
        for list in self.axes.iter_mut().chain(&mut self.dims) {
            if let Some(place) = list.iter().position(|&f| f == factor) {
                list.insert(place + 1, rest);
            }
        }
        rest
    }

    /// Splits factors of an axis of both until they have the same extents; false when there are no such parts.
    pub(super) fn match_axis(&mut self, other: &mut Self, axis: usize) -> bool {
        let (mut k, mut j) = (0, 0);
        loop {
            let (mine, its) = (self.without_ones(&self.axes[axis]), other.without_ones(&other.axes[axis]));
            let (Some(&a), Some(&b)) = (mine.get(k), its.get(j)) else {
                return mine.len() == k && its.len() == j;
            };
            let (x, y) = (self.factors[a], other.factors[b]);
            if x != y && x.is_multiple_of(y) {
                self.split(a, y);
            } else if x != y && y.is_multiple_of(x) {
                other.split(b, x);
            } else if x != y {
                return false;
            }
            (k, j) = (k + 1, j + 1);
        }
    }

    /// Extents in memory each of which has factors of one kind only; factors of extent 1 are of any.
    pub(super) fn parted(&self, kind: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
        let mut parts: Vec<Vec<usize>> = Vec::new();
        for dim in &self.dims {
            let mut last = None;
            let mut part = Vec::new();
            for &factor in dim {
                if self.factors[factor] != 1 {
                    if last.is_some_and(|last| last != kind(factor)) {
                        parts.push(std::mem::take(&mut part));
                    }
                    last = Some(kind(factor));
                }
                part.push(factor);
            }
            parts.push(part);
        }
        parts
    }

    /// Extents in memory such that each axis of the file has one, in the order in which they lie; and for each extent that axis.
    /// Extents of 1 that belong to no axis stay.
    pub(super) fn apart(&self) -> (Vec<Vec<usize>>, Vec<Option<usize>>) {
        if let Some(places) = self.axes_of_dims() {
            let dims = places.iter().map(|axis| axis.map_or_else(Vec::new, |axis| self.axes[axis].clone())).collect();
            return (dims, places);
        }
        let order = self.order();
        let place = |axis: usize| {
            let first = *self.without_ones(&self.axes[axis]).first()?;
            Some((order.iter().position(|&f| f == first)?, axis))
        };
        let mut axes: Vec<(usize, usize)> = (0..self.rank()).filter_map(place).collect();
        axes.sort_unstable();
        let mut places: Vec<usize> = axes.into_iter().map(|(_, axis)| axis).collect();
        for axis in (0..self.rank()).filter(|&axis| self.extent(&self.axes[axis]) == 1) {
            places.insert(axis.min(places.len()), axis);
        }
        let dims = places.iter().map(|&axis| self.axes[axis].clone()).collect();
        (dims, places.into_iter().map(Some).collect())
    }

    /// For each extent in memory the axis that it is, if each axis is one.
    fn axes_of_dims(&self) -> Option<Vec<Option<usize>>> {
        let mut places: Vec<Option<usize>> = vec![None; self.dims.len()];
        let (whole, ones): (Vec<usize>, Vec<usize>) =
            (0..self.rank()).partition(|&axis| self.extent(&self.axes[axis]) != 1);
        for axis in whole {
            let factors = self.without_ones(&self.axes[axis]);
            places[self.dims.iter().position(|dim| self.without_ones(dim) == factors)?] = Some(axis);
        }
        // An axis of extent 1 is the extent that it has, or any that is left.
        let mut without: Vec<usize> = Vec::new();
        for axis in ones {
            let own = (0..places.len()).find(|&d| {
                places[d].is_none()
                    && self.dims[d].iter().any(|f| self.axes[axis].contains(f))
                    && self.extent(&self.dims[d]) == 1
            });
            match own {
                Some(d) => places[d] = Some(axis),
                None => without.push(axis),
            }
        }
        for axis in without {
            let free = (0..places.len()).find(|&d| places[d].is_none() && self.extent(&self.dims[d]) == 1)?;
            places[free] = Some(axis);
        }
        let holds = |d: usize| places[d].is_some() || self.extent(&self.dims[d]) == 1;
        (0..places.len()).all(holds).then_some(places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Graph, TensorType, Value};

    fn nhwc(shape: [usize; 4]) -> View {
        let value = Graph::default().add(Value::new("x", TensorType::Float32, []));
        View::ordered(value, &shape, &[Some(0), Some(2), Some(3), Some(1)])
    }

    #[test]
    fn flattening_an_image_moves_nothing_and_keeps_count() {
        let flat = nhwc([1, 3, 4, 5]).reshaped(&[1, 60]).unwrap();
        assert_eq!((flat.shape(), flat.memory()), (vec![1, 60], vec![1, 4, 5, 3]));
        assert!(!flat.is_plain());
        let again = flat.reshaped(&[1, 3, 20]).unwrap();
        assert_eq!((again.shape(), again.memory()), (vec![1, 3, 20], vec![1, 4, 5, 3]));
        assert!(flat.reshaped(&[1, 4, 15]).is_none(), "4 is no product of 3 and parts of 4 and 5");
        assert!(nhwc([1, 1, 4, 5]).is_plain(), "one channel may lie anywhere");
    }

    #[test]
    fn an_axis_that_is_split_lies_in_two_parts() {
        let shuffled = nhwc([1, 6, 4, 5]).reshaped(&[1, 2, 3, 4, 5]).unwrap().transposed(&[0, 2, 1, 3, 4]);
        assert_eq!((shuffled.shape(), shuffled.memory()), (vec![1, 3, 2, 4, 5], vec![1, 4, 5, 6]));
        let (dims, axes) = shuffled.apart();
        assert_eq!(dims.len(), 5);
        assert_eq!(axes, [Some(0), Some(3), Some(4), Some(2), Some(1)]);
    }

    #[test]
    fn a_transpose_and_its_reverse_are_nothing() {
        let x = nhwc([2, 3, 4, 5]);
        let there = x.transposed(&[0, 2, 3, 1]);
        assert!(there.is_plain());
        assert_eq!(there.transposed(&[0, 3, 1, 2]), x);
    }

    #[test]
    fn axes_apart_keep_the_memory_where_they_can() {
        let (dims, axes) = nhwc([1, 3, 4, 5]).apart();
        assert_eq!(axes, [Some(0), Some(2), Some(3), Some(1)]);
        assert_eq!(dims.len(), 4);
        let signal = {
            let value = nhwc([1; 4]).value;
            View::ordered(value, &[1, 3, 7], &[Some(0), None, Some(2), Some(1)])
        };
        assert_eq!(signal.apart().1, [Some(0), None, Some(2), Some(1)]);
        let (_, flat) = nhwc([1, 3, 4, 5]).reshaped(&[1, 60]).unwrap().apart();
        assert_eq!(flat, [Some(0), Some(1)]);
    }

    #[test]
    fn factors_of_two_views_are_split_alike() {
        let value = nhwc([1; 4]).value;
        let mut whole = View::plain(value, &[12]);
        let mut parts = View::plain(value, &[3, 4]).reshaped(&[12]).unwrap();
        assert!(whole.match_axis(&mut parts, 0));
        assert_eq!(whole.axis(0).len(), 2);
        let mut odd = View::plain(value, &[2, 6]).reshaped(&[12]).unwrap();
        assert!(!parts.match_axis(&mut odd, 0), "3 x 4 and 2 x 6 have no common parts without 1");
    }
}
