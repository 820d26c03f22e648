//! Trying the model by hand: an input from a sensor, a file, a typed row or the drawing, and the answers of the original and a
//! variant to it.
//!
//! ```text
//! sensor, file, row, drawing -> Given, a file in memory -> the task Answer -> Answers, side by side
//! ```
//!
//! Whatever is given becomes a file of the formats that data have, and is prepared as data are ([`mote_models::prepare`]): what
//! is tried is what was judged. While an answer is on its way only the newest of what comes is kept.
//!
//! - [`source`]: the sensors, and which models take what they give.
//! - [`sound`], [`motion`]: from a sensor's readings to a file.

pub mod motion;
pub mod sound;
pub mod source;
mod trouble;

use mote_abi::Description;
use mote_models::data::{Array, FileKind, npy};
use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;
use crate::pipeline::{Answered, Product, Task};
use crate::protocol::{Failure, Job};
use crate::sketch::{FULL, SIDE};
use crate::state::{Model, State};
use crate::update::Effect;
use crate::workshop::{Outcome, Owner};

pub use crate::dataset::File;
pub use source::{Fit, Source};
pub use trouble::Trouble;

/// Trying by hand.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TryIt {
    /// The sensor.
    #[serde(skip)]
    pub device: Device,
    /// The model that makes features of recordings.
    pub front_end: Option<File>,
    /// The variant that answers beside the original, by its id; none for the last one that was made.
    pub variant: Option<u32>,
    /// What was given last.
    #[serde(skip)]
    pub given: Option<File>,
    /// The answers to it.
    #[serde(skip)]
    pub answers: Answers,
    #[serde(skip)]
    running: Option<Job>,
    #[serde(skip)]
    stale: bool,
}

/// The sensor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Device {
    /// None is on.
    #[default]
    Off,
    /// The browser asks for it.
    Asking(Source),
    /// It gives inputs.
    On(Source),
    /// It does not.
    Failed(Source, Trouble),
}

/// What the models said.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Answers {
    /// Nothing yet.
    #[default]
    None,
    /// The original's answer, and the variant's where there is one, with its name.
    Given {
        /// By the models.
        of: Vec<Answered>,
        /// The variant's name.
        variant: Option<String>,
        /// What they are answers to.
        to: String,
    },
    /// There is none, and why.
    Failed(Failure),
}

/// What the user or a sensor does.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The user turns a sensor on.
    DeviceAsked(Source),
    /// It is on.
    DeviceStarted(Source),
    /// It cannot be had, or has gone.
    DeviceFailed(Source, Trouble),
    /// The user turns it off.
    StopAsked,
    /// An input came: a file by its name and contents.
    Given {
        /// The name.
        name: String,
        /// The contents.
        bytes: Vec<u8>,
    },
    /// The user typed a row of numbers.
    RowTyped(String),
    /// The drawing is to be answered.
    DrawingGiven,
    /// The user chose a variant; none for the last one that was made.
    VariantChosen(Option<u32>),
    /// The user opened a front end.
    FrontEndOpened {
        /// The file's name.
        name: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// The user takes it away.
    FrontEndDropped,
}

/// Whether a file that is dropped where one tries is an input: a picture, a recording or a table.
#[must_use]
pub fn takes(name: &str) -> bool {
    match FileKind::from_name(name) {
        Some(FileKind::Png | FileKind::Jpeg | FileKind::Wav | FileKind::Csv) => true,
        Some(FileKind::Npz | FileKind::Npy | FileKind::Raw | FileKind::Zip) | None => false,
    }
}

/// What a sensor is to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Which sensor.
    pub source: Source,
    /// Readings that fill an input, where it takes a series.
    pub rows: usize,
    /// Numbers of each.
    pub columns: usize,
}

impl Wanted {
    /// What a model takes from a source.
    fn of(source: Source, model: &Description) -> Option<Self> {
        let input = model.inputs.first()?;
        let axes = input.shape.get(1..).unwrap_or_default();
        let columns = source::columns(axes).unwrap_or(1);
        Some(Self { source, rows: input.elements() / columns, columns })
    }
}

impl State {
    pub(crate) fn trying(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::DeviceAsked(source) => self.ask_for(source),
            Event::DeviceStarted(source) => {
                match self.try_it.device {
                    Device::Asking(asked) if asked == source => self.try_it.device = Device::On(source),
                    // It was asked for twice; the later one is held.
                    Device::On(on) if on == source => {}
                    // One that was stopped before it came is let go again.
                    Device::Off | Device::Asking(_) | Device::On(_) | Device::Failed(..) => {
                        return vec![Effect::Sense(None)];
                    }
                }
                Vec::new()
            }
            Event::DeviceFailed(source, trouble) => {
                self.try_it.device = Device::Failed(source, trouble);
                vec![Effect::Sense(None)]
            }
            Event::StopAsked => self.stop_sensing(),
            Event::Given { name, bytes } => self.give(File { name, bytes: bytes.into() }),
            Event::RowTyped(row) => self.give(File { name: "row.csv".into(), bytes: row.into_bytes().into() }),
            Event::DrawingGiven => match self.drawing() {
                Some(drawing) => self.give(drawing),
                None => Vec::new(),
            },
            Event::VariantChosen(variant) => {
                self.try_it.variant = variant;
                self.answer()
            }
            Event::FrontEndOpened { name, bytes } => {
                self.try_it.front_end = Some(File { name, bytes: bytes.into() });
                self.answer()
            }
            Event::FrontEndDropped => {
                self.try_it.front_end = None;
                Vec::new()
            }
        }
    }

    /// Whether the model that is open takes what comes from a source, with what there is.
    #[must_use]
    pub fn fit(&self, source: Source) -> Fit {
        match self.description() {
            None => Fit::No("No model is ready.".into()),
            Some(model) => source.fit(model),
        }
    }

    fn ask_for(&mut self, source: Source) -> Vec<Effect> {
        let wanted = self.description().and_then(|model| Wanted::of(source, model));
        let fits = match self.fit(source) {
            Fit::Yes => true,
            Fit::WithFrontEnd => self.try_it.front_end.is_some(),
            Fit::No(_) => false,
        };
        match wanted.filter(|_| fits) {
            Some(wanted) => {
                self.try_it.device = Device::Asking(source);
                vec![Effect::Sense(None), Effect::Sense(Some(wanted))]
            }
            None => Vec::new(),
        }
    }

    /// Lets the sensor go. What it has given stays.
    pub(crate) fn stop_sensing(&mut self) -> Vec<Effect> {
        match self.try_it.device {
            Device::Off => Vec::new(),
            Device::Asking(_) | Device::On(_) | Device::Failed(..) => {
                self.try_it.device = Device::Off;
                vec![Effect::Sense(None)]
            }
        }
    }

    /// Gives up what was tried, since the model is another one now. A front end stays: it may be this model's, too.
    pub(crate) fn drop_trial(&mut self) -> Vec<Effect> {
        let effects = self.stop_sensing();
        if let Some(job) = self.try_it.running {
            self.cancel_work(job);
        }
        self.try_it = TryIt { front_end: self.try_it.front_end.take(), ..TryIt::default() };
        effects
    }

    /// The pen was lifted: where there is a variant, it is asked beside the original.
    pub(crate) fn drawn(&mut self) -> Vec<Effect> {
        if self.tried_variant().is_some() { self.trying(Event::DrawingGiven) } else { Vec::new() }
    }

    pub(crate) fn give(&mut self, given: File) -> Vec<Effect> {
        self.try_it.given = Some(given);
        self.answer()
    }

    /// The drawing as a file; none while nothing is drawn or the model takes something else.
    fn drawing(&self) -> Option<File> {
        if self.sketch.is_empty() || !self.takes_digits() {
            return None;
        }
        let counts = self.sketch.counts().map(|count| f32::from(count) / f32::from(FULL));
        let picture = Array::new([1, SIDE, SIDE, 1], counts.to_vec()).ok()?;
        Some(File { name: "drawing.npy".into(), bytes: npy::write(&picture).into() })
    }

    /// The variant that answers beside the original: the one that was chosen, else the last one.
    fn tried_variant(&self) -> Option<(String, Bytes)> {
        let variants = || self.shrink.variants.iter().filter(|variant| variant.measured.is_some());
        let chosen = variants().find(|variant| Some(variant.id) == self.try_it.variant);
        let variant = chosen.or_else(|| variants().next_back())?;
        Some((variant.plan.name.clone(), variant.file.clone()))
    }

    /// Lets the models answer what was given last.
    fn answer(&mut self) -> Vec<Effect> {
        if self.try_it.running.is_some() {
            self.try_it.stale = true;
            return Vec::new();
        }
        let ready = matches!(self.model, Model::Ready { .. });
        let Some(given) = self.try_it.given.clone().filter(|_| ready) else { return Vec::new() };
        let Some(model) = self.source.as_ref().and_then(|source| source.bytes.clone()) else { return Vec::new() };
        let front_end = match (self.fit(Source::Microphone), &self.try_it.front_end) {
            (Fit::WithFrontEnd, Some(front_end)) => front_end.bytes.clone(),
            _ => Bytes::default(),
        };
        let mut buffers = vec![given.bytes, front_end, model];
        let variant = self.tried_variant();
        buffers.extend(variant.as_ref().map(|(_, file)| file.clone()));
        self.try_it.stale = false;
        let variant = variant.map(|(name, _)| name);
        let task = Task::Answer { name: given.name, variant };
        self.try_it.running = Some(self.enqueue(Owner::Try, task, buffers));
        Vec::new()
    }

    /// Takes in the answers, or why there are none.
    pub(crate) fn answered(&mut self, job: Job, outcome: Outcome) -> Vec<Effect> {
        if self.try_it.running != Some(job) {
            return Vec::new();
        }
        self.try_it.running = None;
        self.try_it.answers = match outcome {
            Ok((Product::Answered { answers, name, variant }, _)) => Answers::Given { of: answers, variant, to: name },
            Ok((product, _)) => Answers::Failed(product.unexpected()),
            Err(failure) => Answers::Failed(failure),
        };
        if self.try_it.stale { self.answer() } else { Vec::new() }
    }
}

#[cfg(test)]
mod tests;
