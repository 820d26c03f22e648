//! An experiment written down: the original and its variants judged side by side, in the words of `mote compare`.

use mote_models::judge::{Candidate, DEVICES, Report};
use mote_models::progress::Progress;
use mote_models::recipe::Recipe;
use mote_models::run::Engine;
use mote_report::html::{Page, Section};
use mote_report::{Align, Table, judged};
use serde::{Deserialize, Serialize};

use super::judge::{Judged, within};
use super::samples::Samples;
use super::{data, loadable, of_judge};
use crate::protocol::{Failure, Kernels};

/// As what a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// A page that needs nothing else: to read, to print.
    Html,
    /// All figures and recipes, for programs.
    Json,
    /// A row for each model, for spreadsheets.
    Csv,
}

impl Form {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Form; 3] = [Form::Html, Form::Json, Form::Csv];

    /// How its file's name ends.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Form::Html => "html",
            Form::Json => "json",
            Form::Csv => "csv",
        }
    }
}

/// A model of a report, and what is known of it already.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Subject {
    /// What it is called.
    name: String,
    /// How it was made; none for the original.
    recipe: Option<Box<Recipe>>,
    /// How long one run took, in milliseconds: median and 95th percentile.
    latency_millis: Option<(f64, f64)>,
    /// The kernels that it was timed with.
    kernels: Kernels,
}

impl Subject {
    /// What variants are made of.
    #[must_use]
    pub fn original(name: String, judged: &Judged, kernels: Kernels) -> Self {
        let latency_millis = judged.latency.map(|latency| (latency.median_millis, latency.p95_millis));
        Self { name, recipe: None, latency_millis, kernels }
    }

    /// A variant, by its recipe.
    #[must_use]
    pub fn variant(name: String, judged: &Judged, kernels: Kernels, recipe: Recipe) -> Self {
        Self { recipe: Some(recipe.into()), ..Self::original(name, judged, kernels) }
    }
}

/// What programs read.
#[derive(Serialize)]
struct Experiment<'a> {
    report: &'a Report,
    models: &'a [Subject],
}

/// Judges the models by those samples whose places are given, and writes that down.
pub(super) fn report(
    engine: &dyn Engine,
    form: Form,
    subjects: &[Subject],
    models: &[Vec<u8>],
    samples: &[u8],
    places: &[usize],
    progress: &dyn Progress,
) -> Result<String, Failure> {
    let set = Samples::read(samples)?.labelled()?;
    let set = set.ok_or_else(|| Failure::Data("a report needs labelled samples: an .npz with x and y".into()))?;
    let set = set.take(&within(places, set.len())?);
    let files = models.iter().map(|model| loadable(model)).collect::<Result<Vec<_>, _>>()?;
    let candidates: Vec<_> = subjects.iter().zip(&files).map(|(subject, file)| candidate(subject, file)).collect();
    let devices: Vec<_> = DEVICES.iter().collect();
    let report = Report::new(engine, &candidates, &set, &devices, progress).map_err(of_judge)?;
    match form {
        Form::Html => Ok(page(&report, subjects)),
        Form::Json => serde_json::to_string_pretty(&Experiment { report: &report, models: subjects })
            .map_err(|error| data(&error)),
        Form::Csv => Ok(judged::csv(&report)),
    }
}

fn candidate<'a>(subject: &'a Subject, file: &'a [u8]) -> Candidate<'a> {
    let latency_seconds = subject.latency_millis.map(|(median, _)| median / 1e3);
    Candidate { name: &subject.name, file, latency_seconds }
}

fn page(report: &Report, subjects: &[Subject]) -> String {
    let names: Vec<_> = subjects.iter().map(|subject| subject.name.as_str()).collect();
    let title = match names.split_first() {
        Some((original, variants)) if !variants.is_empty() => format!("{original}: {} compared", variants.join("; ")),
        Some((original, _)) => (*original).to_owned(),
        None => "Nothing compared".to_owned(),
    };
    let summary = format!("Judged on {} samples, none of which made any of the variants.", report.samples);
    let sections = judged::sections(report).into_iter().chain([timing(subjects)]).chain(recipes(subjects));
    Page { title, summary: vec![summary], sections: sections.collect() }.html()
}

/// What the latencies are of.
fn timing(subjects: &[Subject]) -> Section {
    let mut table = Table::new(&[
        ("Model", Align::Wrap),
        ("Median", Align::Right),
        ("95th percentile", Align::Right),
        ("Kernels", Align::Left),
    ]);
    let millis = |value: f64| crate::format::millis(value);
    for Subject { name, latency_millis, kernels, .. } in subjects {
        let [median, high] = match latency_millis {
            Some((median, high)) => [millis(*median), millis(*high)],
            None => ["too short for the clock".to_owned(), String::new()],
        };
        table.row([name.clone(), median, high, kernels.label().to_owned()]);
    }
    Section::new("Latency")
        .text(
            "Of one run in the browser that made this report, in the same module that `mote` runs: blocks of runs of at least \
             2 ms each, after one block that warms up and is left out.",
        )
        .table("One run of each model", table)
}

/// What makes each variant again.
fn recipes(subjects: &[Subject]) -> Option<Section> {
    let variants = subjects.iter().filter_map(|subject| Some((subject, subject.recipe.as_ref()?)));
    let listings: Vec<_> = variants.map(|(subject, recipe)| (subject.name.clone(), recipe.to_toml())).collect();
    let text = "The same source, samples and recipe make the same bytes: mote compress SOURCE SAMPLES --recipe FILE -o VARIANT.";
    (!listings.is_empty()).then(|| Section { listings, ..Section::new("Recipes").text(text) })
}
