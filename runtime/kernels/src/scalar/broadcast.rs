//! Two operands of which one or both are repeated to fill the output.

use crate::dtype::Element;
use crate::shape::MAX_RANK;
use crate::shape::Shape;

/// What is done with stretches `(a, b, y)` of equal length.
type Zip<'f, T> = dyn Fn(&[T], &[T], &mut [T]) + 'f;

/// Elements that are computed at a time, with a repeated operand spread out.
const BLOCK: usize = 64;

/// How two operands meet in an output: its extents, and how far each operand moves along them (0 where it is repeated).
///
/// Neighbouring axes along which both operands move alike are one.
#[derive(Debug, Clone, Default)]
pub struct Broadcast {
    axes: [Axis; MAX_RANK],
    count: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Axis {
    extent: usize,
    a: usize,
    b: usize,
}

impl Broadcast {
    /// From the operands' shapes, aligned at their last extents; with the output's shape. None when they do not fit together.
    #[must_use]
    pub fn new(a: &Shape, b: &Shape) -> Option<(Self, Shape)> {
        let rank = a.len().max(b.len());
        let (a_extents, b_extents) = (a.extended::<MAX_RANK>()?, b.extended::<MAX_RANK>()?);
        let mut extents = [1; MAX_RANK];
        let mut this = Self::default();
        let (mut a_stride, mut b_stride) = (1, 1);
        for d in (0..MAX_RANK).rev() {
            let (n, m) = (a_extents[d], b_extents[d]);
            if n != m && n != 1 && m != 1 {
                return None;
            }
            extents[d] = n.max(m);
            this.push(Axis {
                extent: extents[d],
                a: if n == 1 { 0 } else { a_stride },
                b: if m == 1 { 0 } else { b_stride },
            });
            a_stride *= n;
            b_stride *= m;
        }
        Some((this, Shape::new(&extents[MAX_RANK - rank..])?))
    }

    /// Adds the next outer axis.
    fn push(&mut self, axis: Axis) {
        if axis.extent == 1 {
            return;
        }
        if let Some(inner) = self.axes[..self.count].last_mut()
            && (axis.a, axis.b) == (inner.a * inner.extent, inner.b * inner.extent)
        {
            inner.extent *= axis.extent;
            return;
        }
        self.axes[self.count] = axis;
        self.count += 1;
    }

    /// Calls `apply` with stretches `(a, b, y)` of equal length, repeated operands written out, until the output is full.
    pub fn zip<T: Element>(&self, a: &[T], b: &[T], y: &mut [T], apply: &Zip<'_, T>) {
        let (inner, outer) = match &self.axes[..self.count] {
            [] => (Axis { extent: 1, a: 1, b: 1 }, &[][..]),
            [inner, outer @ ..] => (*inner, outer),
        };
        let mut at = Position::default();
        for y in y.chunks_mut(inner.extent) {
            row(&inner, &a[at.a..], &b[at.b..], y, apply);
            at.advance(outer);
        }
    }
}

/// Where a stretch of the innermost axis begins.
#[derive(Default)]
struct Position {
    a: usize,
    b: usize,
    index: [usize; MAX_RANK],
}

impl Position {
    /// Goes to the next stretch, along the axes around it.
    fn advance(&mut self, outer: &[Axis]) {
        for (axis, index) in outer.iter().zip(&mut self.index) {
            *index += 1;
            self.a += axis.a;
            self.b += axis.b;
            if *index < axis.extent {
                return;
            }
            *index = 0;
            self.a -= axis.a * axis.extent;
            self.b -= axis.b * axis.extent;
        }
    }
}

/// One stretch of the innermost axis, along which at least one operand moves.
fn row<T: Element>(axis: &Axis, a: &[T], b: &[T], y: &mut [T], apply: &Zip<'_, T>) {
    let repeated = [if axis.a == 0 { a[0] } else { b[0] }; BLOCK];
    for (k, y) in y.chunks_mut(BLOCK).enumerate() {
        let (block, n) = (k * BLOCK, y.len());
        let a = if axis.a == 0 { &repeated[..n] } else { &a[block..block + n] };
        let b = if axis.b == 0 { &repeated[..n] } else { &b[block..block + n] };
        apply(a, b, y);
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    /// The operand's element for output element `k`, found index by index.
    fn element(k: usize, operand: &Shape, output: &Shape) -> usize {
        let missing = output.len() - operand.len();
        let strides = (operand.strides(), output.strides());
        (0..operand.len()).fold(0, |at, d| {
            let index = k / strides.1[d + missing] % output[d + missing];
            at + strides.0[d] * index.min(operand[d] - 1)
        })
    }

    #[test]
    fn every_output_meets_its_operands() {
        let cases: [(&[usize], &[usize], &[usize]); 9] = [
            (&[], &[], &[]),
            (&[3], &[], &[3]),
            (&[1], &[2, 1], &[2, 1]),
            (&[2, 1, 4], &[1, 3, 1], &[2, 3, 4]),
            (&[130], &[1], &[130]),
            (&[1, 1], &[3, 129], &[3, 129]),
            (&[2, 3, 1, 2], &[3, 5, 2], &[2, 3, 5, 2]),
            (&[2, 1, 3, 1, 2, 1], &[1, 2, 1, 2, 1, 3], &[2, 2, 3, 2, 2, 3]),
            (&[1, 2, 1, 2, 1, 2, 1, 2], &[2, 1, 2, 1, 2, 1, 2, 1], &[2; 8]),
        ];
        for (a, b, expected) in cases {
            let (a, b) = (Shape::new(a).unwrap(), Shape::new(b).unwrap());
            let (broadcast, output) = Broadcast::new(&a, &b).unwrap();
            assert_eq!(*output, *expected, "{a} and {b}");
            let left: Vec<i32> = (0..a.elements() as i32).collect();
            let right: Vec<i32> = (0..b.elements() as i32).map(|v| v * 1000).collect();
            let mut found = alloc::vec![0; output.elements()];
            broadcast.zip(&left, &right, &mut found, &|a, b, y| {
                for ((a, b), y) in a.iter().zip(b).zip(y) {
                    *y = a + b;
                }
            });
            for (k, &y) in found.iter().enumerate() {
                assert_eq!(y, left[element(k, &a, &output)] + right[element(k, &b, &output)], "{a} and {b} at {k}");
            }
        }
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused() {
        for (a, b) in [(&[2][..], &[3][..]), (&[2, 3], &[2]), (&[4, 3, 5], &[2, 5])] {
            assert!(Broadcast::new(&Shape::new(a).unwrap(), &Shape::new(b).unwrap()).is_none(), "{a:?} and {b:?}");
        }
    }
}
