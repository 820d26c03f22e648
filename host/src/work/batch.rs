//! Several windows of input in one run of a model.

use std::fmt::Display;
use std::num::NonZero;
use std::sync::Arc;

use mote_models::{export, import};

use crate::failure::{Failure, FailureKind};
use crate::sandbox::{Session, SessionError};

/// The same network over `windows` inputs at once, as a file. This process reads the model then, with a parser that trusts
/// nothing in it.
pub fn batched(name: &dyn Display, file: &[u8], windows: NonZero<usize>) -> Result<Arc<[u8]>, Failure> {
    let refused = |e: &dyn Display| Failure::new(FailureKind::Model, name, e);
    let graph = import::tflite(file).map_err(|e| refused(&e))?;
    let graph = graph.batched(windows).map_err(|e| refused(&e).remedy("without --batch it runs window by window"))?;
    Ok(export::tflite(&graph).map_err(|e| refused(&e))?.into())
}

/// The outputs of each of `windows`, whose inputs these are, by a session of the network over as many at once.
pub fn infer(session: &mut Session, windows: &[Vec<Vec<u8>>]) -> Result<Vec<Vec<Vec<u8>>>, SessionError> {
    let fed = windows.first().map_or(0, Vec::len);
    let together: Vec<Vec<u8>> =
        (0..fed).map(|input| windows.iter().flat_map(|window| &window[input]).copied().collect()).collect();
    let found = session.infer(&together)?;
    let own = |window: usize, all: &Vec<u8>| {
        let bytes = all.len() / windows.len();
        all[window * bytes..][..bytes].to_vec()
    };
    Ok((0..windows.len()).map(|window| found.iter().map(|all| own(window, all)).collect()).collect())
}
