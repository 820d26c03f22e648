//! A few samples of many that have groups, of each group its share.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BinaryHeap};

/// The places of at most `most` of the samples of which `groups` tells the group (its class, say), in ascending order.
///
/// Every group gets its share of the samples that are taken, by Webster's method: one after the other goes to the group for which
/// `members / (2 taken + 1)` is largest. A group of two samples or more gets one first, and keeps one for those that are not taken as
/// long as there are others to take; a group of one stays with those that are not taken. Within a group samples are taken from all
/// over it, in the order of van der Corput: the first, then the middle, then the quarters ...
///
/// So a smaller `most` takes some of what a larger one takes, and what is taken depends neither on the groups' numbers nor on any
/// seed.
pub(crate) fn stratified(groups: &[usize], most: usize) -> Vec<usize> {
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (place, &group) in groups.iter().enumerate() {
        members.entry(group).or_default().push(place);
    }
    let mut claims: BinaryHeap<Claim> = members.into_values().map(Claim::of).collect();
    let mut chosen = Vec::new();
    while chosen.len() < most
        && let Some(Claim { members, taken }) = claims.pop()
    {
        chosen.extend(members.get(taken));
        if taken + 1 < members.len() {
            claims.push(Claim { members, taken: taken + 1 });
        }
    }
    chosen.sort_unstable();
    chosen
}

/// A group's claim to the next sample that is taken. It is never empty, and not all of it is taken.
#[derive(Debug, PartialEq, Eq)]
struct Claim {
    /// Places of its samples, in the order in which they are taken.
    members: Vec<usize>,
    /// How many of them are.
    taken: usize,
}

impl Claim {
    /// Of places in ascending order.
    fn of(places: Vec<usize>) -> Self {
        Self { members: scattered(places.len()).into_iter().filter_map(|k| places.get(k).copied()).collect(), taken: 0 }
    }

    /// What comes before all shares: the lowest first.
    fn rank(&self) -> u8 {
        match (self.members.len(), self.taken) {
            (1, _) => 2,
            (_, 0) => 0,
            (count, taken) if taken + 1 < count => 1,
            // The last of a group.
            (_, _) => 3,
        }
    }
}

impl Ord for Claim {
    fn cmp(&self, other: &Self) -> Ordering {
        // Counts of samples are far below the root of what 128 bits hold.
        let share = |this: &Self, other: &Self| this.members.len() as u128 * (2 * other.taken as u128 + 1);
        let by_share = share(self, other).cmp(&share(other, self));
        // Of equals that which begins first: no two groups have a sample in common.
        let begin = |claim: &Self| Reverse(claim.members.first().copied());
        Reverse(self.rank()).cmp(&Reverse(other.rank())).then(by_share).then(begin(self).cmp(&begin(other)))
    }
}

impl PartialOrd for Claim {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// 0 to `count - 1` in the order of van der Corput, `count` times the fractions 0, 1/2, 1/4, 3/4, 1/8 ... rounded down: however many
/// are taken, they lie all over.
fn scattered(count: usize) -> Vec<usize> {
    let bits = count.next_power_of_two().trailing_zeros();
    let mut is_new = vec![true; count];
    let reversed = |k: u64| k.reverse_bits().checked_shr(u64::BITS - bits).unwrap_or(0);
    // What is below a `usize` is one.
    let place = |k: u64| ((reversed(k) * count as u64) >> bits) as usize;
    (0..1 << bits).map(place).filter(|&place| is_new.get_mut(place).is_some_and(std::mem::take)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of each of four groups are among samples.
    fn count(groups: &[usize], chosen: &[usize]) -> [usize; 4] {
        let mut counts = [0; 4];
        chosen.iter().for_each(|&place| counts[groups[place]] += 1);
        counts
    }

    fn groups(sizes: [usize; 4]) -> Vec<usize> {
        sizes.iter().enumerate().flat_map(|(group, &size)| std::iter::repeat_n(group, size)).collect()
    }

    #[test]
    fn each_group_gets_its_share_and_no_group_all_or_nothing() {
        for (name, sizes, most, expected) in [
            ("even", [50, 50, 50, 50], 100, [25, 25, 25, 25]),
            ("by size", [100, 200, 300, 400], 100, [10, 20, 30, 40]),
            ("small ones have one", [2, 2, 2, 994], 10, [1, 1, 1, 7]),
            ("fewer than groups", [5, 9, 7, 8], 2, [0, 1, 0, 1]),
            ("one is left of each", [2, 2, 2, 2], 4, [1, 1, 1, 1]),
            ("a single sample is left", [1, 3, 3, 3], 5, [0, 2, 2, 1]),
            ("until the others are at their last", [1, 2, 2, 2], 4, [1, 1, 1, 1]),
            ("all", [1, 2, 3, 4], 10, [1, 2, 3, 4]),
            ("more than there are", [1, 2, 3, 4], 11, [1, 2, 3, 4]),
            ("none", [1, 2, 3, 4], 0, [0, 0, 0, 0]),
            ("no samples", [0, 0, 0, 0], 4, [0, 0, 0, 0]),
        ] {
            let groups = groups(sizes);
            let chosen = stratified(&groups, most);
            assert!(chosen.windows(2).all(|pair| pair[0] < pair[1]), "{name}: {chosen:?}");
            assert_eq!(count(&groups, &chosen), expected, "{name}");
        }
    }

    #[test]
    fn fewer_are_some_of_the_more_and_numbers_of_groups_do_not_matter() {
        let groups: Vec<usize> = (0..133).map(|k| (k * k) % 7).collect();
        let renamed: Vec<usize> = groups.iter().map(|group| 90 - 3 * group).collect();
        for most in 0..133 {
            let (fewer, more) = (stratified(&groups, most), stratified(&groups, most + 1));
            assert_eq!((fewer.len(), more.len()), (most, most + 1));
            assert!(fewer.iter().all(|place| more.binary_search(place).is_ok()), "{most}");
            assert_eq!(fewer, stratified(&renamed, most), "{most}");
        }
    }

    #[test]
    fn samples_of_a_group_are_from_all_over_it() {
        assert_eq!(scattered(8), [0, 4, 2, 6, 1, 5, 3, 7]);
        assert_eq!(scattered(5), [0, 2, 1, 3, 4]);
        assert_eq!((scattered(1), scattered(0)), (vec![0], vec![]));
        for most in [4, 9, 50] {
            let chosen = stratified(&[0; 640], most);
            let quarters = (0..4).map(|k| chosen.iter().filter(|&&place| place / 160 == k).count());
            let (least, largest) = (quarters.clone().min().unwrap(), quarters.max().unwrap());
            assert!(least > 0 && largest <= least + 1, "{most}: {chosen:?}");
        }
    }
}
