//! What happens to the network that is shown: the part of [`State::update`] that is about it.

use super::{Network, Shown, Step, of_description, walk};
use crate::pipeline::{Product, Task};
use crate::protocol::Job;
use crate::state::{Model, State};
use crate::workshop::{Outcome, Owner};

/// What happened to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Somebody looks at it: what only the file tells is wanted.
    Wanted,
    /// The user chose a layer.
    Chosen(usize),
    /// The user walked on from the layer that is chosen.
    Walked(Step),
}

impl State {
    /// Takes in what the user does.
    pub(crate) fn network_seen(&mut self, event: Event) {
        match event {
            Event::Wanted => self.want_network(),
            Event::Chosen(layer) => {
                if self.network.network.as_ref().is_some_and(|network| layer < network.layers.len()) {
                    self.network.chosen = layer;
                }
            }
            Event::Walked(step) => {
                if let Shown { network: Some(network), drawing: Some(drawing), chosen, .. } = &mut self.network {
                    *chosen = walk(network, drawing, *chosen, step);
                }
            }
        }
    }

    /// Shows what the guest tells of a model that is ready; of none there is nothing to show.
    pub(crate) fn show_network(&mut self) {
        if let Some(job) = self.network.job {
            self.cancel_work(job);
        }
        self.network = match &self.model {
            Model::Ready { description, .. } => Shown::of(of_description(description)),
            Model::None | Model::Loading { .. } | Model::Refused(_) => Shown::default(),
        };
    }

    /// Has the file looked at, unless that was done.
    fn want_network(&mut self) {
        let known = |network: &Network| network.layers.iter().any(|layer| !layer.weights.is_empty());
        let wanted = self.network.network.as_ref().is_some_and(|network| !known(network)) && !self.network.asked;
        if wanted {
            self.network.asked = true;
            self.network.job = Some(self.enqueue(Owner::Network, Task::Network, vec![self.source_bytes()]));
        }
    }

    /// Takes in what the file tells. A file that runs and cannot be imported stays what the guest tells.
    pub(crate) fn network_made(&mut self, job: Job, outcome: Outcome) {
        if self.network.job != Some(job) {
            return;
        }
        self.network.job = None;
        if let Ok((Product::Network(network), _)) = outcome {
            // The same layers but for what the guest does not run: the one that is chosen is found by what it is.
            let chosen = self.network.layer().map(|layer| (layer.kind, layer.name.clone()));
            let at = |network: &Network| {
                let is = |layer: &super::Layer| Some((layer.kind, layer.name.clone())) == chosen;
                network
                    .layers
                    .get(self.network.chosen)
                    .filter(|layer| is(layer))
                    .map(|_| self.network.chosen)
                    .or_else(|| network.layers.iter().position(is))
            };
            let chosen = at(&network).unwrap_or(0);
            self.network = Shown { chosen, asked: true, ..Shown::of(network) };
        }
    }
}
