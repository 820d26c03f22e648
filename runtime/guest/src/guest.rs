//! The guest's one piece of state: its sessions and the text made last.

use alloc::string::String;
use alloc::vec::Vec;

use mote_runtime::{Error, ErrorKind, LoadOptions, Place, Session};

use crate::json;

/// Bit of the load flags: scalar reference kernels throughout.
const REFERENCE: u32 = 1;

/// All sessions of an instance.
#[derive(Debug, Default)]
pub struct Guest {
    sessions: Vec<Option<Session>>,
    text: String,
    error: Option<Error>,
}

impl Guest {
    /// Without sessions.
    #[must_use]
    pub const fn new() -> Self {
        Self { sessions: Vec::new(), text: String::new(), error: None }
    }

    /// Loads a model; the session's number, or 0 after an error.
    pub fn load(&mut self, model: &[u8], flags: u32) -> u32 {
        let options = LoadOptions { reference: flags & REFERENCE != 0, ..LoadOptions::default() };
        let session = match Session::load(model, &options) {
            Ok(session) => session,
            Err(error) => {
                self.error = Some(error);
                return 0;
            }
        };
        let slot = self.sessions.iter().position(Option::is_none).unwrap_or_else(|| {
            self.sessions.push(None);
            self.sessions.len() - 1
        });
        self.sessions[slot] = Some(session);
        slot as u32 + 1
    }

    /// Drops a session.
    pub fn unload(&mut self, session: u32) {
        if let Some(slot) = self.sessions.get_mut((session as usize).wrapping_sub(1)) {
            *slot = None;
        }
    }

    /// A session by its number.
    pub fn session(&mut self, session: u32) -> Option<&mut Session> {
        self.sessions.get_mut((session as usize).wrapping_sub(1))?.as_mut()
    }

    /// Makes the description of a session the text, and gives its length; 0 if there is no such session.
    pub fn describe(&mut self, session: u32) -> u32 {
        self.text = self.session(session).map(|s| json::description(s)).unwrap_or_default();
        self.text.len() as u32
    }

    /// Makes the last error the text, and gives its length; 0 if there was none.
    pub fn last_error(&mut self) -> u32 {
        self.text = self.error.as_ref().map(json::error).unwrap_or_default();
        self.text.len() as u32
    }

    /// The text made last.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Does something with a session; 0, or 1 after an error.
    pub fn attempt(&mut self, session: u32, act: impl FnOnce(&mut Session) -> Result<(), Error>) -> u32 {
        let result = self.session(session).map_or_else(|| Err(no_session(session)), act);
        match result {
            Ok(()) => 0,
            Err(error) => {
                self.error = Some(error);
                1
            }
        }
    }
}

fn no_session(session: u32) -> Error {
    Error::new(ErrorKind::Usage, Place::Session, format_args!("a loaded session"), format_args!("session {session}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_model_leaves_an_error_and_no_session() {
        let mut guest = Guest::new();
        assert_eq!(guest.load(b"not a model", 0), 0);
        assert!(guest.last_error() > 0);
        let error: mote_abi::GuestError = serde_json::from_str(guest.text()).unwrap();
        assert_eq!(error.kind, "malformed");
        assert_eq!(guest.attempt(1, Session::run), 1);
        assert_eq!(guest.describe(1), 0);
        guest.unload(0);
        guest.unload(7);
    }
}
