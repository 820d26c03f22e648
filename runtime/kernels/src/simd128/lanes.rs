//! Vectors from and to arrays, and arrays from slices. The lengths of arrays are in their types, so that every load and store is in
//! bounds by construction; that arrays one every so many elements lie in their slice is checked once, not for each of them.

#![allow(unsafe_code, reason = "vector loads and stores take pointers")]

use core::marker::PhantomData;

use core::arch::wasm32::{
    i16x8_load_extend_i8x8, i16x8_shuffle, u32x4_splat, v128, v128_load, v128_load32_splat, v128_load64_zero,
    v128_store, v128_store64_lane, v128_xor,
};

/// An array of 16 bytes.
///
/// # Safety
/// The type is 16 bytes, all of them initialised, and any bytes are a value of it.
pub(super) unsafe trait Bytes16 {}

// SAFETY: 16 bytes of integers or floats without padding.
unsafe impl Bytes16 for [i8; 16] {}
// SAFETY: as above.
unsafe impl Bytes16 for [i16; 8] {}
// SAFETY: as above.
unsafe impl Bytes16 for [i32; 4] {}
// SAFETY: as above.
unsafe impl Bytes16 for [f32; 4] {}

/// All 16 bytes.
#[inline(always)]
pub(super) fn load<T: Bytes16>(from: &T) -> v128 {
    // SAFETY: `from` is 16 readable bytes; `v128_load` needs no alignment.
    unsafe { v128_load(core::ptr::from_ref(from).cast()) }
}

/// All 16 bytes.
#[inline(always)]
pub(super) fn store<T: Bytes16>(v: v128, to: &mut T) {
    // SAFETY: `to` is 16 writable bytes of which any are a value; `v128_store` needs no alignment.
    unsafe { v128_store(core::ptr::from_mut(to).cast(), v) }
}

/// Copies as many floats as both have, a few. Of a plain loop LLVM makes `memory.copy`, for which engines leave the module: 100 cycles.
#[inline]
pub(super) fn copy_few(from: &[f32], to: &mut [f32]) {
    // SAFETY: a reference can be read. So LLVM does not know that this is zero, and the loop a copy.
    let zero = unsafe { core::ptr::read_volatile(&0u32) };
    let zeros = u32x4_splat(zero);
    let count = from.len().min(to.len());
    let (from, from_rest) = from[..count].as_chunks::<4>();
    let (to, to_rest) = to[..count].as_chunks_mut::<4>();
    from.iter().zip(to).for_each(|(from, to)| store(v128_xor(load(from), zeros), to));
    from_rest.iter().zip(to_rest).for_each(|(from, to)| *to = f32::from_bits(from.to_bits() ^ zero));
}

/// Eight bytes, each widened to 16 bits with its sign.
#[inline(always)]
pub(super) fn load_widened(from: &[i8; 8]) -> v128 {
    // SAFETY: `from` is 8 readable bytes; the load needs no alignment.
    unsafe { i16x8_load_extend_i8x8(core::ptr::from_ref(from).cast()) }
}

/// Four numbers in the low half, zeros in the high one.
#[inline(always)]
pub(super) fn load_half(from: &[i16; 4]) -> v128 {
    // SAFETY: `from` is 8 readable bytes; the load needs no alignment.
    unsafe { v128_load64_zero(core::ptr::from_ref(from).cast()) }
}

/// Two numbers, four times.
#[inline(always)]
pub(super) fn load_splat(from: &[i16; 2]) -> v128 {
    // SAFETY: `from` is 4 readable bytes; the load needs no alignment.
    unsafe { v128_load32_splat(core::ptr::from_ref(from).cast()) }
}

/// Four bytes, four times.
#[inline(always)]
#[cfg(target_feature = "relaxed-simd")]
pub(super) fn load_quad(from: &[i8; 4]) -> v128 {
    // SAFETY: `from` is 4 readable bytes; the load needs no alignment.
    unsafe { v128_load32_splat(core::ptr::from_ref(from).cast()) }
}

/// The 16-bit elements of both in turns.
#[inline(always)]
pub(super) fn interleaved(a: v128, b: v128) -> [v128; 2] {
    [i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(a, b), i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(a, b)]
}

/// Two numbers in the low half, zeros in the high one.
#[inline(always)]
pub(super) fn load_pair(from: &[f32; 2]) -> v128 {
    // SAFETY: `from` is 8 readable bytes; the load needs no alignment.
    unsafe { v128_load64_zero(core::ptr::from_ref(from).cast()) }
}

/// Eight bytes in the low half, zeros in the high one.
#[inline(always)]
pub(super) fn load_low(from: &[i8; 8]) -> v128 {
    // SAFETY: `from` is 8 readable bytes; the load needs no alignment.
    unsafe { v128_load64_zero(core::ptr::from_ref(from).cast()) }
}

/// The low 8 bytes.
#[inline(always)]
pub(super) fn store_low(v: v128, to: &mut [i8; 8]) {
    // SAFETY: `to` is 8 writable bytes; the store needs no alignment.
    unsafe { v128_store64_lane::<0>(v, core::ptr::from_mut(to).cast()) }
}

/// The low bytes, as many as `to` has: at most 8.
#[inline(always)]
pub(super) fn store_some(v: v128, to: &mut [i8]) {
    match to.first_chunk_mut::<8>() {
        Some(to) => store_low(v, to),
        None => {
            let mut all = [0; 8];
            store_low(v, &mut all);
            to.copy_from_slice(&all[..to.len()]);
        }
    }
}

/// `N` bytes, or as many as there are with zeros after them.
#[inline(always)]
pub(super) fn up_to<const N: usize>(from: &[i8]) -> [i8; N] {
    from.first_chunk().copied().unwrap_or_else(|| {
        let mut all = [0; N];
        all[..from.len()].copy_from_slice(from);
        all
    })
}

/// Arrays from a slice, one every `step` elements; they may overlap.
pub(super) struct Every<'a, T, const N: usize> {
    first: *const T,
    at: usize,
    step: usize,
    left: usize,
    of: PhantomData<&'a [T]>,
}

/// Arrays of a slice, one every `step` elements.
pub(super) struct EveryMut<'a, T, const N: usize> {
    first: *mut T,
    at: usize,
    step: usize,
    left: usize,
    of: PhantomData<&'a mut [T]>,
}

/// How many arrays of `n` elements, one every `step`, lie in a slice of `len`.
pub(super) fn fitting(len: usize, n: usize, step: usize) -> usize {
    len.checked_sub(n).map_or(0, |room| room.checked_div(step).map_or(usize::MAX, |more| more + 1))
}

/// Whether `count` arrays of `n` elements, one every `step`, lie in a slice of `len`.
#[inline(always)]
fn fit(len: usize, n: u64, step: usize, count: usize) -> bool {
    // Of 32-bit numbers, in 64 bits.
    count == 0 || (count as u64 - 1) * step as u64 + n <= len as u64
}

/// `count` arrays, the first at the beginning. That they lie in `of` is checked once, here.
#[inline(always)]
pub(super) fn every<T, const N: usize>(of: &[T], step: usize, count: usize) -> Every<'_, T, N> {
    assert!(fit(of.len(), N as u64, step, count), "arrays beyond a slice");
    Every { first: of.as_ptr(), at: 0, step, left: count, of: PhantomData }
}

/// As [`every`], and they do not overlap.
#[inline(always)]
pub(super) fn every_mut<T, const N: usize>(of: &mut [T], step: usize, count: usize) -> EveryMut<'_, T, N> {
    assert!(fit(of.len(), N as u64, step, count) && step >= N, "arrays beyond a slice, or over one another");
    EveryMut { first: of.as_mut_ptr(), at: 0, step, left: count, of: PhantomData }
}

impl<'a, T, const N: usize> Iterator for Every<'a, T, N> {
    type Item = &'a [T; N];

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        // SAFETY: `every` checked that this array, one of the first `count`, lies in the slice, which is borrowed for 'a.
        let item = unsafe { &*self.first.add(self.at).cast() };
        self.at = self.at.wrapping_add(self.step);
        Some(item)
    }
}

impl<'a, T, const N: usize> Iterator for EveryMut<'a, T, N> {
    type Item = &'a mut [T; N];

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        // SAFETY: `every_mut` checked that this array, one of the first `count`, lies in the slice, which is borrowed for 'a, and
        // overlaps none of the others, each of which is given out once.
        let item = unsafe { &mut *self.first.add(self.at).cast() };
        self.at = self.at.wrapping_add(self.step);
        Some(item)
    }
}

/// Calls `f` with `count` arrays of `from`, one every `from_step` elements, and as many of `to`, one every `to_step`, until it
/// says no; returns how often it said yes. That they lie in the slices is checked once, here.
#[inline(always)]
pub(super) fn each_pair<A, B, const N: usize, const M: usize>(
    (from, from_step): (&[A], usize),
    (to, to_step): (&mut [B], usize),
    count: usize,
    mut f: impl FnMut(&[A; N], &mut [B; M]) -> bool,
) -> usize {
    let fits = fit(from.len(), N as u64, from_step, count) && fit(to.len(), M as u64, to_step, count);
    assert!(fits, "arrays beyond a slice");
    let (mut from, mut to) = (from.as_ptr(), to.as_mut_ptr());
    for done in 0..count {
        // SAFETY: the pointers have gone `done` steps, and `fit` says that arrays behind up to `count - 1` steps lie in their
        // slices, which are borrowed for this call; the references live no longer than one turn.
        let go_on = unsafe { f(&*from.cast(), &mut *to.cast()) };
        if !go_on {
            return done;
        }
        (from, to) = (from.wrapping_add(from_step), to.wrapping_add(to_step));
    }
    count
}

/// Arrays in a slice: `rows` of so many columns, `step` elements from one to the next.
#[derive(Clone, Copy)]
pub(super) struct Steps {
    /// From one row to the next.
    pub(super) row: usize,
    /// From one column to the next.
    pub(super) column: usize,
}

impl Steps {
    /// Whether groups of `n` elements, for so many rows and columns, lie in a slice of `len`.
    #[inline(always)]
    fn fit(self, len: usize, n: u64, [rows, columns]: [usize; 2]) -> bool {
        // Of 32-bit numbers, and the sum of two products in 64 bits fits as long as slices do.
        let last = |count: usize, step: usize| (count as u64).saturating_sub(1) * step as u64;
        rows == 0 || columns == 0 || last(rows, self.row).saturating_add(last(columns, self.column) + n) <= len as u64
    }
}

/// Calls `f` for each of `[rows, columns]` with an array of each slice of `from` and `T` arrays of `to`, `gap` elements apart, until
/// it says no; returns how often it said yes. That all lie in their slices is checked once, here.
#[inline(always)]
pub(super) fn each<A, B, const F: usize, const N: usize, const T: usize, const M: usize>(
    (from, from_steps): ([&[A]; F], Steps),
    (to, gap, to_steps): (&mut [B], usize, Steps),
    counts: [usize; 2],
    mut f: impl FnMut([&[A; N]; F], [&mut [B; M]; T]) -> bool,
) -> usize {
    let group = (T as u64 - 1) * gap as u64 + M as u64;
    let fits = from.iter().all(|from| from_steps.fit(from.len(), N as u64, counts))
        && to_steps.fit(to.len(), group, counts)
        && (T == 1 || gap >= M);
    assert!(fits, "arrays beyond a slice");
    let (from, to) = (from.map(<[A]>::as_ptr), to.as_mut_ptr());
    let [rows, columns] = counts;
    let (mut from_row, mut to_row) = (0usize, 0usize);
    for row in 0..rows {
        let (mut at, mut to_at) = (from_row, to_row);
        for column in 0..columns {
            // SAFETY: `fit` says that the arrays and groups of every row and column lie in their slices, which are borrowed for this
            // call; the arrays of a group are apart, and no reference outlives its turn.
            let go_on = unsafe {
                let from = from.map(|from| &*from.wrapping_add(at).cast());
                f(from, core::array::from_fn(|t| &mut *to.wrapping_add(t * gap).wrapping_add(to_at).cast()))
            };
            if !go_on {
                return row * columns + column;
            }
            at = at.wrapping_add(from_steps.column);
            to_at = to_at.wrapping_add(to_steps.column);
        }
        from_row = from_row.wrapping_add(from_steps.row);
        to_row = to_row.wrapping_add(to_steps.row);
    }
    rows * columns
}
