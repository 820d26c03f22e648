//! Controls as they were, to go back to.

use super::Choices;

/// Most that are remembered.
const MOST: usize = 100;

/// Controls as they came to rest, one after the other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// Those before the present ones, the last one last.
    past: Vec<Choices>,
    present: Option<Choices>,
    /// Those that were gone back from, the next one last.
    future: Vec<Choices>,
}

impl History {
    /// Takes in that the controls came to rest. Where that is something new there is nothing to go forward to any more.
    pub(super) fn settle(&mut self, choices: &Choices) {
        if self.present.as_ref() == Some(choices) {
            return;
        }
        self.past.extend(self.present.replace(choices.clone()));
        self.past.drain(..self.past.len().saturating_sub(MOST));
        self.future.clear();
    }

    /// Whether there is something to go back to.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether there is something to go forward to.
    #[must_use]
    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// Goes back.
    pub(super) fn undo(&mut self) -> Option<Choices> {
        let back = self.past.pop()?;
        self.future.extend(self.present.replace(back.clone()));
        Some(back)
    }

    /// Goes forward.
    pub(super) fn redo(&mut self) -> Option<Choices> {
        let forward = self.future.pop()?;
        self.past.extend(self.present.replace(forward.clone()));
        Some(forward)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_back_and_forward_until_something_new_is_chosen() {
        let [a, b, c] = [1, 2, 3].map(|samples| Choices { samples, ..Choices::default() });
        let mut history = History::default();
        assert!(!history.can_undo() && history.undo().is_none());
        for choices in [&a, &a, &b] {
            history.settle(choices);
        }
        assert_eq!(history.undo(), Some(a.clone()));
        assert!(!history.can_undo() && history.can_redo());
        assert_eq!(history.redo(), Some(b.clone()));
        assert_eq!(history.undo(), Some(a));
        history.settle(&c);
        assert!(history.can_undo() && !history.can_redo());
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let mut history = History::default();
        for samples in 0..3 * MOST {
            history.settle(&Choices { samples, ..Choices::default() });
        }
        assert_eq!(history.past.len(), MOST);
        assert_eq!(history.past.last().map(|choices| choices.samples), Some(3 * MOST - 2));
    }
}
