//! How fast a model is with each of the guest's builds, and the most that the browser's SIMD does.

use mote_models::progress::Progress;

use super::loadable;
use crate::benchmark::suite::{self, Measured, Place};
use crate::protocol::{Failure, Kernels};

/// Measures a model file.
pub(super) fn benchmark(
    place: &dyn Place,
    model: &[u8],
    kernels: &[Kernels],
    progress: &dyn Progress,
) -> Result<Measured, Failure> {
    suite::measure(place, &loadable(model)?, kernels, progress)
}
