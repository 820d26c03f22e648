//! How far long work is, on standard error where that is a terminal; and its end when the user asks for it.

use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};
use mote_models::progress::{Cancelled, Progress};

use crate::sandbox::Cancel;

/// A bar for `count` pieces of work.
#[must_use]
pub fn bar(count: usize) -> ProgressBar {
    const TEMPLATE: &str = "{msg:16!} {bar:30} {pos}/{len}  {elapsed}, {eta} left";
    let bar = ProgressBar::new(count as u64);
    match ProgressStyle::with_template(TEMPLATE) {
        Ok(style) => bar.with_style(style.progress_chars("##-")),
        Err(_) => bar,
    }
}

/// One bar for the stage that is at work; a new stage begins a new one in its place.
#[derive(Debug)]
pub struct Bars {
    cancel: Cancel,
    stage: Mutex<Option<(String, ProgressBar)>>,
}

impl Bars {
    /// Ends the work when `cancel` is pulled.
    #[must_use]
    pub fn new(cancel: &Cancel) -> Self {
        Self { cancel: cancel.clone(), stage: Mutex::new(None) }
    }

    fn stage(&self) -> std::sync::MutexGuard<'_, Option<(String, ProgressBar)>> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Bars {
    fn at(&self, stage: &str, done: usize, total: usize) -> Result<(), Cancelled> {
        if self.cancel.is_pulled() {
            return Err(Cancelled);
        }
        let mut shown = self.stage();
        let bar = match &mut *shown {
            Some((name, bar)) if name == stage && bar.length() == Some(total as u64) => bar,
            other => {
                if let Some((_, bar)) = other.take() {
                    bar.finish_and_clear();
                }
                let bar = bar(total);
                bar.set_message(stage.to_owned());
                &mut other.insert((stage.to_owned(), bar)).1
            }
        };
        bar.set_position(done as u64);
        Ok(())
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        if let Some((_, bar)) = self.stage().take() {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_goes_on_until_the_cancel_is_pulled() {
        let cancel = Cancel::default();
        let bars = Bars::new(&cancel);
        assert_eq!(bars.at("a", 0, 2), Ok(()));
        assert_eq!(bars.at("b", 1, 3), Ok(()));
        let position = |bars: &Bars| bars.stage().as_ref().map(|(stage, bar)| (stage.clone(), bar.position()));
        assert_eq!(position(&bars), Some(("b".into(), 1)));
        cancel.pull();
        assert_eq!(bars.at("b", 2, 3), Err(Cancelled));
    }
}
