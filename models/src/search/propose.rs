//! What to try next. Every draw has its seed from the search's seed and the trial's number, so that a search that is stored and
//! continued goes on as if it had not been.

use std::collections::BTreeMap;

use fastrand::Rng;

use super::choices::{BITS, Choices, Numbers, SAVINGS, SPARSITIES};
use super::front::{front, violation};
use super::options::Bytes;
use super::state::{Measured, Probe, State};
use crate::random::{below, one_of};

/// Shares of zeros of whole networks that are tried first, in per cent.
const SHARES: [u8; 4] = [30, 50, 70, 80];
/// Bits of weights, with shares of zeros in per cent, that are tried first where the compressed file counts.
const FEWER_BITS: [(u8, u8); 5] = [(6, 0), (5, 0), (4, 0), (6, 50), (5, 30)];
/// Draws before the search takes it that all has been tried.
const DRAWS: usize = 200;

/// The next choices and where they come from; none when nothing is left to try.
pub(super) fn propose(state: &State, original: &Measured) -> Option<(Choices, String)> {
    let tried = |choices: &Choices| state.trials.iter().any(|trial| trial.choices == *choices);
    if let Some(seed) = seeds(&state.probes, state.options.bytes).into_iter().find(|(choices, _)| !tried(choices)) {
        return Some(seed);
    }
    // Two multiplications by odd constants, so that near seeds and near trials have no draws in common.
    let seed = state.options.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ (state.trials.len() as u64).wrapping_mul(0xd1b5_4a32_d192_ed03);
    let mut random = Rng::with_seed(seed);
    (0..DRAWS).find_map(|draw| {
        let (parent, direction) = parent(state, original, &mut random)?;
        let mut choices = state.trials[parent].choices.clone();
        // The more draws were in vain, the farther the next one goes.
        for _ in 0..1 + below(&mut random, 2) + draw / 20 {
            let moves = moves(&choices, direction, &state.probes, state.options.bytes, &mut random);
            choices = one_of(&mut random, moves)?;
        }
        (!tried(&choices)).then(|| (choices, format!("{} than trial {parent}", direction.name())))
    })
}

/// What is tried first: each kind of numbers, fewer bits where the compressed file counts, zeros and channels by sensitivity, the
/// most sensitive layer kept float.
fn seeds(probes: &[Probe], bytes: Bytes) -> Vec<(Choices, String)> {
    let int8 = || Choices::of(Numbers::Int8);
    let mut seeds: Vec<(Choices, String)> =
        [Numbers::PlainInt8, Numbers::Int8, Numbers::Int16x8, Numbers::WeightOnly, Numbers::Float]
            .map(|numbers| (Choices::of(numbers), "kind of numbers".into()))
            .into();
    if bytes == Bytes::Gzip {
        for (bits, share) in FEWER_BITS {
            let sparsity = allocate(probes, share);
            let zeros = if share == 0 { String::new() } else { format!(", {share} % zeros by sensitivity") };
            seeds.push((Choices { bits, sparsity, ..int8() }, format!("{bits}-bit weights{zeros}")));
        }
    }
    for share in SHARES {
        let sparsity = allocate(probes, share);
        seeds.push((Choices { sparsity, ..int8() }, format!("{share} % zeros by sensitivity")));
    }
    for savings in [20, 40] {
        seeds.push((Choices { savings, ..int8() }, format!("{savings} % of MACs by activity")));
    }
    let both = Choices { savings: 30, sparsity: allocate(probes, 50), ..int8() };
    seeds.push((both, "30 % of MACs by activity, 50 % zeros by sensitivity".into()));
    if let Some(worst) = worst_int8(probes, &int8()) {
        let keep_float = [worst.layer.clone()].into();
        seeds.push((Choices { keep_float, ..int8() }, "the most sensitive layer kept float".into()));
    }
    seeds.retain(|(choices, origin)| !choices.sparsity.is_empty() || !origin.contains("zeros"));
    seeds
}

/// Shares of zeros for each layer that make so many per cent of all weights 0: again and again the layer is raised by a step
/// whose zeros cost least noise.
fn allocate(probes: &[Probe], share: u8) -> BTreeMap<String, u8> {
    let mut levels = BTreeMap::new();
    while self::share(&levels, probes) < f64::from(share) {
        let level = |probe: &Probe| levels.get(&probe.layer).copied().unwrap_or(0);
        let raised = probes.iter().filter_map(|probe| Some((probe, step(level(probe), &SPARSITIES, 1)?)));
        let price = |(probe, next): &(&Probe, u8)| price(probe, level(probe), *next);
        let cheapest =
            raised.filter(|(probe, _)| !probe.sparsity.is_empty()).min_by(|a, b| price(a).total_cmp(&price(b)));
        let Some((probe, next)) = cheapest else { break };
        levels.insert(probe.layer.clone(), next);
    }
    levels
}

/// Per cent of the weights of layers that can be pruned which are 0.
fn share(levels: &BTreeMap<String, u8>, probes: &[Probe]) -> f64 {
    let prunable = || probes.iter().filter(|probe| !probe.sparsity.is_empty());
    let level = |probe: &Probe| f64::from(levels.get(&probe.layer).copied().unwrap_or(0));
    let zeros: f64 = prunable().map(|probe| probe.weights as f64 * level(probe)).sum();
    zeros / prunable().map(|probe| probe.weights).sum::<u64>().max(1) as f64
}

/// Noise for each weight that becomes 0 when a layer goes from one share of zeros to a greater one.
fn price(probe: &Probe, from: u8, to: u8) -> f64 {
    let zeros = probe.weights as f64 * f64::from(to.abs_diff(from)) / 100.0;
    (probe.noise(to) - probe.noise(from)) / zeros.max(1.0)
}

/// The neighbour of a level among levels in ascending order.
fn step(level: u8, levels: &[u8], by: isize) -> Option<u8> {
    let place = levels.iter().position(|&l| l >= level)?;
    levels.get(place.checked_add_signed(by)?).copied()
}

/// Where a search goes from a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Smaller,
    Better,
}

impl Direction {
    fn name(self) -> &'static str {
        match self {
            Direction::Smaller => "smaller",
            Direction::Better => "better",
        }
    }
}

/// A trial to go on from, and where to. Of the front those that break the constraints least are drawn most: the first with a
/// chance of one half, the second with a quarter, and so on.
fn parent(state: &State, original: &Measured, random: &mut Rng) -> Option<(usize, Direction)> {
    let measured = |k: usize| state.trials[k].measured.as_ref();
    let broken = |k: usize| measured(k).map_or(f64::INFINITY, |m| violation(m, original, &state.options));
    let mut parents = front(&state.trials, state.options.bytes);
    let constraints = state.options.constraints;
    let sized = constraints.limit_size();
    // What the winner is chosen by decides between those that keep to the constraints.
    let score = |k: usize| measured(k).map_or(f64::NEG_INFINITY, |m| m.score);
    let bytes = |k: usize| measured(k).map_or(u64::MAX, |m| m.bytes(state.options.bytes));
    parents.sort_by(|&a, &b| {
        let better = if sized { score(b).total_cmp(&score(a)) } else { bytes(a).cmp(&bytes(b)) };
        broken(a).total_cmp(&broken(b)).then(better)
    });
    let mut place = 0;
    while place + 1 < parents.len() && random.bool() {
        place += 1;
    }
    let parent = *parents.get(place)?;
    let lost = original.score - score(parent);
    let too_bad = constraints.lost_beyond(lost) > 0.0;
    let over = |found: u64, limit: Option<u64>| limit.is_some_and(|limit| found > limit);
    let arena = measured(parent).map_or(u64::MAX, |m| m.arena_bytes);
    let too_large = over(bytes(parent), constraints.bytes) || over(arena, constraints.ram_bytes);
    let better = match (too_large, too_bad) {
        (true, true) => random.bool(),
        (false, true) => true,
        (true, false) => false,
        // Within the limits, sizes that are limited are spent on what was lost.
        (false, false) => sized && lost > 0.0 && random.u8(..3) > 0,
    };
    let direction = if better { Direction::Better } else { Direction::Smaller };
    Some((parent, direction))
}

/// What can be done to choices in a direction, the most promising layer first and each next one drawn half as often.
fn moves(choices: &Choices, direction: Direction, probes: &[Probe], bytes: Bytes, random: &mut Rng) -> Vec<Choices> {
    let by = match direction {
        Direction::Smaller => 1,
        Direction::Better => -1,
    };
    let mut moves = Vec::new();
    let mut layers: Vec<(&Probe, u8, f64)> = probes
        .iter()
        .filter(|probe| !probe.sparsity.is_empty())
        .filter_map(|probe| {
            let level = choices.sparsity_of(&probe.layer);
            let next = step(level, &SPARSITIES, by)?;
            Some((probe, next, price(probe, level.min(next), level.max(next))))
        })
        .collect();
    // Zeros that cost little are made, those that cost much are taken back.
    layers.sort_by(|a, b| match direction {
        Direction::Smaller => a.2.total_cmp(&b.2),
        Direction::Better => b.2.total_cmp(&a.2),
    });
    let mut place = 0;
    while place + 1 < layers.len() && random.bool() {
        place += 1;
    }
    if let Some(&(probe, next, _)) = layers.get(place) {
        let changed = choices.clone().with_sparsity(&probe.layer, next);
        // Twice, for there are many layers.
        moves.extend([changed.clone(), changed]);
    }
    // The whole network anew, by sensitivity, with a little more or fewer zeros.
    let share = share(&choices.sparsity, probes);
    let change = [5.0, 10.0, 20.0][below(random, 3)] * by as f64;
    let sparsity = allocate(probes, (share + change).clamp(0.0, 90.0) as u8);
    if sparsity != choices.sparsity {
        let anew = Choices { sparsity, ..choices.clone() };
        moves.extend([anew.clone(), anew]);
    }
    if let Some(savings) = step(choices.savings, &SAVINGS, by) {
        moves.push(Choices { savings, ..choices.clone() });
    }
    // A file that is not compressed has a byte for each weight, whatever its bits.
    let has_bits = matches!(choices.numbers, Numbers::Int8 | Numbers::Int16x8 | Numbers::WeightOnly);
    if let Some(bits) = step(choices.bits, &BITS, -by).filter(|_| has_bits && bytes == Bytes::Gzip) {
        let other = Choices { bits, ..choices.clone() };
        moves.extend([other.clone(), other]);
    }
    moves.extend(other_numbers(choices.numbers, direction).map(|numbers| Choices { numbers, ..choices.clone() }));
    match direction {
        Direction::Smaller => moves.extend(choices.keep_float.iter().map(|layer| {
            let mut fewer = choices.clone();
            fewer.keep_float.remove(layer);
            fewer
        })),
        Direction::Better => moves.extend(worst_int8(probes, choices).map(|probe| {
            let mut more = choices.clone();
            more.keep_float.insert(probe.layer.clone());
            more
        })),
    }
    moves
}

/// The numbers next in a direction.
fn other_numbers(numbers: Numbers, direction: Direction) -> Option<Numbers> {
    match (numbers, direction) {
        (Numbers::Float | Numbers::WeightOnly | Numbers::Int16x8, Direction::Smaller)
        | (Numbers::PlainInt8, Direction::Better) => Some(Numbers::Int8),
        (Numbers::Int8, Direction::Better) => Some(Numbers::Int16x8),
        (Numbers::Int16x8, Direction::Better) => Some(Numbers::WeightOnly),
        (Numbers::Int8 | Numbers::PlainInt8, Direction::Smaller)
        | (Numbers::Float | Numbers::WeightOnly, Direction::Better) => None,
    }
}

/// Of the layers that an int8 network does not keep float yet the one whose rounding makes most noise.
fn worst_int8<'p>(probes: &'p [Probe], choices: &Choices) -> Option<&'p Probe> {
    match choices.numbers {
        Numbers::Float | Numbers::WeightOnly | Numbers::Int16x8 => None,
        Numbers::PlainInt8 | Numbers::Int8 => probes
            .iter()
            .filter(|probe| probe.int8.is_some() && !choices.keep_float.contains(&probe.layer))
            .max_by(|a, b| a.int8.unwrap_or(0.0).total_cmp(&b.int8.unwrap_or(0.0))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(layer: &str, weights: u64, at50: f64, at80: f64) -> Probe {
        Probe { layer: layer.into(), weights, sparsity: vec![(50, at50), (80, at80)], int8: Some(at50) }
    }

    #[test]
    fn zeros_go_where_they_cost_least() {
        let probes =
            [probe("small", 100, 0.1, 0.4), probe("large", 1000, 0.001, 0.01), probe("touchy", 1000, 0.5, 2.0)];
        let levels = allocate(&probes, 40);
        assert_eq!(levels.get("large"), Some(&90), "{levels:?}");
        assert!(levels.get("touchy").copied().unwrap_or(0) <= 30, "{levels:?}");
        assert!(allocate(&probes, 99).values().all(|&level| level == 90), "as far as levels go");
        assert!(allocate(&[], 50).is_empty());
    }

    #[test]
    fn noise_is_told_from_what_was_measured() {
        let probe = probe("x", 1, 0.01, 0.08);
        assert!((probe.noise(50) - 0.01).abs() < 1e-9 && (probe.noise(80) - 0.08).abs() < 1e-9);
        assert!((probe.noise(60) - 0.02).abs() < 1e-9 && (probe.noise(90) - 0.16).abs() < 1e-9);
        assert_eq!(probe.noise(0), 0.0);
    }

    #[test]
    fn levels_end_where_they_end() {
        assert_eq!(
            [step(0, &SPARSITIES, 1), step(90, &SPARSITIES, 1), step(0, &SPARSITIES, -1)],
            [Some(30), None, None]
        );
        assert_eq!(step(90, &SPARSITIES, -1), Some(80));
    }

    #[test]
    fn fewer_bits_are_for_compressed_files() {
        let probes = [probe("a", 100, 0.1, 0.4)];
        let few = |bytes| seeds(&probes, bytes).iter().filter(|(choices, _)| choices.bits < 8).count();
        assert_eq!((few(Bytes::Gzip), few(Bytes::File)), (FEWER_BITS.len(), 0));
        for (numbers, changes) in [(Numbers::Int8, true), (Numbers::Float, false), (Numbers::PlainInt8, false)] {
            let moves = moves(&Choices::of(numbers), Direction::Smaller, &probes, Bytes::Gzip, &mut Rng::with_seed(1));
            assert_eq!(moves.iter().any(|choices| choices.bits == 7), changes, "{numbers:?}");
        }
    }

    #[test]
    fn the_direction_decides_what_is_changed() {
        let probes = [probe("a", 100, 0.1, 0.4), probe("b", 100, 0.001, 0.01)];
        let start = Choices::of(Numbers::Int8).with_sparsity("a", 50).with_sparsity("b", 50);
        for seed in 0..20 {
            for smaller in moves(&start, Direction::Smaller, &probes, Bytes::Gzip, &mut Rng::with_seed(seed)) {
                let more = smaller.sparsity.values().map(|&v| u32::from(v)).sum::<u32>() > 100;
                assert!(more || smaller.savings > 0 || smaller.bits == 7, "{smaller}");
            }
            for better in moves(&start, Direction::Better, &probes, Bytes::Gzip, &mut Rng::with_seed(seed)) {
                let fewer = better.sparsity.values().map(|&v| u32::from(v)).sum::<u32>() < 100;
                assert!(fewer || better.numbers == Numbers::Int16x8 || better.keep_float.contains("a"), "{better}");
            }
        }
    }
}
