//! Extents of tensors.

use core::fmt;
use core::ops::Deref;

/// The largest rank of a tensor. TensorFlow Lite's own kernels go to 6.
pub const MAX_RANK: usize = 8;

/// Extents, outermost first. Every extent is at least 1 and their product fits `usize`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    dims: [usize; MAX_RANK],
    rank: usize,
}

impl Shape {
    /// From extents; none if there are too many, one is 0, or the product overflows 31 bits.
    ///
    /// 31 bits so that every flat index fits an `i32`, and the same models load on 32-bit and 64-bit hosts.
    #[must_use]
    #[inline]
    pub fn new(extents: &[usize]) -> Option<Self> {
        let mut dims = [1; MAX_RANK];
        dims.get_mut(..extents.len())?.copy_from_slice(extents);
        let elements = extents.iter().try_fold(1usize, |n, &d| n.checked_mul(d))?;
        (elements > 0 && i32::try_from(elements).is_ok()).then_some(Self { dims, rank: extents.len() })
    }

    /// Number of elements.
    #[must_use]
    #[inline]
    pub fn elements(&self) -> usize {
        self.iter().product()
    }

    /// The last `n` extents, with 1 for those that are not there: a `[10]` seen as `[1, 1, 1, 10]`.
    ///
    /// None when the shape has more than `N` extents.
    #[must_use]
    #[inline]
    pub fn extended<const N: usize>(&self) -> Option<[usize; N]> {
        let mut out = [1; N];
        out.get_mut(N.checked_sub(self.rank)?..)?.copy_from_slice(self);
        Some(out)
    }

    /// Element strides of a dense tensor in C order.
    #[must_use]
    #[inline]
    pub fn strides(&self) -> [usize; MAX_RANK] {
        let mut strides = [1; MAX_RANK];
        for d in (0..self.rank.saturating_sub(1)).rev() {
            strides[d] = strides[d + 1] * self.dims[d + 1];
        }
        strides
    }

    /// The axis that `axis` means, counted from the end when negative; none if there is no such axis.
    #[must_use]
    #[inline]
    pub fn axis(&self, axis: i32) -> Option<usize> {
        let rank = i32::try_from(self.rank).ok()?;
        let axis = if axis < 0 { axis.checked_add(rank)? } else { axis };
        usize::try_from(axis).ok().filter(|&a| a < self.rank)
    }
}

impl Deref for Shape {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        &self.dims[..self.rank]
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        List(self).fmt(f)
    }
}

/// Numbers in a message: `[1, 2]`. Their `Debug` would say the same, and bring along all that it can do besides.
#[derive(Debug, Clone, Copy)]
pub struct List<'a, T>(pub &'a [T]);

impl<T: fmt::Display> fmt::Display for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (k, number) in self.0.iter().enumerate() {
            f.write_str(if k == 0 { "" } else { ", " })?;
            number.fmt(f)?;
        }
        f.write_str("]")
    }
}
