//! What neurons and channels do on samples, as a table and as a section of a page.

use mote_models::prune::activity::{LayerView, View};

use super::html::Section;
use super::html::plot::bars::Bars;
use super::html::plot::{Axis, Emphasis};
use super::{Align, Table, layer_names, percent, small_percent};

/// Layers of which channels are idle on more than this share of the samples are drawn as worth a look.
const IDLE: f64 = 0.5;

fn names(view: &View) -> Vec<String> {
    layer_names(view.layers.iter().map(|layer| layer.name.as_str()))
}

/// The layers in the order in which they run.
#[must_use]
pub fn table(view: &View) -> Table {
    let mut table = Table::new(&[
        ("Layer", Align::Wrap),
        ("Channels", Align::Right),
        ("Near zero", Align::Right),
        ("Idle", Align::Right),
        ("Saturated", Align::Right),
        ("Silent", Align::Right),
        ("Constant", Align::Right),
    ]);
    let some = |channels: &[usize]| if channels.is_empty() { String::new() } else { channels.len().to_string() };
    for (layer, name) in view.layers.iter().zip(names(view)) {
        let LayerView { name: _, channels, near_zero, idle, saturated, silent, constant } = layer;
        let shares = [near_zero, idle, saturated].map(|share| small_percent(*share));
        table.row([name, channels.to_string()].into_iter().chain(shares).chain([some(silent), some(constant)]));
    }
    table
}

/// What the columns of the table are.
#[must_use]
pub fn legend(view: &View) -> String {
    let View { samples, epsilon, .. } = view;
    format!(
        "Activity on {samples} samples. Near zero: the share of outputs within {epsilon:e} of zero. Idle: the share of samples on \
         which a channel stays there throughout, the mean over the layer's channels. Saturated: the share of outputs at the upper \
         end of the activation, or at the largest number of the layer. Silent channels are idle on all samples, constant ones give \
         one other number: both can go at no cost on these samples."
    )
}

/// A section of a page; none without layers.
#[must_use]
pub fn section(view: &View) -> Option<Section> {
    const SHARE: Axis = Axis { name: "share of samples", show: percent };
    if view.layers.is_empty() {
        return None;
    }
    let mut bars = Bars::new("Samples on which a channel is idle", SHARE);
    for (layer, name) in view.layers.iter().zip(names(view)) {
        bars = bars.bar(name, layer.idle, if layer.idle > IDLE { Emphasis::Good } else { Emphasis::Usual });
    }
    Some(
        Section::new("Activity")
            .text(legend(view))
            .text("Green layers are idle more often than not: prune their channels first.")
            .plot(bars.draw())
            .table("What the channels of each layer do", table(view)),
    )
}
