//! How well a model does on samples, and how long it takes for one.

use mote_models::import;
use mote_models::judge::{Accuracy, DEVICES, Energy, Fit, Size, evaluate};
use mote_models::progress::Progress;
use mote_models::run::{Engine, Run};
use mote_models::samples::Inputs;
use serde::{Deserialize, Serialize};

use super::samples::Samples;
use super::{data, loadable, of_judge, of_run};
use crate::latency::{Blocks, Latency};
use crate::protocol::Failure;

/// How well a model does and what it takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// How large it is.
    pub size: Size,
    /// An estimate of the energy of one run.
    pub energy: Energy,
    /// Whether it fits each board, in the order of [`DEVICES`].
    pub fits: Vec<Fit>,
    /// How well it does on the samples that it was judged by; none where they have no labels.
    pub accuracy: Option<Accuracy>,
    /// How long one run takes; none when no block of runs was long enough for the clock.
    pub latency: Option<Latency>,
}

/// Judges a model by those samples whose places are given, and times it on them.
pub(super) fn judge(
    engine: &dyn Engine,
    model: &[u8],
    samples: &[u8],
    places: &[usize],
    now: &dyn Fn() -> f64,
    progress: &dyn Progress,
) -> Result<Judged, Failure> {
    let file = loadable(model)?;
    let samples = Samples::read(samples)?;
    let accuracy = match samples.labelled()? {
        None => None,
        Some(set) => {
            let set = set.take(&within(places, set.len())?);
            let found = evaluate(engine, &file, &set, progress).map_err(of_judge)?;
            Some(Accuracy::of(&set, &found.predictions).map_err(of_judge)?)
        }
    };
    let mut run = engine.load(&file).map_err(of_run)?;
    let inputs = samples.inputs(run.as_ref())?;
    let latency = latency(run.as_mut(), &inputs, &within(places, inputs.len())?, now)?;
    let (description, graph) = (run.description(), import::tflite(&file).ok());
    let size = Size::of(&file, description, graph.as_ref());
    let energy = Energy::of(description, graph.as_ref());
    let fits = DEVICES.iter().map(|device| device.fit(&size, description, graph.as_ref())).collect();
    Ok(Judged { size, energy, fits, accuracy, latency })
}

/// Times a model on samples.
pub(super) fn time(
    engine: &dyn Engine,
    model: &[u8],
    samples: &[u8],
    places: &[usize],
    now: &dyn Fn() -> f64,
) -> Result<Option<Latency>, Failure> {
    let mut run = engine.load(&loadable(model)?).map_err(of_run)?;
    let inputs = Samples::read(samples)?.inputs(run.as_ref())?;
    let places = within(places, inputs.len())?;
    latency(run.as_mut(), &inputs, &places, now)
}

/// Times blocks of runs over samples in turn; a run is timed from the input's bytes to the output's. The first block warms the
/// engine up, which compiles what runs often again, and does not count.
fn latency(
    run: &mut dyn Run,
    inputs: &Inputs,
    places: &[usize],
    now: &dyn Fn() -> f64,
) -> Result<Option<Latency>, Failure> {
    let (mut blocks, mut warm) = (Blocks::default(), false);
    while !blocks.suffice() {
        let Some(&sample) = places.get(blocks.count() % places.len().max(1)) else { return Ok(None) };
        let fed = inputs.sample(sample).map_err(|error| data(&error))?;
        let (start, mut runs) = (now(), 0);
        let mut timed = if warm { std::mem::take(&mut blocks) } else { Blocks::default() };
        while !timed.add(runs, now() - start) {
            run.run(&fed).map_err(of_run)?;
            runs += 1;
        }
        if warm {
            blocks = timed;
        }
        warm = true;
    }
    Ok(blocks.latency())
}

/// The places, all of which are below `count`.
pub(super) fn within(places: &[usize], count: usize) -> Result<Vec<usize>, Failure> {
    match places.iter().find(|&&place| place >= count) {
        Some(place) => Err(Failure::Data(format!("expected samples below {count}, found {place}"))),
        None => Ok(places.to_vec()),
    }
}
