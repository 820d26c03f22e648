//! Where it was measured, as far as a browser tells.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The browser and what it tells of its machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The browser and its version.
    pub browser: String,
    /// The operating system.
    pub platform: String,
    /// Logical processors.
    pub cores: u32,
    /// The day on which it was measured, as ISO 8601 has it.
    pub at: String,
}

/// Marks of browsers in what they call themselves, the particular before the general: what comes before the version, and the name.
const BROWSERS: [(&str, &str); 6] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("HeadlessChrome/", "Chromium, headless"),
    ("Chrome/", "Chromium"),
    ("Version/", "Safari"),
];

/// Marks of operating systems, likewise.
const PLATFORMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

impl Machine {
    /// From `navigator.userAgent`, `navigator.hardwareConcurrency` and a time as ISO 8601 has it.
    #[must_use]
    pub fn of(user_agent: &str, cores: u32, time: &str) -> Self {
        let browser = BROWSERS.iter().find_map(|(mark, name)| {
            let (_, rest) = user_agent.split_once(mark)?;
            let version = rest.split(|c: char| !c.is_ascii_digit()).next()?;
            Some(format!("{name} {version}"))
        });
        let platform = PLATFORMS.iter().find(|(mark, _)| user_agent.contains(mark));
        Self {
            browser: browser.unwrap_or_else(|| "an unknown browser".into()),
            platform: platform.map_or("an unknown system", |(_, name)| name).into(),
            cores,
            at: time.split('T').next().unwrap_or_default().into(),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { browser, platform, cores, at } = self;
        let plural = if *cores == 1 { "" } else { "s" };
        write!(f, "{browser} on {platform}, {cores} core{plural}, {at}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_known_by_what_they_call_themselves() {
        let cases = [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
                "Chromium 156",
                "Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 \
                 Safari/537.36 Edg/156.0.0.0",
                "Edge 156",
                "Windows",
            ),
            ("Mozilla/5.0 (Android 15; Mobile; rv:150.0) Gecko/150.0 Firefox/150.0", "Firefox 150", "Android"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/18.5 Mobile/15E148 Safari/604.1",
                "Safari 18",
                "iOS",
            ),
            ("", "an unknown browser", "an unknown system"),
        ];
        for (user_agent, browser, platform) in cases {
            let machine = Machine::of(user_agent, 8, "2026-01-02T03:04:05.678Z");
            assert_eq!((machine.browser.as_str(), machine.platform.as_str()), (browser, platform));
            assert_eq!((machine.cores, machine.at.as_str()), (8, "2026-01-02"));
        }
    }
}
