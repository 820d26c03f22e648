//! Why a sensor gives nothing, and what can be done about it.

/// Why a sensor gives nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The user or the system does not allow it.
    Denied,
    /// There is none.
    Missing,
    /// Another program has it.
    Busy,
    /// This browser cannot, or not at this address.
    Unsupported,
    /// It was on, and has gone.
    Gone,
    /// Anything else, in the browser's words.
    Other(String),
}

impl Trouble {
    /// By the name of the exception that a browser answers with (Media Capture and Streams, section 10.2.1).
    #[must_use]
    pub fn of_exception(name: &str, message: &str) -> Self {
        match name {
            "NotAllowedError" | "SecurityError" | "PermissionDeniedError" => Trouble::Denied,
            "NotFoundError" | "OverconstrainedError" | "DevicesNotFoundError" => Trouble::Missing,
            "NotReadableError" | "AbortError" | "TrackStartError" => Trouble::Busy,
            "NotSupportedError" | "TypeError" => Trouble::Unsupported,
            _ => Trouble::Other(if message.is_empty() { name.into() } else { message.into() }),
        }
    }

    /// What it is.
    #[must_use]
    pub fn what(&self) -> String {
        match self {
            Trouble::Denied => "It is not allowed here.".into(),
            Trouble::Missing => "This device has none.".into(),
            Trouble::Busy => "It is there, and does not start.".into(),
            Trouble::Unsupported => "This browser does not give it to this page.".into(),
            Trouble::Gone => "It has stopped by itself.".into(),
            Trouble::Other(why) => format!("The browser says: {why}."),
        }
    }

    /// What can be done.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Trouble::Denied => {
                "Allow it in the browser's settings for this page (the sign beside its address), then start again."
            }
            Trouble::Missing => "Connect one and start again, or give a file instead.",
            Trouble::Busy => "Close other programs that use it, then start again.",
            Trouble::Unsupported => {
                "Open the page with https or from this machine, in a current browser; or give a file instead."
            }
            Trouble::Gone => "Connect it again, then start again.",
            Trouble::Other(_) => "Start again, or give a file instead.",
        }
    }
}
