//! The page's bundle.

/// Shows the page.
fn main() {
    #[cfg(target_arch = "wasm32")]
    mote_playground::app::start();
}
