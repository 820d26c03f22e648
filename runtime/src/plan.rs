//! Where each buffer lies in the arena.
//!
//! A buffer is live from the step that writes it to the last step that reads it; two buffers that are live together must
//! not overlap. Placing them in the least memory is bin packing (NP-hard), but graphs of this kind have few large buffers: three
//! greedy orders are tried, and the best kept. The lower bound, the largest sum of live buffers, says how good it is.

use alloc::vec::Vec;

use crate::bytes::align_up;

/// A buffer to be placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buffer {
    /// Bytes.
    pub bytes: usize,
    /// First moment at which it is live.
    pub first: usize,
    /// Last moment at which it is live.
    pub last: usize,
}

/// A plan for some buffers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Offset of each buffer, in the order in which they were given; multiples of [`ALIGN`](crate::bytes::ALIGN).
    pub offsets: Vec<usize>,
    /// Bytes of the arena.
    pub bytes: usize,
    /// Largest sum of (aligned) bytes that are live at one moment.
    pub lower_bound: usize,
}

/// Places buffers; none when sizes overflow.
#[must_use]
pub fn plan(buffers: &[Buffer]) -> Option<Plan> {
    let sizes: Vec<usize> = buffers.iter().map(|b| align_up(b.bytes)).collect::<Option<_>>()?;
    sizes.iter().try_fold(0usize, |sum, &s| sum.checked_add(s))?;
    let lower_bound = lower_bound(buffers, &sizes);
    let down = |n: usize| usize::MAX - n;
    let keys: [fn(&Buffer, usize) -> [usize; 2]; 3] = [
        |b, larger_first| [larger_first, usize::MAX - (b.last - b.first)],
        |b, larger_first| [b.first, larger_first],
        |b, larger_first| [usize::MAX - (b.last - b.first), larger_first],
    ];
    let mut best: Option<Plan> = None;
    for key in keys {
        let sorted = sorted(buffers.iter().zip(&sizes).map(|(b, &s)| key(b, down(s))));
        let plan = place(buffers, &sizes, &sorted, lower_bound);
        if best.as_ref().is_none_or(|b| plan.bytes < b.bytes) {
            best = Some(plan);
        }
        if best.as_ref().is_some_and(|b| b.bytes == lower_bound) {
            break;
        }
    }
    best
}

/// Keys in order, each with its index behind it.
fn sorted(keys: impl Iterator<Item = [usize; 2]>) -> Vec<[usize; 3]> {
    let mut keys: Vec<[usize; 3]> = keys.enumerate().map(|(k, [a, b])| [a, b, k]).collect();
    keys.sort_unstable();
    keys
}

/// The largest sum of live bytes. It can only rise when a buffer begins.
fn lower_bound(buffers: &[Buffer], sizes: &[usize]) -> usize {
    // Sorted sweeps over begins and ends: n log n, also for 10,000 operators.
    let begins = sorted(buffers.iter().zip(sizes).map(|(b, &s)| [b.first, s]));
    let ends = sorted(buffers.iter().zip(sizes).map(|(b, &s)| [b.last, s]));
    let (mut live, mut most, mut ended) = (0, 0, 0);
    for [first, size, _] in begins {
        while ended < ends.len() && ends[ended][0] < first {
            live -= ends[ended][1];
            ended += 1;
        }
        live += size;
        most = most.max(live);
    }
    most
}

/// First fit in the given order: each buffer goes to the lowest gap between those already placed that live with it.
fn place(buffers: &[Buffer], sizes: &[usize], order: &[[usize; 3]], lower_bound: usize) -> Plan {
    let mut offsets = alloc::vec![0; buffers.len()];
    // Placed buffers by offset.
    let mut placed: Vec<usize> = Vec::with_capacity(buffers.len());
    let mut bytes = 0;
    for &[_, _, k] in order {
        let mut at = 0;
        for &other in &placed {
            let together = buffers[other].first <= buffers[k].last && buffers[k].first <= buffers[other].last;
            if !together {
                continue;
            }
            if offsets[other] >= at + sizes[k] {
                break;
            }
            at = at.max(offsets[other] + sizes[other]);
        }
        offsets[k] = at;
        bytes = bytes.max(at + sizes[k]);
        let slot = placed.partition_point(|&p| offsets[p] <= at);
        placed.insert(slot, k);
    }
    Plan { offsets, bytes, lower_bound }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffers(list: &[(usize, usize, usize)]) -> Vec<Buffer> {
        list.iter().map(|&(bytes, first, last)| Buffer { bytes, first, last }).collect()
    }

    fn assert_sound(list: &[Buffer], plan: &Plan) {
        for (a, x) in list.iter().enumerate() {
            assert_eq!(plan.offsets[a] % crate::bytes::ALIGN, 0);
            assert!(plan.offsets[a] + x.bytes <= plan.bytes);
            for (b, y) in list.iter().enumerate().skip(a + 1) {
                let together = x.first <= y.last && y.first <= x.last;
                let apart =
                    plan.offsets[a] + x.bytes <= plan.offsets[b] || plan.offsets[b] + y.bytes <= plan.offsets[a];
                assert!(!together || apart, "{a} and {b} overlap: {x:?} {y:?}");
            }
        }
    }

    #[test]
    fn a_chain_takes_its_two_largest_neighbours() {
        let list = buffers(&[(64, 0, 1), (256, 1, 2), (128, 2, 3), (16, 3, 4)]);
        let plan = plan(&list).unwrap();
        assert_sound(&list, &plan);
        assert_eq!((plan.bytes, plan.lower_bound), (384, 384));
    }

    #[test]
    fn a_residual_stays_while_its_branch_runs() {
        let list = buffers(&[(100, 0, 3), (100, 1, 2), (100, 2, 3), (100, 3, 4)]);
        let plan = plan(&list).unwrap();
        assert_sound(&list, &plan);
        assert_eq!(plan.bytes, plan.lower_bound);
    }

    #[test]
    fn seeded_graphs_are_sound_and_near_the_bound() {
        let mut seed = 1u64;
        let mut next = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((seed >> 33) % below) as usize
        };
        for _ in 0..200 {
            let list: Vec<Buffer> = (0..30)
                .map(|_| {
                    let first = next(40);
                    Buffer { bytes: next(4000), first, last: first + next(6) }
                })
                .collect();
            let plan = plan(&list).unwrap();
            assert_sound(&list, &plan);
            assert!(plan.bytes >= plan.lower_bound);
            assert!(plan.bytes <= plan.lower_bound * 3 / 2, "{} over {}", plan.bytes, plan.lower_bound);
        }
    }

    #[test]
    fn nothing_takes_nothing_and_overflow_is_refused() {
        assert_eq!(plan(&[]).unwrap().bytes, 0);
        assert!(plan(&buffers(&[(usize::MAX, 0, 0)])).is_none());
        assert!(plan(&buffers(&[(usize::MAX / 2, 0, 0), (usize::MAX / 2 + 64, 1, 1)])).is_none());
    }
}
