//! `FULLY_CONNECTED`.

use super::arithmetic::Arithmetic;
use crate::geometry::Dense;

/// `y[b, u] = sum over k of x[b, k] * w[u, k]`.
pub fn fully_connected<A: Arithmetic>(dense: &Dense, a: &A, x: &[A::X], w: &[A::W], y: &mut [A::Y]) {
    for (x, y) in x.chunks_exact(dense.depth).zip(y.chunks_exact_mut(dense.units)) {
        for (u, (w, y)) in w.chunks_exact(dense.depth).zip(y).enumerate() {
            *y = a.finish(a.add_products(a.zero(), x, w), u);
        }
    }
}
