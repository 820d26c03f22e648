//! An archive of samples, read once for all that a task wants of it.

use mote_models::data::Array;
use mote_models::data::npz::{self, Npz};
use mote_models::judge::TestSet;
use mote_models::run::Run;
use mote_models::samples::{Inputs, Targeted, Targets, arrays_of_archive};

use super::data;
use crate::protocol::Failure;

/// The array that holds labels.
const LABELS: &str = "y";

/// An archive of samples.
pub(super) struct Samples(Npz);

impl Samples {
    /// Reads an `.npz`.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Failure> {
        npz::read(bytes).map(Self).map_err(|error| data(&error))
    }

    /// The samples with their labels; none where there are no labels.
    pub(super) fn labelled(&self) -> Result<Option<TestSet>, Failure> {
        if self.0.get(LABELS).is_none() {
            return Ok(None);
        }
        let set = Targeted::from_archive(self.0.clone()).and_then(|set| set.classes(&[])).and_then(TestSet::try_from);
        set.map(Some).map_err(|error| data(&error))
    }

    /// The class of each sample; none where there are no labels.
    pub(super) fn classes(&self) -> Result<Option<Vec<usize>>, Failure> {
        let Some(labels) = self.0.get(LABELS) else { return Ok(None) };
        let (classes, _) = Targets::Numbers(labels.clone()).classes(&[]).map_err(|error| data(&error))?;
        Ok(Some(classes))
    }

    /// One array for each input of a model.
    pub(super) fn arrays(self, run: &dyn Run) -> Result<Vec<Array>, Failure> {
        arrays_of_archive(&run.description().inputs, self.0).map_err(|error| data(&error))
    }

    /// The samples as a model takes them.
    pub(super) fn inputs(self, run: &dyn Run) -> Result<Inputs, Failure> {
        Inputs::new(&run.description().inputs, self.arrays(run)?).map_err(|error| data(&error))
    }
}
