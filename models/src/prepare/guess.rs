//! How files become samples of a model, as far as both tell, and why it is thought so.

use mote_abi::Tensor;
use serde::{Deserialize, Serialize};

use super::layout::{extents, is_channels_first};
use super::{ArrayInfo, Columns, Contents, Form, Layout, Media, Options, Resize, Subject, TableInfo, picture};
use crate::data::csv::Header;
use crate::data::image::Channels;
use crate::graph::Normalization;

/// Names that columns of labels have, in any case, the surest first.
const LABELS: [&str; 8] = ["label", "class", "y", "target", "category", "word", "variety", "species"];
/// Names that columns have which only tell rows apart.
const IDENTITIES: [&str; 9] = ["", "index", "id", "udi", "date", "time", "timestamp", "file", "name"];
/// Different values up to which a last column of whole numbers is taken for classes.
const CLASSES: usize = 50;
/// Greatest value of an 8-bit picture.
const WHITE: f32 = 255.0;
/// What a picture surely has more than somewhere.
const DARK_GREY: f64 = 64.0;

/// A guess.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Guess {
    /// What is thought.
    pub options: Options,
    /// Why.
    pub why: Why,
}

/// Why something is thought, a sentence each; empty where there is nothing to choose.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Why {
    /// Of the columns.
    pub columns: String,
    /// Of the size.
    pub size: String,
    /// Of the layout.
    pub layout: String,
    /// Of the values.
    pub values: String,
    /// Whether the values are no more than a habit of most models: neither model nor files tell.
    pub unsure: bool,
}

/// What model and files tell.
#[must_use]
pub fn guess(contents: &Contents, model: Subject<'_>) -> Guess {
    let [input] = model.inputs else { return Guess::default() };
    let mut guess = Guess::default();
    if let Some(table) = &contents.table {
        (guess.options.columns, guess.why.columns) = columns(table, contents.form, input);
    }
    if let Some(array) = samples(contents) {
        (guess.options.layout, guess.why.layout) = layout(array, input);
    }
    match &contents.media {
        Some(Media::Picture { height, width }) => {
            (guess.options.resize, guess.why.size) = size(*height, *width, input);
        }
        Some(Media::Sound { rate, frames, .. }) => {
            let wanted = input.elements();
            guess.why.size = match frames.cmp(&wanted) {
                std::cmp::Ordering::Equal => {
                    format!("The first recording has the {wanted} samples that the model takes.")
                }
                std::cmp::Ordering::Less => format!(
                    "The first recording has {frames} samples at {rate} Hz, the model takes {wanted} numbers: silence follows. \
                     If they are features, not samples, give the front end that makes them."
                ),
                std::cmp::Ordering::Greater => format!(
                    "The first recording has {frames} samples at {rate} Hz, the model takes {wanted} numbers: the rest is cut \
                     off. If they are features, not samples, give the front end that makes them."
                ),
            };
        }
        Some(Media::Other(_)) | None => {}
    }
    let values = values(contents, input, model.metadata.normalization.as_ref());
    (guess.options.normalization, guess.why.values, guess.why.unsure) = values;
    guess
}

/// The array of samples.
fn samples(contents: &Contents) -> Option<&ArrayInfo> {
    let named = contents.arrays.iter().find(|array| array.name == "x");
    named.or_else(|| contents.arrays.iter().find(|array| array.name != "y"))
}

fn columns(table: &TableInfo, form: Form, input: &Tensor) -> (Columns, String) {
    let name = |column: usize| table.names.get(column).map(|name| name.trim().to_ascii_lowercase());
    let called = |names: &[&str]| {
        names.iter().find_map(|&wanted| (0..table.columns()).find(|&at| name(at).as_deref() == Some(wanted)))
    };
    let last = table.columns().checked_sub(1);
    let few = |&at: &usize| table.distinct.get(at).is_some_and(|&distinct| distinct <= CLASSES.min(table.rows / 2));
    let label = called(&LABELS).or_else(|| last.filter(|_| form == Form::Array || table.columns() > 1).filter(few));
    let header = if table.names.is_empty() { Header::None } else { Header::First };
    if form == Form::Array {
        let label = label.or(Some(0));
        let why = label.map_or_else(String::new, |at| format!("{} holds the labels.", sentence(&table.name(at))));
        return (Columns { header, features: Vec::new(), label }, why);
    }
    let elements = input.elements();
    let suits = |count: usize| count > 0 && elements.is_multiple_of(count);
    let mut features: Vec<usize> =
        (0..table.columns()).filter(|&at| table.numeric.get(at) == Some(&true) && Some(at) != label).collect();
    if !suits(features.len()) {
        let identity = |at: &usize| name(*at).is_some_and(|name| IDENTITIES.contains(&name.as_str()));
        features.retain(|at| !identity(at));
    }
    let labelled = match label {
        Some(at) => format!("{} is taken as the label", sentence(&table.name(at))),
        None => "No column looks like a label".into(),
    };
    let why = match (features.len(), suits(features.len())) {
        (count, true) if count == elements => {
            format!("{labelled}; the {count} columns of numbers are what the model takes.")
        }
        (count, true) => format!(
            "{labelled}; the model takes {elements} numbers, so {} rows of {count} columns are one sample.",
            elements / count
        ),
        (count, false) => {
            format!("{labelled}; there are {count} columns of numbers, and the model takes {elements}: choose.")
        }
    };
    (Columns { header, features, label }, why)
}

fn sentence(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn layout(array: &ArrayInfo, input: &Tensor) -> (Layout, String) {
    let sample = array.shape.get(1..).unwrap_or_default();
    let wanted = input.shape.get(1..).unwrap_or_default();
    let channels = wanted.last().copied().unwrap_or(1);
    if wanted.len() < 2 || channels == 1 {
        return (Layout::ChannelsLast, String::new());
    }
    let (sample, wanted) = (extents(sample), extents(wanted));
    if is_channels_first(array.shape.get(1..).unwrap_or_default(), &input.shape) {
        let why = format!("A sample is {sample}, the model takes {wanted}: the channels stand first, and are moved.");
        return (Layout::ChannelsFirst, why);
    }
    let why = match sample == wanted {
        true => format!("A sample is {sample}, as the model takes it."),
        false => {
            format!("A sample is {sample}, the model takes {wanted}: it is taken in the order in which it stands.")
        }
    };
    (Layout::ChannelsLast, why)
}

fn size(height: usize, width: usize, input: &Tensor) -> (Resize, String) {
    match picture::frame(input) {
        None => (Resize::Exact, "The shape of the model's input is not that of a picture.".into()),
        Some(frame) if (frame.height, frame.width) == (height, width) => {
            (Resize::Crop, format!("The first picture is {height} x {width}, as the model takes it."))
        }
        Some(frame) => {
            let (wanted_height, wanted_width) = (frame.height, frame.width);
            let cut = if height * wanted_width == width * wanted_height { "it is " } else { "its middle is " };
            let grey = if frame.channels == Channels::Grey { " and made grey" } else { "" };
            let why = format!(
                "The first picture is {height} x {width}, the model takes {wanted_height} x {wanted_width}: {cut}scaled{grey}."
            );
            (Resize::Crop, why)
        }
    }
}

fn values(contents: &Contents, input: &Tensor, told: Option<&Normalization>) -> (Option<Normalization>, String, bool) {
    let each = |mean: f32, deviation: f32| Normalization { mean: vec![mean], deviation: vec![deviation] };
    if let Some(told) = told {
        return (Some(told.clone()), "The model tells it.".into(), false);
    }
    if input.dtype != "float32" {
        let why = match input.quantization() {
            Some(_) => {
                "The model takes integers: integers are taken as they are, real numbers by the input's own scale."
            }
            None => "The model takes integers, and they are taken as they are.",
        };
        return (None, why.into(), false);
    }
    // Counts from 0 to 16 are bytes, too.
    let bytes = samples(contents).is_some_and(|array| array.dtype == "uint8" && array.range[1] >= DARK_GREY);
    match &contents.media {
        Some(Media::Picture { .. }) => return white(each),
        Some(Media::Sound { dtype, .. }) => {
            let full = match dtype.as_str() {
                "int8" => 128.0,
                "int16" => 32_768.0,
                "int32" => 2_147_483_648.0,
                _ => return (None, "The samples are real numbers, and are taken as they are.".into(), false),
            };
            return (Some(each(0.0, full)), "The model does not tell; most take recordings from -1 to 1.".into(), true);
        }
        Some(Media::Other(_)) | None => {}
    }
    if bytes && picture::frame(input).is_some() {
        return white(each);
    }
    let integers = samples(contents).is_some_and(|array| !array.dtype.starts_with("float"));
    let why = if integers {
        "The model does not tell how its input is made, and the samples are integers: they are taken as they are."
    } else {
        "The model does not tell how its input is made: the values are taken as they are."
    };
    (None, why.into(), integers)
}

fn white(each: impl Fn(f32, f32) -> Normalization) -> (Option<Normalization>, String, bool) {
    let why = "The model does not tell how its input is made; most take pictures from 0 to 1.";
    (Some(each(0.0, WHITE)), why.into(), true)
}
