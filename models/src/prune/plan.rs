//! Which channels go.

use super::channels::{Options, Target};
use super::groups::{Channel, Channels, Group};
use super::{PruneError, PruneErrorKind};
use crate::cost;
use crate::graph::Graph;
use crate::weighted::weighted;

/// Layers of few channels are cut in finer steps: a step is at most one part in so many of a layer.
const STEPS: usize = 4;

/// What is known when channels are chosen.
pub(super) struct Plan<'g> {
    options: &'g Options,
    scores: &'g [f64],
    counts: Vec<Count>,
    groups: Vec<State>,
    removed: Vec<bool>,
    /// Multiply-accumulates that do not depend on channels.
    others: u64,
}

/// A layer's multiply-accumulates: `each x outputs x inputs` that stay. Channels stand as their roots.
struct Count {
    each: f64,
    outputs: Vec<Channel>,
    inputs: Option<Vec<Channel>>,
}

/// A group on its way.
struct State {
    /// What can go, the least important last.
    left: Vec<Channel>,
    /// The channels of each of its layers, those that cannot go included.
    layers: Vec<Vec<Channel>>,
    /// Channels of its widest layer, or of all layers together where they have different ones.
    width: usize,
    gone: usize,
    own: Own,
}

/// What the options say of a group.
#[derive(Clone, Copy, PartialEq)]
enum Own {
    Target,
    Share(f32),
    Keep,
}

impl<'g> Plan<'g> {
    pub(super) fn new(
        graph: &Graph,
        channels: &Channels,
        groups: &[Group],
        options: &'g Options,
        scores: &'g [f64],
    ) -> Self {
        let mut others = 0;
        let mut counts = Vec::new();
        for (n, node) in graph.nodes.iter().enumerate() {
            let macs = cost::macs(graph, node);
            let count = channels.made.get(&n).zip(weighted(&node.op)).and_then(|(made, places)| {
                let roots = |of: &[Channel]| of.iter().map(|&c| channels.root(c)).collect::<Vec<_>>();
                let weights = node.input(places.weights)?;
                let along = |axis: usize| channels.axes[weights.index()].iter().find(|along| along.axis == axis);
                let inputs = places.in_axis.and_then(along).map(|along| roots(&along.channels));
                let pairs = made.len() * inputs.as_ref().map_or(1, Vec::len);
                Some(Count { each: macs as f64 / pairs.max(1) as f64, outputs: roots(made), inputs })
            });
            match count {
                Some(count) => counts.push(count),
                None => others += macs,
            }
        }
        let states = groups.iter().map(|group| {
            let mut left = group.channels.clone();
            left.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(b.cmp(&a)));
            let layers: Vec<Vec<Channel>> = group.layers.iter().map(|&n| roots_of(channels, n)).collect();
            let width = layers.iter().map(Vec::len).max().unwrap_or(0).max(left.len());
            let names = || group.layers.iter().filter_map(|&n| options.layers.get(&graph.nodes[n].name));
            let own = match (names().any(|own| own.keep), names().find_map(|own| own.share)) {
                (true, _) => Own::Keep,
                (false, Some(share)) => Own::Share(share),
                (false, None) => Own::Target,
            };
            State { left, layers, width, gone: 0, own }
        });
        let groups = states.collect();
        Self { options, scores, counts, groups, removed: vec![false; channels.len()], others }
    }

    /// Whether each channel, at its root, goes.
    pub(super) fn choose(mut self) -> Result<Vec<bool>, PruneError> {
        let before = self.macs();
        for g in 0..self.groups.len() {
            let share = match (self.groups[g].own, self.options.target) {
                (Own::Keep, _) | (Own::Target, Target::Macs(_)) => continue,
                (Own::Share(share), _) | (Own::Target, Target::Channels(share)) => share,
            };
            let width = self.groups[g].width;
            let most = (f64::from(share) * width as f64 + 1e-6) as usize;
            while let Some(next) = self.next(g).filter(|next| self.groups[g].gone + next.len() <= most) {
                self.take(g, &next);
            }
        }
        if let Target::Macs(share) = self.options.target {
            let target = before * (1.0 - f64::from(share));
            while self.macs() > target {
                let Some((g, next)) = self.cheapest() else {
                    return Err(PruneError::new(
                        PruneErrorKind::Option,
                        "target",
                        format!("a share of the multiply-accumulates up to {:.3}", 1.0 - self.macs() / before),
                        share.to_string(),
                        "ask for less, lower minimum or align, or keep fewer layers",
                    ));
                };
                self.take(g, &next);
            }
        }
        Ok(self.removed)
    }

    fn macs(&self) -> f64 {
        let staying = |roots: &[Channel]| roots.iter().filter(|&&root| !self.removed[root]).count();
        let of = |count: &Count| {
            let inputs = count.inputs.as_ref().map_or(1, |inputs| staying(inputs));
            count.each * (staying(&count.outputs) * inputs) as f64
        };
        self.others as f64 + self.counts.iter().map(of).sum::<f64>()
    }

    /// The group whose next step is worth least for what it saves, and that step: the importance of its channels over the share of
    /// multiply-accumulates that go with them.
    fn cheapest(&mut self) -> Option<(usize, Vec<Channel>)> {
        let now = self.macs();
        let mut cheapest: Option<(f64, usize, Vec<Channel>)> = None;
        for g in 0..self.groups.len() {
            let Some(next) = self.next(g).filter(|_| self.groups[g].own == Own::Target) else { continue };
            let worth: f64 = next.iter().map(|&channel| self.scores[channel]).sum();
            next.iter().for_each(|&channel| self.removed[channel] = true);
            let saved = (now - self.macs()) / now;
            next.iter().for_each(|&channel| self.removed[channel] = false);
            let price = worth / saved.max(f64::MIN_POSITIVE);
            if cheapest.as_ref().is_none_or(|&(least, ..)| price < least) {
                cheapest = Some((price, g, next));
            }
        }
        cheapest.map(|(_, g, next)| (g, next))
    }

    /// The channels of a group that go next: down to the next multiple, if the minimum stays in each of its layers.
    fn next(&self, g: usize) -> Option<Vec<Channel>> {
        let State { left, layers, width, gone, .. } = &self.groups[g];
        let mut multiple = self.options.align.max(1);
        while multiple > 1 && multiple * STEPS > *width {
            multiple /= 2;
        }
        let now = width - gone;
        let step = now - now.checked_sub(1)? / multiple * multiple;
        let mut staying: Vec<usize> =
            layers.iter().map(|layer| layer.iter().filter(|&&channel| !self.removed[channel]).count()).collect();
        let mut next = Vec::new();
        for &channel in left.iter().rev() {
            let of: Vec<usize> = (0..layers.len()).filter(|&layer| layers[layer].contains(&channel)).collect();
            if next.len() < step && of.iter().all(|&layer| staying[layer] > self.options.minimum.max(1)) {
                of.iter().for_each(|&layer| staying[layer] -= 1);
                next.push(channel);
            }
        }
        (next.len() == step).then_some(next)
    }

    fn take(&mut self, g: usize, next: &[Channel]) {
        next.iter().for_each(|&channel| self.removed[channel] = true);
        let state = &mut self.groups[g];
        state.left.retain(|channel| !next.contains(channel));
        state.gone += next.len();
    }
}

/// The roots of a layer's channels, each once.
fn roots_of(channels: &Channels, n: usize) -> Vec<Channel> {
    let mut roots: Vec<Channel> =
        channels.made.get(&n).into_iter().flatten().map(|&channel| channels.root(channel)).collect();
    roots.sort_unstable();
    roots.dedup();
    roots
}
