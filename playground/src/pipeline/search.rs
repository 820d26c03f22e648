//! A slice of a search.

use mote_models::run::Engine;
use mote_models::search::{Part, Search, SearchError};

use super::samples::Samples;
use super::{Listener, data, of_judge};
use crate::explore::Measure;
use crate::protocol::Failure;
use crate::search::{Begin, Found, News, Told};

/// A slice of a search is at its end after this long, when other tasks may take their turn. To begin the next one takes some
/// hundredths of it.
const SLICE_MILLIS: f64 = 4000.0;

/// Searches for a while, and tells what it finds. At the search's end what it has chosen on each part of the samples; none before.
pub(super) fn search(
    engine: &dyn Engine,
    [source, samples]: [&[u8]; 2],
    begin: &Begin,
    now: &dyn Fn() -> f64,
    listener: &dyn Listener,
) -> Result<Option<Vec<Part>>, Failure> {
    let begun = now();
    let Some(set) = Samples::read(samples)?.labelled()? else {
        return Err(Failure::Data("expected labels, found none; a search judges what it makes".into()));
    };
    let mut search = match begin {
        Begin::Anew(options) => Search::new(source, &set, options.clone()),
        Begin::GoOn(state) => Search::resume(source, &set, state.clone()),
    }
    .map_err(of_search)?;
    listener.found(News::Begun(Box::new(Found {
        state: search.state().clone(),
        measure: Measure::of_truth(set.truth()),
        samples: search.split().validation.len(),
        parts: Vec::new(),
    })));
    loop {
        let told = Told::all(search.state());
        let more = search.step(engine, listener).map_err(of_search)?;
        told.news(search.state()).into_iter().for_each(|news| listener.found(news));
        if !more {
            return Ok(Some(search.outcome(engine, listener).map_err(of_search)?.parts));
        }
        if now() - begun >= SLICE_MILLIS {
            return Ok(None);
        }
    }
}

fn of_search(error: SearchError) -> Failure {
    match error {
        SearchError::Option { .. }
        | SearchError::Samples { .. }
        | SearchError::State { .. }
        | SearchError::Quantized { .. } => data(&error),
        SearchError::Source(error) => Failure::Recipe(error),
        SearchError::Judge(error) => of_judge(error),
        SearchError::Cancelled(cancelled) => Failure::Page(cancelled.to_string()),
    }
}
