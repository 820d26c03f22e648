//! What compressing did to a model, layer by layer.

use mote_models::judge::autopsy::Options;
use mote_models::judge::{Autopsy, autopsy as examine};
use mote_models::progress::Progress;
use mote_models::run::Engine;
use mote_models::{import, passes};

use super::judge::within;
use super::of_judge;
use super::samples::Samples;
use crate::protocol::Failure;

/// Examines a variant by those samples whose places are given. Samples that the autopsy names are places among these.
pub(super) fn autopsy(
    engine: &dyn Engine,
    [original, variant]: [&[u8]; 2],
    samples: &[u8],
    places: &[usize],
    options: &Options,
    progress: &dyn Progress,
) -> Result<Autopsy, Failure> {
    let Some(set) = Samples::read(samples)?.labelled()? else {
        return Err(Failure::Data(
            "expected samples with labels, found none: each layer's cost is told by them".into(),
        ));
    };
    let set = set.take(&within(places, set.len())?);
    let original = import::model(original).map_err(Failure::Import)?;
    let original = passes::simplify(original).map_err(|error| Failure::Recipe(error.into()))?;
    let variant = import::model(variant).map_err(Failure::Import)?;
    examine(engine, &original, &variant, &set, options, progress).map_err(of_judge)
}
