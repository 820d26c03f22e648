//! Sums of int8 along axes, eight elements at a time. They wrap, so that their order does not matter.

use core::arch::wasm32::{
    i32x4_add, i32x4_extadd_pairwise_i16x8, i32x4_extend_high_i16x8, i32x4_extend_low_i16x8, i32x4_splat,
};

use super::lanes::{load, load_widened, store};
use super::requantize::Sums;
use crate::scalar::reduce::Reduction;

/// As the scalar kernel: adds each element to its output.
pub fn sum(reduction: &Reduction, x: &[i8], sums: &mut [i32]) {
    reduction.for_each_row(x.len(), &mut |row, at, stride| {
        let x = &x[row];
        if stride == 0 {
            sums[at] = sums[at].wrapping_add(total(x));
        } else {
            add(x, &mut sums[at..][..x.len()]);
        }
    });
}

#[inline(never)]
fn total(x: &[i8]) -> i32 {
    let (blocks, rest) = x.as_chunks::<8>();
    let add = |sums, x| i32x4_add(sums, i32x4_extadd_pairwise_i16x8(load_widened(x)));
    let mut lanes = [0; 4];
    store(blocks.iter().fold(i32x4_splat(0), add), &mut lanes);
    lanes.into_iter().chain(rest.iter().map(|&x| i32::from(x))).fold(0, i32::wrapping_add)
}

#[inline(never)]
fn add(x: &[i8], sums: &mut [i32]) {
    let (blocks, rest) = x.as_chunks::<8>();
    let (sum_blocks, sums) = sums.as_chunks_mut::<8>();
    for (x, sums) in blocks.iter().zip(sum_blocks) {
        let (x, [low, high]): (_, &mut Sums) = (load_widened(x), bytemuck::cast_mut(sums));
        store(i32x4_add(load(low), i32x4_extend_low_i16x8(x)), low);
        store(i32x4_add(load(high), i32x4_extend_high_i16x8(x)), high);
    }
    for (&x, sum) in rest.iter().zip(sums) {
        *sum = sum.wrapping_add(i32::from(x));
    }
}
