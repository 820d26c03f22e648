//! What a build without relaxed SIMD has in place of the dot product: nothing, which the compiler sees.

use super::requantize::{Quad, Sums};
use super::sparse::Matrix;
use crate::Dot;

/// Rows whose sums stay in registers.
pub(super) const TILE: usize = 4;

/// None of them.
pub(crate) fn probe() -> Option<Dot> {
    None
}

/// All of them.
pub(super) fn share(percent: usize) -> usize {
    percent
}

/// Packed weights, of which there are none.
#[derive(Debug)]
pub(super) enum Turns {}

impl Turns {
    pub(super) fn pack(_: Matrix<'_>, _: i32, _: &mut [i32]) -> Option<Self> {
        None
    }

    pub(super) fn bytes(&self) -> usize {
        match *self {}
    }

    pub(super) fn narrow(&self, _: &mut [i16]) {
        match *self {}
    }

    pub(super) fn copy(&self, _: &[i8], _: &mut [i8]) {
        match *self {}
    }

    pub(super) fn multiply(&self, _: &[[i8; 8]], _: usize, _: usize, _: &[Sums], _: &mut [Sums], _: usize) {
        match *self {}
    }

    pub(super) fn add_products(&self, _: &[[i8; 4]], _: usize, _: usize, _: &mut [[Quad; 4]]) {
        match *self {}
    }
}
