//! `BATCH_MATMUL`.

use super::arithmetic::Arithmetic;

/// A matrix as it lies in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Matrix {
    /// Elements between rows.
    pub row: usize,
    /// Elements between columns.
    pub column: usize,
}

/// `y[i, j] = sum over k of x[i, k] * w[k, j]`, for `y` of `[rows, columns]` in C order.
pub fn matmul<A: Arithmetic>(
    [rows, depth, columns]: [usize; 3],
    a: &A,
    (x, x_at): (&[A::X], Matrix),
    (w, w_at): (&[A::W], Matrix),
    y: &mut [A::Y],
) {
    for i in 0..rows {
        for j in 0..columns {
            let mut sum = a.zero();
            for k in 0..depth {
                let x = x[i * x_at.row + k * x_at.column];
                let w = w[k * w_at.row + j * w_at.column];
                sum = a.add_product(sum, x, w);
            }
            y[i * columns + j] = a.finish(sum, 0);
        }
    }
}
