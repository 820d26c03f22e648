//! Reductions over some of a tensor's axes.

use core::ops::Range;

use crate::dtype::Element;
use crate::shape::MAX_RANK;
use crate::shape::Shape;

/// Which output each input element goes to: a walk over the input in its order.
///
/// Neighbouring axes that are both reduced, or both kept, are one.
#[derive(Debug, Clone, Default)]
pub struct Reduction {
    /// Innermost first.
    axes: [Axis; MAX_RANK],
    count: usize,
}

/// An input axis, and how far the output moves along it: not at all where it is reduced.
#[derive(Debug, Clone, Copy, Default)]
struct Axis {
    extent: usize,
    stride: usize,
}

impl Reduction {
    /// Over the axes of `shape` that `reduced` names.
    #[must_use]
    pub fn new(shape: &Shape, reduced: [bool; MAX_RANK]) -> Self {
        let mut this = Self::default();
        let mut outputs = 1;
        for (&extent, &reduced) in shape.iter().zip(&reduced).rev() {
            let stride = if reduced { 0 } else { outputs };
            outputs *= if reduced { 1 } else { extent };
            match this.axes[..this.count].last_mut() {
                Some(inner) if stride == inner.stride * inner.extent => inner.extent *= extent,
                _ => {
                    this.axes[this.count] = Axis { extent, stride };
                    this.count += 1;
                }
            }
        }
        this
    }

    /// `y[output of x] = f(y[output of x], x)` for each input element, in order.
    pub fn fold<X: Element, Y: Element>(&self, x: &[X], y: &mut [Y], f: impl Fn(Y, X) -> Y) {
        self.for_each_row(x.len(), &mut |row, at, stride| {
            for (k, &x) in x[row].iter().enumerate() {
                let y = &mut y[at + k * stride];
                *y = f(*y, x);
            }
        });
    }

    /// Calls `visit` with stretches of an input of `len` elements, in order: with the place of the first one's output, and how far on
    /// the next one's is, by 1 or not at all.
    #[inline]
    pub fn for_each_row(&self, len: usize, visit: &mut dyn FnMut(Range<usize>, usize, usize)) {
        let (inner, outer) = match &self.axes[..self.count] {
            [] => (Axis { extent: 1, stride: 0 }, &[][..]),
            [inner, outer @ ..] => (*inner, outer),
        };
        let mut position = Position::default();
        for begin in (0..len).step_by(inner.extent) {
            visit(begin..begin + inner.extent, position.at, inner.stride);
            position.advance(outer);
        }
    }
}

/// Where in the output a stretch of the innermost axis begins.
#[derive(Default)]
struct Position {
    at: usize,
    index: [usize; MAX_RANK],
}

impl Position {
    /// Goes to the next stretch, along the axes around it.
    fn advance(&mut self, outer: &[Axis]) {
        for (axis, index) in outer.iter().zip(&mut self.index) {
            *index += 1;
            self.at += axis.stride;
            if *index < axis.extent {
                return;
            }
            *index = 0;
            self.at -= axis.stride * axis.extent;
        }
    }
}

/// The index of the element of `x[begin], x[begin + step], ...` that no other one beats; the first of equals.
pub fn first_best<T: Element>(x: &[T], begin: usize, step: usize, count: usize, beats: fn(&T, &T) -> bool) -> usize {
    (1..count).fold(0, |best, k| if beats(&x[begin + k * step], &x[begin + best * step]) { k } else { best })
}
