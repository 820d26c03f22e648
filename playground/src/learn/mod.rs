//! The drawer beside the views in which a user learns.

use serde::{Deserialize, Serialize};

use crate::state::State;

/// The drawer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learn {
    /// Whether it is open. It stays as it is when another view is shown.
    pub open: bool,
}

/// What a user does with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Opens or closes it.
    Toggled,
}

impl State {
    pub(crate) fn learning(&mut self, event: Event) {
        match event {
            Event::Toggled => self.learn.open = !self.learn.open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::update;
    use crate::view::View;

    #[test]
    fn the_drawer_stays_open_beside_any_view() {
        let mut state = State::default();
        state.update(update::Event::Learn(Event::Toggled));
        state.update(update::Event::ViewOpened(View::Data));
        assert!(state.learn.open && state.view == View::Data);
        state.update(update::Event::Learn(Event::Toggled));
        assert!(!state.learn.open);
    }
}
