//! Which channels of a network stand and fall together.
//!
//! Every place along the channel axis of every value is a [`Channel`], and what must shrink together is united: both operands of
//! a sum, a channel and the elements that flattening makes of it, a filter and its bias, a channel and its part of the next
//! layer's weights. The walk goes node by node, in order; `rules.rs` says what each operator does to channels. What cannot
//! shrink is *fixed*, with the reason: a channel of the graph's output, say, and all that is united with it.

use std::collections::BTreeMap;

use crate::graph::{Graph, ValueId};

/// A channel, by its place in [`Channels`].
pub(super) type Channel = usize;

/// The channels along one axis of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Along {
    /// The axis.
    pub(super) axis: usize,
    /// One channel for each place of the axis.
    pub(super) channels: Vec<Channel>,
}

/// All channels of a graph, united as its nodes demand.
#[derive(Debug, Clone)]
pub(super) struct Channels {
    parents: Vec<Channel>,
    /// Why a channel cannot go, at the root of what it is united with.
    fixed: Vec<Option<String>>,
    /// For each value the axes along which it shrinks: one for what is computed, up to two for weights.
    pub(super) axes: Vec<Vec<Along>>,
    /// Why a value cannot shrink.
    rigid: Vec<Option<String>>,
    /// Layers that make new channels, by node, and the channels they make.
    pub(super) made: BTreeMap<usize, Vec<Channel>>,
}

/// Layers whose channels are united with one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// Nodes, in order.
    pub(super) layers: Vec<usize>,
    /// What can go: the roots of their channels, in order.
    pub(super) channels: Vec<Channel>,
}

impl Channels {
    pub(super) fn of(graph: &Graph) -> Self {
        let values = graph.values.len();
        let mut channels = Self {
            parents: Vec::new(),
            fixed: Vec::new(),
            axes: vec![Vec::new(); values],
            rigid: vec![None; values],
            made: BTreeMap::new(),
        };
        for &output in &graph.outputs {
            channels.rigid[output.index()] = Some("it makes an output of the graph".into());
        }
        for n in 0..graph.nodes.len() {
            channels.visit(graph, n);
        }
        channels
    }

    /// What a channel is united with, as one of it.
    pub(super) fn root(&self, mut channel: Channel) -> Channel {
        while self.parents[channel] != channel {
            channel = self.parents[channel];
        }
        channel
    }

    /// Why a channel cannot go; none if it can.
    pub(super) fn fixed(&self, channel: Channel) -> Option<&str> {
        self.fixed[self.root(channel)].as_deref()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.parents.len()
    }

    /// New channels.
    pub(super) fn fresh(&mut self, count: usize) -> Vec<Channel> {
        let from = self.parents.len();
        self.parents.extend(from..from + count);
        self.fixed.resize(from + count, None);
        (from..from + count).collect()
    }

    /// New channels that cannot go.
    pub(super) fn fresh_fixed(&mut self, count: usize, why: &str) -> Vec<Channel> {
        let channels = self.fresh(count);
        self.fix(&channels, why);
        channels
    }

    pub(super) fn fix(&mut self, channels: &[Channel], why: &str) {
        for &channel in channels {
            let root = self.root(channel);
            self.fixed[root].get_or_insert_with(|| why.to_owned());
        }
    }

    /// Unites channels pair by pair.
    pub(super) fn unite(&mut self, a: &[Channel], b: &[Channel]) {
        for (&a, &b) in a.iter().zip(b) {
            let (a, b) = (self.root(a), self.root(b));
            // The earlier one stays, so that the order of channels is that of the layers.
            let (first, second) = (a.min(b), a.max(b));
            self.parents[second] = first;
            if let Some(why) = self.fixed[second].take() {
                self.fixed[first].get_or_insert(why);
            }
        }
    }

    /// The channels of a computed value, if it has any that may go.
    pub(super) fn along(&self, id: ValueId) -> Option<Along> {
        self.axes[id.index()].first().cloned()
    }

    /// Lets a value shrink along an axis with these channels.
    pub(super) fn bind(&mut self, graph: &Graph, id: ValueId, along: Along) {
        let value = graph.value(id);
        let k = id.index();
        // A value that is newer than the walk.
        if k >= self.axes.len() {
            self.axes.resize(k + 1, Vec::new());
            self.rigid.resize(k + 1, None);
        }
        let fits = value.shape.get(along.axis) == Some(&along.channels.len());
        // What is cut is weights of float32, and what is computed from them.
        let can_be_cut = value.constant.is_none() || value.as_f32().is_some();
        let bound = self.axes[k].iter().position(|other| other.axis == along.axis);
        let is_second = value.constant.is_none() && bound.is_none() && !self.axes[k].is_empty();
        if !fits || !can_be_cut || is_second {
            self.fix(&along.channels, "its shape does not follow from the channels of one layer");
            self.hold(id, "its shape does not follow from the channels of one layer");
            return;
        }
        if let Some(why) = self.rigid[k].clone() {
            self.fix(&along.channels, &why);
        }
        match bound {
            Some(bound) => {
                let channels = self.axes[k][bound].channels.clone();
                self.unite(&channels, &along.channels);
            }
            None => self.axes[k].push(along),
        }
    }

    /// Fixes a value as it is.
    pub(super) fn hold(&mut self, id: ValueId, why: &str) {
        let k = id.index();
        self.rigid[k].get_or_insert_with(|| why.to_owned());
        for along in self.axes[k].clone() {
            self.fix(&along.channels, why);
        }
    }

    /// Groups of layers that shrink together, by their first layer. Layers all of whose channels are fixed are in none.
    pub(super) fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for (&layer, made) in &self.made {
            let mut channels: Vec<Channel> =
                made.iter().filter(|&&c| self.fixed(c).is_none()).map(|&c| self.root(c)).collect();
            channels.sort_unstable();
            channels.dedup();
            if channels.is_empty() {
                continue;
            }
            let mut group = Group { layers: vec![layer], channels };
            // All earlier groups that share a channel become one with it.
            let (joined, others): (Vec<Group>, Vec<Group>) =
                groups.into_iter().partition(|other| other.channels.iter().any(|c| group.channels.contains(c)));
            groups = others;
            for other in joined {
                group.layers.extend(other.layers);
                group.channels.extend(other.channels);
            }
            group.layers.sort_unstable();
            group.channels.sort_unstable();
            group.channels.dedup();
            groups.push(group);
        }
        groups.sort_by(|a, b| a.layers.cmp(&b.layers));
        groups
    }
}
