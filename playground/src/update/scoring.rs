//! The drawing, scored by the model that is ready while it is being drawn.

use mote_models::data::Array;
use mote_models::samples::{Inputs, outputs};

use super::{Effect, post};
use crate::protocol::{Job, Request};
use crate::sketch::{FULL, SIDE};
use crate::state::State;

impl State {
    /// Runs the model on the drawing. While a run is under way the drawing only becomes stale, so that a fast pen
    /// does not fill the worker's queue.
    pub(super) fn score(&mut self) -> Vec<Effect> {
        if self.live.running.is_some() {
            self.live.stale = true;
            return Vec::new();
        }
        let Some(input) = self.sketch_input() else { return Vec::new() };
        let job = self.next_job();
        self.live.running = Some(job);
        self.live.stale = false;
        vec![post(Request::Run { job }, vec![input.into()])]
    }

    /// The drawing as the model's input; none while nothing is drawn or the model takes something else.
    pub(super) fn sketch_input(&self) -> Option<Vec<u8>> {
        if self.sketch.is_empty() || !self.takes_digits() {
            return None;
        }
        let counts = self.sketch.counts().map(|count| f32::from(count) / f32::from(FULL));
        let picture = Array::new([1, SIDE, SIDE], counts.to_vec()).ok()?;
        Inputs::new(&self.description()?.inputs, vec![picture]).ok()?.bytes(0, 0).ok()
    }

    /// Whether the model takes a picture of 8x8 numbers and nothing else.
    #[must_use]
    pub fn takes_digits(&self) -> bool {
        self.description().is_some_and(|d| matches!(d.inputs.as_slice(), [input] if input.elements() == SIDE * SIDE))
    }

    pub(super) fn scored(&mut self, job: Job, buffers: &[Vec<u8>]) -> Vec<Effect> {
        if self.live.running != Some(job) {
            return Vec::new();
        }
        self.live.running = None;
        let output = self.description().and_then(|description| description.outputs.first());
        let scores = output.zip(buffers.first()).and_then(|(output, bytes)| outputs::dequantize(0, output, bytes).ok());
        self.live.scores = scores.unwrap_or_default();
        self.live.failure = None;
        if self.live.stale { self.score() } else { Vec::new() }
    }
}
