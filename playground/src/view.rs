//! The page's views, one of which is shown. The one that is shown stands in the address after `#`, so that it can be linked to
//! and the browser's own back button works.

use serde::{Deserialize, Serialize};

/// A view.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// Choose a model, see what it is.
    #[default]
    Model,
    /// Choose samples, run the model over them.
    Data,
    /// Make smaller variants and compare them.
    Shrink,
    /// Find out why a variant answers otherwise.
    Understand,
    /// Try the model by hand.
    Try,
    /// Time it.
    Benchmark,
}

impl View {
    /// Those that can be gone to, in the order of their links.
    pub const LINKED: &[View] = &[View::Model, View::Data, View::Shrink, View::Understand, View::Try, View::Benchmark];

    /// As addresses and the page's elements name it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            View::Model => "model",
            View::Data => "data",
            View::Shrink => "shrink",
            View::Understand => "understand",
            View::Try => "try",
            View::Benchmark => "benchmark",
        }
    }

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            View::Model => "Model",
            View::Data => "Data",
            View::Shrink => "Shrink",
            View::Understand => "Understand",
            View::Try => "Try",
            View::Benchmark => "Benchmark",
        }
    }

    /// The view that the end of an address names, with or without its `#`; the first one where it names none.
    #[must_use]
    pub fn of_hash(hash: &str) -> Self {
        let key = hash.trim_start_matches('#').split('?').next().unwrap_or_default();
        Self::LINKED.iter().copied().find(|view| view.key() == key).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_view_and_nonsense_the_first() {
        for &view in View::LINKED {
            assert_eq!(View::of_hash(&format!("#{}", view.key())), view);
            assert_eq!(View::of_hash(&format!("#{}?model=1", view.key())), view, "what follows is not its name");
        }
        for hash in ["", "#", "#nonsense", "#Model ", "?data"] {
            assert_eq!(View::of_hash(hash), View::Model, "{hash:?}");
        }
    }
}
