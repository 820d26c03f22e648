//! What single layers do otherwise than all others.

use std::collections::{BTreeMap, BTreeSet};

use mote_models::prune::{channels, weights};
use mote_models::quantize;
use serde::{Deserialize, Serialize};

use super::Choices;

/// What one layer does otherwise than all others: all that recipes allow. The default is nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LayerChoice {
    /// Whether it stays float32.
    pub keep_float: bool,
    /// How it is quantized.
    pub quantize: quantize::Layer,
    /// How its weights are pruned.
    pub weights: weights::LayerOptions,
    /// How its channels are pruned.
    pub channels: channels::LayerOptions,
}

impl LayerChoice {
    /// Whether the layer does as all others.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl Choices {
    /// What a layer, by its node's name, does otherwise.
    #[must_use]
    pub fn layer(&self, name: &str) -> LayerChoice {
        LayerChoice {
            keep_float: self.quantize.options.keep_float.contains(name),
            quantize: self.quantize.options.layers.get(name).cloned().unwrap_or_default(),
            weights: self.weights.options.layers.get(name).copied().unwrap_or_default(),
            channels: self.channels.options.layers.get(name).copied().unwrap_or_default(),
        }
    }

    /// Chooses what a layer does otherwise.
    pub fn set_layer(&mut self, name: &str, choice: LayerChoice) {
        let LayerChoice { keep_float, quantize, weights, channels } = choice;
        match keep_float {
            true => self.quantize.options.keep_float.insert(name.to_owned()),
            false => self.quantize.options.keep_float.remove(name),
        };
        set(&mut self.quantize.options.layers, name, quantize);
        set(&mut self.weights.options.layers, name, weights);
        set(&mut self.channels.options.layers, name, channels);
    }

    /// The names of layers that do something otherwise.
    #[must_use]
    pub fn unusual_layers(&self) -> BTreeSet<String> {
        let quantize = &self.quantize.options;
        let names = quantize.keep_float.iter().chain(quantize.layers.keys());
        names.chain(self.weights.options.layers.keys()).chain(self.channels.options.layers.keys()).cloned().collect()
    }
}

/// A layer that does as all others has no entry, so that recipes that mean the same are the same.
fn set<T: Default + PartialEq>(layers: &mut BTreeMap<String, T>, name: &str, options: T) {
    match options == T::default() {
        true => layers.remove(name),
        false => layers.insert(name.to_owned(), options),
    };
}

#[cfg(test)]
mod tests {
    use mote_models::quantize::Calibration;

    use super::super::Split;
    use super::*;

    #[test]
    fn a_layers_choice_goes_into_the_recipe_and_out_of_it_again() {
        let mut choices = Choices::default();
        let usual = choices.clone();
        let mut choice = LayerChoice { keep_float: true, ..LayerChoice::default() };
        choice.quantize.calibration = Some(Calibration::Mse);
        choice.weights.sparsity = Some(0.9);
        choice.channels.keep = true;
        choices.set_layer("conv", choice.clone());
        assert_eq!(choices.layer("conv"), choice);
        assert_eq!(choices.layer("dense"), LayerChoice::default());
        assert_eq!(choices.unusual_layers(), BTreeSet::from(["conv".to_owned()]));

        let quantize = choices.recipe(&Split::of(450)).unwrap().quantize.unwrap();
        assert!(quantize.keep_float.contains("conv"));
        assert_eq!(quantize.calibration_of("conv"), Calibration::Mse);
        assert_eq!(choices.name(&Split::of(450)), "int8, 1 layer float, 1 layer otherwise");

        choices.set_layer("conv", LayerChoice::default());
        assert_eq!(choices, usual, "no trace is left");
    }
}
