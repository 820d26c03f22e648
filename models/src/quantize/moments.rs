//! Means and products of what a layer sums over, as the float network and the quantized one see it.

/// Rows that are summed in single precision before they join the sums in double precision.
const BLOCK: usize = 64;
/// Rows that are multiplied together.
const TOGETHER: usize = 4;

/// Sums over patches: of the float network's `x`, and of the quantized one's `q`, in the same places.
#[derive(Debug, Clone)]
pub(super) struct Moments {
    depth: usize,
    count: usize,
    x: Vec<f64>,
    q: Vec<f64>,
    /// Of `q_i q_j`.
    qq: Vec<f64>,
    /// Of `q_i x_j`.
    qx: Vec<f64>,
    block_x: Vec<f32>,
    block_q: Vec<f32>,
}

/// Means: of `x`, of `q`, of products of `q` with `q` and with `x`, matrices row by row.
#[derive(Debug, Clone)]
pub(super) struct Means {
    pub(super) depth: usize,
    pub(super) count: usize,
    pub(super) x: Vec<f64>,
    pub(super) q: Vec<f64>,
    pub(super) qq: Vec<f64>,
    pub(super) qx: Vec<f64>,
}

impl Moments {
    pub(super) fn new(depth: usize) -> Self {
        let (x, q, qq, qx) = (vec![0.0; depth], vec![0.0; depth], vec![0.0; depth * depth], vec![0.0; depth * depth]);
        Self { depth, count: 0, x, q, qq, qx, block_x: Vec::new(), block_q: Vec::new() }
    }

    /// Counts a patch of both.
    pub(super) fn add(&mut self, x: &[f32], q: &[f32]) {
        self.count += 1;
        self.block_x.extend_from_slice(x);
        self.block_q.extend_from_slice(q);
        if self.block_x.len() >= BLOCK * self.depth {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let depth = self.depth;
        let whole = self.block_x.len().next_multiple_of(TOGETHER * depth);
        let (mut x, mut q) = (std::mem::take(&mut self.block_x), std::mem::take(&mut self.block_q));
        x.resize(whole, 0.0);
        q.resize(whole, 0.0);
        for (rows, sums) in [(&x, &mut self.x), (&q, &mut self.q)] {
            for row in rows.chunks_exact(depth) {
                sums.iter_mut().zip(row).for_each(|(sum, &v)| *sum += f64::from(v));
            }
        }
        products(&q, &q, depth, &mut self.qq);
        products(&q, &x, depth, &mut self.qx);
    }

    /// The means of all that was counted.
    pub(super) fn means(mut self) -> Means {
        self.flush();
        let share = 1.0 / self.count.max(1) as f64;
        let mean = |sums: Vec<f64>| sums.into_iter().map(|sum| sum * share).collect();
        let Self { depth, count, x, q, qq, qx, .. } = self;
        Means { depth, count, x: mean(x), q: mean(q), qq: mean(qq), qx: mean(qx) }
    }
}

/// `sums[i][j] += sum over rows of a[i] * b[j]`, the rows of a block in single precision.
fn products(a: &[f32], b: &[f32], depth: usize, sums: &mut [f64]) {
    let mut line = vec![0.0f32; depth];
    for (i, sums) in sums.chunks_exact_mut(depth).enumerate() {
        line.fill(0.0);
        for (a, b) in a.chunks_exact(TOGETHER * depth).zip(b.chunks_exact(TOGETHER * depth)) {
            let [a0, a1, a2, a3] = [a[i], a[depth + i], a[2 * depth + i], a[3 * depth + i]];
            // Behind a ReLU most are.
            if a0 == 0.0 && a1 == 0.0 && a2 == 0.0 && a3 == 0.0 {
                continue;
            }
            let (b0, rest) = b.split_at(depth);
            let (b1, rest) = rest.split_at(depth);
            let (b2, b3) = rest.split_at(depth);
            for ((((line, b0), b1), b2), b3) in line.iter_mut().zip(b0).zip(b1).zip(b2).zip(b3) {
                *line += (a0 * b0 + a1 * b1) + (a2 * b2 + a3 * b3);
            }
        }
        sums.iter_mut().zip(&line).for_each(|(sum, &v)| *sum += f64::from(v));
    }
}

impl Means {
    /// The same about the means: what is left when a bias takes up the means.
    pub(super) fn centre(&mut self) {
        let depth = self.depth;
        for i in 0..depth {
            for j in 0..depth {
                self.qq[i * depth + j] -= self.q[i] * self.q[j];
                self.qx[i * depth + j] -= self.q[i] * self.x[j];
            }
        }
    }
}
