//! What the user does about variants.

use mote_models::recipe::Recipe;

use super::{Choices, Download, Follows, LayerChoice};
use crate::pipeline::Form;

/// What the user does about variants, and what time brings.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Chose how variants are made.
    Chosen(Box<Choices>),
    /// Chose what one layer does otherwise than all others.
    LayerChosen {
        /// The name of its node.
        layer: String,
        /// All that it does otherwise; nothing takes back what was chosen before.
        choice: Box<LayerChoice>,
    },
    /// Wants the controls to say what a recipe says.
    Adopted(Box<Recipe>),
    /// Opened a recipe's file, TOML.
    RecipeOpened(Vec<u8>),
    /// Wants what no control shows to be as usual.
    BeyondDropped,
    /// The controls have been at rest for a moment, since the change of this number.
    Settled(u32),
    /// The work of this number has taken a moment.
    Slow(u32),
    /// Chose whether a draft follows the controls.
    FollowsChosen(Follows),
    /// Keeps what the controls say, once it is made.
    Kept,
    /// Goes back to the controls as they were before.
    Undone,
    /// Takes that back.
    Redone,
    /// Stopped the work.
    Cancelled,
    /// Has no use for a variant, named by its id.
    Dropped(u32),
    /// Wants the variant back that was removed last.
    Restored,
    /// Chose the board that models are to fit, by its id.
    DeviceChosen(Option<String>),
    /// Opened or closed what tells where the energy goes.
    EnergyOpened(bool),
    /// Asked for a file of a variant.
    DownloadAsked {
        /// The variant's id.
        id: u32,
        /// Which file.
        file: Download,
    },
    /// Asked for a report on the original and all variants that were kept.
    ReportAsked(Form),
    /// Wants a text in the clipboard.
    CopyAsked(String),
}
